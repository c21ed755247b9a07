// LiteLLM's model_prices_and_context_window.json: USD per token, one object per model.

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "billing/price_file.hpp"

namespace byok {
namespace {

/// Thresholds in thousands of tokens; 0 is the base price. A tier holds above its threshold.
using Thresholds = std::set<std::int64_t>;

constexpr std::array<std::string_view, 6> kFields = {"input_cost_per_token",
                                                     "output_cost_per_token",
                                                     "cache_read_input_token_cost",
                                                     "cache_creation_input_token_cost",
                                                     "cache_creation_input_token_cost_above_1hr",
                                                     "output_cost_per_reasoning_token"};
constexpr std::int64_t kMaxThreshold = 1'000'000;  // a thousand million tokens

std::string FieldName(std::string_view field, std::int64_t threshold) {
  if (threshold == 0) return std::string(field);
  return std::string(field) + "_above_" + std::to_string(threshold) + "k_tokens";
}

/// The 200 of "input_cost_per_token_above_200k_tokens".
std::optional<std::int64_t> ThresholdOf(std::string_view name, std::string_view field) {
  const std::string start = std::string(field) + "_above_";
  constexpr std::string_view kEnd = "k_tokens";
  if (!name.starts_with(start) || !name.ends_with(kEnd)) return std::nullopt;
  name.remove_prefix(start.size());
  if (name.size() <= kEnd.size()) return std::nullopt;
  name.remove_suffix(kEnd.size());
  std::int64_t thousands = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), thousands);
  const bool whole = read.ec == std::errc() && read.ptr == name.data() + name.size();
  return whole && 0 < thousands && thousands <= kMaxThreshold ? std::optional(thousands)
                                                              : std::nullopt;
}

Thresholds ThresholdsOf(const Json& entry, FigureReader& read) {
  Thresholds thresholds = {0};
  for (const auto& [name, value] : entry.Members()) {
    for (const std::string_view field : kFields) {
      const auto threshold = ThresholdOf(name, field);
      if (threshold && !value.IsNull()) thresholds.insert(*threshold);
    }
  }
  if (thresholds.size() <= kMaxPrices) return thresholds;
  read.Reject("it has more than " + std::to_string(kMaxPrices) + " tiers");
  return {0};
}

/// The figure of the highest tier up to `threshold` that has one.
std::optional<Usd> FigureAt(const Json& entry, const Thresholds& thresholds, std::string_view field,
                            std::int64_t threshold, FigureReader& read) {
  for (auto at = thresholds.rbegin(); at != thresholds.rend(); ++at) {
    const std::string name = FieldName(field, *at);
    if (*at > threshold || entry[name].IsNull()) continue;
    return read.PerToken(entry[name], name);
  }
  return std::nullopt;
}

PriceRow RowAt(const Json& entry, const Thresholds& thresholds, Thresholds::iterator threshold,
               FigureReader& read) {
  const auto figure = [&](std::string_view field) {
    return FigureAt(entry, thresholds, field, *threshold, read);
  };
  PriceRow row;
  row.tokens_from = *threshold == 0 ? 0 : *threshold * 1000 + 1;
  const auto next = std::next(threshold);
  if (next != thresholds.end()) row.tokens_to = *next * 1000 + 1;
  row.rates.input = figure(kFields[0]).value_or(Usd());
  row.rates.output = figure(kFields[1]).value_or(Usd());
  row.rates.cached_input = figure(kFields[2]);
  row.rates.cache_write = figure(kFields[3]);
  row.rates.cache_write_1h = figure(kFields[4]);
  row.rates.reasoning = figure(kFields[5]);
  constexpr std::string_view kPerRequest = "input_cost_per_request";
  row.rates.per_request =
      read.Read(entry[kPerRequest], kPerRequest, 12, kMaxPerRequest).value_or(Usd());
  return row;
}

bool IsOfText(const std::string& mode) {
  return mode.empty() || mode == "chat" || mode == "completion" || mode == "responses";
}

/// Why the entry is none that we price; "" when it is.
std::string WhySkipped(const Json& entry) {
  const std::string mode = entry["mode"].AsString().value_or("");
  if (!IsOfText(mode)) return "its mode is " + mode;
  if (!entry["tiered_pricing"].IsNull()) return "it is priced by tiered_pricing";
  if (entry[kFields[0]].IsNull() && entry[kFields[1]].IsNull()) return "it has no price per token";
  return {};
}

/// "deepseek/deepseek-chat" of provider deepseek is the provider's deepseek-chat.
std::string ModelOf(const std::string& name, const std::string& provider) {
  const std::string prefix = provider + "/";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

ListedModel ReadEntry(const std::string& name, const Json& entry) {
  ListedModel model;
  model.provider = entry["litellm_provider"].AsString().value_or("");
  model.model = ModelOf(name, model.provider);
  if (model.provider.empty()) model.skipped = "it names no litellm_provider";
  if (model.skipped.empty()) model.skipped = WhySkipped(entry);
  if (!model.skipped.empty()) return model;
  FigureReader read;
  for (const std::string_view field : {kFields[0], kFields[1]}) {
    if (entry[field].IsNull()) read.Reject(std::string(field) + " is missing");
  }
  const Thresholds thresholds = ThresholdsOf(entry, read);
  for (auto at = thresholds.begin(); at != thresholds.end(); ++at) {
    model.rows.push_back(RowAt(entry, thresholds, at, read));
  }
  model.refused = read.problem();
  return model;
}

/// The entry without the provider in its name goes before one with it.
void SkipSecondNames(std::vector<ListedModel>& models) {
  std::set<std::pair<std::string, std::string>> seen;
  for (ListedModel& model : models) {
    const bool first = seen.insert({model.provider, model.model}).second;
    if (!first && model.skipped.empty()) model.skipped = "the file names it a second time";
  }
}

}  // namespace

PriceFile ReadLiteLlmPrices(const Json& document) {
  PriceFile file{.source = "LiteLLM", .models = {}};
  std::vector<ListedModel> prefixed;
  for (const auto& [name, entry] : document.Members()) {
    if (name == "sample_spec") continue;
    ListedModel model = ReadEntry(name, entry);
    (model.model == name ? file.models : prefixed).push_back(std::move(model));
  }
  std::ranges::move(prefixed, std::back_inserter(file.models));
  SkipSecondNames(file.models);
  return file;
}

}  // namespace byok
