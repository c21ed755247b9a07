#include "router/provider.hpp"

#include "router/anthropic.hpp"
#include "router/openai.hpp"

namespace byok {

const Provider* FindDialect(std::string_view name) {
  static const OpenAi openai;
  static const Anthropic anthropic;
  if (name == "openai") return &openai;
  if (name == "anthropic") return &anthropic;
  return nullptr;
}

std::string DialectNames() {
  return R"("openai" and "anthropic")";
}

}  // namespace byok
