#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "consensus/word_facts.hpp"

namespace byok {

/// A distinct token string of one comparison. Two tokens are the same string iff their ids are.
using TokenId = std::uint32_t;

/// The tokens of a text in order. Two texts with equal keys say the same, word for word.
using Key = std::vector<TokenId>;

/// The token strings of one comparison, each stored and looked up in the word lists once.
class Lexicon {
 public:
  struct Entry {
    std::string_view text;
    std::uint64_t head = 0;  ///< the first 8 bytes, first byte highest: orders most strings
    WordFacts facts;
    std::uint32_t characters = 0;
    TokenId alias = 0;  ///< what it is read as; itself unless it is another spelling
    [[nodiscard]] unsigned char first_byte() const {
      return static_cast<unsigned char>(head >> 56);
    }
    [[nodiscard]] bool is_number() const { return first_byte() == '#'; }
  };

  Lexicon();
  /// `text` must not be empty.
  TokenId Intern(std::string_view text);
  const Entry& operator[](TokenId id) const { return entries_[id]; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

  /// Bytewise order of the strings.
  [[nodiscard]] bool Less(TokenId a, TokenId b) const {
    const Entry &left = entries_[a], &right = entries_[b];
    return left.head != right.head ? left.head < right.head : left.text < right.text;
  }

 private:
  static std::size_t SlotOf(std::uint64_t head);
  TokenId Find(std::string_view text);
  TokenId Add(std::string_view text);
  std::string_view Store(std::string_view text);

  std::pmr::monotonic_buffer_resource memory_;  // of the texts and ids_, freed as a whole
  std::vector<Entry> entries_;
  std::pmr::unordered_map<std::string_view, TokenId> ids_;
  static constexpr int kSlotBits = 9;
  /// The last word of up to 8 bytes in each slot; most words of a text come again.
  std::array<TokenId, std::size_t{1} << kSlotBits> recent_{};
};

}  // namespace byok
