#include "keyring/api_key.hpp"

#include <algorithm>

namespace byok {
namespace {

constexpr std::string_view kMask = "\xE2\x80\xA6";  // …
constexpr std::size_t kShownCharacters = 4;
constexpr std::size_t kMinSizeToShow = 24;
constexpr std::string_view kAdminPrefixes[] = {"sk-ant-admin", "sk-admin-"};

struct Shape {
  std::string_view provider;
  std::string_view prefix;
};
/// How keys begin, as the providers' documentation and gitleaks' rules have it. The first row of a
/// provider is the prefix that all its keys share.
constexpr Shape kShapes[] = {
    {"openai", "sk-"},           {"openai", "sk-proj-"},   {"openai", "sk-svcacct-"},
    {"openai", "sk-service-"},   {"anthropic", "sk-ant-"}, {"deepseek", "sk-"},
    {"openrouter", "sk-or-v1-"}, {"groq", "gsk_"},         {"xai", "xai-"},
    {"gemini", "AIza"},
};

Status Refused(std::string reason, std::string hint) {
  return Status::InvalidArgument("API key " + std::move(reason)).WithHint(std::move(hint));
}

bool IsSendable(char byte) {
  return byte >= 0x21 && byte <= 0x7E;
}

const Shape* SharedShape(std::string_view provider) {
  const auto* found = std::find_if(std::begin(kShapes), std::end(kShapes),
                                   [&](const Shape& shape) { return shape.provider == provider; });
  return found == std::end(kShapes) ? nullptr : found;
}

/// The shape with the longest prefix that the key has.
const Shape* ClosestShape(std::string_view key) {
  const Shape* closest = nullptr;
  for (const Shape& shape : kShapes) {
    const bool longer = closest == nullptr || shape.prefix.size() > closest->prefix.size();
    if (longer && key.starts_with(shape.prefix)) closest = &shape;
  }
  return closest;
}

std::string Quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

}  // namespace

Status CheckApiKey(std::string_view key) {
  if (key.starts_with(kMask) || key.find("****") != std::string_view::npos) {
    return Refused("is a masked key", "Lists show hints only; store the key itself.");
  }
  if (key.size() < kMinApiKeySize) {
    return Refused("is shorter than " + std::to_string(kMinApiKeySize) + " bytes",
                   "Copy the whole key.");
  }
  if (key.size() > kMaxApiKeySize) {
    return Refused("is longer than " + std::to_string(kMaxApiKeySize) + " bytes",
                   "Copy the key and nothing else.");
  }
  if (const auto bad = std::find_if_not(key.begin(), key.end(), IsSendable); bad != key.end()) {
    return Refused("has an unsuitable byte at position " + std::to_string(bad - key.begin() + 1),
                   "Keys are visible ASCII characters without blanks and line breaks.");
  }
  for (const std::string_view prefix : kAdminPrefixes) {
    if (!key.starts_with(prefix)) continue;
    return Refused("is an administrator's key", "Store a key that can only call models.");
  }
  return {};
}

std::optional<std::string> UnusualShape(std::string_view provider, std::string_view key) {
  const Shape* expected = SharedShape(provider);
  if (expected == nullptr) return std::nullopt;
  if (!key.starts_with(expected->prefix)) {
    return "keys of " + Quoted(provider) + " usually begin with " + Quoted(expected->prefix);
  }
  const Shape* closest = ClosestShape(key);
  if (closest->provider == provider || closest->prefix.size() == expected->prefix.size()) {
    return std::nullopt;
  }
  return "keys that begin with " + Quoted(closest->prefix) + " are usually of " +
         Quoted(closest->provider);
}

std::string KeyHint(std::string_view key) {
  std::string hint(kMask);
  if (key.size() >= kMinSizeToShow) hint += key.substr(key.size() - kShownCharacters);
  return hint;
}

}  // namespace byok
