#include "dispatch/wire.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "dispatch/wire_compare.hpp"
#include "dispatch/wire_samples.hpp"

namespace byok {
namespace {

// --- both kinds of message under one name
// ------------------------------------------------------------

std::string Encode(const AskOrder& order) {
  return EncodeOrder(order);
}
std::string Encode(const AskReply& reply) {
  return EncodeReply(reply);
}

template <class Message>
Result<Message> Decode(std::string_view bytes);
template <>
Result<AskOrder> Decode(std::string_view bytes) {
  return DecodeOrder(bytes);
}
template <>
Result<AskReply> Decode(std::string_view bytes) {
  return DecodeReply(bytes);
}

template <class Message>
void ExpectRoundTrip(const Message& message) {
  const std::string bytes = Encode(message);
  const Result<Message> decoded = Decode<Message>(bytes);
  ASSERT_TRUE(decoded.ok());
  ExpectSame(*decoded, message);
  EXPECT_EQ(Encode(*decoded), bytes);
}

template <class Message>
void ExpectRefused(std::string_view bytes) {
  const Result<Message> decoded = Decode<Message>(bytes);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.status().code(), StatusCode::kInternal);
  EXPECT_EQ(decoded.status().message(), "message of the router is malformed");
  EXPECT_EQ(decoded.status().detail() + decoded.status().hint(), "");
}

template <class Message>
Message Full();
template <>
AskOrder Full() {
  return FullOrder();
}
template <>
AskReply Full() {
  return FullReply();
}

template <class Message>
class Wire : public testing::Test {};
using Messages = testing::Types<AskOrder, AskReply>;
TYPED_TEST_SUITE(Wire, Messages);

/// `bytes` with the one place where `from` stands replaced by `to`.
std::string Replaced(std::string bytes, std::string_view from, std::string_view to) {
  const std::size_t place = bytes.find(from);
  EXPECT_NE(place, std::string::npos);
  EXPECT_EQ(bytes.find(from, place + 1), std::string::npos);
  return bytes.replace(place, from.size(), to);
}

// --- round trips
// -------------------------------------------------------------------------------------

TYPED_TEST(Wire, EveryMemberCrosses) {
  ExpectRoundTrip(Full<TypeParam>());
}

TYPED_TEST(Wire, DefaultsCross) {
  ExpectRoundTrip(TypeParam());
}

TEST(WireOrder, ALegOfDefaultsCrosses) {
  AskOrder order;
  order.legs.push_back({{}, "", {Candidate()}, {}});
  ExpectRoundTrip(order);
}

TEST(WireOrder, EmptyIsNotAbsent) {
  AskOrder order;
  order.tenant_id = "";
  order.options.providers.emplace();
  order.options.system = "";
  order.options.metadata = Json::MakeObject();
  ExpectRoundTrip(order);
}

TEST(WireOrder, AmountsCrossToTheLastUnit) {
  for (const char* amount : {"0", "-0.000000000001", "18446744.073709551616",
                             "99999999.999999999999", "-99999999.999999999999"}) {
    AskOrder order;
    order.options.max_charge = Usd::Parse(amount).value();
    ExpectRoundTrip(order);
  }
}

TEST(WireOrder, EveryEnumeratorCrosses) {
  AskOrder order;
  for (int code = 0; code <= static_cast<int>(StatusCode::kOverlap); ++code) {
    order.legs.emplace_back().refusal = Status(static_cast<StatusCode>(code), "why");
  }
  std::vector<Candidate>& keys = order.legs.front().keys;
  for (const auto state :
       {CandidateState::kActive, CandidateState::kExpired, CandidateState::kRevoked,
        CandidateState::kRetired, CandidateState::kOtherOrigin}) {
    keys.emplace_back().state = state;
  }
  for (const auto allowed :
       {PlatformKeys::kMissingOnly, PlatformKeys::kNever, PlatformKeys::kAnyFailure}) {
    order.options.allow_platform_keys = allowed;
    ExpectRoundTrip(order);
  }
}

/// Every byte as an enumerator: it crosses when it has a name and is refused when not.
template <class Enum, class Set>
void ExpectNamedOnesCross(std::string_view (*name_of)(Enum), Set set) {
  AskReply reply;
  for (int value = 0; value < 256; ++value) {
    set(reply, static_cast<Enum>(value));
    const bool known = !name_of(static_cast<Enum>(value)).empty();
    EXPECT_EQ(DecodeReply(EncodeReply(reply)).ok(), known) << value;
    if (known) ExpectRoundTrip(reply);
  }
}

TEST(WireReply, EnumeratorsWithANameCrossAndNoOthers) {
  ExpectNamedOnesCross(KeySourceName, [](AskReply& r, KeySource source) {
    r.legs.resize(1);
    r.legs[0].key_source = source;
  });
  ExpectNamedOnesCross(ErrorReasonName, [](AskReply& r, ErrorReason reason) {
    r.legs.resize(1);
    r.legs[0].error.emplace().reason = reason;
  });
  ExpectNamedOnesCross(EndReasonName, [](AskReply& r, EndReason reason) {
    r.legs.resize(1);
    r.legs[0].answer.emplace().end = reason;
  });
  ExpectNamedOnesCross(CallStateName, [](AskReply& r, CallState state) {
    r.legs.resize(1);
    r.legs[0].attempts.resize(1);
    r.legs[0].attempts[0].state = state;
  });
}

TEST(WireReply, ALargeAnswerCrosses) {
  AskReply reply = FullReply();
  reply.legs[0].answer->text.assign(std::size_t{5} << 20, 'x');
  ExpectRoundTrip(reply);
}

// --- the format
// --------------------------------------------------------------------------------------

std::uint64_t Fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : bytes) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3U;
  return hash;
}

