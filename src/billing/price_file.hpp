#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "billing/price_table.hpp"

namespace byok {

/// What a price file says about one model at one moment.
struct ListedModel {
  std::string provider, model;
  std::vector<PriceRow> rows;  ///< disjoint, without ids and dates; empty unless it is a price
  std::string skipped;         ///< why it is none of ours to price: an embedding, no price at all
  std::string refused;         ///< what is wrong with it: a string for a number, an absurd figure
  std::string note;            ///< what else there is to know
};

struct PriceFile {
  std::string source;  ///< for model_prices.source
  std::vector<ListedModel> models;
};

/// Reads one of three shapes, told apart by what they look like:
/// - LiteLLM: {"model": {"litellm_provider": …, "input_cost_per_token": 0.000002, …}, …};
/// - genai-prices: [{"id": "openai", "models": [{"id": …, "prices": …}]}], of which it takes what
///   holds at `at` (unix microseconds);
/// - ours: [{"provider": …, "model": …, "input_usd_per_mtok": 2, …}], a row of model_prices each.
/// Figures are taken from the decimal text, exactly; one that has no exact price per token, is
/// negative or above kMaxPerMillion makes the model `refused`. 22023 for any other shape.
Result<PriceFile> ReadPriceFile(const Json& document, std::int64_t at);

/// No text model costs this much: 100,000 USD for a million tokens.
constexpr Usd kMaxPerToken = Usd::FromUnits(Usd::Units{100'000} * 1'000'000);
/// Nor this much for a request.
constexpr Usd kMaxPerRequest = Usd::FromUnits(Usd::Units{1'000} * 1'000'000'000'000);

/// No model has more prices than this; the work grows with their square.
constexpr std::size_t kMaxPrices = 200;

// The readers of the shapes, each in a file of its own.
PriceFile ReadLiteLlmPrices(const Json& document);
PriceFile ReadGenaiPrices(const Json& document, std::int64_t at);
PriceFile ReadOwnPrices(const Json& document);

/// Reads figures and remembers what is wrong with the first bad one.
class FigureReader {
 public:
  /// number × 10^scale in units of 10⁻¹² USD; nothing for null and for what is no figure.
  std::optional<Usd> Read(const Json& value, std::string_view name, int scale, Usd limit);
  std::optional<Usd> PerToken(const Json& value, std::string_view name) {
    return Read(value, name, 12, kMaxPerToken);
  }
  std::optional<Usd> PerMillion(const Json& value, std::string_view name) {
    return Read(value, name, 6, kMaxPerToken);
  }
  /// A whole number in [least, most]; nothing for null and for anything else.
  std::optional<std::int64_t> Whole(const Json& value, std::string_view name, std::int64_t least,
                                    std::int64_t most);
  /// "HH:MM", "HH:MM:00", with or without a Z: minutes of the day; 24:00 is 1440.
  std::optional<int> MinuteOfDay(const Json& value, std::string_view name);
  void Reject(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::string problem_;
};

/// Whether there is a moment and a size at which both hold, leaving dates aside.
bool SameMoment(const PriceRow& a, const PriceRow& b);

}  // namespace byok
