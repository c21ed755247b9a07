#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace fake {

using Json = nlohmann::json;
using Milliseconds = std::chrono::milliseconds;

/// As text, whatever bytes the strings hold.
std::string Dump(const Json& json);

/// Names in lower case, in order; a name may occur twice.
using Headers = std::vector<std::pair<std::string, std::string>>;

std::string Lower(std::string_view text);
/// Blanks and tabs at both ends removed.
std::string_view Trim(std::string_view text);

/// The first value under this name, empty when there is none.
std::string_view Find(const Headers& headers, std::string_view name);
void Remove(Headers& headers, std::string_view name);

/// A complete request, whatever protocol carried it.
struct Request {
  std::string method;
  std::string path;  // without the query
  std::string query;
  Headers headers;
  std::string body;
  std::string http_version = "1.1";
  bool keep_alive = true;
};

/// A body that may be far larger than the memory it takes: one unit, repeated.
class Payload {
 public:
  Payload() = default;
  explicit Payload(std::string unit, std::uint64_t repeat = 1);

  std::uint64_t size() const { return unit_.size() * repeat_; }
  /// The bytes from `offset` on, at most `max` of them.
  std::string Read(std::uint64_t offset, std::size_t max) const;

 private:
  std::string unit_;
  std::uint64_t repeat_ = 1;
};

/// How an answer is sent: in time, in pieces, and how it goes wrong.
struct Delivery {
  Milliseconds delay{0};        // before the first byte
  Milliseconds header_drip{0};  // between the header lines (HTTP/1.1)
  Milliseconds drip{0};         // between the pieces of the body
  std::size_t chunk_size = 0;   // a piece of the body; 0: all that goes, or one byte when dripping
  bool chunked = false;
  bool close = false;      // end the connection after the answer
  bool reset = false;      // end it by RST, before the first byte or after `cut_after`
  bool no_answer = false;  // hang until the client goes
  std::optional<std::uint64_t> cut_after;      // end it after so many bytes of the body
  std::optional<std::int64_t> content_length;  // a lie; negative: none, the end is the end
};

struct Answer {
  int status = 200;
  Headers headers;  // without framing
  Payload body;
  Delivery delivery;
};

}  // namespace fake
