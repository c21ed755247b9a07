#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace byok {

/// `decimal` × 10^scale, exactly. Takes JSON's number grammar ("-12.5", "0.031", "3e-2"), leading
/// zeros too; nothing for any other text, when the product is not whole, or when it has more than
/// 38 digits. Time is linear in the text whatever the exponent says.
std::optional<__int128> ScaleDecimal(std::string_view decimal, int scale);

/// `units` / 10^scale as the shortest exact decimal: (31, 3) gives "0.031", (2000, 3) gives "2".
std::string UnscaleDecimal(__int128 units, int scale);

}  // namespace byok
