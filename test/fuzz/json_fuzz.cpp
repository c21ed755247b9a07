#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/encoding.hpp"
#include "base/json.hpp"

namespace byok {
namespace {

void Require(bool truth) {
  if (!truth) std::abort();
}

/// Every accessor on every value of the tree.
void Visit(const Json& json, int depth) {
  Require(depth <= JsonLimits().max_depth);
  const auto integer = json.AsInteger();
  Require(!integer || json.IsNumber());
  Require(json.AsNumberText().has_value() == json.IsNumber());
  if (const auto text = json.AsString()) Require(IsValidUtf8(*text));
  for (const Json& element : json.Elements()) Visit(element, depth + 1);
  for (const auto& [name, value] : json.Members()) {
    Require(IsValidUtf8(name) && json.Has(name));
    Visit(value, depth + 1);
  }
}

/// What is read can be written, and what is written reads as the same text again.
void CheckRoundTrip(const Json& json) {
  const std::string text = json.Dump();
  Require(IsValidUtf8(text) && text.find('\0') == std::string::npos);
  const auto again = Json::Parse(text, {.max_bytes = text.size(), .max_depth = 64});
  Require(again.ok() && again->Dump() == text);
}

}  // namespace
}  // namespace byok

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = byok::Json::Parse(byok::AsText({data, size}));
  if (!json.ok()) {
    byok::Require(json.status().message().starts_with("JSON "));
    return 0;
  }
  byok::Visit(*json, 0);
  byok::CheckRoundTrip(*json);
  return 0;
}
