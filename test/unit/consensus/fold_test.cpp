#include "consensus/fold.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace byok {
namespace {

TEST(Fold, SpellsTypographyInAscii) {
  EXPECT_EQ(Fold("It’s “so” ‑ 1–2 — and…"), "It's \"so\" - 1-2  -  and...");
  EXPECT_EQ(Fold("«½ cup», 3×4 −５"), "\" 1/2 cup\", 3x4 -5");
  EXPECT_EQ(Fold("东京。好！"), "东京. 好. ");
}

TEST(Fold, TakesAccentsFromLatinLetters) {
  EXPECT_EQ(Fold("Ærøskøbing, Œuvre, straße, Łódź, Žižek, Ğüneş, naïve ſo"),
            "AEroskobing, OEuvre, strasse, Lodz, Zizek, Gunes, naive so");
  EXPECT_EQ(Fold("e\u0301"), "e");
}

TEST(Fold, DropsWhatCannotBeSeen) {
  EXPECT_EQ(Fold("\uFEFFso\u00ADft\u200B\u200D"), "soft");
  EXPECT_EQ(Fold("a\u00A0b\u2009c\u3000d\u202Fe\u205Ff"), "a b c d e f");
}

TEST(Fold, KeepsOtherScriptsAndSymbols) {
  const std::string text =
      "Привет Κρητη 巴黎 العربي שלום 서울 दिल्ली ÷ ¿ € ² ⁵ ① "
      "🙂";
  EXPECT_EQ(Fold(text), text);
}

TEST(Fold, TakesVariantsFromOtherScripts) {
  EXPECT_EQ(Fold("Αθήνα Королёв Hà Nội"), "Αθηνα Королев Ha Noi");
  EXPECT_EQ(Fold("نَجِيبُ مَحْفُوظ"), "نجيب محفوظ");
  EXPECT_EQ(Fold("أحمد إلى ﻣﺤﻤﺪ مـــصر"), "احمد الي محمد مصر");
  EXPECT_EQ(Fold("פָּרִיז"), "פריז");
  EXPECT_EQ(Fold("ＮＡＳＡ ﾄｳｷｮｳ"), "NASA トウキョウ");
  EXPECT_EQ(Fold("\u1109\u1165\u110B\u116E\u11AF か\u3099"), "서울 が");
}

TEST(Fold, SpellsDigitsOfEveryScriptInAscii) {
  EXPECT_EQ(Fold("٨ ۱۲ १२ ๔๒ ３٫٥"), "8 12 12 42 3.5");
}

TEST(Fold, EndsSentencesOfEveryScriptAlike) {
  EXPECT_EQ(Fold("ماذا؟ है। ｡"), "ماذا.  है.  . ");
}

TEST(Fold, DropsDirectionMarks) {
  EXPECT_EQ(Fold("\u200Fפריז\u200E\u202B\u202C\u2067\u2069\u061C"), "פריז");
}

TEST(Fold, TurnsEachInvalidByteIntoTheReplacementCharacter) {
  EXPECT_EQ(Fold("a\xFF\xC0\xAF"
                 "b\xE2\x80"),
            "a\uFFFD\uFFFD\uFFFDb\uFFFD\uFFFD");
  EXPECT_EQ(Fold("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
}

TEST(Clip, KeepsHeadAndTailOfALongText) {
  std::string storage;
  const std::string text = "first" + std::string(100'000, 'x') + "last";
  const std::string_view clipped = Clip(text, storage);
  EXPECT_EQ(clipped.size(), 2 * kClipPart + 1);
  EXPECT_TRUE(clipped.starts_with("first"));
  EXPECT_TRUE(clipped.ends_with("last"));
  EXPECT_EQ(clipped[kClipPart], '\n');
}

TEST(Clip, CutsNoCharacterInTwo) {
  std::string text = "xy";  // so that both cuts would fall inside a character of three bytes
  while (text.size() <= kClipAbove) text += "€";
  std::string storage;
  const std::string_view clipped = Clip(text, storage);
  EXPECT_TRUE(IsValidUtf8(clipped));
  EXPECT_LE(clipped.size(), 2 * kClipPart + 1);
  EXPECT_GT(clipped.size(), 2 * kClipPart - 6);
}

TEST(Clip, LeavesAShorterTextAsItIs) {
  std::string storage;
  const std::string text(kClipAbove, 'x');
  EXPECT_EQ(Clip(text, storage), text);
}

}  // namespace
}  // namespace byok
