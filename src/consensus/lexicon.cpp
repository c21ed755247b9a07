#include "consensus/lexicon.hpp"

#include <algorithm>

#include "consensus/code_points.hpp"

namespace byok {
namespace {

std::uint64_t HeadOf(std::string_view text) {
  constexpr std::size_t kByte = 8;  // bits
  std::uint64_t head = 0;
  const std::string_view bytes = text.substr(0, sizeof head);
  for (const char c : bytes) head = head << kByte | static_cast<unsigned char>(c);
  return head << kByte * (sizeof head - bytes.size());  // no word is empty
}

constexpr std::size_t kUsual = 512;  // words of three answers of a page
constexpr float kLoad = 0.5;
constexpr std::size_t kBytesOfAWord = 64;  // its text, its id and their bookkeeping

}  // namespace

Lexicon::Lexicon() : memory_(kUsual * kBytesOfAWord), ids_(&memory_) {
  entries_.reserve(kUsual);
  ids_.max_load_factor(kLoad);
  ids_.reserve(kUsual);
}

std::string_view Lexicon::Store(std::string_view text) {
  auto* const stored = static_cast<char*>(memory_.allocate(text.size(), 1));
  std::copy(text.begin(), text.end(), stored);
  return {stored, text.size()};
}

/// Fibonacci hashing (Knuth, TAOCP 3, 6.4): the top bits of a product.
std::size_t Lexicon::SlotOf(std::uint64_t head) {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;  // 2^64 / φ
  constexpr int kBits = 64;
  return head * kGolden >> (kBits - kSlotBits);
}

TokenId Lexicon::Intern(std::string_view text) {
  const std::uint64_t head = HeadOf(text);
  if (text.size() > sizeof head) return Find(text);
  TokenId& recent = recent_[SlotOf(head)];
  const bool is_there = recent < entries_.size() && entries_[recent].head == head &&
                        entries_[recent].text.size() == text.size();
  if (!is_there) recent = Find(text);
  return recent;
}

TokenId Lexicon::Find(std::string_view text) {
  const auto found = ids_.find(text);
  return found != ids_.end() ? found->second : Add(text);
}

TokenId Lexicon::Add(std::string_view text) {
  const auto id = static_cast<TokenId>(entries_.size());
  const std::string_view stored = Store(text);
  const WordFacts& facts = FactsOf(stored);
  const auto characters = static_cast<std::uint32_t>(CountCharacters(stored));
  entries_.push_back({stored, HeadOf(stored), facts, characters, id});
  ids_.emplace(stored, id);
  if (!facts.alias.empty()) {
    const TokenId target = Intern(facts.alias);  // grows entries_
    entries_[id].alias = target;
  }
  return id;
}

}  // namespace byok
