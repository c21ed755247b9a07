#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "billing/price_file.hpp"

namespace byok {

struct ImportOptions {
  std::int64_t now = 0, at = 0;    ///< unix microseconds; at ≥ now is when the new prices begin
  std::optional<Factor> max_jump;  ///< nothing = however far
  std::vector<std::string> providers;  ///< models of others are passed over
};

enum class ImportAction { kInsert, kChange, kUnchanged, kSkipped, kRefused };
std::string_view ImportActionName(ImportAction action);

/// What becomes of one model of the file; or, without a model, of all those of one provider.
struct ImportLine {
  ImportAction action = ImportAction::kSkipped;
  std::string provider, model;
  std::string detail;
  Json old_prices, new_prices;  ///< arrays of rows, in our own shape; null where there are none
};

/// What an import would do to model_prices.
struct ImportPlan {
  std::vector<ImportLine> lines;    ///< by provider and model
  std::vector<std::int64_t> close;  ///< ids of rows of the user's to be closed at `at`
  /// [{"id", "provider", "model"}]: rows to be repeated under that name until `at`, because the new
  /// rows will hide them; also when that is now: a query may have begun a moment ago.
  Json copy = Json::MakeArray();
  Json insert = Json::MakeArray();  ///< rows by the names of their columns
  std::size_t refused = 0;
};

/// Compares a file with the prices that hold at `options.at`. A model is refused when the file's
/// entry was, when a rate moves by more than max_jump either way, and when rows of the user's own
/// begin later or end by themselves: what comes after them is not the file's to say.
ImportPlan PlanImport(const PriceFile& file, const PriceTable& prices,
                      const ImportOptions& options);

/// 22023 with the first few refused lines in DETAIL.
Status RefusedImport(const ImportPlan& plan);

}  // namespace byok
