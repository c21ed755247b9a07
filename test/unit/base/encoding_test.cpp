#include "base/encoding.hpp"

#include <string>

#include <gtest/gtest.h>

namespace byok {
namespace {

Bytes EveryByte() {
  Bytes bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  return bytes;
}

Bytes BytesOf(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST(Hex, RoundTripsEveryByte) {
  EXPECT_EQ(FromHex(ToHex(EveryByte())), EveryByte());
  EXPECT_EQ(ToHex(BytesOf("\x0f\xa0")), "0fa0");
  EXPECT_EQ(ToHex({}), "");
}

TEST(Hex, ReadsEitherCase) {
  EXPECT_EQ(FromHex("aBcD"), (Bytes{0xAB, 0xCD}));
}

TEST(Hex, RefusesOddLengthAndOtherCharacters) {
  for (const char* text : {"a", "abc", "0g", "0x", " 0", "--"}) EXPECT_FALSE(FromHex(text)) << text;
}

struct Spelling {
  const char* plain;
  const char* padded;
};

/// RFC 4648 §10.
TEST(Base64, AgreesWithTheVectorsOfTheRfc) {
  const Spelling vectors[] = {{"", ""},
                              {"f", "Zg=="},
                              {"fo", "Zm8="},
                              {"foo", "Zm9v"},
                              {"foob", "Zm9vYg=="},
                              {"fooba", "Zm9vYmE="},
                              {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, padded] : vectors) {
    EXPECT_EQ(ToBase64(AsBytes(plain)), padded);
    EXPECT_EQ(FromBase64(padded), BytesOf(plain));
    const std::string_view text(padded);
    EXPECT_EQ(FromBase64(text.substr(0, text.find('='))), BytesOf(plain));
  }
}

TEST(Base64, RoundTripsEveryByte) {
  EXPECT_EQ(FromBase64(ToBase64(EveryByte())), EveryByte());
}

TEST(Base64, HasOneSpellingOnly) {
  for (const char* text : {"Zh==", "Zm9=", "Zh", "Zm9"}) {
    EXPECT_FALSE(FromBase64(text)) << text << " has non-zero trailing bits";
  }
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* text : {"=", "==", "====", "A", "A===", "Zg=", "Zm8==", "Zm9v=", "Zm9vYg==\n",
                           " Zm8=", "Zm 8", "Zm-_", "Z=g=", "Zg==Zg=="}) {
    EXPECT_FALSE(FromBase64(text)) << text;
  }
}

/// The boundaries of table 3-7 of the Unicode Standard.
TEST(Utf8, AcceptsWellFormedSequences) {
  for (const char* text :
       {"", "A", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << ToHex(AsBytes(text));
  }
}

TEST(Utf8, RefusesIllFormedSequences) {
  for (const char* text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xE1\x80",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF1\x80\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "ok\xFE"}) {
    EXPECT_FALSE(IsValidUtf8(text)) << ToHex(AsBytes(text));
  }
}

TEST(Utf8, PrintableReplacesOnlyWhatPostgresCannotHold) {
  EXPECT_EQ(ToPrintableUtf8("Zo\xC3\xAB \xF0\x9F\x98\x80\n"), "Zo\xC3\xAB \xF0\x9F\x98\x80\n");
  EXPECT_EQ(ToPrintableUtf8(std::string_view("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(ToPrintableUtf8("a\xFF\xC3"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ToPrintableUtf8(""), "");
}

TEST(Utf8, PrintableIsAlwaysValid) {
  for (int lead = 0; lead < 256; ++lead) {
    for (int next = 0; next < 256; ++next) {
      const std::string text = {static_cast<char>(lead), static_cast<char>(next), 'z'};
      const std::string printable = ToPrintableUtf8(text);
      ASSERT_TRUE(IsValidUtf8(printable)) << lead << ' ' << next;
      ASSERT_EQ(printable.find('\0'), std::string::npos);
    }
  }
}

TEST(Uuid, ParsesAndPrints) {
  const auto uuid = Uuid::Parse("F81D4FAE-7dec-11d0-a765-00a0c91e6bf6");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->bytes[0], 0xF8);
  EXPECT_EQ(uuid->bytes[15], 0xF6);
  EXPECT_EQ(uuid->ToString(), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(Uuid().ToString(), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuid, RefusesOtherForms) {
  for (const char* text :
       {"", "f81d4fae7dec11d0a76500a0c91e6bf6", "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bfg", "f81d4fae-7dec-11d0-a76500a0c91e6bf6-",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "f81d4fae-7dec-11d0-a765-00a0c91e6bf60",
        "f81d4fae--dec-11d0-a765-00a0c91e6bf6"}) {
    EXPECT_FALSE(Uuid::Parse(text)) << text;
  }
}

TEST(Uuid, ComparesByBytes) {
  EXPECT_LT(Uuid::Parse("00000000-0000-0000-0000-000000000001"),
            Uuid::Parse("00000000-0000-0000-0000-000000000002"));
}

}  // namespace
}  // namespace byok
