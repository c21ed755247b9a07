#include "fake_provider/values.hpp"

#include <algorithm>

namespace fake {

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view Find(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

void Remove(Headers& headers, std::string_view name) {
  std::erase_if(headers, [&](const auto& header) { return header.first == name; });
}

Payload::Payload(std::string unit, std::uint64_t repeat)
    : unit_(std::move(unit)), repeat_(repeat) {}

std::string Payload::Read(std::uint64_t offset, std::size_t max) const {
  const std::uint64_t end = std::min<std::uint64_t>(size(), offset + max);
  std::string bytes;
  while (offset < end) {
    const std::size_t inside = offset % unit_.size();
    const std::size_t count = std::min<std::uint64_t>(unit_.size() - inside, end - offset);
    bytes.append(unit_, inside, count);
    offset += count;
  }
  return bytes;
}

}  // namespace fake
