#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/usd.hpp"
#include "router/leg.hpp"

namespace byok {

/// A moment as a price sees it: the UTC clock.
struct PriceTime {
  std::int64_t unix_micros = 0;
  [[nodiscard]] int MinuteOfDay() const;  ///< 0…1439, UTC
  [[nodiscard]] int IsoWeekday() const;   ///< 1 = Monday … 7
};

/// Prices of one token, from USD per million tokens with at most 6 decimals. What is not set is
/// billed as the whole it is part of: cached input and cache writes as input, 1-hour writes as the
/// other writes, reasoning as output.
struct Rates {
  Usd input, output;
  std::optional<Usd> cached_input{}, cache_write{}, cache_write_1h{}, reasoning{};
  Usd per_request{};
  bool operator==(const Rates&) const = default;
};

/// One row of `model_prices`. Ranges are half-open; unbounded where nothing is set.
struct PriceRow {
  std::int64_t id = 0;
  bool builtin = false;
  std::string provider, model;
  std::optional<std::int64_t> effective_from, effective_to;  ///< unix microseconds
  int minute_from = 0, minute_to = 1440;                     ///< time of day, UTC
  int weekday_from = 1, weekday_to = 8;                      ///< ISO weekday
  std::int64_t tokens_from = 0;                              ///< total input tokens
  std::optional<std::int64_t> tokens_to;
  Rates rates;
};

/// USD per million tokens ("0.75") to USD per token, exact. Nothing when it is negative, no number,
/// or has more than 6 decimals.
std::optional<Usd> ParsePerMillion(std::string_view decimal);

/// The reverse: "0.75" for 0.00000075 USD per token.
std::string PerMillionText(Usd per_token);

/// The same rates with nothing left unset.
Rates Complete(Rates rates);

/// The exact cost of an answer with plausible usage.
Usd CostOf(const Usage& usage, const Rates& rates);

struct ModelAlias {
  std::string provider, alias, model;
};

/// The rates in force. A row of the user's own hides every built-in row of the same provider and
/// model.
class PriceTable {
 public:
  PriceTable(std::vector<PriceRow> rows, std::vector<ModelAlias> aliases);

  /// The row for that model at that time and input size: by exact name, then alias, then the name
  /// without a dated suffix (-YYYYMMDD, -YYYY-MM-DD). Never by prefix: that would price a
  /// neighbour. nullptr = unknown price.
  [[nodiscard]] const PriceRow* Find(std::string_view provider, std::string_view model,
                                     PriceTime at, std::int64_t input_tokens) const;

  /// Each rate at its dearest among the rows of the model that hold between `from` and `to`
  /// (microseconds, both included) with up to `input_tokens`, every rate set; nothing when the
  /// model has no row at some moment or size in between.
  [[nodiscard]] std::optional<Rates> DearestRates(std::string_view provider, std::string_view model,
                                                  std::int64_t from, std::int64_t to,
                                                  std::int64_t input_tokens) const;

  /// Every row that prices that model, at whatever time and size, by the same rules.
  using Rows = std::span<const PriceRow>;
  [[nodiscard]] Rows RowsOf(std::string_view provider, std::string_view model) const;

 private:
  [[nodiscard]] Rows RowsNamed(std::string_view provider, std::string_view model) const;
  [[nodiscard]] Rows RowsKnownAs(std::string_view provider, std::string_view model) const;

  std::vector<PriceRow> rows_;  ///< sorted by provider, model, builtin
  std::vector<ModelAlias> aliases_;
};

}  // namespace byok
