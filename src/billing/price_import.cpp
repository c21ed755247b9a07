#include "billing/price_import.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "billing/in_range.hpp"

namespace byok {
namespace {

using Rows = std::vector<PriceRow>;

struct NamedRate {
  const char* name;
  Usd value;
  bool stated;  ///< not left to another rate
};

/// Every rate of a row as it is billed.
std::array<NamedRate, 7> NamedRates(const PriceRow& row) {
  const Rates rates = Complete(row.rates);
  const Rates& said = row.rates;
  return {{{"input", rates.input, true},
           {"output", rates.output, true},
           {"cached_input", *rates.cached_input, said.cached_input.has_value()},
           {"cache_write", *rates.cache_write, said.cache_write.has_value()},
           {"cache_write_1h", *rates.cache_write_1h, said.cache_write_1h.has_value()},
           {"reasoning", *rates.reasoning, said.reasoning.has_value()},
           {"request", rates.per_request, true}}};
}

constexpr std::string_view kRequest = "request";

std::string FigureText(const NamedRate& rate) {
  return rate.name == kRequest ? rate.value.ToString() : PerMillionText(rate.value);
}

std::string ClockText(int minute) {
  const auto two = [](int number) {
    return std::string(number < 10 ? "0" : "") + std::to_string(number);
  };
  return two(minute / 60) + ":" + two(minute % 60);
}

void SetRate(const char* name, const std::optional<Usd>& per_token, Json& json) {
  if (per_token) json.Set(name, Json::Number(PerMillionText(*per_token)));
}

void SetRates(const Rates& rates, Json& json) {
  SetRate("input_usd_per_mtok", rates.input, json);
  SetRate("cached_input_usd_per_mtok", rates.cached_input, json);
  SetRate("cache_write_usd_per_mtok", rates.cache_write, json);
  SetRate("cache_write_1h_usd_per_mtok", rates.cache_write_1h, json);
  SetRate("output_usd_per_mtok", rates.output, json);
  SetRate("reasoning_usd_per_mtok", rates.reasoning, json);
  if (!rates.per_request.IsZero()) {
    json.Set("request_usd", Json::Number(rates.per_request.ToString()));
  }
}

/// A row in our own shape, without what is the same for every model.
Json RowToJson(const PriceRow& row) {
  Json json = Json::MakeObject();
  SetRates(row.rates, json);
  if (row.minute_from > 0) json.Set("tod_from", ClockText(row.minute_from));
  if (row.minute_to < 1440) json.Set("tod_to", ClockText(row.minute_to));
  if (row.weekday_from > 1) json.Set("iso_dow_from", row.weekday_from);
  if (row.weekday_to < 8) json.Set("iso_dow_to", row.weekday_to - 1);
  if (row.tokens_from > 0) json.Set("input_tokens_from", row.tokens_from);
  if (row.tokens_to) json.Set("input_tokens_to", *row.tokens_to);
  return json;
}

Json RowsToJson(const Rows& rows) {
  Json json = Json::MakeArray();
  for (const PriceRow& row : rows) json.Append(RowToJson(row));
  return rows.empty() ? Json() : json;
}

std::string RangeText(std::int64_t from, std::optional<std::int64_t> to) {
  return "[" + std::to_string(from) + "," + (to ? std::to_string(*to) : "") + ")";
}

/// A row by the names and types of the columns of model_prices.
Json ColumnsOf(const ListedModel& model, const PriceRow& row, const std::string& source) {
  Json json = Json::MakeObject().Set("provider", model.provider).Set("model", model.model);
  SetRates(row.rates, json);
  json.Set("tod_from", ClockText(row.minute_from));
  json.Set("tod_to", ClockText(row.minute_to));
  json.Set("iso_dow", RangeText(row.weekday_from, row.weekday_to));
  json.Set("input_tokens", RangeText(row.tokens_from, row.tokens_to));
  json.Set("source", source);
  return json;
}

bool InForce(const PriceRow& row, std::int64_t at) {
  return InRange(at, row.effective_from, row.effective_to);
}

auto PlaceOf(const PriceRow& row) {
  return std::tuple(row.minute_from, row.minute_to, row.weekday_from, row.weekday_to,
                    row.tokens_from, row.tokens_to);
}

bool SamePrice(const PriceRow& a, const PriceRow& b) {
  return PlaceOf(a) == PlaceOf(b) && Complete(a.rates) == Complete(b.rates);
}

Rows Sorted(Rows rows) {
  std::ranges::sort(rows, {}, PlaceOf);
  return rows;
}

bool SamePrices(const Rows& a, const Rows& b) {
  return std::ranges::equal(Sorted(a), Sorted(b), SamePrice);
}

/// What the price list knows of a model.
struct Known {
  Rows now;                         ///< in force at `at`, whoever's
  Rows own;                         ///< of the user's own under that very name, whenever
  std::vector<std::int64_t> until;  ///< rows that the first own row would hide before `at`
};

Known KnownOf(const ListedModel& model, const PriceTable& prices, const ImportOptions& options) {
  Known known;
  for (const PriceRow& row : prices.RowsOf(model.provider, model.model)) {
    if (InForce(row, options.at)) known.now.push_back(row);
    if (!row.builtin && row.model == model.model) known.own.push_back(row);
    const bool matters = (!row.effective_to || options.now < *row.effective_to) &&
                         (!row.effective_from || *row.effective_from < options.at);
    if (matters) known.until.push_back(row.id);
  }
  if (!known.own.empty()) known.until.clear();  // nothing is newly hidden
  return known;
}

/// The first of the user's own rows that stands in the way of a new one from `at` on.
std::string Obstacle(const Known& known, std::int64_t at) {
  for (const PriceRow& row : known.own) {
    const std::string id = std::to_string(row.id);
    if (row.effective_from && at <= *row.effective_from) {
      return "row " + id + " of yours begins then or later: delete it first";
    }
    if (row.effective_to && at < *row.effective_to) {
      return "row " + id + " of yours ends by itself later: import again from then on";
    }
  }
  return {};
}

/// a > b × factor, exactly.
bool Exceeds(Usd a, Usd b, Factor factor) {
  constexpr std::int64_t kScale = 10'000;
  return a * kScale > factor.Of(b * kScale);
}

/// "input 3 to 30"
std::string Move(const NamedRate& from, const NamedRate& to) {
  return std::string(from.name) + " " + FigureText(from) + " to " + FigureText(to);
}

/// The moves between two rows, all or only those beyond the factor.
std::vector<std::string> Moves(const PriceRow& from, const PriceRow& to,
                               std::optional<Factor> beyond) {
  const auto before = NamedRates(from);
  const auto after = NamedRates(to);
  std::vector<std::string> moves;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Usd a = before[i].value;
    const Usd b = after[i].value;
    if (a == b || !(before[i].stated || after[i].stated)) continue;
    const bool shown = !beyond || Exceeds(b, a, *beyond) || Exceeds(a, b, *beyond);
    if (shown) moves.push_back(Move(before[i], after[i]));
  }
  return moves;
}

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

/// Rates that move too far, anywhere the old and the new rows meet.
std::string Jumps(const Rows& from, const Rows& to, Factor max_jump) {
  std::vector<std::string> jumps;
  for (const PriceRow& a : from) {
    for (const PriceRow& b : to) {
      if (!SameMoment(a, b)) continue;
      for (std::string& jump : Moves(a, b, max_jump)) {
        if (std::ranges::find(jumps, jump) == jumps.end()) jumps.push_back(std::move(jump));
      }
    }
  }
  return Join(jumps);
}

/// The starts of what one dimension of a row may leave open: its own and the ends of the others'.
template <typename Start, typename End>
auto Starts(const PriceRow& row, const Rows& others, Start start, End end) {
  std::vector<std::int64_t> starts = {start(row)};
  for (const PriceRow& other : others) {
    const std::optional<std::int64_t> at = end(other);
    if (at && *at > start(row)) starts.push_back(*at);
  }
  std::ranges::sort(starts);
  return starts;
}

bool Holds(const PriceRow& row, std::int64_t minute, std::int64_t weekday, std::int64_t tokens) {
  return InRange(minute, row.minute_from, row.minute_to) &&
         InRange(weekday, row.weekday_from, row.weekday_to) &&
         InRange(tokens, row.tokens_from, row.tokens_to);
}

std::string Place(std::int64_t minute, std::int64_t weekday, std::int64_t tokens) {
  return "no price for " + std::to_string(tokens) + " input tokens at " +
         ClockText(static_cast<int>(minute)) + " UTC on ISO weekday " + std::to_string(weekday);
}

/// The first place within `row` that none of the others covers, in words. What boxes leave open of
/// a box has a corner at its start or at their ends, in every dimension.
std::string GapIn(const PriceRow& row, const Rows& others) {
  const auto minutes = Starts(
      row, others, [](const PriceRow& r) { return std::int64_t{r.minute_from}; },
      [](const PriceRow& r) { return std::optional<std::int64_t>(r.minute_to); });
  const auto weekdays = Starts(
      row, others, [](const PriceRow& r) { return std::int64_t{r.weekday_from}; },
      [](const PriceRow& r) { return std::optional<std::int64_t>(r.weekday_to); });
  const auto sizes = Starts(
      row, others, [](const PriceRow& r) { return r.tokens_from; },
      [](const PriceRow& r) { return r.tokens_to; });
  for (const auto weekday : weekdays) {
    for (const auto minute : minutes) {
      for (const auto tokens : sizes) {
        const auto covers = [&](const PriceRow& r) { return Holds(r, minute, weekday, tokens); };
        if (covers(row) && std::ranges::none_of(others, covers)) {
          return Place(minute, weekday, tokens);
        }
      }
    }
  }
  return {};
}

/// Where the old rows have a price and the new ones have none.
std::string Gap(const Rows& from, const Rows& to) {
  for (const PriceRow& row : from) {
    if (std::string gap = GapIn(row, to); !gap.empty()) return gap;
  }
  return {};
}

std::string DescribeChange(const Rows& from, const Rows& to) {
  if (from.size() == 1 && to.size() == 1) {
    std::string moves = Join(Moves(from[0], to[0], {}));
    if (!moves.empty()) return moves;
  }
  const auto count = [](std::size_t number) {
    return std::to_string(number) + (number == 1 ? " row" : " rows");
  };
  return count(from.size()) + " to " + count(to.size());
}

void AddNote(const std::string& note, std::string& detail) {
  if (note.empty()) return;
  detail += (detail.empty() ? "" : "; ") + note;
}

void Refuse(std::string why, ImportLine& line) {
  line.action = ImportAction::kRefused;
  line.detail = std::move(why);
}

/// Decides what becomes of a priced model.
void Judge(const ListedModel& model, const Known& known, const ImportOptions& options,
           ImportLine& line) {
  line.old_prices = RowsToJson(known.now);
  line.new_prices = RowsToJson(model.rows);
  if (SamePrices(known.now, model.rows)) {
    line.action = ImportAction::kUnchanged;
    return AddNote(model.note, line.detail);
  }
  if (std::string obstacle = Obstacle(known, options.at); !obstacle.empty()) {
    return Refuse(std::move(obstacle), line);
  }
  if (options.max_jump) {
    const std::string jumps = Jumps(known.now, model.rows, *options.max_jump);
    if (!jumps.empty()) {
      return Refuse(jumps + ": more than max_jump, " + options.max_jump->ToString() + " times",
                    line);
    }
    if (std::string gap = Gap(known.now, model.rows); !gap.empty()) {
      return Refuse(std::move(gap) + " any more", line);
    }
  }
  const bool is_new = known.now.empty();
  line.action = is_new ? ImportAction::kInsert : ImportAction::kChange;
  if (!is_new) line.detail = DescribeChange(known.now, model.rows);
  AddNote(Gap({PriceRow{}}, model.rows), line.detail);
  AddNote(model.note, line.detail);
}

void AddSteps(const PriceFile& file, const ListedModel& model, const Known& known,
              const ImportOptions& options, ImportPlan& plan) {
  for (const PriceRow& row : known.own) {
    if (InForce(row, options.at)) plan.close.push_back(row.id);
  }
  for (const std::int64_t id : known.until) {
    plan.copy.Append(
        Json::MakeObject().Set("id", id).Set("provider", model.provider).Set("model", model.model));
  }
  for (const PriceRow& row : model.rows) plan.insert.Append(ColumnsOf(model, row, file.source));
}

void AddModel(const PriceFile& file, const ListedModel& model, const PriceTable& prices,
              const ImportOptions& options, ImportPlan& plan) {
  ImportLine line;
  line.provider = model.provider;
  line.model = model.model;
  line.detail = model.skipped;
  if (!model.refused.empty()) {
    Refuse(model.refused, line);
  } else if (model.skipped.empty()) {
    const Known known = KnownOf(model, prices, options);
    Judge(model, known, options, line);
    const bool moves = line.action == ImportAction::kInsert || line.action == ImportAction::kChange;
    if (moves) AddSteps(file, model, known, options, plan);
  }
  if (line.action == ImportAction::kRefused) ++plan.refused;
  plan.lines.push_back(std::move(line));
}

}  // namespace

