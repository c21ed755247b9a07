#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fake_provider/values.hpp"

namespace fake {

enum class Endpoint { kNone, kCompletion, kModels, kBalance };

/// What every provider refuses, each in its own words.
enum class Refusal { kPath, kContentType, kBody, kNoKey, kBadKey };

/// An error answer before it takes a provider's shape. Members a dialect does not have are ignored.
struct Failure {
  int status = 400;
  std::string type;
  std::string message;
  Json code;
  Json param;
};

/// What a completion is to say; the dialect wraps it.
struct Reply {
  std::uint64_t seq = 0;  // makes the ids
  std::string model;
  Json text;                    // string, or null: no text at all
  Json refusal;                 // string, or null: none
  Json finish_reason;           // the provider's own word, or null: the usual one
  Json usage = Json::object();  // merged over the usual usage; input_tokens and output_tokens are
                                // known everywhere
};

constexpr std::uint64_t kUsualInputTokens = 100;
constexpr std::uint64_t kUsualOutputTokens = 50;
constexpr std::int64_t kCreated = 1'764'000'000;  // a fixed "created" keeps answers the same

/// One provider's API: what it refuses and how it answers. Stateless.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// Where a path, without the provider's name in front, leads.
  virtual Endpoint Locate(std::string_view method, std::string_view path) const = 0;
  /// The key a request carries, empty when there is none.
  virtual std::string Key(const Headers& headers) const = 0;
  virtual std::optional<Failure> CheckHeaders(const Headers&) const { return std::nullopt; }
  virtual std::optional<Failure> CheckBody(const Headers& headers, const Json& body) const = 0;

  virtual Json Completion(const Reply& reply) const = 0;
  virtual Json Models() const = 0;
  virtual Json Balance() const { return nullptr; }

  virtual Failure Refuse(Refusal refusal, const std::string& subject) const = 0;
  /// What the provider usually says under this status.
  virtual Failure Usual(int status, const std::string& model) const = 0;
  virtual Json Error(const Failure& failure, std::uint64_t seq) const = 0;
  virtual Headers UsualHeaders(std::uint64_t seq) const = 0;
};

const Dialect& OpenAi();
const Dialect& Anthropic();
const Dialect& DeepSeek();

/// By the name control uses: openai, anthropic, deepseek; null when unknown.
const Dialect* FindDialect(std::string_view name);

/// The key behind "Authorization: Bearer", empty when there is none.
std::string BearerKey(const Headers& headers);
/// An id made of a prefix and the call's number: the same run gives the same ids.
std::string MakeId(std::string_view prefix, std::uint64_t seq);

}  // namespace fake
