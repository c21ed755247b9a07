#include "consensus/lexicon.hpp"

#include <algorithm>

namespace byok {
namespace {

std::uint64_t HeadOf(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < sizeof head; ++i) {
    head = head << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
  }
  return head;
}

}  // namespace

Lexicon::Lexicon() {
  constexpr std::size_t kUsual = 512;  // of three answers of a page
  entries_.reserve(kUsual);
  ids_.reserve(kUsual);
}

TokenId Lexicon::Intern(std::string_view text) {
  const auto found = ids_.find(text);
  return found != ids_.end() ? found->second : Add(text);
}

TokenId Lexicon::Add(std::string_view text) {
  const auto id = static_cast<TokenId>(entries_.size());
  const std::string_view stored = texts_.emplace_back(text);
  const WordFacts& facts = FactsOf(stored);
  entries_.push_back({stored, HeadOf(stored), facts, id});
  ids_.emplace(stored, id);
  if (!facts.alias.empty()) {
    const TokenId target = Intern(facts.alias);  // grows entries_
    entries_[id].alias = target;
  }
  return id;
}

}  // namespace byok
