#pragma once

#include <cstdint>
#include <string>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/context.hpp>
#include <asio/steady_timer.hpp>

#include "fake_provider/service.hpp"
#include "fake_provider/stream.hpp"

namespace fake {

/// A listening socket on 127.0.0.1. Throws std::system_error when it cannot listen.
class Listener {
 public:
  /// Port 0: a free one.
  Listener(asio::io_context& loop, std::uint16_t port);
  virtual ~Listener() = default;

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void Start();

 protected:
  virtual void Serve(TcpSocket socket) = 0;

 private:
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer pause_;
};

class HttpListener final : public Listener {
 public:
  HttpListener(asio::io_context& loop, std::uint16_t port, Service& service);

 private:
  void Serve(TcpSocket socket) override;

  Service& service_;
};

/// TLS 1.2 or 1.3; HTTP/2 where ALPN asks for it.
class HttpsListener final : public Listener {
 public:
  HttpsListener(asio::io_context& loop, std::uint16_t port, Service& service,
                const std::string& certificate_file, const std::string& key_file,
                std::uint32_t max_streams);

 private:
  void Serve(TcpSocket socket) override;

  Service& service_;
  std::uint32_t max_streams_;
  asio::ssl::context tls_;
};

}  // namespace fake
