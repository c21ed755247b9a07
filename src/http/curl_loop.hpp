#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "http/transport.hpp"

namespace byok::http {

struct CurlOptions {
  std::string ca_file;  ///< PEM bundle; empty = the system's default bundle file
  long max_idle_connections = 32;
};

/// HTTPS by libcurl's multi interface, driven by whoever owns it: it never waits by itself.
///
/// The host waits until Fd() is readable or NextDeadline() has come, calls OnReady(now), then
/// TakeCompleted(). Fd() is one epoll (Linux) or kqueue (macOS) descriptor that holds all of
/// libcurl's sockets, so a latch loop, an epoll loop or a test can nest it. One thread only.
/// Connections are kept and reused between transfers; nothing of one transfer's headers survives
/// it.
///
/// Mandatory options (docs/architecture.md, "What leaves the server"): https only unless
/// the request allows private addresses, no redirects, no proxy, no netrc, TLS >= 1.2 verified,
/// addresses checked at connect, body and header sizes capped while reading, no libcurl signal or
/// environment use.
class CurlLoop final : public Transport {
 public:
  /// kInternal when libcurl or the kernel gives no handle.
  static Result<std::unique_ptr<CurlLoop>> Create(const CurlOptions& options);
  ~CurlLoop() override;
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  /// For transfers from now on; connections made under another bundle are not reused for them.
  void SetCaFile(const std::string& path);

  TransferId Start(Request request, TimePoint now) override;
  void Cancel(TransferId id) override;
  std::vector<Completion> TakeCompleted() override;

  /// Open connections, idle ones included.
  [[nodiscard]] std::size_t Connections() const;
  [[nodiscard]] int Fd() const;
  /// When OnReady must be called even if Fd() stays silent; nothing when there is no such time.
  [[nodiscard]] std::optional<TimePoint> NextDeadline() const;
  void OnReady(TimePoint now);

 private:
  class Impl;
  explicit CurlLoop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace byok::http
