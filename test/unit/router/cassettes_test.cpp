// The recorded exchanges of the shared data, when they are there: what real providers sent.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "router/dialect.hpp"
#include "router/provider.hpp"
#include "router/provider_error.hpp"
#include "router/redact.hpp"

namespace byok {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKey = "sk-test-not-in-any-cassette";

struct Cassette {
  std::string name;  ///< "openai/err-401-3"
  std::string kind;  ///< "err-401"
  std::string path;
  const Provider* dialect;
  http::Response response;
};

Cassette ReadCassette(const fs::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  const Json json = Json::Parse(text.str()).value();
  const Json& response = json["response"];
  Cassette cassette;
  const std::string stem = file.stem().string();
  cassette.kind = stem.substr(0, stem.rfind('-'));
  cassette.name = file.parent_path().filename().string() + "/" + stem;
  cassette.path = json["request"]["path"].AsString().value_or("");
  cassette.dialect = FindDialect(cassette.name.starts_with("anthropic") ? "anthropic" : "openai");
  cassette.response.status = static_cast<int>(response["status"].AsInteger().value_or(0));
  for (const auto& [name, value] : response["headers"].Members()) {
    cassette.response.headers.emplace_back(name, value.AsString().value_or(""));
  }
  cassette.response.body = response["body"].AsString().value_or("");
  return cassette;
}

std::vector<Cassette> ReadCassettes(const std::string& folder) {
  std::vector<Cassette> cassettes;
  const fs::path root = fs::path(BYOK_SOURCE_DIR) / ".." / "shared" / "data" / folder;
  if (!fs::exists(root)) return cassettes;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".json") cassettes.push_back(ReadCassette(entry.path()));
  }
  return cassettes;
}

Reply Parse(const Cassette& cassette, const http::Response& response) {
  return cassette.dialect->ParseReply(response, kKey);
}
Reply Parse(const Cassette& cassette) {
  return Parse(cassette, cassette.response);
}

/// A completion that was not streamed. The Responses API is no dialect of ours.
bool IsCompletion(const Cassette& cassette) {
  const bool stream =
      cassette.response.body.starts_with("event:") || cassette.response.body.starts_with("data:");
  return cassette.response.status == 200 && !stream &&
         (cassette.path.ends_with("/chat/completions") || cassette.path.ends_with("/messages"));
}

/// The text, read as simply as can be.
std::string PlainText(const Json& body) {
  if (body.Has("choices")) return body["choices"][0]["message"]["content"].AsString().value_or("");
  std::string text;
  for (const Json& block : body["content"].Elements()) {
    if (block["type"].AsString() == "text") text += *block["text"].AsString();
  }
  return text;
}

