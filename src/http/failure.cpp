#include "http/failure.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "http/header_block.hpp"
#include "http/header_rules.hpp"
#include "http/url.hpp"

namespace byok::http {
namespace {

bool Happened(CURL* easy, CURLINFO timer) {
  curl_off_t microseconds = 0;
  return curl_easy_getinfo(easy, timer, &microseconds) == CURLE_OK && microseconds > 0;
}

bool AnyByteSent(CURL* easy) {
  long bytes = 0;
  return curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK && bytes > 0;
}

/// After a refused re-send the handle's counters tell of the second connection; what libcurl took
/// on the first is the most that can have been sent there.
bool WholeBodySent(const Breakdown& breakdown, CURL* easy) {
  auto sent = static_cast<curl_off_t>(breakdown.given_body_bytes);
  if (!breakdown.resend_refused) curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
  return static_cast<std::size_t>(sent) >= breakdown.request_body_bytes;
}

/// libcurl 7.88 sets the time of connecting only after TLS, the local port before it.
bool HasConnected(CURL* easy) {
  long port = 0;
  curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &port);
  return port > 0 || Happened(easy, CURLINFO_CONNECT_TIME_T);
}

bool IsHttps(CURL* easy) {
  const char* url = nullptr;
  curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
  return url != nullptr && curl_strnequal(url, "https:", 6) != 0;
}

bool IsTlsFailure(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_USE_SSL_FAILED:
      return true;
    default:
      return false;
  }
}

/// Bytes came that libcurl could not take for an answer, so that no callback saw them. It reports
/// an overlong header line as lack of memory.
bool IsUnreadableAnswer(CURLcode code) {
  switch (code) {
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_OUT_OF_MEMORY:
#if LIBCURL_VERSION_NUM >= 0x080600
    case CURLE_TOO_LARGE:
#endif
      return true;
    default:
      return false;
  }
}

Phase PhaseBeforeSending(const Breakdown& breakdown, CURL* easy) {
  const CURLcode code = breakdown.code;
  if (code == CURLE_COULDNT_RESOLVE_HOST) return Phase::kResolve;
  if (code == CURLE_COULDNT_CONNECT)
    return breakdown.address_refused ? Phase::kRefused : Phase::kConnect;
  if (IsTlsFailure(code)) return Phase::kTls;
  if (!Happened(easy, CURLINFO_NAMELOOKUP_TIME_T)) return Phase::kResolve;
  if (!HasConnected(easy)) return Phase::kConnect;
  if (IsHttps(easy) && !Happened(easy, CURLINFO_APPCONNECT_TIME_T)) return Phase::kTls;
  return Phase::kSend;
}

Phase PhaseOf(const Breakdown& breakdown, CURL* easy) {
  if (breakdown.answer_began) return Phase::kReceive;
  if (!breakdown.resend_refused && !AnyByteSent(easy)) return PhaseBeforeSending(breakdown, easy);
  if (!WholeBodySent(breakdown, easy)) return Phase::kSend;
  return IsUnreadableAnswer(breakdown.code) ? Phase::kReceive : Phase::kWait;
}

std::string TextOf(const Breakdown& breakdown, Phase phase) {
  const auto bytes = [](std::size_t count) { return std::to_string(count) + " bytes"; };
  if (breakdown.body_too_large || breakdown.code == CURLE_FILESIZE_EXCEEDED)
    return "response larger than " + bytes(breakdown.max_body_bytes);
  if (breakdown.headers_too_large) return "response headers larger than " + bytes(kMaxHeaderBytes);
  if (phase == Phase::kRefused) return "the host has a private address, which is not allowed";
  if (IsUnreadableAnswer(breakdown.code)) return "the answer is not valid HTTP";
  switch (breakdown.code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "timed out while " + std::string(PhaseName(phase));
    case CURLE_COULDNT_RESOLVE_HOST:
      return "could not resolve the host name";
    case CURLE_COULDNT_CONNECT:
      return "could not connect";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "certificate verification failed";
    case CURLE_SSL_CACERT_BADFILE:
      return "the file of CA certificates could not be read";
    case CURLE_PARTIAL_FILE:
      return "the answer broke off";
    default:
      return IsTlsFailure(breakdown.code)
                 ? "TLS handshake failed"
                 : "the connection broke while " + std::string(PhaseName(phase));
  }
}

std::optional<std::string> HeaderProblem(const Request& request) {
  const bool safe = std::ranges::all_of(request.headers, [](const Header& header) {
    return IsSafeHeader(header.first, header.second) && !IsReservedHeader(header.first);
  });
  if (!safe || IsReservedHeader(request.secret_header)) return "a header is not allowed";
  if (!request.secret_value.empty() &&
      !IsSafeHeader(request.secret_header, request.secret_value.Reveal()))
    return "the key has bytes that are not allowed in a header";
  return std::nullopt;
}

std::optional<std::string> Problem(const Request& request) {
  const Result<Url> url = ParseUrl(request.url);
  if (!url.ok()) return url.status().message();
  if (url.value().scheme != "https" && !request.allow_private)
    return "plain http is not allowed for this provider";
  if (request.method != "GET" && request.method != "POST") return "the method is not GET or POST";
  return HeaderProblem(request);
}

}  // namespace

Failure Refused(std::string why) {
  return {.phase = Phase::kRefused, .message = std::move(why)};
}

std::optional<Failure> Refusal(const Request& request, TimePoint now) {
  if (auto problem = Problem(request)) return Refused(*std::move(problem));
  if (request.deadline > now) return std::nullopt;
  Failure late = Refused("the deadline had passed before the request was started");
  late.timed_out = true;
  return late;
}

Failure Explain(const Breakdown& breakdown, CURL* easy) {
  Failure failure;
  failure.phase = PhaseOf(breakdown, easy);
  failure.timed_out = breakdown.code == CURLE_OPERATION_TIMEDOUT;
  failure.too_large = breakdown.body_too_large || breakdown.headers_too_large ||
                      breakdown.code == CURLE_FILESIZE_EXCEEDED;
  failure.message = TextOf(breakdown, failure.phase);
  return failure;
}

}  // namespace byok::http
