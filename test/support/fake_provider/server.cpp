#include "fake_provider/server.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include <openssl/ssl.h>

#include "fake_provider/http1_session.hpp"
#include "fake_provider/http2_session.hpp"

namespace fake {
namespace {

constexpr std::chrono::milliseconds kPauseAfterFailure{10};  // out of descriptors, mostly

int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x02h2\x08http/1.1";
  unsigned char* pick = nullptr;
  if (SSL_select_next_proto(&pick, chosen_size, kOurs, sizeof kOurs - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = pick;
  return SSL_TLSEXT_ERR_OK;
}

bool SpeaksHttp2(TlsSocket& socket) {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(socket.native_handle(), &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == "h2";
}

}  // namespace

Listener::Listener(asio::io_context& loop, std::uint16_t port)
    : acceptor_(loop, {asio::ip::address_v4::loopback(), port}), pause_(loop) {}

void Listener::Start() {
  acceptor_.async_accept([this](std::error_code error, TcpSocket socket) {
    if (!error) {
      std::error_code ignored;
      socket.set_option(asio::ip::tcp::no_delay(true), ignored);
      Serve(std::move(socket));
      return Start();
    }
    pause_.expires_after(kPauseAfterFailure);
    pause_.async_wait([this](std::error_code stopped) {
      if (!stopped) Start();
    });
  });
}

HttpListener::HttpListener(asio::io_context& loop, std::uint16_t port, Service& service)
    : Listener(loop, port), service_(service) {}

void HttpListener::Serve(TcpSocket socket) {
  const auto executor = socket.get_executor();
  std::make_shared<Http1Session>(MakeStream(std::move(socket)), executor, service_,
                                 service_.Accept())
      ->Start();
}

HttpsListener::HttpsListener(asio::io_context& loop, std::uint16_t port, Service& service,
                             const std::string& certificate_file, const std::string& key_file,
                             std::uint32_t max_streams)
    : Listener(loop, port),
      service_(service),
      max_streams_(max_streams),
      tls_(asio::ssl::context::tls_server) {
  tls_.use_certificate_chain_file(certificate_file);
  tls_.use_private_key_file(key_file, asio::ssl::context::pem);
  SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_mode(tls_.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(tls_.native_handle(), ChooseProtocol, nullptr);
}

void HttpsListener::Serve(TcpSocket socket) {
  auto tls = std::make_shared<TlsSocket>(std::move(socket), tls_);
  auto connection = std::make_shared<std::unique_ptr<Journal::Connection>>(service_.Accept());
  tls->async_handshake(TlsSocket::server, [this, tls, connection](std::error_code error) {
    if (error) return;
    const asio::any_io_executor executor = tls->get_executor();
    const bool http2 = SpeaksHttp2(*tls);
    auto stream = MakeStream(std::move(*tls));
    if (http2) {
      std::make_shared<Http2Session>(stream, executor, service_, std::move(*connection),
                                     max_streams_)
          ->Start();
    } else {
      std::make_shared<Http1Session>(stream, executor, service_, std::move(*connection))->Start();
    }
  });
}

}  // namespace fake
