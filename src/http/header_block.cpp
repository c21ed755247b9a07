#include "http/header_block.hpp"

#include <algorithm>
#include <span>

namespace byok::http {
namespace {

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
