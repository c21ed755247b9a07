#include "billing/price_file.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"

namespace byok {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::int64_t kOctober2026 = 20'727 * kDay;

PriceFile Read(std::string_view json, std::int64_t at = kOctober2026) {
  auto document = Json::Parse(json);
  EXPECT_TRUE(document.ok());
  auto file = ReadPriceFile(*document, at);
  EXPECT_TRUE(file.ok()) << file.status().message();
  return *std::move(file);
}

ListedModel ReadOne(std::string_view json, std::int64_t at = kOctober2026) {
  PriceFile file = Read(json, at);
  EXPECT_EQ(file.models.size(), 1U);
  return file.models.at(0);
}

/// A LiteLLM entry of a chat model of openai with these members beside.
ListedModel LiteLlm(const std::string& members) {
  return ReadOne(R"({"m": {"litellm_provider": "openai", "mode": "chat")" +
                 (members.empty() ? "" : ", " + members) + "}}");
}

/// A genai-prices model of openai with these prices.
ListedModel Genai(const std::string& prices, std::int64_t at = kOctober2026) {
  return ReadOne(R"([{"id": "openai", "models": [{"id": "m", "prices": )" + prices + "}]}]", at);
}

ListedModel Own(const std::string& members) {
  return ReadOne(R"([{"provider": "openai", "model": "m")" +
                 (members.empty() ? "" : ", " + members) + "}]");
}

TEST(ReadLiteLlm, TakesFloatsPerTokenExactly) {
  const ListedModel model = LiteLlm(
      R"("input_cost_per_token": 2.5e-06, "output_cost_per_token": 0.00001, "cache_read_input_token_cost": 3e-08,
         "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
         "output_cost_per_reasoning_token": 1.2e-05, "input_cost_per_request": 0.005)");
  ASSERT_EQ(model.rows.size(), 1U) << model.refused;
  const Rates& rates = model.rows[0].rates;
  EXPECT_EQ(rates.input, PerMillion("2.5"));
  EXPECT_EQ(rates.output, PerMillion("10"));
  EXPECT_EQ(rates.cached_input, PerMillion("0.03"));
  EXPECT_EQ(rates.cache_write, PerMillion("3.75"));
  EXPECT_EQ(rates.cache_write_1h, PerMillion("6"));
  EXPECT_EQ(rates.reasoning, PerMillion("12"));
  EXPECT_EQ(rates.per_request, Dollars("0.005"));
}

TEST(ReadLiteLlm, CutsTiersAboveTheirThreshold) {
  const ListedModel model = LiteLlm(
      R"("input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3e-07,
         "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05,
         "input_cost_per_token_above_500k_tokens": 9e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
         "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05, "input_cost_per_token_priority": 9,
         "input_cost_per_token_above_272k_tokens_priority": 9)");
  ASSERT_EQ(model.rows.size(), 3U) << model.refused;
  EXPECT_EQ(model.rows[0].tokens_to, 200'001);
  EXPECT_EQ(model.rows[0].rates.input, PerMillion("3"));
  EXPECT_EQ(model.rows[1].tokens_from, 200'001);
  EXPECT_EQ(model.rows[1].rates.output, PerMillion("22.5"));
  EXPECT_EQ(model.rows[1].rates.cached_input, PerMillion("0.3")) << "no tier of its own: the base";
  EXPECT_EQ(model.rows[0].rates.cache_write_1h, PerMillion("6"));
  EXPECT_EQ(model.rows[1].rates.cache_write_1h, PerMillion("12"));
  EXPECT_EQ(model.rows[2].tokens_from, 500'001);
  EXPECT_EQ(model.rows[2].rates.input, PerMillion("9"));
  EXPECT_EQ(model.rows[2].rates.output, PerMillion("22.5")) << "the tier below";
  EXPECT_EQ(model.rows[2].tokens_to, std::nullopt);
}

TEST(ReadLiteLlm, RefusesWhatIsNoPrice) {
  const auto refused = [](const std::string& input) {
    return LiteLlm("\"output_cost_per_token\": 1e-05, \"input_cost_per_token\": " + input).refused;
  };
  EXPECT_EQ(refused("\"2e-06\""), "input_cost_per_token must be a number, not a string");
  EXPECT_EQ(refused("\"NaN\""), "input_cost_per_token must be a number, not a string");
  EXPECT_EQ(refused("[1]"), "input_cost_per_token must be a number, not an array");
  EXPECT_EQ(refused("true"), "input_cost_per_token must be a number, not a boolean");
  EXPECT_EQ(refused("-2e-06"), "input_cost_per_token -2e-06 is negative");
  EXPECT_THAT(refused("3.0000000000000004e-07"), HasSubstr("is no price of at most 6 decimals"));
  EXPECT_THAT(refused("0.100000000001"), HasSubstr("100000 USD per million"));
  EXPECT_EQ(refused("0.1"), "") << "the dearest there may be";
  EXPECT_THAT(refused("1e300"), HasSubstr("is no price"));
  EXPECT_EQ(refused("null"), "input_cost_per_token is missing");
  EXPECT_THAT(LiteLlm(R"("input_cost_per_token": "x", "output_cost_per_token": 1e-06)").rows,
              IsEmpty());
}

TEST(ReadLiteLlm, ChecksEveryFigureOfEveryTier) {
  EXPECT_THAT(LiteLlm(R"("input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06,
                         "output_cost_per_token_above_128k_tokens": -1)")
                  .refused,
              HasSubstr("output_cost_per_token_above_128k_tokens -1 is negative"));
}

TEST(ReadLiteLlm, PassesOverWhatIsNoTextModel) {
  EXPECT_EQ(LiteLlm("").skipped, "it has no price per token");
  EXPECT_EQ(LiteLlm(R"("tiered_pricing": [])").skipped, "it is priced by tiered_pricing");
  EXPECT_EQ(ReadOne(R"({"e": {"litellm_provider": "openai", "mode": "embedding",
                              "input_cost_per_token": 1e-08}})")
                .skipped,
            "its mode is embedding");
}

TEST(ReadLiteLlm, TakesTheProviderOffANameAndTheBareNameFirst) {
  const PriceFile file = Read(R"({
    "sample_spec": {"litellm_provider": "one of …", "input_cost_per_token": 0.0},
    "deepseek/deepseek-chat": {"litellm_provider": "deepseek", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
    "deepseek-chat": {"litellm_provider": "deepseek", "input_cost_per_token": 2e-06, "output_cost_per_token": 2e-06},
    "deepseek/coder": {"litellm_provider": "deepseek", "input_cost_per_token": 3e-06, "output_cost_per_token": 3e-06}})");
  ASSERT_EQ(file.models.size(), 3U);
  EXPECT_EQ(file.source, "LiteLLM");
  EXPECT_EQ(file.models[0].model, "deepseek-chat");
  EXPECT_EQ(file.models[0].rows.at(0).rates.input, PerMillion("2"));
  EXPECT_EQ(file.models[1].skipped, "the file names it a second time");
  EXPECT_EQ(file.models[2].model, "coder");
}

TEST(ReadGenai, TakesPricesPerMillionAndPerThousandRequests) {
  const ListedModel model = Genai(
      R"({"input_mtok": 1.25, "output_mtok": 10, "cache_read_mtok": 0.125, "cache_write_mtok": 1.5,
          "cache_write_1h_mtok": 2, "web_searches_kcount": 10, "requests_kcount": 5})");
  ASSERT_EQ(model.rows.size(), 1U) << model.refused << model.skipped;
  const Rates& rates = model.rows[0].rates;
  EXPECT_EQ(rates.input, PerMillion("1.25"));
  EXPECT_EQ(rates.cached_input, PerMillion("0.125"));
  EXPECT_EQ(rates.cache_write_1h, PerMillion("2"));
  EXPECT_EQ(rates.per_request, Dollars("0.005"));
}

TEST(ReadGenai, BeginsATierOneTokenAboveItsStart) {
  const ListedModel model = Genai(
      R"({"input_mtok": {"base": 5, "tiers": [{"start": 271999, "price": 10}]}, "output_mtok": 30})");
  ASSERT_EQ(model.rows.size(), 2U) << model.refused;
  EXPECT_EQ(model.rows[0].tokens_to, 272'000);
  EXPECT_EQ(model.rows[1].tokens_from, 272'000);
  EXPECT_EQ(model.rows[1].rates.input, PerMillion("10"));
  EXPECT_EQ(model.rows[1].rates.output, PerMillion("30"));
}

constexpr const char* kWindowed = R"([
  {"prices": {"input_mtok": 1, "output_mtok": 1}},
  {"constraint": {"type": "start_date", "start_date": "2026-08-17"}, "prices": {"input_mtok": 2, "output_mtok": 2}},
  {"constraint": {"type": "time_of_date", "start_time": "01:00:00Z", "end_time": "04:00:00Z"}, "prices": {"input_mtok": 4, "output_mtok": 4}}])";

std::vector<std::string> WindowsOf(const ListedModel& model) {
  std::vector<std::string> windows;
  for (const PriceRow& row : model.rows) {
    windows.push_back(std::to_string(row.minute_from) + "-" + std::to_string(row.minute_to) + " " +
                      PerMillionText(row.rates.input));
  }
  return windows;
}

TEST(ReadGenai, LetsTheLastPriceWinThatHolds) {
  EXPECT_THAT(WindowsOf(Genai(kWindowed)), ElementsAre("0-60 2", "60-240 4", "240-1440 2"));
  const ListedModel before = Genai(kWindowed, 20'600 * kDay);  // May 2026
  EXPECT_THAT(WindowsOf(before), ElementsAre("0-60 1", "60-240 4", "240-1440 1"));
  EXPECT_EQ(before.note, "changes on 2026-08-17: import again then");
}

TEST(ReadGenai, ReadsAWindowOverMidnight) {
  const ListedModel model = Genai(R"([
    {"prices": {"input_mtok": 1, "output_mtok": 1}},
    {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, "prices": {"input_mtok": 2, "output_mtok": 2}}])");
  EXPECT_THAT(WindowsOf(model), ElementsAre("0-30 2", "30-990 1", "990-1440 2"));
}

TEST(ReadGenai, PassesOverOtherKindsOfTokensAndMissingPrices) {
  EXPECT_EQ(Genai(R"({"input_mtok": 1, "output_mtok": 1, "input_audio_mtok": 9})").skipped,
            "it has a price input_audio_mtok");
  EXPECT_EQ(Genai(R"({"input_mtok": 1})").skipped, "it has no output_mtok");
  EXPECT_EQ(Genai("[]").skipped, "it has no price at that time");
}

TEST(ReadGenai, RefusesWhatItCannotRead) {
  EXPECT_EQ(Genai(R"({"input_mtok": "1", "output_mtok": 1})").refused,
            "input_mtok must be a number, not a string");
  EXPECT_EQ(
      Genai(R"({"input_mtok": {"base": 1, "tiers": [{"start": 5}]}, "output_mtok": 1})").refused,
      "input_mtok has no figure");
  EXPECT_THAT(
      Genai(
          R"({"input_mtok": {"base": 1, "tiers": [{"start": -5, "price": 2}]}, "output_mtok": 1})")
          .refused,
      HasSubstr("input_mtok start must be a whole number"));
  EXPECT_EQ(Genai(R"([{"constraint": {"start_date": "2026-13-01"}, "prices": {}}])").refused,
            "start_date must be a date like \"2026-07-30\"");
  EXPECT_EQ(Genai(R"([{"constraint": {"moon": "full"}, "prices": {}}])").refused,
            "its constraint is not known");
  EXPECT_THAT(Genai(R"([{"constraint": {"start_time": "25:00:00Z"}, "prices": {}}])").refused,
              HasSubstr("start_time must be a time of day"));
}

TEST(ReadOwn, TakesRowsByTheNamesOfTheirColumns) {
  const ListedModel model = Own(
      R"("input_usd_per_mtok": 2, "output_usd_per_mtok": 12.000001, "reasoning_usd_per_mtok": 13, "request_usd": 0.000000000001,
         "tod_from": "01:00", "tod_to": "24:00", "iso_dow_from": 1, "iso_dow_to": 5, "input_tokens_from": 10, "input_tokens_to": 20)");
  ASSERT_EQ(model.rows.size(), 1U) << model.refused;
  const PriceRow& row = model.rows[0];
  EXPECT_EQ(row.rates.output, PerMillion("12.000001"));
  EXPECT_EQ(row.rates.per_request, Usd::FromUnits(1));
  EXPECT_EQ(row.minute_from, 60);
  EXPECT_EQ(row.weekday_to, 6) << "Friday is in it";
  EXPECT_EQ(row.tokens_to, 20);
}

TEST(ReadOwn, RefusesMisspeltMembersAndEmptyOrOverlappingRanges) {
  const std::string priced = R"("input_usd_per_mtok": 2, "output_usd_per_mtok": 12)";
  EXPECT_EQ(Own(priced + R"(, "outptu_usd_per_mtok": 12)").refused,
            "its member outptu_usd_per_mtok is not known");
  EXPECT_EQ(Own(R"("input_usd_per_mtok": 2)").refused, "output_usd_per_mtok is missing");
  EXPECT_EQ(Own(R"("input_usd_per_mtok": "2", "output_usd_per_mtok": 2)").refused,
            "input_usd_per_mtok must be a number, not a string");
  EXPECT_EQ(Own(priced + R"(, "tod_from": "12:00", "tod_to": "11:00")").refused,
            "one of its ranges is empty");
  EXPECT_THAT(Own(priced + R"(, "tod_from": "12:00:30")").refused, HasSubstr("whole minutes"));
  EXPECT_THAT(Own(priced + R"(, "iso_dow_to": 8)").refused, HasSubstr("from 1 to 7"));
  const std::string row = R"({"provider": "p", "model": "m", )" + priced + "}";
  EXPECT_EQ(ReadOne("[" + row + "," + row + "]").refused,
            "two of its prices hold at the same time");
}

TEST(ReadOwn, NeedsNames) {
  EXPECT_THAT(
      ReadOne(R"([{"model": "", "input_usd_per_mtok": 1, "output_usd_per_mtok": 1}])").refused,
      HasSubstr("1 to 255 bytes"));
  EXPECT_THAT(
      ReadOne(
          R"([{"provider": "openai", "model": "m ", "input_usd_per_mtok": 1, "output_usd_per_mtok": 1}])")
          .refused,
      HasSubstr("no blank at their ends"));
}

std::string Repeated(std::string_view separator, int count,
                     const std::function<std::string(int)>& part) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : std::string(separator)) + part(i);
  return text;
}

