#include "consensus/word_facts.hpp"

#include <unordered_map>

#include "consensus/word_lists.hpp"

namespace byok {
namespace {

using FactTable = std::unordered_map<std::string_view, WordFacts>;

/// Calls `visit` with each word of a blank-separated list.
template <typename Visit>
void ForEachWord(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(' '));
    visit(word);
    list.remove_prefix(word.size() < list.size() ? word.size() + 1 : list.size());
  }
}

template <std::size_t kSize>
void AddNumbers(const words::NumberWord (&numbers)[kSize], NumberRole role, FactTable& table) {
  for (const auto& [word, value] : numbers) {
    WordFacts& facts = table[word];
    facts.role = role;
    facts.value = value;
  }
}

FactTable BuildTable() {
  FactTable table;
  ForEachWord(words::kStop, [&](std::string_view word) { table[word].is_stop = true; });
  ForEachWord(words::kNegators, [&](std::string_view word) {
    table[word].is_negator = true;
    table[word].is_stop = false;
  });
  for (const std::string_view word : words::kNo) table[word].is_no = true;
  for (const auto& [spellings, target] : words::kAliases) {
    ForEachWord(spellings,
                [&, target = target](std::string_view word) { table[word].alias = target; });
  }
  AddNumbers(words::kCardinals, NumberRole::kCardinal, table);
  AddNumbers(words::kOrdinals, NumberRole::kOrdinal, table);
  AddNumbers(words::kMultipliers, NumberRole::kMultiplier, table);
  AddNumbers(words::kScales, NumberRole::kScale, table);
  table["one"].role = NumberRole::kOne;
  table["a"].role = NumberRole::kArticle;
  table["and"].role = NumberRole::kAnd;
  return table;
}

}  // namespace

const WordFacts& FactsOf(std::string_view word) {
  static const FactTable kTable = BuildTable();
  static const WordFacts kNothing;
  const auto found = kTable.find(word);
  return found == kTable.end() ? kNothing : found->second;
}

}  // namespace byok
