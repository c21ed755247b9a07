#include "http/header_rules.hpp"

#include <algorithm>

namespace byok::http {
namespace {

/// RFC 9110 §5.6.2.
bool IsTokenByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool IsValueByte(char c) {
  return c >= 0x20 && c <= 0x7E;
}

}  // namespace

bool IsSafeHeader(std::string_view name, std::string_view value) {
  return !name.empty() && std::ranges::all_of(name, IsTokenByte) &&
         std::ranges::all_of(value, IsValueByte);
}

bool IsReservedHeader(std::string_view name) {
  static constexpr std::string_view kReserved[] = {
      "host",       "content-length", "transfer-encoding",
      "connection", "keep-alive",     "upgrade",
      "te",         "trailer",        "expect",
      "cookie",     "forwarded",      "accept-encoding",
      "referer",    "origin",         "via",
      "range"};
  const auto same = [name](std::string_view reserved) { return SameHeaderName(name, reserved); };
  return std::ranges::any_of(kReserved, same) || SameHeaderName(name.substr(0, 6), "proxy-");
}

bool SameHeaderName(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, LowerCase, LowerCase);
}

}  // namespace byok::http
