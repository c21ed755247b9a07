#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include "http/origin.hpp"

namespace byok::http {
namespace {

struct Range4 {
  std::uint32_t network;  ///< host byte order
  int bits;
};

constexpr Range4 Net(int a, int b, int c, int bits) {
  return {static_cast<std::uint32_t>(a) << 24 | static_cast<std::uint32_t>(b) << 16 |
              static_cast<std::uint32_t>(c) << 8,
          bits};
}

// IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast and the reserved class E.
constexpr std::array kPrivate4 = {
    Net(0, 0, 0, 8),        // this network
    Net(10, 0, 0, 8),       // private use
    Net(100, 64, 0, 10),    // carrier-grade NAT
    Net(127, 0, 0, 8),      // loopback
    Net(169, 254, 0, 16),   // link local, cloud metadata
    Net(172, 16, 0, 12),    // private use
    Net(192, 0, 0, 24),     // IETF protocols
    Net(192, 0, 2, 24),     // documentation
    Net(192, 88, 99, 24),   // 6to4 relays
    Net(192, 168, 0, 16),   // private use
    Net(198, 18, 0, 15),    // benchmarks
    Net(198, 51, 100, 24),  // documentation
    Net(203, 0, 113, 24),   // documentation
    Net(224, 0, 0, 4),      // multicast
    Net(240, 0, 0, 4),      // reserved, broadcast
};

bool IsPrivate4(std::uint32_t address) {
  return std::ranges::any_of(kPrivate4, [address](Range4 range) {
    return (address ^ range.network) >> (32 - range.bits) == 0;
  });
}

using Address6 = std::array<std::uint8_t, 16>;

struct Range6 {
  std::array<std::uint8_t, 4> network;
  int bits;  ///< at most 32
};

// What is not to be reached inside 2000::/3, the only block of global unicast (RFC 4291 §2.4).
constexpr std::array kPrivate6 = {
    Range6{{0x20, 0x01, 0x00, 0x00}, 23},  // IETF protocols, Teredo: carries an IPv4 address
    Range6{{0x20, 0x01, 0x0D, 0xB8}, 32},  // documentation
    Range6{{0x20, 0x02, 0x00, 0x00}, 16},  // 6to4: carries an IPv4 address
    Range6{{0x3F, 0xFF, 0x00, 0x00}, 20},  // documentation
};

std::uint32_t Leading32(const std::uint8_t* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
         static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

/// Everything outside 2000::/3 is refused, and with it ::, ::1, fc00::/7, fe80::/10, ff00::/8,
/// v4-mapped, v4-compatible and NAT64 addresses.
bool IsPrivate6(const Address6& address) {
  if (address[0] >> 5 != 0b001) return true;
  const std::uint32_t head = Leading32(address.data());
  return std::ranges::any_of(kPrivate6, [head](const Range6& range) {
    return (head ^ Leading32(range.network.data())) >> (32 - range.bits) == 0;
  });
}

}  // namespace

bool IsPrivateAddress(const sockaddr* address) {
  if (address == nullptr) return true;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return IsPrivate4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof v6);
    return IsPrivate6(std::bit_cast<Address6>(v6.sin6_addr));
  }
  return true;
}

}  // namespace byok::http
