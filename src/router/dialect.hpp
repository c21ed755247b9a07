#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "http/message.hpp"
#include "router/leg.hpp"

namespace byok {

// What the dialects share: the frame of a request and the lenient reading of an answer.

/// base_url + path with exactly one slash between them.
std::string JoinUrl(std::string_view base_url, std::string_view path);
/// A POST of `body`; deadline and key are still missing.
http::Request JsonPost(const ProviderConfig& provider, std::string_view path, const Json& body);
/// The free GET that proves a key: at the row's verify_path, else at `default_path`.
http::Request VerificationGet(const ProviderConfig& provider, std::string_view default_path);

/// The body as JSON whatever its content type says, blank lines before it tolerated (DeepSeek pads
/// under load, and sends errors as application/octet-stream); null when it is no JSON.
Json ReadBody(const http::Response& response);

/// The provider's id of a call, from its header or the body; "" when there is none or it holds
/// anything but letters, digits and `-_.:`.
std::string RequestIdOf(const http::Response& response, const Json& body);

/// A string for text columns; "" for anything else. NUL becomes U+FFFD.
std::string TextOf(const Json& value);
/// A name such as a model: TextOf, or "" when longer than any name.
std::string NameOf(const Json& value);
/// The service tier when it is another than the standard one.
std::string SpecialTier(const Json& tier);

/// Reads token counts strictly: one that is negative, fractional, absurd or of another type spoils
/// them all, so that no wrapped number is ever priced.
class CountReader {
 public:
  /// Must be there.
  std::int64_t Required(const Json& value);
  /// Null or absent counts as 0.
  std::int64_t Optional(const Json& value);
  [[nodiscard]] bool believable() const { return believable_; }

 private:
  bool believable_ = true;
};

}  // namespace byok
