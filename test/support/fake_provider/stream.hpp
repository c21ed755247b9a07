#pragma once

#include <functional>
#include <memory>
#include <string>
#include <system_error>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ssl/stream.hpp>

namespace fake {

using TcpSocket = asio::ip::tcp::socket;
using TlsSocket = asio::ssl::stream<TcpSocket>;

/// A connection with or without TLS, and the four ways to leave it. Handlers run on the loop; after
/// one of the endings those still pending get an error.
class Stream {
 public:
  using OnRead = std::function<void(std::error_code, std::size_t)>;
  using OnWritten = std::function<void(std::error_code)>;

  virtual ~Stream() = default;
  virtual void Read(asio::mutable_buffer buffer, OnRead done) = 0;
  /// Writes all; the bytes must live until `done`.
  virtual void Write(const std::string& bytes, OnWritten done) = 0;
  /// In order: over TLS with close_notify.
  virtual void Close() = 0;
  /// FIN, over TLS without close_notify.
  virtual void Cut() = 0;
  /// RST.
  virtual void Reset() = 0;
};

std::shared_ptr<Stream> MakeStream(TcpSocket socket);
/// After the handshake.
std::shared_ptr<Stream> MakeStream(TlsSocket socket);

}  // namespace fake
