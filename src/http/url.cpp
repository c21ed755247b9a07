#include "http/url.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include <curl/curl.h>

namespace byok::http {
namespace {

constexpr std::size_t kMaxUrlBytes = 2048;

using UrlHandle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;
using CurlString = std::unique_ptr<char, decltype(&curl_free)>;

Status Refuse(const char* why) {
  return Status::InvalidArgument("the URL is not acceptable").WithDetail(why);
}

bool IsVisibleAscii(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

/// Nothing when the URL has no such part; a default port counts as written.
std::optional<std::string> Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return std::nullopt;
  const CurlString owned(text, &curl_free);
  return std::string(text);
}

bool HasUserInfo(CURLU* url) {
  return Part(url, CURLUPART_USER) || Part(url, CURLUPART_PASSWORD) || Part(url, CURLUPART_OPTIONS);
}

/// Empty when nothing but dots is left or a byte could be read differently by somebody else.
std::string NormalHost(std::string host) {
  std::ranges::transform(host, host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (host.ends_with('.')) host.pop_back();
  const bool plain = std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
  return plain && !host.ends_with('.') ? host : std::string();
}

/// libcurl also reads one or three slashes, a browser's guess at what was meant.
bool HasTwoSlashes(std::string_view text) {
  const auto colon = text.find(':');
  return colon != std::string_view::npos && text.substr(colon).starts_with("://") &&
         !text.substr(colon).starts_with(":///");
}

std::uint16_t PortNumber(std::string_view digits) {
  std::uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc() && stop == end ? port : 0;
}

}  // namespace

std::string Url::Origin() const {
  return scheme + "://" + host + ":" + std::to_string(port);
}

Result<Url> ParseUrl(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return Refuse("It is longer than 2048 bytes.");
  if (!IsVisibleAscii(text)) return Refuse("It contains blanks, control or non-ASCII characters.");
  if (!HasTwoSlashes(text)) return Refuse("It is malformed.");
  const UrlHandle handle(curl_url(), &curl_url_cleanup);
  CURLU* url = handle.get();
  if (url == nullptr) return Status::Internal("no memory to read a URL");
  if (curl_url_set(url, CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK)
    return Refuse("It is malformed.");

  Url parsed;
  parsed.scheme = Part(url, CURLUPART_SCHEME).value_or("");
  parsed.host = NormalHost(Part(url, CURLUPART_HOST).value_or(""));
  parsed.port = PortNumber(Part(url, CURLUPART_PORT).value_or(""));
  parsed.has_query = text.find('?') != std::string_view::npos;
  if (parsed.scheme != "https" && parsed.scheme != "http")
    return Refuse("It is not https or http.");
  if (HasUserInfo(url)) return Refuse("It contains a user name or password.");
  if (text.find('#') != std::string_view::npos) return Refuse("It contains a fragment.");
  if (Part(url, CURLUPART_ZONEID)) return Refuse("It contains an IPv6 zone.");
  if (parsed.host.empty()) return Refuse("It has no plain host name.");
  if (parsed.port == 0) return Refuse("Its port is not between 1 and 65535.");
  return parsed;
}

}  // namespace byok::http
