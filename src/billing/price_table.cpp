#include "billing/price_table.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "billing/in_range.hpp"

namespace byok {
namespace {

constexpr Usd::Units kMillion = 1'000'000;

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::sys_days;
using SysTime = std::chrono::sys_time<microseconds>;

SysTime MomentOf(std::int64_t unix_micros) {
  return SysTime(microseconds(unix_micros));
}

sys_days DayOf(std::int64_t unix_micros) {
  return std::chrono::floor<days>(MomentOf(unix_micros));
}

using RowKey = std::tuple<std::string_view, std::string_view, bool>;

RowKey KeyOf(const PriceRow& row) {
  return {row.provider, row.model, row.builtin};
}

bool Holds(const PriceRow& row, PriceTime at, std::int64_t input_tokens) {
  return InRange(at.unix_micros, row.effective_from, row.effective_to) &&
         InRange(at.MinuteOfDay(), row.minute_from, row.minute_to) &&
         InRange(at.IsoWeekday(), row.weekday_from, row.weekday_to) &&
         InRange(input_tokens, row.tokens_from, row.tokens_to);
}

const PriceRow* FindIn(std::span<const PriceRow> rows, PriceTime at, std::int64_t input_tokens) {
  const auto found = std::find_if(
      rows.begin(), rows.end(), [&](const PriceRow& row) { return Holds(row, at, input_tokens); });
  return found == rows.end() ? nullptr : &*found;
}

/// Whether `text` has the shape of `pattern`, where '0' stands for any digit.
bool LooksLike(std::string_view text, std::string_view pattern) {
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(),
                    [](char c, char p) { return p == '0' ? '0' <= c && c <= '9' : c == p; });
}

/// The name before -YYYYMMDD or -YYYY-MM-DD; "" when it does not end in a date.
std::string_view WithoutDate(std::string_view model) {
  for (const std::string_view pattern : {"-00000000", "-0000-00-00"}) {
    if (model.size() <= pattern.size()) continue;
    const std::size_t length = model.size() - pattern.size();
    if (LooksLike(model.substr(length), pattern)) return model.substr(0, length);
  }
  return {};
}

using Values = std::vector<std::int64_t>;

/// What lies in [from, to], in order and once.
void Trim(Values& values, std::int64_t from, std::int64_t to) {
  std::erase_if(values, [=](std::int64_t value) { return value < from || value > to; });
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// The moments in [from, to] from which on another row may hold. No window runs over midnight, so
/// the edges of the windows are also those of the weekdays.
Values TimeEdges(std::span<const PriceRow> rows, std::int64_t from, std::int64_t to) {
  Values edges = {from};
  for (const PriceRow& row : rows) {
    if (row.effective_from) edges.push_back(*row.effective_from);
    if (row.effective_to) edges.push_back(*row.effective_to);
    for (sys_days day = DayOf(from); day <= DayOf(to); day += days(1)) {
      for (const int minute : {row.minute_from, row.minute_to}) {
        edges.push_back(SysTime(day + minutes(minute)).time_since_epoch().count());
      }
    }
  }
  Trim(edges, from, to);
  return edges;
}

/// The input sizes up to `most` from which on another row may hold.
Values SizeEdges(std::span<const PriceRow> rows, std::int64_t most) {
  Values edges = {0};
  for (const PriceRow& row : rows) {
    edges.push_back(row.tokens_from);
    if (row.tokens_to) edges.push_back(*row.tokens_to);
  }
  Trim(edges, 0, most);
  return edges;
}

Rates Dearest(const Rates& a, const Rates& b) {
  return {.input = std::max(a.input, b.input),
          .output = std::max(a.output, b.output),
          .cached_input = std::max(a.cached_input, b.cached_input),
          .cache_write = std::max(a.cache_write, b.cache_write),
          .cache_write_1h = std::max(a.cache_write_1h, b.cache_write_1h),
          .reasoning = std::max(a.reasoning, b.reasoning),
          .per_request = std::max(a.per_request, b.per_request)};
}

}  // namespace

int PriceTime::MinuteOfDay() const {
  const auto since_midnight = MomentOf(unix_micros) - DayOf(unix_micros);
  return static_cast<int>(std::chrono::floor<minutes>(since_midnight).count());
}

int PriceTime::IsoWeekday() const {
  return static_cast<int>(std::chrono::weekday(DayOf(unix_micros)).iso_encoding());
}

std::optional<Usd> ParsePerMillion(std::string_view decimal) {
  const auto price = Usd::Parse(decimal);
  if (!price || price->units() < 0 || price->units() % kMillion != 0) return std::nullopt;
  return Usd::FromUnits(price->units() / kMillion);
}

std::string PerMillionText(Usd per_token) {
  return Usd::FromUnits(per_token.units() * kMillion).ToString();
}

Rates Complete(Rates rates) {
  rates.cached_input = rates.cached_input.value_or(rates.input);
  rates.cache_write = rates.cache_write.value_or(rates.input);
  rates.cache_write_1h = rates.cache_write_1h.value_or(*rates.cache_write);
  rates.reasoning = rates.reasoning.value_or(rates.output);
  return rates;
}

Usd CostOf(const Usage& usage, const Rates& rates) {
  const Rates complete = Complete(rates);
  return complete.input * (usage.input - usage.cached_input - usage.cache_write) +
         *complete.cached_input * usage.cached_input +
         *complete.cache_write * (usage.cache_write - usage.cache_write_1h) +
         *complete.cache_write_1h * usage.cache_write_1h +
         complete.output * (usage.output - usage.reasoning) +
         *complete.reasoning * usage.reasoning + complete.per_request;
}

PriceTable::PriceTable(std::vector<PriceRow> rows, std::vector<ModelAlias> aliases)
    : rows_(std::move(rows)), aliases_(std::move(aliases)) {
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const PriceRow& a, const PriceRow& b) { return KeyOf(a) < KeyOf(b); });
}

