#include "http/message.hpp"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace byok::http {
namespace {

constexpr Phase kPhases[] = {Phase::kRefused, Phase::kResolve, Phase::kConnect, Phase::kTls,
                             Phase::kSend,    Phase::kWait,    Phase::kReceive};

TEST(Response, FindsTheFirstHeaderOfAName) {
  const Response response{
      .status = 200, .headers = {{"a", "1"}, {"b", "2"}, {"b", "3"}}, .body = ""};
  EXPECT_EQ(response.HeaderValue("b"), "2");
  EXPECT_EQ(response.HeaderValue("c"), "");
}

TEST(Failure, MayHaveBeenProcessedOnceTheWholeRequestWasSent) {
  std::set<Phase> processed;
  for (const Phase phase : kPhases)
    if (Failure{.phase = phase, .message = ""}.MayHaveBeenProcessed()) processed.insert(phase);
  EXPECT_EQ(processed, (std::set<Phase>{Phase::kWait, Phase::kReceive}));
}

TEST(Phase, EachHasItsOwnName) {
  std::set<std::string_view> names;
  for (const Phase phase : kPhases) names.insert(PhaseName(phase));
  EXPECT_EQ(names.size(), std::size(kPhases));
}

}  // namespace
}  // namespace byok::http
