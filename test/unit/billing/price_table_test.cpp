#include "billing/price_table.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"

namespace byok {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

PriceTime At(year_month_day day, minutes time = 0min) {
  const auto moment = sys_time<microseconds>(sys_days(day) + time);
  return {moment.time_since_epoch().count()};
}

std::int64_t Micros(year_month_day day, minutes time = 0min) {
  return At(day, time).unix_micros;
}

const PriceTime kAnyTime = At(2026y / 9 / 1);

std::int64_t IdOf(const PriceRow* row) {
  return row == nullptr ? 0 : row->id;
}

/// deepseek-v4-flash since 2026-08-23: peak on weekdays from 01:00 to 04:00 and 06:00 to 10:00.
std::vector<PriceRow> FlashRows() {
  struct Window {
    int from, to, weekday_from, weekday_to;
    bool peak;
  };
  constexpr Window kWindows[] = {{0, 60, 1, 8, false},    {60, 240, 1, 6, true},
                                 {60, 240, 6, 8, false},  {240, 360, 1, 8, false},
                                 {360, 600, 1, 6, true},  {360, 600, 6, 8, false},
                                 {600, 1440, 1, 8, false}};
  std::vector<PriceRow> rows;
  for (const Window& window : kWindows) {
    const auto id = static_cast<std::int64_t>(rows.size()) + 1;
    PriceRow row = Row(id, "deepseek", "deepseek-v4-flash", window.peak ? "0.44" : "0.22",
                       window.peak ? "1.32" : "0.66");
    row.rates.cached_input = PerMillion(window.peak ? "0.014" : "0.007");
    row.effective_from = Micros(2026y / 8 / 23);
    row.minute_from = window.from;
    row.minute_to = window.to;
    row.weekday_from = window.weekday_from;
    row.weekday_to = window.weekday_to;
    rows.push_back(row);
  }
  return rows;
}

/// gpt-5.4: dearer from 272,000 input tokens on.
std::vector<PriceRow> TieredRows() {
  PriceRow small = Row(1, "openai", "gpt-5.4", "2.5", "15");
  small.tokens_to = 272'000;
  PriceRow large = Row(2, "openai", "gpt-5.4", "5", "22.5");
  large.tokens_from = 272'000;
  return {large, small};
}

std::string Cost(const PriceTable& table, std::string_view provider, std::string_view model,
                 PriceTime at, const Usage& usage) {
  const PriceRow* row = table.Find(provider, model, at, usage.input);
  return row == nullptr ? "unknown" : CostOf(usage, row->rates).ToString();
}

TEST(PriceTime, ReadsTheUtcClock) {
  const PriceTime tuesday = At(2026y / 9 / 1, 2h + 59min);
  EXPECT_EQ(tuesday.MinuteOfDay(), 179);
  EXPECT_EQ(tuesday.IsoWeekday(), 2);
  EXPECT_EQ(At(2026y / 9 / 6).IsoWeekday(), 7);
}

TEST(PriceTime, CountsBackwardsBeforeTheEpoch) {
  const PriceTime last_minute_of_1969{-1};
  EXPECT_EQ(last_minute_of_1969.MinuteOfDay(), 1439);
  EXPECT_EQ(last_minute_of_1969.IsoWeekday(), 3);
}

TEST(ParsePerMillion, IsExactPerToken) {
  EXPECT_EQ(ParsePerMillion("0.75"), Usd::FromUnits(750'000));
  EXPECT_EQ(ParsePerMillion("0.000001"), Usd::FromUnits(1));
  EXPECT_EQ(ParsePerMillion("30.000000"), Usd::FromUnits(30'000'000));
  EXPECT_EQ(ParsePerMillion("0"), Usd());
}

TEST(ParsePerMillion, RefusesWhatIsNoPrice) {
  for (const char* text : {"-1", "0.0000001", "", "cheap", "1,5", "NaN"}) {
    EXPECT_EQ(ParsePerMillion(text), std::nullopt) << text;
  }
}

Rates RatesOf(Usd input, Usd output) {
  Rates rates;
  rates.input = input;
  rates.output = output;
  return rates;
}

TEST(CostOf, BillsEveryTokenOnceAtItsOwnRate) {
  const Rates rates{.input = Usd::FromUnits(100),
                    .output = Usd::FromUnits(1'000),
                    .cached_input = Usd::FromUnits(10),
                    .cache_write = Usd::FromUnits(125),
                    .cache_write_1h = Usd::FromUnits(200),
                    .reasoning = Usd::FromUnits(3'000),
                    .per_request = Usd::FromUnits(7)};
  const Usage usage{.input = 100,
                    .cached_input = 20,
                    .cache_write = 30,
                    .cache_write_1h = 10,
                    .output = 40,
                    .reasoning = 15};
  EXPECT_EQ(CostOf(usage, rates),
            Usd::FromUnits(50 * 100 + 20 * 10 + 20 * 125 + 10 * 200 + 25 * 1'000 + 15 * 3'000 + 7));
}

TEST(CostOf, BillsAPartWithoutARateAsItsWhole) {
  const Rates rates = RatesOf(Usd::FromUnits(100), Usd::FromUnits(1'000));
  const Usage usage{.input = 100,
                    .cached_input = 20,
                    .cache_write = 30,
                    .cache_write_1h = 10,
                    .output = 40,
                    .reasoning = 15};
  EXPECT_EQ(CostOf(usage, rates), Usd::FromUnits(100 * 100 + 40 * 1'000));
}

TEST(CostOf, BillsHourLongWritesAsTheOthersWhenTheyHaveNoRate) {
  Rates rates = RatesOf(Usd::FromUnits(100), Usd());
  rates.cache_write = Usd::FromUnits(125);
  const Usage usage{.input = 8, .cache_write = 8, .cache_write_1h = 8};
  EXPECT_EQ(CostOf(usage, rates), Usd::FromUnits(8 * 125));
}

TEST(CostOf, HoldsTheLargestPlausibleBill) {
  const Rates rates = RatesOf(PerMillion("99999999"), PerMillion("99999999"));
  const Usage usage{.input = kMaxTokens, .output = kMaxTokens};
  EXPECT_EQ(CostOf(usage, rates), Dollars("99999999") * 2'000);
}

TEST(PriceTable, PricesPeakHoursByTheUtcClock) {
  const PriceTable table(FlashRows(), {});
  const Usage usage{.input = 1'000, .cached_input = 600, .output = 100};
  const auto cost = [&](PriceTime at) {
    return Cost(table, "deepseek", "deepseek-v4-flash", at, usage);
  };
  EXPECT_EQ(cost(At(2026y / 9 / 1, 2h)), "0.0003164");
  EXPECT_EQ(cost(At(2026y / 9 / 1, 12h)), "0.0001582");
  EXPECT_EQ(cost(At(2026y / 9 / 1, 59min)), "0.0001582");
  EXPECT_EQ(cost(At(2026y / 9 / 1, 1h)), "0.0003164");
  EXPECT_EQ(cost(At(2026y / 9 / 1, 4h)), "0.0001582");
}

TEST(PriceTable, PricesWeekendsByTheUtcWeekday) {
  const PriceTable table(FlashRows(), {});
  const Usage usage{.input = 1'000, .cached_input = 600, .output = 100};
  const auto cost = [&](year_month_day day) {
    return Cost(table, "deepseek", "deepseek-v4-flash", At(day, 2h), usage);
  };
  EXPECT_EQ(cost(2026y / 9 / 4), "0.0003164");  // Friday
  EXPECT_EQ(cost(2026y / 9 / 5), "0.0001582");
  EXPECT_EQ(cost(2026y / 9 / 6), "0.0001582");
  EXPECT_EQ(cost(2026y / 9 / 7), "0.0003164");
}

TEST(PriceTable, PricesOneCachedTokenToTheLastDigit) {
  const Usage one{.input = 1, .cached_input = 1};
  EXPECT_EQ(Cost(PriceTable(FlashRows(), {}), "deepseek", "deepseek-v4-flash",
                 At(2026y / 9 / 1, 12h), one),
            "0.000000007");
}

TEST(PriceTable, ChangesTierAtTheEdge) {
  const PriceTable table(TieredRows(), {});
  const auto cost = [&](std::int64_t input) {
    return Cost(table, "openai", "gpt-5.4", kAnyTime, {.input = input, .output = 1});
  };
  EXPECT_EQ(cost(271'999), "0.6800125");
  EXPECT_EQ(cost(272'000), "1.3600225");
  EXPECT_EQ(cost(272'001), "1.3600275");
}

TEST(PriceTable, HoldsARowUntilItsEndAndNotAtIt) {
  const std::int64_t change = Micros(2026y / 7 / 30);
  PriceRow before = Row(1, "openai", "gpt-5.6-terra", "2.5", "15");
  before.effective_to = change;
  PriceRow after = Row(2, "openai", "gpt-5.6-terra", "2", "12");
  after.effective_from = change;
  const PriceTable table({before, after}, {});
  EXPECT_EQ(IdOf(table.Find("openai", "gpt-5.6-terra", {change - 1}, 1)), 1);
  EXPECT_EQ(IdOf(table.Find("openai", "gpt-5.6-terra", {change}, 1)), 2);
}

PriceTable NamedTable() {
  return PriceTable(
      {Row(1, "openai", "gpt-4o", "2.5", "10"), Row(2, "openai", "gpt-4o-2024-05-13", "5", "15"),
       Row(3, "anthropic", "claude-sonnet-4-0", "3", "15"),
       Row(4, "anthropic", "claude-sonnet-5", "2", "10"),
       Row(5, "openai", "gpt-5.6-sol", "4", "20")},
      {{"openai", "gpt-5.6", "gpt-5.6-sol"},
       {"anthropic", "claude-sonnet-4", "claude-sonnet-4-0"},
       {"openai", "gpt-4o-2024-05-13", "gpt-4o"}});
}

TEST(PriceTable, KnowsAModelByNameAliasAndDatedSnapshot) {
  const PriceTable table = NamedTable();
  const auto id = [&](std::string_view provider, std::string_view model) {
    return IdOf(table.Find(provider, model, kAnyTime, 1));
  };
  EXPECT_EQ(id("openai", "gpt-4o"), 1);
  EXPECT_EQ(id("openai", "gpt-5.6"), 5);
  EXPECT_EQ(id("openai", "gpt-4o-2024-08-06"), 1);
  EXPECT_EQ(id("anthropic", "claude-sonnet-5-20260801"), 4);
  EXPECT_EQ(id("anthropic", "claude-sonnet-4-20250514"), 3) << "a snapshot of an alias";
  EXPECT_EQ(id("openai", "gpt-4o-2024-05-13"), 2) << "its own row comes before alias and date";
}

TEST(PriceTable, NeverPricesANeighbour) {
  const PriceTable table = NamedTable();
  for (const char* model :
       {"claude-sonnet-5-5", "claude-sonnet", "claude-sonnet-5-2026080", "claude-sonnet-5-2026O801",
        "claude-sonnet-5-202608011", "Claude-Sonnet-5", "-20260801", ""}) {
    EXPECT_EQ(table.Find("anthropic", model, kAnyTime, 1), nullptr) << model;
  }
  EXPECT_EQ(table.Find("openai", "claude-sonnet-5", kAnyTime, 1), nullptr);
}

TEST(PriceTable, UsersRowHidesEveryBuiltInRowOfItsModel) {
  std::vector<PriceRow> rows = TieredRows();
  rows.push_back(Row(3, "openai", "gpt-4", "30", "60"));
  PriceRow own = Row(1'000'000, "openai", "gpt-5.4", "1", "1");
  own.builtin = false;
  own.tokens_to = 1'000;
  rows.push_back(own);
  const PriceTable table(rows, {});
  EXPECT_EQ(IdOf(table.Find("openai", "gpt-5.4", kAnyTime, 999)), 1'000'000);
  EXPECT_EQ(table.Find("openai", "gpt-5.4", kAnyTime, 1'000), nullptr);
  EXPECT_EQ(IdOf(table.Find("openai", "gpt-4", kAnyTime, 1'000)), 3);
}

TEST(DearestRates, ReachesEveryWindowBeforeTheDeadline) {
  const PriceTable table(FlashRows(), {});
  const auto dearest = [&](minutes from, minutes to) {
    const auto rates =
        table.DearestRates("deepseek", "deepseek-v4-flash", Micros(2026y / 9 / 1, from),
                           Micros(2026y / 9 / 1, to), 10);
    return rates ? rates->output : Usd();
  };
  EXPECT_EQ(dearest(10h, 11h), PerMillion("0.66"));
  EXPECT_EQ(dearest(58min, 59min), PerMillion("0.66"));
  EXPECT_EQ(dearest(58min, 1h), PerMillion("1.32"));
  EXPECT_EQ(dearest(23h, 26h), PerMillion("1.32")) << "over midnight";
  EXPECT_EQ(dearest(4h, 7h), PerMillion("1.32"));
}

TEST(DearestRates, KnowsThatTheWeekendBeginsAtMidnight) {
  const PriceTable table(FlashRows(), {});
  const auto rates = table.DearestRates("deepseek", "deepseek-v4-flash", Micros(2026y / 9 / 4, 23h),
                                        Micros(2026y / 9 / 5, 3h), 10);
  ASSERT_TRUE(rates);
  EXPECT_EQ(rates->input, PerMillion("0.22"));
}

TEST(DearestRates, ReachesEveryTierUpToTheInput) {
  const PriceTable table(TieredRows(), {});
  const auto input = [&](std::int64_t tokens) {
    return table.DearestRates("openai", "gpt-5.4", 0, 0, tokens).value().input;
  };
  EXPECT_EQ(input(271'999), PerMillion("2.5"));
  EXPECT_EQ(input(272'000), PerMillion("5"));
}

TEST(DearestRates, TakesTheDearestOfEachRate) {
  PriceRow first = Row(1, "openai", "m", "1", "9");
  first.effective_to = 100;
  PriceRow second = Row(2, "openai", "m", "2", "3");
  second.effective_from = 100;
  second.rates.cached_input = PerMillion("0.5");
  second.rates.cache_write = PerMillion("4");
  second.rates.per_request = Dollars("0.01");
  const PriceTable table({first, second}, {});
  const auto rates = table.DearestRates("openai", "m", 99, 100, 1);
  ASSERT_TRUE(rates);
  EXPECT_EQ(rates->input, PerMillion("2"));
  EXPECT_EQ(rates->output, PerMillion("9"));
  EXPECT_EQ(rates->cached_input, PerMillion("1"));
  EXPECT_EQ(rates->cache_write, PerMillion("4"));
  EXPECT_EQ(rates->cache_write_1h, PerMillion("4"));
  EXPECT_EQ(rates->reasoning, PerMillion("9"));
  EXPECT_EQ(rates->per_request, Dollars("0.01"));
}

TEST(DearestRates, IsUnknownWhenSomeMomentOrSizeIs) {
  PriceRow row = Row(1, "openai", "m", "1", "1");
  row.effective_to = 100;
  row.tokens_to = 1'000;
  const PriceTable table({row}, {});
  EXPECT_TRUE(table.DearestRates("openai", "m", 0, 99, 999));
  EXPECT_FALSE(table.DearestRates("openai", "m", 0, 100, 999));
  EXPECT_FALSE(table.DearestRates("openai", "m", 0, 99, 1'000));
  EXPECT_FALSE(table.DearestRates("openai", "n", 0, 99, 999));
}

TEST(DearestRates, SeesAGapBetweenTwoRows) {
  PriceRow morning = Row(1, "openai", "m", "1", "1");
  morning.minute_to = 600;
  PriceRow evening = Row(2, "openai", "m", "1", "1");
  evening.minute_from = 601;
  const PriceTable table({morning, evening}, {});
  const auto known = [&](minutes from, minutes to) {
    return table
        .DearestRates("openai", "m", Micros(2026y / 9 / 1, from), Micros(2026y / 9 / 1, to), 1)
        .has_value();
  };
  EXPECT_TRUE(known(9h, 9h + 59min));
  EXPECT_FALSE(known(9h, 11h));
  EXPECT_TRUE(known(10h + 1min, 30h));
}

TEST(PerMillionText, IsTheReverseOfParsePerMillion) {
  for (const char* text : {"0.000001", "0.0028", "3", "150", "99999.999999"}) {
    EXPECT_EQ(PerMillionText(PerMillion(text)), text);
  }
}

}  // namespace
}  // namespace byok
