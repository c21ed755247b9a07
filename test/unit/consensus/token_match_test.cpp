#include "consensus/token_match.hpp"

#include <gtest/gtest.h>

namespace byok {
namespace {

bool Nearly(std::string_view a, std::string_view b, Naming naming = Naming::kWords) {
  Lexicon lexicon;
  const TokenId left = lexicon.Intern(a), right = lexicon.Intern(b);
  EXPECT_EQ(IsNearlySame(lexicon[left], lexicon[right], naming),
            IsNearlySame(lexicon[right], lexicon[left], naming));
  return IsNearlySame(lexicon[left], lexicon[right], naming);
}

TEST(NearMatch, TakesABeginning) {
  EXPECT_TRUE(Nearly("comp", "computer"));
  EXPECT_FALSE(Nearly("com", "computer")) << "too short to tell";
  EXPECT_TRUE(Nearly("relation", "relative"));
  EXPECT_FALSE(Nearly("compute", "computation")) << "6 of 11 bytes are not enough";
  EXPECT_FALSE(Nearly("computes", "compartments"));
}

TEST(NearMatch, TakesOneReplacedOrInsertedByte) {
  EXPECT_TRUE(Nearly("colour", "color"));
  EXPECT_TRUE(Nearly("smith", "smyth"));
  EXPECT_TRUE(Nearly("organisation", "organization"));
  EXPECT_FALSE(Nearly("sand", "send")) << "too short to tell";
  EXPECT_FALSE(Nearly("smiht", "smith"));
}

TEST(NearMatch, IsStricterWithNames) {
  EXPECT_TRUE(Nearly("nigeria", "nigerian", Naming::kNames));
  EXPECT_TRUE(Nearly("johansson", "johanson", Naming::kNames));
  EXPECT_FALSE(Nearly("niger", "nigeria", Naming::kNames));
  EXPECT_FALSE(Nearly("java", "javascript", Naming::kNames));
  EXPECT_TRUE(Nearly("java", "javascript"));
  EXPECT_TRUE(Nearly("smith", "smyth", Naming::kNames));
  EXPECT_TRUE(Nearly("mauritania", "mauritius", Naming::kNames));
}

TEST(NearMatch, IsStrictestWithNamesAlone) {
  EXPECT_TRUE(Nearly("nigeria", "nigerian", Naming::kBareNames));
  EXPECT_TRUE(Nearly("johansson", "johanson", Naming::kBareNames));
  EXPECT_FALSE(Nearly("java", "javascript", Naming::kBareNames));
  EXPECT_FALSE(Nearly("mauritania", "mauritius", Naming::kBareNames));
  EXPECT_FALSE(Nearly("smith", "smyth", Naming::kBareNames)) << "too short to tell";
}

TEST(NearMatch, CountsCharactersNotBytes) {
  EXPECT_FALSE(Nearly("иран", "ирак"));
  EXPECT_TRUE(Nearly("компьютер", "компьютеры"));
  EXPECT_FALSE(Nearly("北京", "北亭"));
  EXPECT_TRUE(Nearly("ирак", "ирака"));
}

TEST(NearMatch, NeverTakesNumbers) {
  EXPECT_FALSE(Nearly("#12345", "#123456"));
}

TEST(Lexicon, OrdersBytewise) {
  Lexicon lexicon;
  const TokenId shorter = lexicon.Intern("abcdefgh"), longer = lexicon.Intern("abcdefghi");
  const TokenId greek = lexicon.Intern("ω");
  EXPECT_TRUE(lexicon.Less(shorter, longer));
  EXPECT_FALSE(lexicon.Less(longer, shorter));
  EXPECT_TRUE(lexicon.Less(longer, greek));
  EXPECT_FALSE(lexicon.Less(greek, greek));
  EXPECT_EQ(lexicon.Intern("abcdefgh"), shorter);
}

}  // namespace
}  // namespace byok
