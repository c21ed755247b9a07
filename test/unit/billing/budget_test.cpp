#include "billing/budget.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace byok {
namespace {

using testing::HasSubstr;

const Payer kUser{"user", "ada"};
const Payer kTenant{"tenant", "acme"};
/// 2026-11-30 23:59:59.999999 UTC.
constexpr PriceTime kLastMoment{1'796'083'199'999'999};

Usd Amount(const char* decimal) {
  return *Usd::Parse(decimal);
}

TEST(PeriodStart, IsTheFirstDayInUtc) {
  EXPECT_EQ(PeriodStart("day", kLastMoment), "2026-11-30");
  EXPECT_EQ(PeriodStart("month", kLastMoment), "2026-11-01");
  EXPECT_EQ(PeriodStart("day", {kLastMoment.unix_micros + 1}), "2026-12-01");
  EXPECT_EQ(PeriodStart("month", {kLastMoment.unix_micros + 1}), "2026-12-01");
}

TEST(AddMoves, CountsEachProviderAndAllTogether) {
  BudgetMoves moves;
  AddMoves({kUser, kTenant}, {{"openai", Amount("0.06")}, {"anthropic", Amount("0.03")}},
           kLastMoment, moves);
  EXPECT_EQ(moves.size(), 2U * 2 * 3);  // owners, periods, two providers and all
  EXPECT_EQ((moves[{kUser, "", "day", "2026-11-30"}]), Amount("0.09"));
  EXPECT_EQ((moves[{kTenant, "openai", "month", "2026-11-01"}]), Amount("0.06"));
}

TEST(AddMoves, WhatIsFreeMovesNothing) {
  BudgetMoves moves;
  AddMoves({kUser}, {{"openai", Usd()}}, kLastMoment, moves);
  EXPECT_TRUE(moves.empty());
}

TEST(BudgetBook, RefusesWhatGoesBeyondAndKeepsCount) {
  const BudgetKey key{kUser, "", "month", "2026-11-01"};
  BudgetBook book({{.key = key, .limit = Amount("1"), .spent = Amount("0.8")}});
  const BudgetMoves fits = {{key, Amount("0.2")}};
  const BudgetMoves beyond = {{key, Amount("0.200000000001")}};
  EXPECT_TRUE(book.Check(fits).ok());
  const Status refused = book.Check(beyond);
  EXPECT_EQ(refused.code(), StatusCode::kPaymentRequired);
  EXPECT_EQ(refused.message(), "the month's budget of user \"ada\" is used up");
  EXPECT_THAT(refused.detail(), HasSubstr("spent 0.8"));
  book.Apply(fits);
  EXPECT_FALSE(book.Check({{key, Amount("0.000000000001")}}).ok());
}

TEST(BudgetBook, WhatIsNoCallsCountsToAllProvidersTogether) {
  BudgetMoves moves;
  AddMoves({kUser}, {{"", Amount("1")}}, kLastMoment, moves);
  ASSERT_EQ(moves.size(), 2U) << "of the day and of the month";
  for (const auto& [key, amount] : moves) EXPECT_EQ(key.provider, "");
}

TEST(BudgetBook, ABudgetOfOneProviderLeavesTheOthersAlone) {
  const BudgetKey key{kUser, "openai", "day", "2026-11-30"};
  const BudgetBook book({{.key = key, .limit = Usd(), .spent = Usd()}});
  BudgetMoves moves;
  AddMoves({kUser}, {{"anthropic", Amount("1")}}, kLastMoment, moves);
  EXPECT_TRUE(book.Check(moves).ok());
  AddMoves({kUser}, {{"openai", Amount("1")}}, kLastMoment, moves);
  EXPECT_THAT(book.Check(moves).message(), HasSubstr("for provider \"openai\""));
}

}  // namespace
}  // namespace byok