TEST(Cassettes, EveryCompletionIsAnAnswerWithItsText) {
  int read = 0;
  for (const Cassette& cassette : ReadCassettes("cassettes")) {
    if (!IsCompletion(cassette)) continue;
    SCOPED_TRACE(cassette.name);
    ++read;
    const Reply reply = Parse(cassette);
    ASSERT_TRUE(std::holds_alternative<Answer>(reply.outcome));
    const auto& answer = std::get<Answer>(reply.outcome);
    const Json body = Json::Parse(cassette.response.body).value();
    EXPECT_EQ(answer.text, PlainText(body));
    EXPECT_EQ(answer.model, body["model"].AsString());
    EXPECT_EQ(reply.state, CallState::kAnswered);
    EXPECT_FALSE(reply.may_retry);
    ASSERT_TRUE(answer.usage);
    EXPECT_EQ(reply.usage, answer.usage);
    if (const Json& total = body["usage"]["total_tokens"]; !total.IsNull()) {
      EXPECT_EQ(answer.usage->input + answer.usage->output, total.AsInteger());
    }
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
  EXPECT_GT(read, 80);
}

TEST(Cassettes, EndReasonsFollowTheKind) {
  const std::map<std::string, EndReason> ends = {{"chat-length", EndReason::kLength},
                                                 {"chat-length-empty", EndReason::kLength},
                                                 {"chat-refusal", EndReason::kRefused},
                                                 {"msg-refusal-stop", EndReason::kRefused},
                                                 {"msg-max-tokens", EndReason::kLength},
                                                 {"msg-simple", EndReason::kStop},
                                                 {"msg-empty-content", EndReason::kStop},
                                                 {"chat-toolcall", EndReason::kStop},
                                                 {"msg-stop-sequence", EndReason::kStop},
                                                 {"msg-tool-use", EndReason::kStop},
                                                 {"chat-simple", EndReason::kStop},
                                                 {"chat-unicode", EndReason::kStop},
                                                 {"chat-simple-old", EndReason::kStop},
                                                 {"msg-old-shape", EndReason::kStop},
                                                 {"chat-toolcall-null-content", EndReason::kStop}};
  int read = 0;
  for (const Cassette& cassette : ReadCassettes("cassettes")) {
    if (!IsCompletion(cassette) || !ends.contains(cassette.kind)) continue;
    SCOPED_TRACE(cassette.name);
    ++read;
    EXPECT_EQ(EndReasonName(std::get<Answer>(Parse(cassette).outcome).end),
              EndReasonName(ends.at(cassette.kind)));
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
}

TEST(Cassettes, UsageIsNormalised) {
  const std::map<std::string, Usage> usages = {
      {"anthropic/msg-cache-read-2", {.input = 1169, .cached_input = 1165, .output = 224}},
      {"anthropic/msg-cache-read-3",
       {.input = 4676, .cached_input = 1150, .cache_write = 3522, .output = 113}},
      {"anthropic/msg-thinking-4", {.input = 80, .output = 755, .reasoning = 456}},
      {"deepseek/chat-cache-hit-4",
       {.input = 563, .cached_input = 512, .output = 116, .reasoning = 60}},
      {"openai/chat-reasoning-4", {.input = 2245, .output = 100, .reasoning = 100}}};
  std::size_t read = 0;
  for (const Cassette& cassette : ReadCassettes("cassettes")) {
    if (!usages.contains(cassette.name)) continue;
    ++read;
    EXPECT_EQ(Parse(cassette).usage, usages.at(cassette.name)) << cassette.name;
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
  EXPECT_EQ(read, usages.size());
}

TEST(Cassettes, ErrorsHaveTheReasonOfTheirKind) {
  using R = ErrorReason;
  const std::map<std::string, R> reasons = {
      {"err-400", R::kBadRequest},           {"err-400-context", R::kRequestTooLarge},
      {"err-400-maxtokens", R::kBadRequest}, {"err-400-model", R::kModelNotFound},
      {"err-400-other", R::kBadRequest},     {"err-400-param", R::kBadRequest},
      {"err-401", R::kKeyRejected},          {"err-401-permission", R::kNotPermitted},
      {"err-403", R::kNotPermitted},         {"err-404-model", R::kModelNotFound},
      {"err-404-notchat", R::kBadRequest},   {"err-429-insufficient-quota", R::kQuotaExhausted}};
  // Filed under a wider kind than what the recording says.
  const std::map<std::string, R> exceptions = {{"anthropic/err-400-3", R::kRequestTooLarge},
                                               {"deepseek/err-400-model-2", R::kRequestTooLarge}};
  int read = 0;
  for (const Cassette& cassette : ReadCassettes("cassettes")) {
    if (!cassette.kind.starts_with("err")) continue;
    SCOPED_TRACE(cassette.name);
    ++read;
    const Reply reply = Parse(cassette);
    const auto& error = std::get<LegError>(reply.outcome);
    const auto exception = exceptions.find(cassette.name);
    const R expected =
        exception != exceptions.end() ? exception->second : reasons.at(cassette.kind);
    EXPECT_EQ(ErrorReasonName(error.reason), ErrorReasonName(expected)) << error.message;
    EXPECT_EQ(reply.state, CallState::kFailedUnbilled);
    EXPECT_FALSE(reply.may_retry);
    EXPECT_FALSE(error.message.empty());
    EXPECT_THAT(error.message, testing::Not(testing::HasSubstr("sk-")));
    EXPECT_THAT(error.message, testing::Not(testing::HasSubstr("**")));
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
}

TEST(Cassettes, OtherServersErrorsHaveAMessageAndAReason) {
  int read = 0;
  for (const Cassette& cassette : ReadCassettes("cassettes_other")) {
    SCOPED_TRACE(cassette.name);
    ++read;
    const Reply reply = FindDialect("openai")->ParseReply(cassette.response, kKey);
    const auto& error = std::get<LegError>(reply.outcome);
    EXPECT_THAT(error.message,
                testing::Not(testing::AnyOf(testing::IsEmpty(), testing::HasSubstr("<"),
                                            testing::HasSubstr("{"), testing::HasSubstr("HTTP"))));
    const bool key = cassette.response.status == 401 || cassette.name.ends_with("gemini-400-1");
    const bool server = cassette.response.status >= 500;
    EXPECT_EQ(ErrorReasonName(error.reason), key      ? "key_rejected"
                                             : server ? "provider_error"
                                                      : "model_not_found")
        << error.message;
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
}

TEST(Cassettes, StreamsAndOtherEndpointsAreNoAnswersAndNoCrash) {
  int read = 0;
  for (const Cassette& cassette : ReadCassettes("cassettes")) {
    if (cassette.response.status != 200 || IsCompletion(cassette)) continue;
    SCOPED_TRACE(cassette.name);
    ++read;
    const Reply reply = Parse(cassette);
    ASSERT_TRUE(std::holds_alternative<LegError>(reply.outcome));
    EXPECT_EQ(std::get<LegError>(reply.outcome).reason, ErrorReason::kProtocolError);
    EXPECT_EQ(reply.state, CallState::kUnknown);
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
}

TEST(Cassettes, ModelListsProveAKey) {
  int read = 0;
  for (const Cassette& cassette : ReadCassettes("cassettes")) {
    if (cassette.kind != "models-list") continue;
    ++read;
    const Reply reply = cassette.dialect->ParseVerification(cassette.response, kKey);
    EXPECT_TRUE(std::holds_alternative<Answer>(reply.outcome)) << cassette.name;
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
}

TEST(Cassettes, BlankLinesBeforeTheAnswerDoNotMatter) {
  int read = 0;
  for (Cassette cassette : ReadCassettes("cassettes")) {
    if (!IsCompletion(cassette) || !cassette.name.starts_with("deepseek")) continue;
    ++read;
    cassette.response.body.insert(0, "\n\n\n\n");
    EXPECT_TRUE(std::holds_alternative<Answer>(Parse(cassette).outcome)) << cassette.name;
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
}

TEST(Cassettes, ATruncatedAnswerNeverHasADifferentUsage) {
  constexpr std::size_t kCuts = 200;
  int read = 0;
  for (const Cassette& cassette : ReadCassettes("cassettes")) {
    if (!IsCompletion(cassette)) continue;
    SCOPED_TRACE(cassette.name);
    ++read;
    const std::optional<Usage> whole = Parse(cassette).usage;
    const std::size_t size = cassette.response.body.size();
    const std::size_t step = std::max<std::size_t>(1, size / kCuts);
    for (std::size_t cut = 0; cut < size; cut += step) {
      http::Response part = cassette.response;
      part.body.resize(cut);
      const Reply reply = Parse(cassette, part);
      ASSERT_TRUE(!reply.usage || reply.usage == whole) << "cut at " << cut;
    }
  }
  if (read == 0) GTEST_SKIP() << "no recordings beside the source tree";
}

}  // namespace
}  // namespace byok
