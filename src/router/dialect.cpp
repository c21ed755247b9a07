#include "router/dialect.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace byok {
namespace {

constexpr std::size_t kMaxNameBytes = 256;

bool IsIdCharacter(char c) {
  return ('0' <= c && c <= '9') || ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') ||
         std::string_view("-_.:").find(c) != std::string_view::npos;
}

}  // namespace

std::string JoinUrl(std::string_view base_url, std::string_view path) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  std::string url(base_url);
  url += '/';
  url += path;
  return url;
}

http::Request JsonPost(const ProviderConfig& provider, std::string_view path, const Json& body) {
  http::Request request;
  request.method = "POST";
  request.url = JoinUrl(provider.base_url, path);
  request.headers = provider.extra_headers;
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("Accept", "application/json");
  request.body = body.Dump();
  return request;
}

http::Request VerificationGet(const ProviderConfig& provider, std::string_view default_path) {
  http::Request request;
  request.method = "GET";
  request.url = JoinUrl(provider.base_url,
                        provider.verify_path.empty() ? default_path : provider.verify_path);
  request.headers = provider.extra_headers;
  request.headers.emplace_back("Accept", "application/json");
  return request;
}

Json ReadBody(const http::Response& response) {
  Result<Json> body = Json::Parse(response.body);
  return body.ok() ? std::move(body).value() : Json();
}

std::string RequestIdOf(const http::Response& response, const Json& body) {
  std::string id;
  for (const std::string_view name : {"x-request-id", "request-id", "x-ds-trace-id"}) {
    if (id.empty()) id = response.HeaderValue(name);
  }
  if (id.empty()) id = NameOf(body["request_id"]);
  const bool harmless =
      id.size() <= kMaxNameBytes && std::all_of(id.begin(), id.end(), IsIdCharacter);
  return harmless ? id : std::string();
}

std::string TextOf(const Json& value) {
  return ToPrintableUtf8(value.AsString().value_or(""));
}

std::string NameOf(const Json& value) {
  std::string name = TextOf(value);
  return name.size() <= kMaxNameBytes ? name : std::string();
}

std::string SpecialTier(const Json& tier) {
  const std::string name = NameOf(tier);
  return name == "default" || name == "standard" || name == "auto" ? std::string() : name;
}

std::int64_t CountReader::Required(const Json& value) {
  const std::optional<std::int64_t> count = value.AsInteger();
  if (count && 0 <= *count && *count <= kMaxTokens) return *count;
  believable_ = false;
  return 0;
}

std::int64_t CountReader::Optional(const Json& value) {
  return value.IsNull() ? 0 : Required(value);
}

}  // namespace byok
