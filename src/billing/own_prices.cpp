// Our own shape: an array of rows of model_prices, by the names of its columns.

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "billing/price_file.hpp"

namespace byok {
namespace {

constexpr std::int64_t kMaxTokens = 1'000'000'000;
constexpr std::array<std::string_view, 15> kMembers = {"provider",
                                                       "model",
                                                       "input_usd_per_mtok",
                                                       "output_usd_per_mtok",
                                                       "cached_input_usd_per_mtok",
                                                       "cache_write_usd_per_mtok",
                                                       "cache_write_1h_usd_per_mtok",
                                                       "reasoning_usd_per_mtok",
                                                       "request_usd",
                                                       "tod_from",
                                                       "tod_to",
                                                       "iso_dow_from",
                                                       "iso_dow_to",
                                                       "input_tokens_from",
                                                       "input_tokens_to"};

/// A misspelt member would be a price that nobody charges.
void CheckMembers(const Json& entry, FigureReader& read) {
  for (const auto& [name, value] : entry.Members()) {
    if (std::ranges::find(kMembers, name) == kMembers.end()) {
      read.Reject("its member " + name.substr(0, 40) + " is not known");
    }
  }
  for (const std::string_view needed : {kMembers[2], kMembers[3]}) {
    if (entry[needed].IsNull()) read.Reject(std::string(needed) + " is missing");
  }
}

Rates ReadRates(const Json& entry, FigureReader& read) {
  const auto figure = [&](std::size_t i) {
    return read.PerMillion(entry[kMembers[i]], kMembers[i]);
  };
  return {.input = figure(2).value_or(Usd()),
          .output = figure(3).value_or(Usd()),
          .cached_input = figure(4),
          .cache_write = figure(5),
          .cache_write_1h = figure(6),
          .reasoning = figure(7),
          .per_request =
              read.Read(entry[kMembers[8]], kMembers[8], 12, kMaxPerRequest).value_or(Usd())};
}

PriceRow ReadRow(const Json& entry, FigureReader& read) {
  CheckMembers(entry, read);
  PriceRow row;
  row.rates = ReadRates(entry, read);
  row.minute_from = read.MinuteOfDay(entry["tod_from"], "tod_from").value_or(0);
  row.minute_to = read.MinuteOfDay(entry["tod_to"], "tod_to").value_or(1440);
  row.weekday_from =
      static_cast<int>(read.Whole(entry["iso_dow_from"], "iso_dow_from", 1, 7).value_or(1));
  row.weekday_to =
      static_cast<int>(read.Whole(entry["iso_dow_to"], "iso_dow_to", 1, 7).value_or(7)) + 1;
  row.tokens_from =
      read.Whole(entry["input_tokens_from"], "input_tokens_from", 0, kMaxTokens).value_or(0);
  row.tokens_to = read.Whole(entry["input_tokens_to"], "input_tokens_to", 1, kMaxTokens);
  const bool holds = row.minute_from < row.minute_to && row.weekday_from < row.weekday_to &&
                     (!row.tokens_to || row.tokens_from < *row.tokens_to);
  if (!holds) read.Reject("one of its ranges is empty");
  return row;
}

using Places = std::map<std::pair<std::string, std::string>, std::size_t>;

/// The model of the entry, added when it is the first of it.
ListedModel& ModelOf(std::vector<ListedModel>& models, Places& places, const Json& entry) {
  const std::string provider = entry["provider"].AsString().value_or("");
  const std::string name = entry["model"].AsString().value_or("");
  const auto [place, is_new] = places.insert({{provider, name}, models.size()});
  if (is_new) {
    ListedModel& model = models.emplace_back();
    model.provider = provider;
    model.model = name;
  }
  return models[place->second];
}

}  // namespace

PriceFile ReadOwnPrices(const Json& document) {
  PriceFile file{.source = "import", .models = {}};
  Places places;
  for (const Json& entry : document.Elements()) {
    FigureReader read;
    PriceRow row = ReadRow(entry, read);
    ListedModel& model = ModelOf(file.models, places, entry);
    model.rows.push_back(std::move(row));
    if (model.refused.empty()) model.refused = read.problem();
  }
  return file;
}

}  // namespace byok
