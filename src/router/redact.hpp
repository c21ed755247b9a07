#pragma once

#include <span>
#include <string>
#include <string_view>

namespace byok {

constexpr std::size_t kMaxProviderText = 300;

/// What may be said aloud of a provider's text: the given secrets replaced wherever they stand
/// (raw, JSON-escaped, or their last 8 characters), key-like and organisation patterns and IP
/// addresses masked, markup and control characters removed, invalid UTF-8 replaced, cut at 300
/// characters on a character boundary.
std::string SanitizeProviderText(std::string_view text,
                                 std::span<const std::string_view> secrets = {});

/// The text with every given secret replaced where it stands whole (raw, JSON-escaped or base64),
/// else untouched: for an answer, which is otherwise passed on byte for byte.
std::string ConcealSecrets(std::string text, std::span<const std::string_view> secrets);

/// Whether a name or id carries one of the secrets, whole or its first or last 8 characters.
bool CarriesSecret(std::string_view text, std::span<const std::string_view> secrets);

/// Only the key patterns (sk-…, Bearer …, gsk_…, AIza…, xai-…) masked, nothing else changed: for
/// log lines.
std::string MaskKeyPatterns(std::string_view text);

}  // namespace byok
