#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fake_provider/dialect.hpp"
#include "fake_provider/rule.hpp"
#include "fake_provider/values.hpp"

namespace fake {

/// What control can change apart from rules.
struct Settings {
  std::map<std::string, const Dialect*> providers = {
      {"openai", &OpenAi()}, {"anthropic", &Anthropic()}, {"deepseek", &DeepSeek()}};
  std::optional<std::vector<std::string>> keys;  // none: every key that begins with sk-test-

  bool Accepts(const std::string& key) const;
};

/// A request as its provider understands it.
struct Question {
  Subject subject;
  const Dialect* dialect;  // OpenAI's when the path names no provider
  std::string api_path;    // without the provider's name
  Endpoint endpoint;
  Json body;  // discarded when it is not JSON
};

Question ReadQuestion(const Request& request, const Settings& settings);

/// The answer a provider would give, changed as the rule says (null: no rule). A rule with a body
/// or an error status answers every request; otherwise a bad request gets the provider's own
/// refusal.
Answer Compose(const Request& request, const Question& question, const Settings& settings,
               const Rule* rule, std::uint64_t seq);

/// What a provider says to a prompt when nothing else was scripted.
std::string UsualText(const std::string& provider, const std::string& prompt);

}  // namespace fake