std::string_view ImportActionName(ImportAction action) {
  static constexpr std::string_view kNames[] = {"insert", "change", "unchanged", "skipped",
                                                "refused"};
  return kNames[static_cast<std::size_t>(action)];
}

ImportPlan PlanImport(const PriceFile& file, const PriceTable& prices,
                      const ImportOptions& options) {
  ImportPlan plan;
  std::map<std::string, int> passed_over;
  for (const ListedModel& model : file.models) {
    const auto& wanted = options.providers;
    if (std::ranges::find(wanted, model.provider) == wanted.end()) {
      ++passed_over[model.provider];
    } else {
      AddModel(file, model, prices, options, plan);
    }
  }
  for (const auto& [provider, count] : passed_over) {
    ImportLine line;
    line.provider = provider;
    line.detail = std::to_string(count) + (count == 1 ? " model" : " models") +
                  " of a provider that was not asked for";
    plan.lines.push_back(std::move(line));
  }
  std::ranges::stable_sort(
      plan.lines, {}, [](const ImportLine& line) { return std::tie(line.provider, line.model); });
  return plan;
}

Status RefusedImport(const ImportPlan& plan) {
  constexpr int kShown = 5;
  std::string detail;
  int shown = 0;
  for (const ImportLine& line : plan.lines) {
    if (line.action != ImportAction::kRefused || ++shown > kShown) continue;
    detail += (detail.empty() ? "" : "; ") + line.provider + " " + line.model + ": " + line.detail;
  }
  if (shown > kShown) detail += "; …";
  return Status::InvalidArgument(std::to_string(plan.refused) +
                                 (plan.refused == 1 ? " price is" : " prices are") +
                                 " refused, nothing was imported")
      .WithDetail(detail + ".")
      .WithHint(
          "Look at the dry run; raise max_jump for jumps that are true, correct the file, or set "
          "skip_refused to import the rest.");
}

}  // namespace byok
