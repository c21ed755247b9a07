#pragma once

#include <string>

#include "pg/key_access.hpp"
#include "pg/provider_table.hpp"

#include "dispatch/order.hpp"

namespace byok::pg {

/// The caller's half of a query: arguments and LOAD become an order for the router, the router's
/// reply becomes the result. Steps take and leave values and call nothing of the server; fn_ask.cpp
/// does the touching.
struct AskDraft {
  EnvironmentPolicy environment;
  AskOrder order;
  LoadedKeys keys;      ///< LOAD; its providers move to order.legs in ChooseKeys
  std::string message;  ///< the order, encoded

  AskReply reply;
  std::string result_json;

  /// Whom the call is for.
  void SetIdentity(const char* user_id, const char* tenant_id);
  Status ReadArguments(const char* prompt_text, const char* options_text);
  /// 22023 for the first of options.providers that was not loaded.
  [[nodiscard]] Status RequireProviders() const;
  /// VaultBridge's choice per provider. 22023 for models nobody asks, 55000 without providers.
  Status ChooseKeys();
  /// Refuses when fewer than min_answers providers have a key (unless on_error = return): 42704 in
  /// the seed's words, `No openai API key available`.
  [[nodiscard]] Status RequireKeys() const;
  Status Encode();
  /// The result of the reply, with the consensus; or the error it is.
  Status ComposeResult();
  /// The same for one of many rows: an error is a result, {"success": false, "error": {…}}.
  Status ComposeRow();

 private:
  [[nodiscard]] Status CheckPanel() const;
  Status ApplyModels();
};

/// The 42704 in the seed's words: `No openai API key available`.
Status NoKeyAvailable(const std::string& provider, const std::vector<PassedOver>& passed_over);

/// Several orders share a session; each has an id of its own.
Result<std::string> NewRequestId();

}  // namespace byok::pg