TEST(ReadPriceFile, BoundsTheWork) {
  const std::string figures = R"("input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, )";
  EXPECT_EQ(LiteLlm(figures + Repeated(",", 1000,
                                       [](int i) {
                                         return "\"input_cost_per_token_above_" +
                                                std::to_string(i + 1) + "k_tokens\": 1e-06";
                                       }))
                .refused,
            "it has more than 200 tiers");
  const std::string price = R"({"prices": {"input_mtok": 1, "output_mtok": 1}})";
  const auto same = [&price](int) { return price; };
  EXPECT_EQ(Genai("[" + Repeated(",", 1000, same) + "]").refused, "it has more than 200 prices");
  const auto tier = [](int i) { return R"({"price": 1, "start": )" + std::to_string(i) + "}"; };
  EXPECT_EQ(Genai(R"({"output_mtok": 1, "input_mtok": {"base": 1, "tiers": [)" +
                  Repeated(",", 1000, tier) + "]}}")
                .refused,
            "it has more than 200 tiers");
  const auto row = [](int i) {
    return R"({"provider": "p", "model": "m", "input_usd_per_mtok": 1, "output_usd_per_mtok": 1,)"
           R"( "input_tokens_from": )" +
           std::to_string(i) + R"(, "input_tokens_to": )" + std::to_string(i + 1) + "}";
  };
  EXPECT_EQ(ReadOne("[" + Repeated(",", 1000, row) + "]").refused, "it has more than 200 prices");
}

TEST(ReadPriceFile, RefusesOtherShapes) {
  for (const char* json : {"{}", "[]", "null", "3", "\"x\"", "[1]", R"({"a": {"b": 1}})"}) {
    const auto file = ReadPriceFile(*Json::Parse(json), 0);
    ASSERT_FALSE(file.ok()) << json;
    EXPECT_EQ(file.status().message(), "prices are in no known format");
  }
}

}  // namespace
}  // namespace byok
