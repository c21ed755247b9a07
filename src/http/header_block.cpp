#include "http/header_block.hpp"

#include <algorithm>
#include <span>

namespace byok::http {
namespace {

/// RFC 9110 §5.6.2.
bool IsTokenByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsValueByte(char c) {
  return c >= 0x20 && c <= 0x7E;
}

/// libcurl takes "Name:" as an order to leave the header out and "Name;" as an empty one.
std::string Line(const Header& header) {
  return header.second.empty() ? header.first + ";" : header.first + ": " + header.second;
}

/// "Name: value" and a NUL, assembled in memory that is overwritten.
Secret SecretLine(std::string_view name, std::string_view value) {
  constexpr std::string_view kSeparator = ": ";
  Secret line(name.size() + kSeparator.size() + value.size() + 1);
  auto out = line.mutable_bytes().begin();
  for (const std::string_view part : {name, kSeparator, value})
    out = std::ranges::copy(part, out).out;
  return line;
}

}  // namespace

bool IsSafeHeader(std::string_view name, std::string_view value) {
  return !name.empty() && std::ranges::all_of(name, IsTokenByte) &&
         std::ranges::all_of(value, IsValueByte);
}

HeaderBlock::HeaderBlock(const Request& request) {
  // No waiting for "100 Continue": providers do not speak it and it would cost a second.
  lines_.emplace_back("Expect:");
  for (const Header& header : request.headers) lines_.push_back(Line(header));
  for (std::string& line : lines_) nodes_.push_back({line.data(), nullptr});
  if (!request.secret_value.empty()) {
    secret_line_ = SecretLine(request.secret_header, request.secret_value.Reveal());
    nodes_.push_back({reinterpret_cast<char*>(secret_line_.mutable_bytes().data()), nullptr});
  }
  for (std::size_t i = 1; i < nodes_.size(); ++i) nodes_[i - 1].next = &nodes_[i];
}

}  // namespace byok::http
