#include "http/transfer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/origin.hpp"

namespace byok::http {
namespace {

long ToMilliseconds(Clock::duration left) {
  const auto count = std::chrono::ceil<Milliseconds>(left).count();
  return static_cast<long>(std::clamp<long long>(count, 1, 24LL * 3600 * 1000));
}

std::string_view Trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

/// Runs a callback's work; whatever is thrown (no memory) becomes the value that stops libcurl.
template <typename Work>
std::size_t Guarded(std::size_t on_error, const Work& work) noexcept {
  try {
    return work();
  } catch (...) {
    return on_error;
  }
}

}  // namespace

Transfer::Transfer(TransferId id, Request request)
    : id_(id), request_(std::move(request)), headers_(request_) {
  // From here on the key stands in the header block alone.
  request_.secret_value = Secret();
}

bool Transfer::Configure(CURL* easy, const std::string& ca_file, TimePoint now,
                         std::size_t& sockets) {
  sockets_ = &sockets;
  EasyOptions options(easy);
  SetMandatoryOptions(options, ca_file, request_.allow_private);
  SetRequest(options);
  SetCallbacks(options);
  const auto left = request_.deadline - now;
  options.Set(CURLOPT_TIMEOUT_MS, ToMilliseconds(left));
  options.Set(CURLOPT_CONNECTTIMEOUT_MS,
              ToMilliseconds(std::min<Clock::duration>(left, request_.connect_timeout)));
  return options.ok();
}

void Transfer::SetRequest(EasyOptions& options) {
  options.Set(CURLOPT_URL, request_.url.c_str());
  options.Set(CURLOPT_HTTPHEADER, headers_.list());
  options.Set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.max_body_bytes));
  options.Set(CURLOPT_PRIVATE, static_cast<void*>(this));
  if (request_.method == "GET") return options.Set(CURLOPT_HTTPGET, 1L);
  options.Set(CURLOPT_POST, 1L);
  options.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
}

void Transfer::SetCallbacks(EasyOptions& options) {
  void* const self = this;
  options.Set(CURLOPT_HEADERFUNCTION, &OnHeader);
  options.Set(CURLOPT_HEADERDATA, self);
  options.Set(CURLOPT_WRITEFUNCTION, &OnBody);
  options.Set(CURLOPT_WRITEDATA, self);
  options.Set(CURLOPT_READFUNCTION, &OnSend);
  options.Set(CURLOPT_READDATA, self);
  options.Set(CURLOPT_SEEKFUNCTION, &OnRewind);
  options.Set(CURLOPT_SEEKDATA, self);
  options.Set(CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  options.Set(CURLOPT_OPENSOCKETDATA, self);
  // A connection outlives the transfer that opened it: its end must not need the transfer.
  options.Set(CURLOPT_CLOSESOCKETFUNCTION, &OnCloseSocket);
  options.Set(CURLOPT_CLOSESOCKETDATA, static_cast<void*>(sockets_));
}

std::variant<Response, Failure> Transfer::Outcome(CURLcode code, CURL* easy) {
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    return std::move(response_);
  }
  return Explain({.code = code,
                  .answer_began = header_bytes_ > 0 || body_began_,
                  .headers_too_large = headers_too_large_,
                  .body_too_large = body_too_large_,
                  .address_refused = address_refused_,
                  .resend_refused = resend_refused_,
                  .given_body_bytes = given_,
                  .request_body_bytes = request_.body.size(),
                  .max_body_bytes = request_.max_body_bytes},
                 easy);
}

std::size_t Transfer::OnHeader(char* data, std::size_t size, std::size_t count,
                               void* self) noexcept {
  const std::string_view line(data, size * count);
  return Guarded(
      0, [&] { return static_cast<Transfer*>(self)->TakeHeaderLine(line) ? line.size() : 0; });
}

std::size_t Transfer::OnBody(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  const std::string_view bytes(data, size * count);
  return Guarded(0,
                 [&] { return static_cast<Transfer*>(self)->TakeBody(bytes) ? bytes.size() : 0; });
}

std::size_t Transfer::OnSend(char* buffer, std::size_t size, std::size_t count,
                             void* self) noexcept {
  return static_cast<Transfer*>(self)->GiveBody(buffer, size * count);
}

/// libcurl sends a request again by itself when a reused connection dies before the first byte of
/// an answer (lib/transfer.c, Curl_retry_request), and no option forbids it. But the provider may
/// have had the request whole, and bill it. A body already begun has to be rewound for that, so
/// refusing the rewind is the switch: what went out stays out once, and the failure says kWait or
/// kSend. A retry before the first body byte, as after a peer's close while idle, needs no rewind
/// and stays allowed. This is why the body is not handed over as CURLOPT_POSTFIELDS.
int Transfer::OnRewind(void* self, curl_off_t, int) noexcept {
  static_cast<Transfer*>(self)->resend_refused_ = true;
  return CURL_SEEKFUNC_FAIL;
}

curl_socket_t Transfer::OnOpenSocket(void* self, curlsocktype, curl_sockaddr* address) noexcept {
  auto* const transfer = static_cast<Transfer*>(self);
  if (!transfer->request_.allow_private && IsPrivateAddress(&address->addr)) {
    transfer->address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  const int fd = socket(address->family, address->socktype, address->protocol);
  if (fd < 0) return fd;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  ++*transfer->sockets_;
  return fd;
}

int Transfer::OnCloseSocket(void* sockets, curl_socket_t socket) noexcept {
  --*static_cast<std::size_t*>(sockets);
  return close(socket);
}

/// The cap counts everything: interim answers, the final one, trailers. Only the final answer's
/// headers are kept.
bool Transfer::TakeHeaderLine(std::string_view line) {
  header_bytes_ += line.size();
  headers_too_large_ = header_bytes_ > kMaxHeaderBytes;
  if (headers_too_large_) return false;
  if (body_began_) return true;
  if (line.starts_with("HTTP/")) response_.headers.clear();
  const auto colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return true;
  response_.headers.emplace_back(LowerCase(Trim(line.substr(0, colon))),
                                 std::string(Trim(line.substr(colon + 1))));
  return true;
}

bool Transfer::TakeBody(std::string_view bytes) {
  body_began_ = true;
  body_too_large_ = bytes.size() > request_.max_body_bytes - response_.body.size();
  if (body_too_large_) return false;
  response_.body += bytes;
  return true;
}

std::size_t Transfer::GiveBody(char* buffer, std::size_t room) {
  const std::size_t taken = request_.body.copy(buffer, room, given_);
  given_ += taken;
  return taken;
}

}  // namespace byok::http
