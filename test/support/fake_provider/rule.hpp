#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fake_provider/values.hpp"

namespace fake {

/// What a rule is matched against, and an answer made from.
struct Subject {
  std::string provider;  // empty: no known provider
  std::string path;
  std::string key;
  std::string prompt;
};

/// One scripted answer: whom it is for, what it says, how it is sent. Members not given change
/// nothing.
struct Rule {
  std::optional<std::string> provider;
  std::optional<std::string> path;  // whole, without the query
  std::optional<std::string> key;   // such a key counts as valid
  std::optional<std::string> prompt;
  std::optional<std::string> prompt_contains;
  std::optional<std::uint64_t> times;  // answers left

  // A whole body …
  std::optional<std::string> body;
  std::optional<Json> json;
  std::uint64_t body_repeat = 1;
  // … or changes to the provider's usual one.
  std::optional<int> status;
  std::optional<Json> text;  // string or null
  Json refusal;
  Json finish_reason;
  std::optional<std::string> model;
  Json usage = Json::object();  // null: no usage
  Json patch = Json::object();  // merged over the whole completion
  Json error = Json::object();  // merged over the error's members
  bool echo_key = false;        // the raw key in the error's message

  std::string prefix;             // before any body
  Json headers = Json::object();  // name: value, list of values, or null to leave it out
  std::size_t padding_headers = 0;
  std::size_t padding_bytes = 0;  // the size of each
  Delivery delivery;

  bool Matches(const Subject& subject) const;
};

/// Throws std::invalid_argument or Json::exception, saying which member is wrong.
Rule ReadRule(const Json& json);

/// The rules in order; the first that matches wins.
class RuleBook {
 public:
  /// All or nothing; throws as ReadRule.
  void Replace(const Json& list);
  void Clear() { rules_.clear(); }
  /// The rule for this subject, one of its times used up; null when none matches. Valid until the
  /// next change.
  const Rule* Take(const Subject& subject);

 private:
  std::vector<Rule> rules_;
};

}  // namespace fake
