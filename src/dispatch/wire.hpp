#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

#include "dispatch/order.hpp"

namespace byok {

/// Orders and replies as bytes, between a backend and the router on the same running machine: their
/// points in time are ticks of its steady clock. A message is "BYKW", the version, the kind, and
/// the members in the order wire.cpp lists them.
///
/// After a package upgrade an old backend may talk to a new router. So any change of what wire.cpp
/// lists, or of the values of an enum in it, is another version once a version was released.
constexpr std::uint16_t kWireVersion = 1;
/// Longer messages are encoded but not decoded: who sends looks at the size first.
constexpr std::size_t kMaxWireBytes = std::size_t{64} << 20;

/// Metadata crosses as its Dump; everything else exactly. A Secret cannot cross.
std::string EncodeOrder(const AskOrder& order);
std::string EncodeReply(const AskReply& reply);
std::string EncodeCancel(const CancelOrder& cancel);
std::string EncodePolicy(const PolicyOrder& policy);

/// Safe on any bytes. Refused with kInternal, quoting nothing: another magic, version or kind, a
/// length beyond the end, bytes left over, a value its enum does not have, metadata that is no JSON
/// within JsonLimits, amounts beyond numeric(20,12), and times or durations so far off that the sum
/// of two would overflow. Whether values make sense together is for the receiver to judge.
/// What is decoded takes memory in proportion to the bytes: less than 100 times as much.
Result<AskOrder> DecodeOrder(std::string_view bytes);
Result<AskReply> DecodeReply(std::string_view bytes);
Result<CancelOrder> DecodeCancel(std::string_view bytes);
Result<PolicyOrder> DecodePolicy(std::string_view bytes);

/// The version of a message, if it is one of ours at all: tells another version from garbage.
std::optional<std::uint16_t> WireVersionOf(std::string_view bytes);

}  // namespace byok
