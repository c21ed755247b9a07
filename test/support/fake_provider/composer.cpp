#include "fake_provider/composer.hpp"

#include <algorithm>

namespace fake {
namespace {

/// The text of the last user message: a string, or the text parts put together.
std::string PromptOf(const Json& body) {
  if (!body.is_object() || !body.contains("messages") || !body["messages"].is_array()) return {};
  Json content;
  for (const Json& message : body["messages"]) {
    if (message.is_object() && message.value("role", Json()) == "user")
      content = message.value("content", Json());
  }
  if (content.is_string()) return content;
  std::string text;
  if (!content.is_array()) return text;
  for (const Json& part : content) {
    const Json words = part.is_object() ? part.value("text", Json()) : Json();
    if (words.is_string()) text += words.get<std::string>();
  }
  return text;
}

std::string ModelOf(const Question& question, const Rule& rule) {
  if (rule.model) return *rule.model;
  const Json model = question.body.is_object() ? question.body.value("model", Json()) : Json();
  return model.is_string() ? model.get<std::string>() : "unknown";
}

std::optional<Failure> CheckCompletion(const Request& request, const Question& question) {
  const Dialect& dialect = *question.dialect;
  const std::string_view type = Find(request.headers, "content-type");
  if (Lower(Trim(type.substr(0, type.find(';')))) != "application/json") {
    return dialect.Refuse(Refusal::kContentType, std::string(type));
  }
  if (!question.body.is_object()) return dialect.Refuse(Refusal::kBody, {});
  if (question.body.value("stream", Json()) == true) {
    return Failure{400,
                   "invalid_request_error",
                   "the fake provider streams only what a rule's body says",
                   {},
                   {}};
  }
  return dialect.CheckBody(request.headers, question.body);
}

/// What is wrong with a request, in the order in which providers look.
std::optional<Failure> Check(const Request& request, const Question& question, bool key_is_good) {
  const Dialect& dialect = *question.dialect;
  if (question.endpoint == Endpoint::kNone) {
    return dialect.Refuse(Refusal::kPath, request.method + " " + question.api_path);
  }
  if (question.subject.key.empty()) return dialect.Refuse(Refusal::kNoKey, {});
  if (!key_is_good) return dialect.Refuse(Refusal::kBadKey, question.subject.key);
  if (auto failure = dialect.CheckHeaders(request.headers)) return failure;
  if (question.endpoint == Endpoint::kCompletion) return CheckCompletion(request, question);
  return std::nullopt;
}

Json UsualContent(const Question& question, const Rule& rule, std::uint64_t seq) {
  const Dialect& dialect = *question.dialect;
  if (question.endpoint == Endpoint::kModels) return dialect.Models();
  if (question.endpoint == Endpoint::kBalance) return dialect.Balance();
  const Subject& subject = question.subject;
  Json content = dialect.Completion(
      {seq, ModelOf(question, rule),
       rule.text ? *rule.text : Json(UsualText(subject.provider, subject.prompt)), rule.refusal,
       rule.finish_reason, rule.usage});
  content.merge_patch(rule.patch);
  return content;
}

std::string ErrorText(const Failure& failure, const Question& question, const Rule& rule,
                      std::uint64_t seq) {
  Json error = question.dialect->Error(failure, seq);
  error["error"].merge_patch(rule.error);
  return Dump(error);
}

Failure ScriptedFailure(const Question& question, const Rule& rule) {
  const int status = rule.status.value_or(401);
  const Dialect& dialect = *question.dialect;
  Failure failure = status == 401 ? dialect.Refuse(Refusal::kBadKey, question.subject.key)
                                  : dialect.Usual(status, ModelOf(question, rule));
  if (rule.echo_key) failure.message = "Incorrect API key provided: " + question.subject.key + ".";
  return failure;
}

struct Content {
  int status;
  std::string text;
};

Content ContentOf(const Request& request, const Question& question, const Settings& settings,
                  const Rule& rule, std::uint64_t seq) {
  if (rule.body) return {rule.status.value_or(200), *rule.body};
  if (rule.json) return {rule.status.value_or(200), Dump(*rule.json)};
  const int status = rule.status.value_or(200);
  if (status >= 300 && status < 400) return {status, ""};
  if (status >= 400 || rule.echo_key || !rule.error.empty()) {
    const Failure failure = ScriptedFailure(question, rule);
    return {failure.status, ErrorText(failure, question, rule, seq)};
  }
  const bool vouched_for = rule.key == question.subject.key;
  if (const auto failure =
          Check(request, question, vouched_for || settings.Accepts(question.subject.key))) {
    return {failure->status, ErrorText(*failure, question, rule, seq)};
  }
  return {status, Dump(UsualContent(question, rule, seq))};
}

void ChangeHeaders(Headers& headers, const Rule& rule) {
  for (const auto& [name, value] : rule.headers.items()) {
    Remove(headers, name);
    if (value.is_string()) headers.emplace_back(name, value);
    if (!value.is_array()) continue;
    for (const Json& each : value) headers.emplace_back(name, each);
  }
  for (std::size_t i = 0; i < rule.padding_headers; ++i) {
    headers.emplace_back("x-padding-" + std::to_string(i), std::string(rule.padding_bytes, 'x'));
  }
}

}  // namespace

bool Settings::Accepts(const std::string& key) const {
  if (!keys) return key.rfind("sk-test-", 0) == 0;
  return std::find(keys->begin(), keys->end(), key) != keys->end();
}

Question ReadQuestion(const Request& request, const Settings& settings) {
  const bool rooted = request.path.rfind('/', 0) == 0;
  const std::size_t slash = request.path.find('/', 1);
  const std::string name = rooted ? request.path.substr(1, slash - 1) : std::string();
  const auto provider = settings.providers.find(name);
  const bool known = provider != settings.providers.end();

  Question question;
  question.dialect = known ? provider->second : &OpenAi();
  question.api_path =
      known && slash != std::string::npos ? request.path.substr(slash) : request.path;
  question.endpoint =
      known ? question.dialect->Locate(request.method, question.api_path) : Endpoint::kNone;
  question.body = Json::parse(request.body, nullptr, false);
  question.subject = {known ? name : "", request.path, question.dialect->Key(request.headers),
                      PromptOf(question.body)};
  return question;
}

Answer Compose(const Request& request, const Question& question, const Settings& settings,
               const Rule* rule, std::uint64_t seq) {
  static const Rule no_rule;
  const Rule& script = rule ? *rule : no_rule;
  Content content = ContentOf(request, question, settings, script, seq);

  Answer answer;
  answer.status = content.status;
  answer.headers = question.dialect->UsualHeaders(seq);
  const bool html = content.text.rfind('<', 0) == 0;
  answer.headers.emplace_back("content-type", html ? "text/html" : "application/json");
  ChangeHeaders(answer.headers, script);
  answer.body = Payload(script.prefix + std::move(content.text), script.body_repeat);
  answer.delivery = script.delivery;
  return answer;
}

std::string UsualText(const std::string& provider, const std::string& prompt) {
  if (prompt.find("capital of France") != std::string::npos)
    return "The capital of France is Paris.";
  if (prompt.find("quantum") == std::string::npos) return "You said: " + prompt;
  const std::string tail =
      " qubits, which can be in superposition and entangled, to solve certain problems faster than "
      "classical "
      "computers.";
  if (provider == "anthropic") return "Quantum computing leverages" + tail;
  if (provider == "deepseek") return "Quantum computing is based on using" + tail;
  return "Quantum computing uses" + tail;
}

}  // namespace fake