/// The rows of that very name: the user's own if there are any, else the built-in ones.
PriceTable::Rows PriceTable::RowsNamed(std::string_view provider, std::string_view model) const {
  for (const bool builtin : {false, true}) {
    const RowKey key(provider, model, builtin);
    const auto begin = std::ranges::lower_bound(rows_, key, {}, KeyOf);
    const auto end = std::ranges::upper_bound(rows_, key, {}, KeyOf);
    if (begin != end) return Rows(begin, end);
  }
  return {};
}

PriceTable::Rows PriceTable::RowsKnownAs(std::string_view provider, std::string_view model) const {
  if (const Rows rows = RowsNamed(provider, model); !rows.empty()) return rows;
  const auto alias = std::find_if(aliases_.begin(), aliases_.end(), [&](const ModelAlias& a) {
    return a.provider == provider && a.alias == model;
  });
  return alias == aliases_.end() ? Rows() : RowsNamed(provider, alias->model);
}

PriceTable::Rows PriceTable::RowsOf(std::string_view provider, std::string_view model) const {
  if (const Rows rows = RowsKnownAs(provider, model); !rows.empty()) return rows;
  const std::string_view undated = WithoutDate(model);
  return undated.empty() ? Rows() : RowsKnownAs(provider, undated);
}

const PriceRow* PriceTable::Find(std::string_view provider, std::string_view model, PriceTime at,
                                 std::int64_t input_tokens) const {
  return FindIn(RowsOf(provider, model), at, input_tokens);
}

std::optional<Rates> PriceTable::DearestRates(std::string_view provider, std::string_view model,
                                              std::int64_t from, std::int64_t to,
                                              std::int64_t input_tokens) const {
  const Rows rows = RowsOf(provider, model);
  const Values sizes = SizeEdges(rows, input_tokens);
  std::optional<Rates> dearest;
  for (const std::int64_t moment : TimeEdges(rows, from, to)) {
    for (const std::int64_t size : sizes) {
      const PriceRow* row = FindIn(rows, PriceTime{moment}, size);
      if (row == nullptr) return std::nullopt;
      const Rates rates = Complete(row->rates);
      dearest = dearest ? Dearest(*dearest, rates) : rates;
    }
  }
  return dearest;
}

}  // namespace byok
