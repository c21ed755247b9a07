#include "fake_provider/control.hpp"

#include <stdexcept>

namespace fake {
namespace {

constexpr std::string_view kPrefix = "/_control/";

struct NoSuchEndpoint : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

Answer JsonAnswer(int status, const Json& content) {
  Answer answer;
  answer.status = status;
  answer.headers = {{"content-type", "application/json"}};
  answer.body = Payload(Dump(content) + "\n");
  return answer;
}

const Dialect* DialectNamed(const std::string& name) {
  const Dialect* dialect = FindDialect(name);
  if (!dialect) throw std::invalid_argument("no dialect " + name);
  return dialect;
}

}  // namespace

bool Control::Owns(const Request& request) {
  return request.path.rfind(kPrefix, 0) == 0;
}

Answer Control::Handle(const Request& request) {
  try {
    return JsonAnswer(200, Dispatch(request));
  } catch (const NoSuchEndpoint& error) {
    return JsonAnswer(404, {{"error", error.what()}});
  } catch (const std::exception& error) {
    return JsonAnswer(400, {{"error", error.what()}});
  }
}

Json Control::Dispatch(const Request& request) {
  const std::string what = request.method + " " + request.path.substr(kPrefix.size());
  if (what == "GET requests") return journal_.Requests();
  if (what == "GET stats") return journal_.Stats();
  if (what == "POST rules") {
    rules_.Replace(Json::parse(request.body));
  } else if (what == "POST settings") {
    Change(Json::parse(request.body));
  } else if (what == "POST reset") {
    Reset();
  } else if (what != "GET health") {
    throw NoSuchEndpoint("no such control endpoint: " + what);
  }
  return {{"ok", true}};
}

void Control::Change(const Json& changes) {
  if (!changes.is_object()) throw std::invalid_argument("not an object");
  for (const auto& [name, value] : changes.items()) {
    if (name == "journal") {
      journal_.KeepEntries(value.get<bool>());
    } else if (name == "keys") {
      settings_.keys =
          value.is_null() ? std::nullopt : std::optional(value.get<std::vector<std::string>>());
    } else if (name == "providers") {
      for (const auto& [provider, dialect] : value.items())
        settings_.providers[provider] = DialectNamed(dialect);
    } else {
      throw std::invalid_argument("unknown member " + name);
    }
  }
}

void Control::Reset() {
  rules_.Clear();
  settings_ = Settings();
  journal_.Reset();
  journal_.KeepEntries(true);
}

}  // namespace fake
