#include "consensus/evidence.hpp"

#include <algorithm>

namespace byok {
namespace {

/// Whether two members have results of one type.
bool AreResultsCompared(const std::vector<FinalAnswer>& finals) {
  for (std::size_t i = 0; i < finals.size(); ++i) {
    if (!IsComparable(finals[i].type)) continue;
    for (std::size_t j = i + 1; j < finals.size(); ++j) {
      if (finals[i].type == finals[j].type) return true;
    }
  }
  return false;
}

}  // namespace

std::string_view EvidenceName(Evidence evidence) {
  switch (evidence) {
    case Evidence::kResults:
      return "results";
    case Evidence::kShortTexts:
      return "short_texts";
    case Evidence::kLongTexts:
      return "long_texts";
  }
  return "";
}

Evidence EvidenceOf(const std::vector<FinalAnswer>& finals, std::vector<std::size_t> sizes) {
  constexpr std::size_t kMostOfShort = 60;  // tokens of the median answer
  if (AreResultsCompared(finals)) return Evidence::kResults;
  std::erase(sizes, std::size_t{0});
  std::sort(sizes.begin(), sizes.end());
  const bool is_long = !sizes.empty() && sizes[sizes.size() / 2] > kMostOfShort;
  return is_long ? Evidence::kLongTexts : Evidence::kShortTexts;
}

}  // namespace byok
