#include "billing/price_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "billing/demo_prices.hpp"

namespace byok {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kNow = 1'000;

PriceRow OwnRow(std::int64_t id, std::string model, std::string_view input,
                std::string_view output) {
  PriceRow row = Row(id, "openai", std::move(model), input, output);
  row.builtin = false;
  return row;
}

ListedModel Listed(std::string model, std::string_view input, std::string_view output) {
  ListedModel listed;
  listed.provider = "openai";
  listed.model = std::move(model);
  listed.rows = {Row(0, "", "", input, output)};
  return listed;
}

ImportPlan PlanOf(std::vector<ListedModel> models, std::vector<PriceRow> rows,
                  std::int64_t at = kNow, std::optional<Factor> max_jump = Factor::Parse("5")) {
  return PlanImport({.source = "test", .models = std::move(models)},
                    PriceTable(std::move(rows), {{"openai", "m-latest", "m"}}),
                    {.now = kNow, .at = at, .max_jump = max_jump, .providers = {"openai"}});
}

/// "change: input 1 to 2"
std::string Line(const ImportPlan& plan) {
  EXPECT_EQ(plan.lines.size(), 1U);
  const ImportLine& line = plan.lines.at(0);
  return std::string(ImportActionName(line.action)) +
         (line.detail.empty() ? "" : ": " + line.detail);
}

TEST(PlanImport, InsertsAnUnknownModel) {
  const ImportPlan plan = PlanOf({Listed("new", "1", "2")}, {});
  EXPECT_EQ(Line(plan), "insert");
  EXPECT_EQ(plan.lines[0].old_prices.Dump(), "null");
  EXPECT_EQ(plan.lines[0].new_prices.Dump(),
            R"([{"input_usd_per_mtok":1,"output_usd_per_mtok":2}])");
  EXPECT_EQ(
      plan.insert.Dump(),
      R"x([{"provider":"openai","model":"new","input_usd_per_mtok":1,"output_usd_per_mtok":2,)x"
      R"x("tod_from":"00:00","tod_to":"24:00","iso_dow":"[1,8)","input_tokens":"[0,)",)x"
      R"x("source":"test"}])x");
  EXPECT_THAT(plan.close, IsEmpty());
}

TEST(PlanImport, ClosesTheOwnRowThatChanges) {
  const ImportPlan plan = PlanOf({Listed("m", "2", "2")}, {OwnRow(7, "m", "1", "2")});
  EXPECT_EQ(Line(plan), "change: input 1 to 2");
  EXPECT_THAT(plan.close, ElementsAre(7));
  EXPECT_EQ(plan.insert.Size(), 1U);
  EXPECT_EQ(plan.copy.Size(), 0U);
}

TEST(PlanImport, HidesABuiltinRowWithoutClosingIt) {
  const ImportPlan plan = PlanOf({Listed("m", "2", "2")}, {Row(3, "openai", "m", "1", "2")});
  EXPECT_EQ(plan.lines[0].action, ImportAction::kChange);
  EXPECT_THAT(plan.close, IsEmpty());
  EXPECT_EQ(plan.copy.Dump(), R"([{"id":3,"provider":"openai","model":"m"}])");
}

TEST(PlanImport, RepeatsWhatItHidesUntilItBegins) {
  PriceRow ended = Row(2, "openai", "m", "9", "9");
  ended.effective_to = kNow;
  PriceRow later = Row(4, "openai", "m", "1", "2");
  later.effective_from = 2'000;
  PriceRow now = Row(3, "openai", "m", "1", "2");
  now.effective_from = kNow;
  now.effective_to = 2'000;
  const ImportPlan plan = PlanOf({Listed("m-latest", "2", "2")}, {ended, now, later}, 1'500);
  EXPECT_EQ(plan.copy.Dump(), R"([{"id":3,"provider":"openai","model":"m-latest"}])");
}

TEST(PlanImport, LeavesWhatIsThereAlone) {
  ListedModel spelt_out = Listed("m", "1", "2");
  spelt_out.rows[0].rates.cached_input = PerMillion("1");
  const ImportPlan plan = PlanOf({spelt_out}, {Row(3, "openai", "m", "1", "2")});
  EXPECT_EQ(Line(plan), "unchanged") << "a cached price that is the input price says nothing new";
  EXPECT_EQ(plan.insert.Size(), 0U);
  EXPECT_EQ(Line(PlanOf({Listed("m-latest", "1", "2")}, {Row(3, "openai", "m", "1", "2")})),
            "unchanged")
      << "the alias has that price";
}

TEST(PlanImport, RefusesJumpsEitherWayUnlessTold) {
  const std::vector<PriceRow> rows = {OwnRow(7, "m", "1", "2")};
  EXPECT_EQ(PlanOf({Listed("m", "1", "10")}, rows).refused, 0U) << "five times is allowed";
  const ImportPlan up = PlanOf({Listed("m", "1", "10.000001")}, rows);
  EXPECT_EQ(Line(up), "refused: output 2 to 10.000001: more than max_jump, 5 times");
  EXPECT_EQ(up.insert.Size(), 0U);
  EXPECT_THAT(up.close, IsEmpty());
  EXPECT_EQ(PlanOf({Listed("m", "1", "0.399999")}, rows).refused, 1U);
  EXPECT_EQ(PlanOf({Listed("m", "1", "0.4")}, rows).refused, 0U);
  EXPECT_EQ(PlanOf({Listed("m", "1", "0")}, rows, kNow, Factor::Parse("999999")).refused, 1U);
  EXPECT_EQ(PlanOf({Listed("m", "1", "0")}, rows, kNow, std::nullopt).refused, 0U);
}

/// Half of the day, and of that only small requests.
ListedModel ListedInPart() {
  ListedModel listed = Listed("m", "1", "2");
  listed.rows[0].minute_to = 720;
  listed.rows[0].tokens_to = 100;
  return listed;
}

TEST(PlanImport, RefusesToLeaveUnpricedWhatHadAPrice) {
  const std::vector<PriceRow> whole = {OwnRow(7, "m", "1", "2")};
  EXPECT_EQ(Line(PlanOf({ListedInPart()}, whole)),
            "refused: no price for 100 input tokens at 00:00 UTC on ISO weekday 1 any more");
  ListedModel small_at_all_times = ListedInPart();
  small_at_all_times.rows.push_back(small_at_all_times.rows[0]);
  small_at_all_times.rows[1].minute_from = 720;
  small_at_all_times.rows[1].minute_to = 1440;
  ListedModel weekdays = small_at_all_times;
  for (PriceRow& row : weekdays.rows) {
    row.tokens_to.reset();
    row.weekday_to = 6;
  }
  EXPECT_EQ(Line(PlanOf({weekdays}, whole)),
            "refused: no price for 0 input tokens at 00:00 UTC on ISO weekday 6 any more");
  weekdays.rows.push_back(Row(0, "", "", "1", "2"));
  weekdays.rows[2].weekday_from = 6;
  EXPECT_EQ(PlanOf({weekdays}, whole).lines[0].action, ImportAction::kChange)
      << "together they cover all";
}

TEST(PlanImport, SaysWhereItLeavesNoPriceWhenToldTo) {
  const ImportPlan told = PlanOf({ListedInPart()}, {OwnRow(7, "m", "1", "2")}, kNow, std::nullopt);
  EXPECT_EQ(Line(told),
            "change: 1 row to 1 row; no price for 100 input tokens at 00:00 UTC on ISO weekday 1");
  EXPECT_EQ(Line(PlanOf({ListedInPart()}, {})),
            "insert: no price for 100 input tokens at 00:00 UTC on ISO weekday 1")
      << "of a new model";
}

TEST(PlanImport, APartThatHadNoPriceBeforeIsNoLoss) {
  PriceRow small = OwnRow(7, "m", "1", "2");
  small.tokens_to = 100;
  ListedModel dearer = Listed("m", "2", "2");
  dearer.rows[0].tokens_to = 200;
  EXPECT_EQ(PlanOf({dearer}, {small}).lines[0].action, ImportAction::kChange);
}

TEST(PlanImport, ComparesTheTiersThatMeet) {
  ListedModel tiered = Listed("m", "1", "2");
  tiered.rows[0].tokens_to = 100;
  tiered.rows.push_back(Row(0, "", "", "6", "2"));
  tiered.rows[1].tokens_from = 100;
  EXPECT_THAT(Line(PlanOf({tiered}, {OwnRow(7, "m", "1", "2")})),
              HasSubstr("refused: input 1 to 6"));
  const ImportPlan allowed = PlanOf({tiered}, {OwnRow(7, "m", "2", "2")});
  EXPECT_EQ(Line(allowed), "change: 1 row to 2 rows");
  EXPECT_EQ(allowed.lines[0].new_prices[1].Dump(),
            R"({"input_usd_per_mtok":6,"output_usd_per_mtok":2,"input_tokens_from":100})");
}

TEST(PlanImport, RefusesWhatOwnRowsStandInTheWayOf) {
  PriceRow scheduled = OwnRow(8, "m", "1", "2");
  scheduled.effective_from = 5'000;
  EXPECT_EQ(Line(PlanOf({Listed("m", "2", "2")}, {scheduled})),
            "refused: row 8 of yours begins then or later: delete it first");
  PriceRow ending = OwnRow(9, "m", "1", "2");
  ending.effective_to = 5'000;
  EXPECT_EQ(Line(PlanOf({Listed("m", "2", "2")}, {ending})),
            "refused: row 9 of yours ends by itself later: import again from then on");
  PriceRow ended = OwnRow(10, "m", "1", "2");
  ended.effective_to = kNow;
  EXPECT_EQ(Line(PlanOf({Listed("m", "2", "2")}, {ended})), "insert");
}

TEST(PlanImport, PassesOverOtherProvidersTogether) {
  ListedModel other = Listed("a", "1", "2");
  other.provider = "elsewhere";
  ListedModel another = other;
  another.model = "b";
  EXPECT_EQ(Line(PlanOf({other, another}, {})),
            "skipped: 2 models of a provider that was not asked for");
}

TEST(RefusedImport, NamesTheFirstFew) {
  std::vector<ListedModel> models;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    models.push_back(Listed(name, "1", "2"));
    models.back().refused = "why";
  }
  const Status status = RefusedImport(PlanOf(models, {}));
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "6 prices are refused, nothing was imported");
  EXPECT_EQ(status.detail(),
            "openai a: why; openai b: why; openai c: why; openai d: why; "
            "openai e: why; ….");
}

}  // namespace
}  // namespace byok
