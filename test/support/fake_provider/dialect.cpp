#include "fake_provider/dialect.hpp"

#include <cstdio>

namespace fake {

const Dialect* FindDialect(std::string_view name) {
  if (name == "openai") return &OpenAi();
  if (name == "anthropic") return &Anthropic();
  if (name == "deepseek") return &DeepSeek();
  return nullptr;
}

std::string BearerKey(const Headers& headers) {
  const std::string_view value = Find(headers, "authorization");
  if (Lower(value.substr(0, 7)) != "bearer ") return {};
  return std::string(Trim(value.substr(7)));
}

std::string MakeId(std::string_view prefix, std::uint64_t seq) {
  char digits[33];
  std::snprintf(digits, sizeof digits, "%032llx", static_cast<unsigned long long>(seq));
  return std::string(prefix) + digits;
}

}  // namespace fake
