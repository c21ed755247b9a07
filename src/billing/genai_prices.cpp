// The data.json of pydantic/genai-prices: USD per million tokens, with prices that hold from a date
// or at some time of day, the last that fits winning, and tiers by input tokens.

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <set>

#include "billing/price_file.hpp"

namespace byok {
namespace {

using std::chrono::sys_days;

/// One of a model's prices, which holds in a daily window.
struct Offer {
  const Json* prices = nullptr;
  int minute_from = 0, minute_to = 1440;  ///< from > to: over midnight
  [[nodiscard]] bool HoldsAt(int minute) const {
    return minute_from <= minute_to ? minute_from <= minute && minute < minute_to
                                    : minute_from <= minute || minute < minute_to;
  }
};

/// Figures that have no place in an answer of ours: we ask for no tools.
constexpr std::array<std::string_view, 2> kIgnored = {"web_searches_kcount",
                                                      "storage_searches_kcount"};
constexpr std::array<std::string_view, 7> kKnown = {
    "input_mtok",          "output_mtok",           "cache_read_mtok", "cache_write_mtok",
    "cache_write_1h_mtok", "output_reasoning_mtok", "requests_kcount"};
constexpr int kPerThousand = 9;  // 10⁻¹² USD each, a thousand together

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::optional<int> Part(std::string_view text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

/// "2026-07-30" as microseconds since 1970.
std::optional<std::int64_t> DateOf(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::string_view view = text;
  const auto year = Part(view.substr(0, 4)), month = Part(view.substr(5, 2)),
             day = Part(view.substr(8));
  if (!year || !month || !day || *month < 1 || *day < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::microseconds>(sys_days(date).time_since_epoch())
      .count();
}

/// Adds a conditional price that holds at `at`; notes one that is still to come.
void AddOffer(const Json& entry, std::int64_t at, std::vector<Offer>& offers, ListedModel& model,
              FigureReader& read) {
  const Json& constraint = entry["constraint"];
  Offer offer{.prices = &entry["prices"]};
  if (constraint.Has("start_date")) {
    const std::string date = constraint["start_date"].AsString().value_or("");
    const auto start = DateOf(date);
    if (!start) return read.Reject("start_date must be a date like \"2026-07-30\"");
    if (*start > at) {
      model.note = "changes on " + date + ": import again then";
      return;
    }
  } else if (constraint.Has("start_time")) {
    offer.minute_from = read.MinuteOfDay(constraint["start_time"], "start_time").value_or(0);
    offer.minute_to = read.MinuteOfDay(constraint["end_time"], "end_time").value_or(1440);
  } else if (!constraint.IsNull()) {
    return read.Reject("its constraint is not known");
  }
  offers.push_back(offer);
}

std::vector<Offer> OffersOf(const Json& prices, std::int64_t at, ListedModel& model,
                            FigureReader& read) {
  if (prices.IsObject()) return {Offer{.prices = &prices}};
  std::vector<Offer> offers;
  if (prices.Size() > kMaxPrices) {
    read.Reject("it has more than " + std::to_string(kMaxPrices) + " prices");
    return offers;
  }
  for (const Json& entry : prices.Elements()) AddOffer(entry, at, offers, model, read);
  return offers;
}

/// The day cut into windows in which one offer wins, the last that holds.
std::vector<Offer> Windows(const std::vector<Offer>& offers) {
  std::set<int> edges = {0, 1440};
  for (const Offer& offer : offers) edges.insert({offer.minute_from, offer.minute_to});
  std::vector<Offer> windows;
  for (auto edge = edges.begin(); std::next(edge) != edges.end(); ++edge) {
    const auto winner = std::find_if(offers.rbegin(), offers.rend(),
                                     [edge](const Offer& offer) { return offer.HoldsAt(*edge); });
    if (winner == offers.rend()) continue;
    if (!windows.empty() && windows.back().prices == winner->prices &&
        windows.back().minute_to == *edge) {
      windows.back().minute_to = *std::next(edge);
    } else {
      windows.push_back({winner->prices, *edge, *std::next(edge)});
    }
  }
  return windows;
}

constexpr std::int64_t kMaxTokens = 1'000'000'000;

/// Where tiers begin: one token above each `start`.
std::set<std::int64_t> SizeEdges(const Json& prices, FigureReader& read) {
  std::set<std::int64_t> edges = {0};
  for (const auto& [name, figure] : prices.Members()) {
    for (const Json& tier : figure["tiers"].Elements()) {
      if (tier["start"].IsNull()) read.Reject("a tier of " + name + " has no start");
      const auto start = read.Whole(tier["start"], name + " start", 0, kMaxTokens);
      if (start) edges.insert(*start + 1);
    }
  }
  if (edges.size() <= kMaxPrices) return edges;
  read.Reject("it has more than " + std::to_string(kMaxPrices) + " tiers");
  return {0};
}

/// The figure for so many input tokens: of the last tier that begins below, else the base.
const Json& FigureAt(const Json& figure, std::int64_t tokens) {
  if (!figure.IsObject()) return figure;
  const Json* found = &figure["base"];
  std::int64_t best = -1;
  for (const Json& tier : figure["tiers"].Elements()) {
    const std::int64_t start = tier["start"].AsInteger().value_or(kMaxTokens);
    if (start < tokens && start > best) {
      found = &tier["price"];
      best = start;
    }
  }
  return *found;
}

Rates RatesAt(const Json& prices, std::int64_t tokens, FigureReader& read) {
  const auto figure = [&](std::string_view name) {
    const Json& value = FigureAt(prices[name], tokens);
    if (value.IsNull() && prices.Has(name)) read.Reject(std::string(name) + " has no figure");
    return read.PerMillion(value, name);
  };
  return {.input = figure(kKnown[0]).value_or(Usd()),
          .output = figure(kKnown[1]).value_or(Usd()),
          .cached_input = figure(kKnown[2]),
          .cache_write = figure(kKnown[3]),
          .cache_write_1h = figure(kKnown[4]),
          .reasoning = figure(kKnown[5]),
          .per_request = read.Read(FigureAt(prices[kKnown[6]], tokens), kKnown[6], kPerThousand,
                                   kMaxPerRequest)
                             .value_or(Usd())};
}

void AddRows(const Offer& window, ListedModel& model, FigureReader& read) {
  const std::set<std::int64_t> edges = SizeEdges(*window.prices, read);
  for (auto edge = edges.begin(); edge != edges.end(); ++edge) {
    PriceRow row;
    row.minute_from = window.minute_from;
    row.minute_to = window.minute_to;
    row.tokens_from = *edge;
    if (std::next(edge) != edges.end()) row.tokens_to = *std::next(edge);
    row.rates = RatesAt(*window.prices, *edge, read);
    model.rows.push_back(std::move(row));
  }
}

/// Why the prices are none that model_prices could hold; "" when they are.
std::string WhySkipped(const std::vector<Offer>& offers) {
  if (offers.empty()) return "it has no price at that time";
  for (const Offer& offer : offers) {
    for (const auto& [name, figure] : offer.prices->Members()) {
      if (!Contains(kKnown, name) && !Contains(kIgnored, name)) return "it has a price " + name;
    }
    for (const std::string_view needed : {kKnown[0], kKnown[1]}) {
      if (!offer.prices->Has(needed)) return "it has no " + std::string(needed);
    }
  }
  return {};
}

ListedModel ReadModel(const std::string& provider, const Json& entry, std::int64_t at) {
  ListedModel model;
  model.provider = provider;
  model.model = entry["id"].AsString().value_or("");
  FigureReader read;
  const std::vector<Offer> offers = OffersOf(entry["prices"], at, model, read);
  if (read.problem().empty()) model.skipped = WhySkipped(offers);
  if (model.skipped.empty()) {
    for (const Offer& window : Windows(offers)) AddRows(window, model, read);
  }
  model.refused = read.problem();
  return model;
}

}  // namespace

PriceFile ReadGenaiPrices(const Json& document, std::int64_t at) {
  PriceFile file{.source = "pydantic/genai-prices", .models = {}};
  for (const Json& provider : document.Elements()) {
    const std::string id = provider["id"].AsString().value_or("");
    for (const Json& model : provider["models"].Elements()) {
      file.models.push_back(ReadModel(id, model, at));
    }
  }
  return file;
}

}  // namespace byok