TEST(WireFormat, StartsWithMagicVersionAndKind) {
  EXPECT_EQ(EncodeOrder({}).substr(0, kPreambleBytes), "BYKW\x01\0\x01"s);
  EXPECT_EQ(EncodeReply({}).substr(0, kPreambleBytes), "BYKW\x01\0\x02"s);
  EXPECT_EQ(EncodeCancel({}).substr(0, kPreambleBytes), "BYKW\x01\0\x03"s);
}

TEST(WireCancel, RoundTripsAndIsNoOrder) {
  const std::string bytes = EncodeCancel({"0190a1b2-0000-7000-8000-000000000001"});
  const auto cancel = DecodeCancel(bytes);
  ASSERT_TRUE(cancel.ok());
  EXPECT_EQ(cancel->request_id, "0190a1b2-0000-7000-8000-000000000001");
  EXPECT_FALSE(DecodeOrder(bytes).ok());
  EXPECT_FALSE(DecodeCancel(EncodeOrder({})).ok());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeCancel(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
}

/// When this fails the format has changed. Once a version was released with it, that takes another
/// kWireVersion.
TEST(WirePolicy, RoundTripsAndIsNoOrder) {
  const std::string bytes = EncodePolicy({.owner_kind = "tenant",
                                          .owner_id = "acme",
                                          .debt_allowed = false,
                                          .credit_limit = *Usd::Parse("12.5")});
  const auto policy = DecodePolicy(bytes);
  ASSERT_TRUE(policy.ok());
  EXPECT_EQ(policy->owner_kind, "tenant");
  EXPECT_EQ(policy->owner_id, "acme");
  EXPECT_FALSE(policy->debt_allowed);
  EXPECT_EQ(policy->credit_limit, *Usd::Parse("12.5"));
  EXPECT_FALSE(DecodePolicy(EncodeOrder({})).ok());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodePolicy(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
}

TEST(WireFormat, IsThatOfItsVersion) {
  EXPECT_EQ(kWireVersion, 1);
  EXPECT_EQ(Fnv1a(EncodeOrder(FullOrder())), 1'604'131'403'303'277'674U);
  EXPECT_EQ(Fnv1a(EncodeReply(FullReply())), 11'620'400'263'847'211'189U);
}

TEST(WireVersion, IsToldOfEveryMessageOfOurs) {
  EXPECT_EQ(WireVersionOf(EncodeOrder({})), kWireVersion);
  EXPECT_EQ(WireVersionOf("BYKW\x34\x12"s), 0x1234);
  EXPECT_EQ(WireVersionOf("BYKW\x02\0 whatever follows"s), 2);
}

TEST(WireVersion, IsNotToldOfGarbage) {
  for (const std::string& bytes : {""s, "BYKW"s, "BYKW\x01"s, "BYKw\x01\0\x01"s, "\0\0\0\0\0\0"s}) {
    EXPECT_EQ(WireVersionOf(bytes), std::nullopt);
  }
}

// --- refusals
// ----------------------------------------------------------------------------------------

TYPED_TEST(Wire, RefusesAnotherVersionAndSaysSo) {
  std::string bytes = Encode(Full<TypeParam>());
  for (const char version : {'\0', '\x02', '\xFF'}) {
    bytes[4] = version;
    const auto decoded = Decode<TypeParam>(bytes);
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.status().code(), StatusCode::kInternal);
    EXPECT_EQ(decoded.status().message(), "message of the router has another version");
  }
}

TYPED_TEST(Wire, RefusesTheOtherKind) {
  std::string bytes = Encode(TypeParam());
  for (const char kind : {'\0', static_cast<char>('\x03' - bytes[6]), '\x03', '\xFF'}) {
    bytes[6] = kind;
    ExpectRefused<TypeParam>(bytes);
  }
  EXPECT_FALSE(DecodeOrder(EncodeReply({})).ok());
  EXPECT_FALSE(DecodeReply(EncodeOrder({})).ok());
}

TYPED_TEST(Wire, RefusesEveryTruncation) {
  const std::string bytes = Encode(Full<TypeParam>());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A copy of its own, so that a read behind the end is seen.
    ExpectRefused<TypeParam>(std::string(bytes, 0, size));
  }
}

