#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/agreement.hpp"

namespace byok {

/// A panel of the three built-in providers, in their order.
inline std::vector<PanelAnswer> Panel(std::vector<std::optional<std::string>> texts) {
  static const char* const kNames[] = {"openai", "anthropic", "deepseek", "mistral", "groq"};
  std::vector<PanelAnswer> panel;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    panel.push_back({kNames[i], std::move(texts[i]), false});
  }
  return panel;
}

}  // namespace byok
