#include "consensus/code_share.hpp"

#include <algorithm>

namespace byok {

bool IsMostlyCode(std::string_view text) {
  constexpr std::string_view kFence = "```";
  std::size_t inside = 0;
  std::size_t open = text.find(kFence);
  while (open != std::string_view::npos) {
    const std::size_t close = std::min(text.find(kFence, open + kFence.size()), text.size());
    inside += close - open;
    open = text.find(kFence, std::min(close + kFence.size(), text.size()));
  }
  return 2 * inside > text.size();
}

}  // namespace byok
