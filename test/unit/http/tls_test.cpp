#include <string>

#include <gtest/gtest.h>

#include "http/certificates.hpp"
#include "http/loop_driver.hpp"
#include "http/tls_server.hpp"

namespace byok::http::test {
namespace {

using std::chrono::milliseconds;

constexpr const char* kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

Request GetFrom(const std::string& url) {
  Request request = PostTo(url, "");
  request.method = "GET";
  return request;
}

const CertificateTerms kAuthority = {
    .common_name = "Test Authority", .alternative_name = "DNS:ca.test", .authority = true};

/// A loop that trusts one authority, made for the test.
class Tls : public testing::Test {
 protected:
  Tls() { authority_.WriteCertificate(directory_.File("ca.pem")); }

  [[nodiscard]] CurlOptions TrustingOptions() const {
    return {.ca_file = directory_.File("ca.pem"), .max_idle_connections = 8};
  }
  [[nodiscard]] Identity Issue(const CertificateTerms& terms) const {
    return Identity(terms, &authority_);
  }

  void ExpectRejected(const Identity& identity, const std::string& host = "127.0.0.1") {
    const TlsServer server(identity, kAnswer);
    ASSERT_TRUE(server.started());
    LoopDriver driver(TrustingOptions());
    const Failure failure = driver.Fail(GetFrom(server.Url(host)));
    EXPECT_EQ(failure.phase, Phase::kTls);
    EXPECT_EQ(failure.message, "certificate verification failed");
    EXPECT_FALSE(failure.MayHaveBeenProcessed());
    EXPECT_EQ(server.requests(), 0);
  }

  TemporaryDirectory directory_;
  Identity authority_{kAuthority};
};

TEST_F(Tls, AnswersFromAServerWhoseCertificateIsTrusted) {
  const TlsServer server(Issue({}), kAnswer);
  ASSERT_TRUE(server.started());
  LoopDriver driver(TrustingOptions());
  EXPECT_EQ(driver.Answer(GetFrom(server.Url())).body, "{}");
}

TEST_F(Tls, ReusesItsConnections) {
  const TlsServer server(Issue({}), kAnswer);
  ASSERT_TRUE(server.started());
  LoopDriver driver(TrustingOptions());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(driver.Answer(GetFrom(server.Url())).status, 200);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(Tls, ConnectionToAPrivateAddressServesNoRequestThatMayNotGoThere) {
  const TlsServer server(Issue({}), kAnswer);
  ASSERT_TRUE(server.started());
  LoopDriver driver(TrustingOptions());
  driver.Answer(GetFrom(server.Url()));
  Request request = GetFrom(server.Url());
  request.allow_private = false;
  EXPECT_EQ(driver.Fail(std::move(request)).phase, Phase::kRefused);
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(Tls, RejectsASelfSignedCertificate) {
  ExpectRejected(Identity({}));
}

TEST_F(Tls, RejectsACertificateOfAnUnknownAuthority) {
  CertificateTerms terms = kAuthority;
  terms.common_name = "Unknown Authority";
  const Identity stranger(terms);
  ExpectRejected(Identity({}, &stranger));
}

TEST_F(Tls, RejectsACertificateSignedInTheNameOfTheAuthority) {
  const Identity impostor(kAuthority);
  const TlsServer server(Identity({}, &impostor), kAnswer);
  ASSERT_TRUE(server.started());
  LoopDriver driver(TrustingOptions());
  EXPECT_EQ(driver.Fail(GetFrom(server.Url())).phase, Phase::kTls);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(Tls, RejectsACertificateForAnotherAddress) {
  ExpectRejected(Issue({.alternative_name = "IP:127.0.0.2,DNS:other.test"}));
}

TEST_F(Tls, RejectsACertificateForAnotherName) {
  ExpectRejected(Issue({.alternative_name = "DNS:other.test,DNS:*.localhost"}), "localhost");
}

TEST_F(Tls, RejectsAnExpiredCertificate) {
  ExpectRejected(Issue({.valid_from = -7200, .valid_to = -3600}));
}

TEST_F(Tls, RejectsACertificateThatIsNotYetValid) {
  ExpectRejected(Issue({.valid_from = 3600, .valid_to = 7200}));
}

TEST_F(Tls, RejectsACertificateIssuedByAServerCertificate) {
  const Identity server = Issue({});
  ExpectRejected(Identity({}, &server));
}

TEST_F(Tls, TrustsTheSystemsAuthoritiesWhenNoFileIsGiven) {
  const TlsServer server(Issue({}), kAnswer);
  ASSERT_TRUE(server.started());
  LoopDriver driver;
  EXPECT_EQ(driver.Fail(GetFrom(server.Url())).message, "certificate verification failed");
}

TEST_F(Tls, RejectsTls11) {
  const TlsServer server(Issue({}), kAnswer, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  ASSERT_TRUE(server.started());
  LoopDriver driver(TrustingOptions());
  const Failure failure = driver.Fail(GetFrom(server.Url()));
  EXPECT_EQ(failure.phase, Phase::kTls);
  EXPECT_EQ(failure.message, "TLS handshake failed");
}

TEST_F(Tls, MissingFileOfAuthoritiesIsNamedAsTheCause) {
  const TlsServer server(Issue({}), kAnswer);
  ASSERT_TRUE(server.started());
  LoopDriver driver({.ca_file = directory_.File("missing.pem"), .max_idle_connections = 8});
  const Failure failure = driver.Fail(GetFrom(server.Url()));
  EXPECT_EQ(failure.phase, Phase::kTls);
  EXPECT_EQ(failure.message, "the file of CA certificates could not be read");
}

TEST_F(Tls, PlainServerBehindAnHttpsUrl) {
  LoopbackServer server([](Peer& peer) {
    peer.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.WaitForClose();
  });
  LoopDriver driver(TrustingOptions());
  const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  EXPECT_EQ(driver.Fail(GetFrom(url)).message, "TLS handshake failed");
}

TEST_F(Tls, AnswerCutOffWithoutFarewellIsNoAnswer) {
  TlsServer server(Issue({}), "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"text\":\"half of");
  ASSERT_TRUE(server.started());
  LoopDriver driver(TrustingOptions());
  driver.Start(GetFrom(server.Url()));
  EXPECT_TRUE(driver.DriveFor(milliseconds(300)).empty());
  ASSERT_EQ(server.requests(), 1);
  server.Cut();
  const std::vector<Completion> completed = driver.Collect(1);
  ASSERT_EQ(completed.size(), 1U);
  const auto* failure = std::get_if<Failure>(&completed[0].outcome);
  ASSERT_NE(failure, nullptr) << "half an answer passed for a whole one";
  EXPECT_EQ(failure->phase, Phase::kReceive);
}

}  // namespace
}  // namespace byok::http::test
