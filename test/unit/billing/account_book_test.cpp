#include "billing/account_book.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace byok {
namespace {

using testing::HasSubstr;

const Payer kUser{"user", "user_123"};

Usd Amount(const char* decimal) {
  return *Usd::Parse(decimal);
}

AccountBook BookWith(Account account) {
  account.id = 7;
  account.owner = kUser;
  return AccountBook({std::move(account)});
}

LedgerEntry Charge(const char* decimal) {
  LedgerEntry entry;
  entry.amount = -Amount(decimal);
  return entry;
}

TEST(AccountBook, TenChargesPostTheSeedsCents) {
  AccountBook book = BookWith({});
  std::vector<std::int64_t> cents;
  for (int i = 0; i < 10; ++i) cents.push_back(book.Post(kUser, Charge("0.031")).cents);
  EXPECT_THAT(cents, testing::ElementsAre(-3, -3, -3, -3, -3, -3, -3, -3, -3, -4));
  EXPECT_EQ(book.Find(kUser)->posted, -Amount("0.31"));
  EXPECT_TRUE(book.Find(kUser)->carry.IsZero());
}

TEST(AccountBook, ARefundRestoresTheBalanceAndKeepsTheCarryBelowACent) {
  AccountBook book = BookWith({});
  for (int i = 0; i < 10; ++i) book.Post(kUser, Charge("0.031"));
  LedgerEntry refund;
  refund.amount = Amount("0.031");
  EXPECT_EQ(book.Post(kUser, refund).cents, 4);
  EXPECT_EQ(book.Find(kUser)->carry, Amount("0.009"));
  EXPECT_EQ(book.Post(kUser, refund).cents, 3);
  EXPECT_EQ(book.Find(kUser)->carry, Amount("0.008"));
  EXPECT_EQ(book.Find(kUser)->posted, -Amount("0.248"));
}

TEST(AccountBook, CentsAndCarryAlwaysSumUpToTheExactAmounts) {
  AccountBook book = BookWith({});
  std::mt19937_64 random(20261126);
  Usd::Units cents = 0;
  for (int i = 0; i < 2000; ++i) {
    LedgerEntry entry;
    const auto units = static_cast<std::int64_t>(random() % 400'000'000'000);
    entry.amount = Usd::FromUnits(random() % 3 == 0 ? units : -units);
    const LedgerEntry posted = book.Post(kUser, entry);
    const Account& account = *book.Find(kUser);
    cents += posted.cents;
    ASSERT_EQ(posted.balance_after, account.posted);
    ASSERT_GE(account.carry, Usd());
    ASSERT_LT(account.carry, Amount("0.01"));
    ASSERT_EQ(Usd::FromUnits(cents * 10'000'000'000) - account.posted, account.carry);
  }
}

TEST(AccountBook, HoldsAndReleasesMoveWhatIsAvailable) {
  AccountBook book = BookWith({.posted = Amount("5"), .credit_limit = Amount("1")});
  book.Hold(kUser, Amount("2"));
  EXPECT_EQ(book.Find(kUser)->Available(), Amount("4"));
  book.Release(kUser, Amount("2"));
  EXPECT_EQ(book.Find(kUser)->Available(), Amount("6"));
}

TEST(AccountBook, OnlyThoseThatMovedAreChanged) {
  AccountBook book({{.id = 1, .owner = kUser}, {.id = 2, .owner = {"tenant", "t"}}});
  EXPECT_TRUE(book.Changed().empty());
  book.Hold(kUser, Usd());
  EXPECT_TRUE(book.Changed().empty()) << "nothing is put aside";
  book.Hold(kUser, Amount("1"));
  ASSERT_EQ(book.Changed().size(), 1U);
  EXPECT_EQ(book.Changed()[0]->id, 1);
}

TEST(CheckCredit, ADebtorsAccountTakesEverything) {
  EXPECT_TRUE(CheckCredit({.owner = kUser, .posted = -Amount("9")}, Amount("1")).ok());
}

TEST(CheckCredit, APrepaidAccountTakesWhatFits) {
  const Account account{.owner = kUser,
                        .posted = Amount("1"),
                        .held = Amount("0.4"),
                        .credit_limit = Amount("0.2"),
                        .debt_allowed = false};
  EXPECT_TRUE(CheckCredit(account, Amount("0.8")).ok());
  const Status refused = CheckCredit(account, Amount("0.800000000001"));
  EXPECT_EQ(refused.code(), StatusCode::kPaymentRequired);
  EXPECT_THAT(refused.message(), HasSubstr("user \"user_123\""));
  EXPECT_EQ(
      refused.detail(),
      "Balance 1 USD, held for running requests 0.4, credit limit 0.2: available 0.8 USD, the "
      "request may cost up to 0.800000000001 USD.");
  EXPECT_THAT(refused.hint(), HasSubstr("grant_credits('user_123', …)"));
}

// numeric(20,12) ends below 100 million: a debt beyond it could never be booked.
TEST(CheckCredit, NoDebtGrowsBeyondWhatTheLedgerHolds) {
  const Account account{
      .owner = kUser, .posted = -Amount("39999999.5"), .held = Amount("10000000")};
  EXPECT_TRUE(CheckCredit(account, Amount("0.5")).ok());
  const Status refused = CheckCredit(account, Amount("0.500000000001"));
  EXPECT_EQ(refused.code(), StatusCode::kPaymentRequired);
  EXPECT_EQ(refused.message(), "the debt of user \"user_123\" could be more than 50000000 USD");
  EXPECT_THAT(refused.detail(), HasSubstr("Balance -39999999.5 USD"));
  EXPECT_THAT(refused.hint(), HasSubstr("grant_credits('user_123', …)"));
  EXPECT_TRUE(CheckCredit(account, Usd()).ok()) << "what costs nothing adds nothing";
}

TEST(CheckCredit, NorDoesThatOfAnAccountWithALargeCreditLimit) {
  const Account account{.owner = kUser, .credit_limit = Amount("99999999"), .debt_allowed = false};
  EXPECT_TRUE(CheckCredit(account, kMostBalance).ok());
  EXPECT_FALSE(CheckCredit(account, kMostBalance + Amount("0.01")).ok());
}

TEST(CheckCredit, WhatCostsNothingIsFreeOnAnEmptyAccount) {
  EXPECT_TRUE(
      CheckCredit({.owner = kUser, .posted = -Amount("1"), .debt_allowed = false}, Usd()).ok());
}

TEST(AccountBook, APrepaidAccountMustNotBeBehindItsHolds) {
  AccountBook book = BookWith({.posted = Amount("1"), .held = Amount("2")});
  EXPECT_FALSE(book.SetPolicy(kUser, false, Amount("0.5")));
  EXPECT_TRUE(book.Find(kUser)->debt_allowed);
  EXPECT_TRUE(book.SetPolicy(kUser, false, Amount("1")));
  EXPECT_FALSE(book.Find(kUser)->debt_allowed);
}

TEST(PayerOf, TheTenantPaysWhenItHasAnAccount) {
  const AccountBook book({{.id = 1, .owner = {"tenant", "acme"}}});
  EXPECT_EQ(PayerOf(book, "ada", "acme", false), (Payer{"tenant", "acme"}));
  EXPECT_EQ(PayerOf(book, "ada", "other", false), (Payer{"user", "ada"}));
  EXPECT_EQ(PayerOf(book, "ada", std::nullopt, false), (Payer{"user", "ada"}));
  EXPECT_EQ(PayerOf(book, "ada", "acme", true), (Payer{"user", "ada"}));
}

}  // namespace
}  // namespace byok
