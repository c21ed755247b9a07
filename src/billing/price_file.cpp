#include "billing/price_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/decimal.hpp"

namespace byok {
namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kShownDigits = 40;

std::string WrongType(std::string_view name, std::string_view wanted, const Json& value) {
  const std::string_view type = value.TypeName();
  const bool vowel = type.starts_with('a') || type.starts_with('o');
  return std::string(name) + " must be a " + std::string(wanted) + ", not " +
         (vowel ? "an " : "a ") + std::string(type);
}

bool Overlap(std::int64_t a_from, std::optional<std::int64_t> a_to, std::int64_t b_from,
             std::optional<std::int64_t> b_to) {
  return (!b_to || a_from < *b_to) && (!a_to || b_from < *a_to);
}

std::optional<int> Digits(std::string_view text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && text.size() == 2 ? std::optional(number) : std::nullopt;
}

/// "16:30", "16:30:00", "16:30:00Z".
std::optional<int> MinutesOf(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.ends_with(":00") && text.size() == 8) text.remove_suffix(3);
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = Digits(text.substr(0, 2));
  const auto minutes = Digits(text.substr(3));
  if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59) return std::nullopt;
  const int total = *hours * 60 + *minutes;
  return total <= 1440 ? std::optional(total) : std::nullopt;
}

bool IsBlank(char c) {
  return static_cast<unsigned char>(c) <= ' ';
}

/// A blank at either end would make it a name that no provider returns.
bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxName && !IsBlank(name.front()) &&
         !IsBlank(name.back());
}

/// The whole file's rules, which hold in every shape.
void CheckModel(ListedModel& model) {
  if (!model.refused.empty() || !model.skipped.empty()) {
    model.rows.clear();
    return;
  }
  if (!IsName(model.provider) || !IsName(model.model)) {
    model.refused = "provider and model must have 1 to 255 bytes and no blank at their ends";
  }
  if (model.rows.size() > kMaxPrices) {
    model.refused = "it has more than " + std::to_string(kMaxPrices) + " prices";
    model.rows.clear();
  }
  for (std::size_t i = 0; i < model.rows.size(); ++i) {
    for (std::size_t j = i + 1; j < model.rows.size(); ++j) {
      if (SameMoment(model.rows[i], model.rows[j])) {
        model.refused = "two of its prices hold at the same time";
      }
    }
  }
  if (!model.refused.empty()) model.rows.clear();
}

bool LooksLikeLiteLlm(const Json& document) {
  return std::ranges::any_of(document.Members(), [](const Json::Member& member) {
    return member.second["litellm_provider"].IsString();
  });
}

Result<PriceFile> ReadShape(const Json& document, std::int64_t at) {
  if (LooksLikeLiteLlm(document)) return ReadLiteLlmPrices(document);
  if (document[0]["models"].IsArray()) return ReadGenaiPrices(document, at);
  if (document[0].Has("model")) return ReadOwnPrices(document);
  return Status::InvalidArgument("prices are in no known format")
      .WithHint(
          "Known are LiteLLM's model_prices_and_context_window.json, genai-prices' data.json, and "
          "an array of objects with provider, model, input_usd_per_mtok, output_usd_per_mtok.");
}

}  // namespace

std::optional<Usd> FigureReader::Read(const Json& value, std::string_view name, int scale,
                                      Usd limit) {
  if (value.IsNull()) return std::nullopt;
  const auto text = value.AsNumberText();
  if (!text) {
    Reject(WrongType(name, "number", value));
    return std::nullopt;
  }
  const auto units = ScaleDecimal(*text, scale);
  if (units && *units >= 0 && *units <= limit.units()) return Usd::FromUnits(*units);
  const std::string shown =
      text->substr(0, kShownDigits) + (text->size() > kShownDigits ? "…" : "");
  Reject(std::string(name) + " " + shown +
         (text->starts_with('-') ? " is negative"
                                 : " is no price of at most 6 decimals and 100000 USD per million "
                                   "tokens"));
  return std::nullopt;
}

std::optional<std::int64_t> FigureReader::Whole(const Json& value, std::string_view name,
                                                std::int64_t least, std::int64_t most) {
  if (value.IsNull()) return std::nullopt;
  const auto number = value.AsInteger();
  if (number && least <= *number && *number <= most) return number;
  Reject(std::string(name) + " must be a whole number from " + std::to_string(least) + " to " +
         std::to_string(most));
  return std::nullopt;
}

std::optional<int> FigureReader::MinuteOfDay(const Json& value, std::string_view name) {
  if (value.IsNull()) return std::nullopt;
  const auto minutes = MinutesOf(value.AsString().value_or(""));
  if (!minutes)
    Reject(std::string(name) + " must be a time of day in whole minutes, like \"16:30\"");
  return minutes;
}

bool SameMoment(const PriceRow& a, const PriceRow& b) {
  return Overlap(a.minute_from, a.minute_to, b.minute_from, b.minute_to) &&
         Overlap(a.weekday_from, a.weekday_to, b.weekday_from, b.weekday_to) &&
         Overlap(a.tokens_from, a.tokens_to, b.tokens_from, b.tokens_to);
}

Result<PriceFile> ReadPriceFile(const Json& document, std::int64_t at) {
  Result<PriceFile> file = ReadShape(document, at);
  if (!file.ok()) return file;
  for (ListedModel& model : file->models) CheckModel(model);
  return file;
}

}  // namespace byok
