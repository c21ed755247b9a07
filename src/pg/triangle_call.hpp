#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "billing/settlement.hpp"
#include "consensus/triangle_answer.hpp"
#include "keyring/keyring.hpp"
#include "router/ask_options.hpp"

#include "pg/http_host.hpp"
#include "pg/key_access.hpp"
#include "pg/price_tables.hpp"
#include "pg/provider_table.hpp"

namespace byok::pg {

/// One triangle_query between its touches of the server: every step takes and leaves values and
/// calls nothing of the server. fn_ask.cpp does the touching: arguments, LOAD, the wait, SETTLE's
/// rows, the result.
struct TriangleCall {
  // arguments
  std::string prompt;
  AskOptions options;
  Asker asker;
  EnvironmentPolicy environment;
  std::string master_key_source;
  PricingPolicy pricing;

  // LOAD
  LoadedKeys keys;
  LoadedPrices prices;  ///< its rows and aliases move to price_table in CheckMoney
  std::optional<PriceTable> price_table;

  // ASK
  std::string request_id;
  std::vector<LegResult> legs;     ///< in panel order; complete after Land
  std::vector<Status> refusals;    ///< per leg: why it is not asked
  std::vector<LegBound> bounds;    ///< per leg
  std::vector<std::size_t> asked;  ///< indices into legs, in the order of flight.ask.legs
  Flight flight;

  // SETTLE
  Settlement settlement;
  Posting posting;
  std::string calls_json, metadata_json, amount_usd, result_json;

  Status ReadArguments(const char* prompt_text, const char* options_text);
  /// VaultBridge's choice per provider, its key opened. Refuses when fewer than min_answers
  /// providers can be asked (unless on_error = return), before anything leaves the server.
  Status ChooseKeys();
  /// Refuses unknown prices and max_charge_usd.
  Status CheckMoney();
  void PrepareFlight(http::TimePoint now);
  [[nodiscard]] bool NothingToAsk() const { return asked.empty(); }
  /// Puts the answers in their places, decides, prices.
  Status Land(http::Milliseconds latency);
  /// The error instead of a result, when there were not enough answers and on_error = raise.
  [[nodiscard]] Status CheckAnswers() const;

 private:
  [[nodiscard]] Status CheckPanel() const;
  Status ApplyModels();
  void ChooseKey(const LoadedProvider& provider, const Keyring& keyring);
  void Refuse(ErrorReason reason, std::optional<KeySource> source, Status why);
};

/// The 42704 in the seed's words: `No openai API key available`.
Status NoKeyAvailable(const std::string& provider, const std::vector<PassedOver>& passed_over);

}  // namespace byok::pg
