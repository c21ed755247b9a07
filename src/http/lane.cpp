#include "http/lane.hpp"

namespace byok::http {

std::unique_ptr<Lane> Lane::Create(PollSet& polls, std::uint32_t tag, bool allow_private,
                                   long max_idle_connections) {
  MultiHandle multi(curl_multi_init(), &curl_multi_cleanup);
  if (!multi) return nullptr;
  std::unique_ptr<Lane> lane(
      new Lane(std::move(multi), polls, tag, allow_private, max_idle_connections));
  return lane->Configure() ? std::move(lane) : nullptr;
}

Lane::Lane(MultiHandle multi, PollSet& polls, std::uint32_t tag, bool allow_private, long max_idle)
    : polls_(polls),
      tag_(tag),
      allow_private_(allow_private),
      max_idle_(max_idle),
      multi_(std::move(multi)) {}

/// The host limit never holds a request back; it only keeps idle connections from adding to a
/// burst.
bool Lane::Configure() {
  bool ok = true;
  const auto set = [&](CURLMoption option, auto value) {
    ok = curl_multi_setopt(multi_.get(), option, value) == CURLM_OK && ok;
  };
  set(CURLMOPT_SOCKETFUNCTION, &OnSocket);
  set(CURLMOPT_SOCKETDATA, static_cast<void*>(this));
  set(CURLMOPT_TIMERFUNCTION, &OnTimer);
  set(CURLMOPT_TIMERDATA, static_cast<void*>(this));
  set(CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
  set(CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(kCapacity));
  return ok;
}

/// libcurl's limit counts the busy connections too: left alone it would close good ones under load.
void Lane::FitPool() {
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(in_flight_) + max_idle_);
}

Lane::Place Lane::Add(CURL* easy) {
  if (curl_multi_add_handle(multi_.get(), easy) != CURLM_OK) return {};
  ++in_flight_;
  FitPool();
  return {easy, Leave{this}};
}

void Lane::Remove(CURL* easy) {
  curl_multi_remove_handle(multi_.get(), easy);
  --in_flight_;
  FitPool();
}

void Lane::OnEvent(const PollSet::Event& event) {
  const int ready = (event.readable ? CURL_CSELECT_IN : 0) |
                    (event.writable ? CURL_CSELECT_OUT : 0) | (event.broken ? CURL_CSELECT_ERR : 0);
  int running = 0;
  curl_multi_socket_action(multi_.get(), event.socket, ready, &running);
}

void Lane::OnTime(TimePoint now) {
  if (!due_ || *due_ > now) return;
  due_.reset();
  int running = 0;
  curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running);
}

std::vector<std::pair<CURL*, CURLcode>> Lane::TakeDone() {
  std::vector<std::pair<CURL*, CURLcode>> done;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left))
    if (message->msg == CURLMSG_DONE) done.emplace_back(message->easy_handle, message->data.result);
  return done;
}

/// A refusal (-1) makes libcurl fail the transfers of this lane and start afresh when they are
/// gone.
int Lane::OnSocket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept {
  const auto* const lane = static_cast<Lane*>(self);
  if (what == CURL_POLL_REMOVE) {
    lane->polls_.Forget(socket);
    return 0;
  }
  const PollSet::Interest interest{.read = (what & CURL_POLL_IN) != 0,
                                   .write = (what & CURL_POLL_OUT) != 0};
  return lane->polls_.Watch(socket, interest, lane->tag_) ? 0 : -1;
}

/// libcurl counts from its own reading of the clock, so this reads it too. A due time of its -1
/// means none.
int Lane::OnTimer(CURLM*, long milliseconds, void* self) noexcept {
  auto* const lane = static_cast<Lane*>(self);
  lane->due_.reset();
  if (milliseconds >= 0) lane->due_ = Clock::now() + Milliseconds(milliseconds);
  return 0;
}

}  // namespace byok::http
