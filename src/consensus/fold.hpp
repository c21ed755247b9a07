#pragma once

#include <string>
#include <string_view>

namespace byok {

constexpr std::size_t kClipAbove = 32'768;  ///< bytes
constexpr std::size_t kClipPart = 16'384;

/// A text above kClipAbove becomes its first and last kClipPart bytes with a newline between, cut
/// at characters: conclusions stand at the end, and every later step is bounded by this one.
std::string_view Clip(std::string_view text, std::string& storage);

/// One spelling for what typography spells in many ways: quotes, dashes, blanks, accents,
/// full-width digits; invisible characters go, bytes that are not UTF-8 become U+FFFD. Keeps case.
std::string Fold(std::string_view text);

/// ASCII A–Z lowered, all else as it is.
std::string ToAsciiLower(std::string_view text);

}  // namespace byok
