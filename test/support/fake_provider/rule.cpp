#include "fake_provider/rule.hpp"

#include <map>
#include <stdexcept>

#include <openssl/evp.h>

namespace fake {
namespace {

std::string DecodeBase64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) throw std::invalid_argument("not base64");
  const std::size_t padding = text.empty() ? 0 : text.size() - 1 - text.find_last_not_of('=');
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

const Json& Object(const Json& value) {
  if (!value.is_object()) throw std::invalid_argument("not an object");
  return value;
}

const Json& StringOrNull(const Json& value) {
  if (!value.is_string() && !value.is_null())
    throw std::invalid_argument("neither string nor null");
  return value;
}

/// Names in lower case: they replace the usual headers of the same name.
Json HeaderChanges(const Json& value) {
  Json changes = Json::object();
  for (const auto& [name, content] : Object(value).items()) {
    if (content.is_array()) {
      for (const Json& each : content) each.get_ref<const std::string&>();
    } else {
      StringOrNull(content);
    }
    changes[Lower(name)] = content;
  }
  return changes;
}

int Status(const Json& value) {
  const int status = value.get<int>();
  if (status < 200 || status > 999) throw std::invalid_argument("not a final status");
  return status;
}

std::uint64_t Count(const Json& value) {
  if (!value.is_number_unsigned()) throw std::invalid_argument("not a count");
  return value.get<std::uint64_t>();
}

Milliseconds Time(const Json& value) {
  return Milliseconds(Count(value));
}

using Setter = void (*)(Rule&, const Json&);

const std::map<std::string, Setter>& Setters() {
  static const std::map<std::string, Setter> setters = {
      {"provider", [](Rule& r, const Json& v) { r.provider = v.get<std::string>(); }},
      {"path", [](Rule& r, const Json& v) { r.path = v.get<std::string>(); }},
      {"key", [](Rule& r, const Json& v) { r.key = v.get<std::string>(); }},
      {"prompt", [](Rule& r, const Json& v) { r.prompt = v.get<std::string>(); }},
      {"prompt_contains", [](Rule& r, const Json& v) { r.prompt_contains = v.get<std::string>(); }},
      {"times", [](Rule& r, const Json& v) { r.times = Count(v); }},
      {"body", [](Rule& r, const Json& v) { r.body = v.get<std::string>(); }},
      {"body_base64", [](Rule& r, const Json& v) { r.body = DecodeBase64(v.get<std::string>()); }},
      {"body_repeat", [](Rule& r, const Json& v) { r.body_repeat = Count(v); }},
      {"json", [](Rule& r, const Json& v) { r.json = v; }},
      {"status", [](Rule& r, const Json& v) { r.status = Status(v); }},
      {"text", [](Rule& r, const Json& v) { r.text = StringOrNull(v); }},
      {"refusal", [](Rule& r, const Json& v) { r.refusal = StringOrNull(v); }},
      {"finish_reason", [](Rule& r, const Json& v) { r.finish_reason = v; }},
      {"model", [](Rule& r, const Json& v) { r.model = v.get<std::string>(); }},
      {"usage", [](Rule& r, const Json& v) { r.usage = v.is_null() ? v : Object(v); }},
      {"patch", [](Rule& r, const Json& v) { r.patch = Object(v); }},
      {"error", [](Rule& r, const Json& v) { r.error = Object(v); }},
      {"echo_key", [](Rule& r, const Json& v) { r.echo_key = v.get<bool>(); }},
      {"prefix", [](Rule& r, const Json& v) { r.prefix = v.get<std::string>(); }},
      {"headers", [](Rule& r, const Json& v) { r.headers = HeaderChanges(v); }},
      {"padding_headers", [](Rule& r, const Json& v) { r.padding_headers = Count(v); }},
      {"padding_bytes", [](Rule& r, const Json& v) { r.padding_bytes = Count(v); }},
      {"delay_ms", [](Rule& r, const Json& v) { r.delivery.delay = Time(v); }},
      {"header_drip_ms", [](Rule& r, const Json& v) { r.delivery.header_drip = Time(v); }},
      {"drip_ms", [](Rule& r, const Json& v) { r.delivery.drip = Time(v); }},
      {"chunk_size", [](Rule& r, const Json& v) { r.delivery.chunk_size = Count(v); }},
      {"chunked", [](Rule& r, const Json& v) { r.delivery.chunked = v.get<bool>(); }},
      {"close", [](Rule& r, const Json& v) { r.delivery.close = v.get<bool>(); }},
      {"reset", [](Rule& r, const Json& v) { r.delivery.reset = v.get<bool>(); }},
      {"no_answer", [](Rule& r, const Json& v) { r.delivery.no_answer = v.get<bool>(); }},
      {"cut_after_bytes", [](Rule& r, const Json& v) { r.delivery.cut_after = Count(v); }},
      {"content_length",
       [](Rule& r, const Json& v) { r.delivery.content_length = v.get<std::int64_t>(); }},
  };
  return setters;
}

bool Agrees(const std::optional<std::string>& wanted, const std::string& found) {
  return !wanted || *wanted == found;
}

}  // namespace

bool Rule::Matches(const Subject& subject) const {
  return Agrees(provider, subject.provider) && Agrees(path, subject.path) &&
         Agrees(key, subject.key) && Agrees(prompt, subject.prompt) &&
         (!prompt_contains || subject.prompt.find(*prompt_contains) != std::string::npos);
}

Rule ReadRule(const Json& json) {
  Rule rule;
  for (const auto& [name, value] : Object(json).items()) {
    const auto setter = Setters().find(name);
    if (setter == Setters().end()) throw std::invalid_argument("unknown member " + name);
    try {
      setter->second(rule, value);
    } catch (const std::exception& error) {
      throw std::invalid_argument(name + ": " + error.what());
    }
  }
  return rule;
}

void RuleBook::Replace(const Json& list) {
  if (!list.is_array()) throw std::invalid_argument("not a list of rules");
  std::vector<Rule> rules;
  for (const Json& each : list) rules.push_back(ReadRule(each));
  rules_ = std::move(rules);
}

const Rule* RuleBook::Take(const Subject& subject) {
  for (Rule& rule : rules_) {
    if (rule.times == 0u || !rule.Matches(subject)) continue;
    if (rule.times) --*rule.times;
    return &rule;
  }
  return nullptr;
}

}  // namespace fake
