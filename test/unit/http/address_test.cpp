#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "http/origin.hpp"

namespace byok::http {
namespace {

bool IsPrivate(const std::string& text) {
  sockaddr_storage address{};
  if (text.find(':') == std::string::npos) {
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address);
    v4->sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &v4->sin_addr), 1) << text;
  } else {
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address);
    v6->sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr), 1) << text;
  }
  return IsPrivateAddress(reinterpret_cast<const sockaddr*>(&address));
}

TEST(PrivateAddress, CoversTheWholeOfEveryIpv4Range) {
  for (const char* text : {"0.0.0.0",      "0.255.255.255",   "10.0.0.0",   "10.255.255.255",
                           "100.64.0.0",   "100.127.255.255", "127.0.0.1",  "127.255.255.255",
                           "169.254.0.0",  "169.254.169.254", "172.16.0.0", "172.31.255.255",
                           "192.0.0.0",    "192.0.0.255",     "192.0.2.1",  "192.88.99.1",
                           "192.168.0.0",  "192.168.255.255", "198.18.0.0", "198.19.255.255",
                           "198.51.100.7", "203.0.113.7",     "224.0.0.0",  "239.255.255.255",
                           "240.0.0.0",    "255.255.255.255"})
    EXPECT_TRUE(IsPrivate(text)) << text;
}

TEST(PrivateAddress, EndsWhereTheIpv4RangeEnds) {
  for (const char* text :
       {"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "104.18.7.192"})
    EXPECT_FALSE(IsPrivate(text)) << text;
}

TEST(PrivateAddress, CoversIpv6RangesAndEveryFormThatCarriesIpv4) {
  for (const char* text : {"::",
                           "::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "::ffff:127.0.0.1",
                           "::ffff:8.8.8.8",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b:1::1",
                           "2001::1",
                           "2001:1ff::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "3fff:fff::1",
                           "100::1",
                           "4000::1"})
    EXPECT_TRUE(IsPrivate(text)) << text;
}

TEST(PrivateAddress, LeavesGlobalIpv6Alone) {
  for (const char* text : {"2001:200::1", "2001:4860:4860::8888", "2606:4700::6812:7c0", "2003::1",
                           "2a06:98c1:3100::1", "3ffe::1"})
    EXPECT_FALSE(IsPrivate(text)) << text;
}

TEST(PrivateAddress, TakesUnknownFamiliesForPrivate) {
  sockaddr_storage address{};
  address.ss_family = AF_UNIX;
  EXPECT_TRUE(IsPrivateAddress(reinterpret_cast<const sockaddr*>(&address)));
  EXPECT_TRUE(IsPrivateAddress(nullptr));
}

}  // namespace
}  // namespace byok::http
