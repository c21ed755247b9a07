#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "http/message.hpp"
#include "http/poll_set.hpp"

namespace byok::http {

/// One libcurl multi handle with its connection pool, its sockets in the shared poll set.
///
/// There are several because libcurl's work per event grows with the transfers in one multi handle
/// (10,000 in one gave 41 % of the possible rate, spread over 64 gave 98 %), and because a
/// connection to a private address must never serve a request that may not go there.
class Lane {
 public:
  /// Transfers at a time: they fit into one HTTP/2 connection of the usual 100 streams.
  static constexpr std::size_t kCapacity = 96;

  /// Takes a handle off its lane when it goes.
  struct Leave {
    Lane* lane = nullptr;
    void operator()(CURL* easy) const { lane->Remove(easy); }
  };
  using Place = std::unique_ptr<CURL, Leave>;

  /// Nothing when libcurl gives no handle. The poll set must outlive the lane; its events carry
  /// `tag`.
  static std::unique_ptr<Lane> Create(PollSet& polls, std::uint32_t tag, bool allow_private,
                                      long max_idle_connections);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() = default;

  [[nodiscard]] bool allow_private() const { return allow_private_; }
  [[nodiscard]] bool HasRoom() const { return in_flight_ < kCapacity; }
  [[nodiscard]] std::optional<TimePoint> due() const { return due_; }

  /// Puts a handle on the lane; an empty place when libcurl refuses it. The lane and the handle
  /// must outlive the place.
  [[nodiscard]] Place Add(CURL* easy);
  void OnEvent(const PollSet::Event& event);
  void OnTime(TimePoint now);
  /// The handles whose transfers ended since the last call; they stay until their places go.
  std::vector<std::pair<CURL*, CURLcode>> TakeDone();

 private:
  using MultiHandle = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;

  void Remove(CURL* easy);
  Lane(MultiHandle multi, PollSet& polls, std::uint32_t tag, bool allow_private, long max_idle);
  bool Configure();
  void FitPool();

  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* self,
                      void* unused) noexcept;
  static int OnTimer(CURLM* multi, long milliseconds, void* self) noexcept;

  PollSet& polls_;
  std::uint32_t tag_;
  bool allow_private_;
  long max_idle_;
  std::size_t in_flight_ = 0;
  std::optional<TimePoint> due_;
  MultiHandle multi_;  ///< last: its cleanup still calls back
};

}  // namespace byok::http
