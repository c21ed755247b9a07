#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/agreement.hpp"

namespace byok {

/// A panel of the built-in providers in their order, and of others.
inline std::vector<PanelAnswer> Panel(std::vector<std::optional<std::string>> texts) {
  static const char* const kNames[] = {"openai", "anthropic", "deepseek", "mistral", "groq",
                                       "gemini", "qwen",      "llama",    "grok"};
  std::vector<PanelAnswer> panel;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    panel.push_back({kNames[i], std::move(texts[i]), false});
  }
  return panel;
}

}  // namespace byok
