#include "router/ask_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace byok {
namespace {

constexpr std::int64_t kMaxTimeoutMs = 600'000;
constexpr std::int64_t kMaxMaxTokens = 1'000'000;
constexpr std::int64_t kMaxProviders = 8;
constexpr std::size_t kMaxNumberLength = 32;
constexpr std::size_t kMaxIdempotencyKey = 255;

/// Each reader gets a value that is not null and says what the option must be, "" when it is fine.
using Complaint = std::string;

Complaint ReadInteger(const Json& value, std::int64_t most, std::int64_t& out) {
  const std::optional<std::int64_t> number = value.AsInteger();
  if (!number || *number < 1 || *number > most) {
    return "a whole number from 1 to " + std::to_string(most);
  }
  out = *number;
  return "";
}

bool AreDistinctNames(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  const bool repeated = std::adjacent_find(names.begin(), names.end()) != names.end();
  return !names.empty() && !names.front().empty() && !repeated;
}

Complaint ReadProviders(const Json& value, AskOptions& options) {
  std::vector<std::string> names;
  for (const Json& element : value.Elements()) names.push_back(element.AsString().value_or(""));
  if (!AreDistinctNames(names) || names.size() > kMaxProviders) {
    return "an array of 1 to " + std::to_string(kMaxProviders) + " different provider names";
  }
  options.providers = std::move(names);
  return "";
}

Complaint ReadModels(const Json& value, AskOptions& options) {
  constexpr const char* kExpected = "an object of provider and model names";
  if (!value.IsObject()) return kExpected;
  for (const auto& [provider, model] : value.Members()) {
    const std::string name = model.AsString().value_or("");
    if (provider.empty() || name.empty()) return kExpected;
    options.models[provider] = name;
  }
  return "";
}

Complaint ReadSystem(const Json& value, AskOptions& options) {
  options.system = value.AsString();
  return options.system ? "" : "a string";
}

Complaint ReadMaxTokens(const Json& value, AskOptions& options) {
  return ReadInteger(value, kMaxMaxTokens, options.max_tokens);
}

/// The range is checked on a double, the text is what will be sent.
Complaint ReadTemperature(const Json& value, AskOptions& options) {
  const std::string text = value.AsNumberText().value_or("");
  double number = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = read.ec == std::errc() && text.size() <= kMaxNumberLength;
  if (!good || number < 0 || number > 2) return "a number from 0 to 2";
  options.temperature = text;
  return "";
}

Complaint ReadTimeout(const Json& value, AskOptions& options) {
  std::int64_t milliseconds = options.timeout.count();
  Complaint complaint = ReadInteger(value, kMaxTimeoutMs, milliseconds);
  options.timeout = std::chrono::milliseconds(milliseconds);
  return complaint;
}

Complaint ReadMinAnswers(const Json& value, AskOptions& options) {
  return ReadInteger(value, kMaxProviders, options.min_answers);
}

Complaint ReadPlatformKeys(const Json& value, AskOptions& options) {
  const std::string name = value.AsString().value_or("");
  if (name == "missing_only") {
    options.allow_platform_keys = PlatformKeys::kMissingOnly;
  } else if (name == "never") {
    options.allow_platform_keys = PlatformKeys::kNever;
  } else if (name == "any_failure") {
    options.allow_platform_keys = PlatformKeys::kAnyFailure;
  } else {
    return R"("missing_only", "never" or "any_failure")";
  }
  return "";
}

Complaint ReadMaxCharge(const Json& value, AskOptions& options) {
  const std::optional<std::string> text = value.AsNumberText();
  options.max_charge = text ? Usd::Parse(*text) : std::nullopt;
  const bool good = options.max_charge && *options.max_charge >= Usd();
  return good ? "" : "an amount in US dollars, not negative, with at most 12 decimals";
}

Complaint ReadOnError(const Json& value, AskOptions& options) {
  const std::string name = value.AsString().value_or("");
  if (name != "raise" && name != "return") return R"("raise" or "return")";
  options.raise_on_error = name == "raise";
  return "";
}

constexpr std::array kStrategies = {Strategy::kMedoid, Strategy::kJudge, Strategy::kSynthesize,
                                    Strategy::kAuto};

Complaint ReadStrategy(const Json& value, AskOptions& options) {
  const auto strategy = std::find_if(kStrategies.begin(), kStrategies.end(), [&value](Strategy s) {
    return value.AsString() == StrategyName(s);
  });
  if (strategy == kStrategies.end()) return R"("medoid", "judge", "synthesize" or "auto")";
  options.strategy = *strategy;
  return "";
}

Complaint ReadIdempotencyKey(const Json& value, AskOptions& options) {
  options.idempotency_key = value.AsString();
  const std::size_t size = options.idempotency_key.value_or("").size();
  return 1 <= size && size <= kMaxIdempotencyKey ? "" : "a string of 1 to 255 bytes";
}

Complaint ReadMetadata(const Json& value, AskOptions& options) {
  options.metadata = value;
  return "";
}

struct Option {
  std::string_view name;
  Complaint (*read)(const Json& value, AskOptions& options);
};
constexpr std::array kOptions = {
    Option{"providers", ReadProviders},
    Option{"models", ReadModels},
    Option{"system", ReadSystem},
    Option{"max_tokens", ReadMaxTokens},
    Option{"temperature", ReadTemperature},
    Option{"timeout_ms", ReadTimeout},
    Option{"min_answers", ReadMinAnswers},
    Option{"strategy", ReadStrategy},
    Option{"allow_platform_keys", ReadPlatformKeys},
    Option{"idempotency_key", ReadIdempotencyKey},
    Option{"max_charge_usd", ReadMaxCharge},
    Option{"on_error", ReadOnError},
    Option{"metadata", ReadMetadata},
};

std::string Quoted(std::string_view name) {
  return "option \"" + std::string(name) + "\"";
}

Status UnknownOption(const std::string& name) {
  std::string known;
  for (const Option& option : kOptions) {
    known += (known.empty() ? "" : ", ") + std::string(option.name);
  }
  return Status::InvalidArgument(Quoted(name) + " is not known")
      .WithHint("Known options are " + known + ".");
}

Status ReadOption(const std::string& name, const Json& value, AskOptions& options) {
  const auto option = std::find_if(kOptions.begin(), kOptions.end(),
                                   [&name](const Option& known) { return known.name == name; });
  if (option == kOptions.end()) return UnknownOption(name);
  if (value.IsNull()) return {};
  if (const Complaint expected = option->read(value, options); !expected.empty()) {
    return Status::InvalidArgument(Quoted(name) + " must be " + expected);
  }
  return {};
}

}  // namespace

std::string_view StrategyName(Strategy strategy) {
  switch (strategy) {
    case Strategy::kMedoid:
      return "medoid";
    case Strategy::kJudge:
      return "judge";
    case Strategy::kSynthesize:
      return "synthesize";
    case Strategy::kAuto:
      return "auto";
  }
  return "";
}

Result<AskOptions> ParseAskOptions(const Json& given) {
  AskOptions options;
  if (!given.IsNull() && !given.IsObject()) {
    return Status::InvalidArgument("options must be a JSON object, not " +
                                   std::string(given.TypeName()));
  }
  for (const auto& [name, value] : given.Members()) {
    if (Status status = ReadOption(name, value, options); !status.ok()) return status;
  }
  return options;
}

}  // namespace byok