TYPED_TEST(Wire, RefusesTrailingBytes) {
  const std::string bytes = Encode(Full<TypeParam>());
  ExpectRefused<TypeParam>(bytes + '\0');
  ExpectRefused<TypeParam>(bytes + bytes);
}

/// Numbers have one spelling, so what still decodes says just what the bytes say; only JSON text
/// has several.
TYPED_TEST(Wire, SurvivesEveryCorruptionOfAByte) {
  const std::string bytes = Encode(Full<TypeParam>());
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
      std::string corrupt = bytes;
      corrupt[place] = static_cast<char>(corrupt[place] ^ flip);
      const auto decoded = Decode<TypeParam>(corrupt);
      if (!decoded.ok()) continue;
      const std::string again = Encode(*decoded);
      EXPECT_TRUE(again == corrupt || again.find("\"big\"") != std::string::npos);
    }
  }
}

TYPED_TEST(Wire, RefusesMessagesOverTheBound) {
  TypeParam message;
  message.request_id.assign(kMaxWireBytes - Encode(message).size(), 'x');
  EXPECT_TRUE(Decode<TypeParam>(Encode(message)).ok());
  message.request_id += 'x';
  ExpectRefused<TypeParam>(Encode(message));
}

TEST(WireOrder, RefusesATruthThatIsNeitherZeroNorOne) {
  AskOrder order;
  order.env_file = "mark";
  ExpectRefused<AskOrder>(Replaced(EncodeOrder(order), "\0\x04\0\0\0mark"s, "\x02\x04\0\0\0mark"s));
}

TEST(WireOrder, RefusesRepeatedAndUnsortedNames) {
  AskOrder order;
  order.options.models = {{"name1", "m"}, {"name2", "m"}};
  const std::string bytes = EncodeOrder(order);
  ExpectRefused<AskOrder>(Replaced(bytes, "name2", "name1"));
  ExpectRefused<AskOrder>(Replaced(bytes, "name2", "name0"));
}

TEST(WireOrder, RefusesMetadataThatIsNoJson) {
  AskOrder order;
  order.options.metadata = "text";
  ExpectRefused<AskOrder>(Replaced(EncodeOrder(order), "\"text\"", "\"text "));
}

TEST(WireOrder, RefusesMetadataThatIsTooDeep) {
  const auto nested = [](std::size_t depth) {
    AskOrder order;
    for (std::size_t i = 0; i < depth; ++i) {
      order.options.metadata = Json(Json::Array{order.options.metadata});
    }
    return EncodeOrder(order);
  };
  EXPECT_TRUE(DecodeOrder(nested(64)).ok());
  ExpectRefused<AskOrder>(nested(65));
}

TEST(WireOrder, RefusesAmountsBeyondTheColumn) {
  const Usd beyond = Usd::Parse("99999999.999999999999").value() + Usd::FromUnits(1);
  for (const Usd amount : {beyond, -beyond, Usd::FromUnits(Usd::Units{1} << 126)}) {
    AskOrder order;
    order.options.max_charge = amount;
    ExpectRefused<AskOrder>(EncodeOrder(order));
  }
}

TEST(WireOrder, RefusesDurationsThatWouldOverflowADeadline) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t count : {Limits::max(), Limits::min(), Limits::max() / 1'000'000}) {
    AskOrder order;
    order.options.timeout = std::chrono::milliseconds(count);
    ExpectRefused<AskOrder>(EncodeOrder(order));
  }
}

TEST(WireReply, RefusesTimesThatWouldOverflowASum) {
  for (const auto time : {http::TimePoint::max(), http::TimePoint::min()}) {
    AskReply reply;
    reply.legs.resize(1);
    reply.legs[0].attempts.resize(1);
    reply.legs[0].attempts[0].ended_at = time;
    ExpectRefused<AskReply>(EncodeReply(reply));
  }
}

}  // namespace
}  // namespace byok
