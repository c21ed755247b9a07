#include "base/json.hpp"

#include <clocale>
#include <string>

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace byok {
namespace {

Json Read(std::string_view text) {
  auto json = Json::Parse(text);
  EXPECT_TRUE(json.ok()) << json.status().message();
  return json.ok() ? *std::move(json) : Json();
}

std::string Repeated(std::string_view part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

TEST(Json, ReadsEveryType) {
  const Json json =
      Read(R"( {"n":null,"t":true,"i":7,"f":0.031,"s":"é","a":[1,"2"],"o":{"k":{}}} )");
  EXPECT_TRUE(json["n"].IsNull());
  EXPECT_TRUE(json.Has("n"));
  EXPECT_EQ(json["t"].AsBool(), true);
  EXPECT_EQ(json["i"].AsInteger(), 7);
  EXPECT_EQ(json["f"].AsNumberText(), "0.031");
  EXPECT_EQ(json["s"].AsString(), "é");
  EXPECT_EQ(json["a"].Size(), 2U);
  EXPECT_EQ(json["a"][1].AsString(), "2");
  EXPECT_TRUE(json["o"]["k"].IsObject());
  EXPECT_EQ(json.Size(), 7U);
}

TEST(Json, NamesItsTypes) {
  const Json json = Read(R"([null,"s",true,1,[],{}])");
  const char* names[] = {"null", "string", "boolean", "number", "array", "object"};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(json[i].TypeName(), names[i]);
}

TEST(Json, WhatIsNotThereIsNull) {
  const Json json = Read(R"({"a":[1]})");
  EXPECT_TRUE(json["b"]["c"][3]["d"].IsNull());
  EXPECT_TRUE(json["a"][1].IsNull());
  EXPECT_TRUE(json["a"][-1].IsNull());
  EXPECT_TRUE(json["a"]["name"].IsNull());
  EXPECT_FALSE(json.Has("b"));
  EXPECT_EQ(Json("text").Size(), 0U);
  EXPECT_TRUE(Json("text").Elements().empty());
  EXPECT_TRUE(Json("text").Members().empty());
}

TEST(Json, TheWrongTypeGivesNothing) {
  EXPECT_EQ(Json("7").AsInteger(), std::nullopt);
  EXPECT_EQ(Json(7).AsString(), std::nullopt);
  EXPECT_EQ(Json(1).AsBool(), std::nullopt);
  EXPECT_EQ(Json(true).AsNumberText(), std::nullopt);
}

TEST(Json, ReadsSixtyFourLevelsAndNotOneMore) {
  EXPECT_TRUE(Json::Parse(Repeated("[", 64) + Repeated("]", 64)).ok());
  const auto arrays = Json::Parse(Repeated("[", 65) + Repeated("]", 65));
  ASSERT_FALSE(arrays.ok());
  EXPECT_EQ(arrays.status().message(), "JSON is nested deeper than 64 levels");
  EXPECT_TRUE(Json::Parse(Repeated(R"({"a":)", 64) + "1" + Repeated("}", 64)).ok());
  EXPECT_FALSE(Json::Parse(Repeated(R"({"a":)", 65) + "1" + Repeated("}", 65)).ok());
}

TEST(Json, AMillionBracketsAreAnErrorNotACrash) {
  EXPECT_FALSE(Json::Parse(std::string(1'000'000, '[')).ok());
}

TEST(Json, SiblingsDoNotCountAsDepth) {
  EXPECT_TRUE(Json::Parse("[" + Repeated("[],", 1000) + "[]]").ok());
}

TEST(Json, RefusesTextOverTheLimit) {
  const JsonLimits limits{.max_bytes = 10, .max_depth = 2};
  EXPECT_TRUE(Json::Parse(R"("12345678")", limits).ok());
  EXPECT_FALSE(Json::Parse(R"("123456789")", limits).ok());
  EXPECT_TRUE(Json::Parse("[[1]]", limits).ok());
  EXPECT_FALSE(Json::Parse("[[[1]]]", limits).ok());
  const std::string too_long(JsonLimits().max_bytes, ' ');
  EXPECT_FALSE(Json::Parse(too_long + "1").ok());
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const char* text : {"",         "   ",       "{",          "[1,",     "[1,]",
                           "{\"a\":}", "{\"a\" 1}", "{a:1}",      "{'a':1}", "nul",
                           "NaN",      "Infinity",  "-Infinity",  "01",      "+1",
                           ".5",       "5.",        "1e",         "0x10",    "1 2",
                           "{}x",      "[] []",     "// note\n1", "/* */1",  "\"tab\there\"",
                           "\"open",   "\"\\x41\"", "\"\\u12\""}) {
    EXPECT_FALSE(Json::Parse(text).ok()) << text;
  }
}

TEST(Json, RefusesARawNul) {
  EXPECT_FALSE(Json::Parse(std::string_view("\"a\0b\"", 5)).ok());
  EXPECT_FALSE(Json::Parse(std::string_view("1\0", 2)).ok());
}

TEST(Json, RefusesNumbersThatOverflowADouble) {
  EXPECT_FALSE(Json::Parse("1e400").ok());
  EXPECT_FALSE(Json::Parse("[-1e400]").ok());
  EXPECT_FALSE(Json::Parse(std::string(140'000, '9')).ok());
}

TEST(Json, RefusesInvalidUtf8AndLoneSurrogates) {
  for (const char* text :
       {"\"\xFF\"", "\"\xC3\"", "\"\xED\xA0\x80\"", "\"\xC0\x80\"", "{\"\xFF\":1}", R"("\ud800")",
        R"("\udc00")", R"("\ud800A")", R"("\ud800\ud800")"}) {
    EXPECT_FALSE(Json::Parse(text).ok()) << text;
  }
  EXPECT_EQ(Read(R"("\ud83d\ude00")").AsString(), "\xF0\x9F\x98\x80");
}

TEST(Json, ErrorsSayWhereAndNeverWhat) {
  const std::string canary = "sk-test-canary-0123456789";
  for (const std::string& text :
       {"{\"key\": \"" + canary + "\" oops}", canary, "\"" + canary, "{\"a\":" + canary + "}",
        "\"" + canary + "\xFF\"", "\"" + canary + "\" \"" + canary + "\"",
        "[\"" + canary + "\"," + Repeated("[", 70)}) {
    const auto json = Json::Parse(text);
    ASSERT_FALSE(json.ok()) << text;
    const Status& status = json.status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    const std::string said = status.message() + status.detail() + status.hint();
    EXPECT_EQ(said.find("canary"), std::string::npos) << said;
    EXPECT_EQ(said.find("oops"), std::string::npos) << said;
  }
  EXPECT_EQ(Json::Parse("[1,x]").status().message(), "JSON is malformed at byte 4");
  EXPECT_EQ(Json::Parse("12345e999").status().message().find("12345"), std::string::npos);
}

TEST(Json, NumbersKeepTheirText) {
  for (const char* text :
       {"0", "-1", "0.031", "0.1000", "1e3", "1E+2", "12345678901234567890",
        "99999999999999999999999", "0.1234567890123456789012345", "9223372036854775807"}) {
    EXPECT_EQ(Read(text).AsNumberText(), text);
    EXPECT_EQ(Read(text).Dump(), text);
  }
  EXPECT_EQ(Json::Number("0.031").Dump(), "0.031");
}

TEST(Json, NumbersKeepTheirPointUnderAnyLocale) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  const char* names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "es_ES.UTF-8"};
  bool found = false;
  for (const char* name : names) found = found || std::setlocale(LC_NUMERIC, name) != nullptr;
  if (!found) GTEST_SKIP() << "no locale with a decimal comma is installed";
  const std::string text = Read("[0.031,1.5e-3]").Dump();
  std::setlocale(LC_NUMERIC, before.c_str());
  EXPECT_EQ(text, "[0.031,1.5e-3]");
}

TEST(Json, IntegersAreExactOrNothing) {
  EXPECT_EQ(Read("1e3").AsInteger(), 1000);
  EXPECT_EQ(Read("2.0").AsInteger(), 2);
  EXPECT_EQ(Read("-0.0").AsInteger(), 0);
  EXPECT_EQ(Read("9223372036854775807").AsInteger(), INT64_MAX);
  EXPECT_EQ(Read("-9223372036854775808").AsInteger(), INT64_MIN);
  EXPECT_EQ(Read("9007199254740993.0").AsInteger(), 9007199254740993);
  for (const char* text : {"1.5", "9223372036854775808", "-9223372036854775809", "1e300", "1e-1",
                           "18446744073709551615", "99999999999999999999", "9007199254740992.5",
                           "4503599627370497.0000000000001", "1.00000000000000000000001"}) {
    EXPECT_EQ(Read(text).AsInteger(), std::nullopt) << text;
  }
  EXPECT_EQ(Json::Number("1e999999999").AsInteger(), std::nullopt);
}

TEST(Json, ARepeatedNameMeansTheLastOne) {
  EXPECT_EQ(Read(R"({"a":1,"b":2,"a":3})")["a"].AsInteger(), 3);
}

TEST(Json, ObjectsKeepTheirOrder) {
  const std::string text = R"({"z":1,"a":{"y":[],"b":{}},"m":[1,2,null,false]})";
  EXPECT_EQ(Read(text).Dump(), text);
}

TEST(Json, DumpEscapesWhatJsonMustEscape) {
  EXPECT_EQ(Json("a\"b\\c\n\t\x01/é").Dump(), R"("a\"b\\c\n\t\u0001/é")");
  EXPECT_EQ(Json::MakeObject().Set("a\"b", 1).Dump(), R"({"a\"b":1})");
}

TEST(Json, DumpReplacesWhatTextCannotHold) {
  EXPECT_EQ(Json("a\xFF").Dump(), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(Json(std::string_view("a\0b", 3)).Dump(),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(Read(R"("a\u0000b")").Dump(),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(Read(R"({"\u0000":1})").Dump(), "{\"\xEF\xBF\xBD\":1}");
}

TEST(Json, RoundTripsThroughItsOwnText) {
  for (const char* text : {"null", "true", "\"\"", "[]", "{}", "[[],{},\"é\",-0.5e-7]",
                           R"({"a":{"b":[{"c":"\u2028\ud83d\ude00"}]}})"}) {
    const Json json = Read(text);
    EXPECT_EQ(Read(json.Dump()), json) << text;
  }
}

TEST(Json, IsBuiltBySetAndAppend) {
  Json list = Json::MakeArray();
  list.Append(1).Append("two").Append(Json());
  const Json json = Json::MakeObject().Set("list", list).Set("flag", false).Set("flag", true);
  EXPECT_EQ(json.Dump(), R"({"list":[1,"two",null],"flag":true})");
}

TEST(Json, CopiesAreValues) {
  Json first = Json::MakeObject().Set("a", 1);
  const Json second = first;
  first.Set("a", 2);
  EXPECT_EQ(second["a"].AsInteger(), 1);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace byok
