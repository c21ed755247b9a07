// Whatever a price file holds, what comes out of it is a price: no crash, no figure out of bounds,
// no two rows at once.

#include <cstdlib>

#include "billing/price_import.hpp"

namespace {

constexpr std::int64_t kAt = 1'790'000'000'000'000;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckRate(const std::optional<byok::Usd>& rate) {
  Require(!rate || (byok::Usd() <= *rate && *rate <= byok::kMaxPerToken));
}

void CheckRow(const byok::PriceRow& row) {
  CheckRate(row.rates.input);
  CheckRate(row.rates.output);
  CheckRate(row.rates.cached_input);
  CheckRate(row.rates.cache_write);
  CheckRate(row.rates.cache_write_1h);
  CheckRate(row.rates.reasoning);
  Require(byok::Usd() <= row.rates.per_request && row.rates.per_request <= byok::kMaxPerRequest);
  Require(0 <= row.minute_from && row.minute_from < row.minute_to && row.minute_to <= 1440);
  Require(1 <= row.weekday_from && row.weekday_from < row.weekday_to && row.weekday_to <= 8);
  Require(0 <= row.tokens_from && (!row.tokens_to || row.tokens_from < *row.tokens_to));
}

void CheckModel(const byok::ListedModel& model) {
  Require(model.rows.empty() != (model.skipped.empty() && model.refused.empty()));
  for (std::size_t i = 0; i < model.rows.size(); ++i) {
    CheckRow(model.rows[i]);
    for (std::size_t j = i + 1; j < model.rows.size(); ++j) {
      Require(!byok::SameMoment(model.rows[i], model.rows[j]));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto document =
      byok::Json::Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!document.ok()) return 0;
  const auto file = byok::ReadPriceFile(*document, kAt);
  if (!file.ok()) return 0;
  for (const byok::ListedModel& model : file->models) CheckModel(model);
  const byok::ImportPlan plan =
      byok::PlanImport(*file, byok::PriceTable({}, {}),
                       {.now = kAt, .at = kAt, .max_jump = {}, .providers = {"openai", "p"}});
  Require(plan.close.empty() && plan.copy.Size() == 0);
  return 0;
}
