#include "fake_provider/stream.hpp"

#include <chrono>
#include <utility>

#include <asio/steady_timer.hpp>
#include <asio/write.hpp>

namespace fake {
namespace {

constexpr std::chrono::seconds kLongestGoodbye{2};

void SendFin(TcpSocket& socket) {
  std::error_code ignored;
  socket.shutdown(TcpSocket::shutdown_send, ignored);
  socket.close(ignored);
}

void SendRst(TcpSocket& socket) {
  std::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

template <class Socket>
class SocketStream : public Stream {
 public:
  explicit SocketStream(Socket socket) : socket_(std::move(socket)) {}

  void Read(asio::mutable_buffer buffer, OnRead done) override {
    socket_.async_read_some(buffer, std::move(done));
  }

  void Write(const std::string& bytes, OnWritten done) override {
    asio::async_write(
        socket_, asio::buffer(bytes),
        [done = std::move(done)](std::error_code error, std::size_t) { done(error); });
  }

 protected:
  Socket socket_;
};

class TcpStream final : public SocketStream<TcpSocket> {
 public:
  using SocketStream::SocketStream;
  void Close() override { SendFin(socket_); }
  void Cut() override { SendFin(socket_); }
  void Reset() override { SendRst(socket_); }
};

class TlsStream final : public SocketStream<TlsSocket>,
                        public std::enable_shared_from_this<TlsStream> {
 public:
  explicit TlsStream(TlsSocket socket)
      : SocketStream(std::move(socket)), goodbye_(socket_.get_executor()) {}

  void Close() override {
    goodbye_.expires_after(kLongestGoodbye);
    goodbye_.async_wait(
        [self = shared_from_this()](std::error_code) { SendFin(self->socket_.next_layer()); });
    socket_.async_shutdown(
        [self = shared_from_this()](std::error_code) { self->goodbye_.cancel(); });
  }
  void Cut() override { SendFin(socket_.next_layer()); }
  void Reset() override { SendRst(socket_.next_layer()); }

 private:
  asio::steady_timer goodbye_;
};

}  // namespace

std::shared_ptr<Stream> MakeStream(TcpSocket socket) {
  return std::make_shared<TcpStream>(std::move(socket));
}

std::shared_ptr<Stream> MakeStream(TlsSocket socket) {
  return std::make_shared<TlsStream>(std::move(socket));
}

}  // namespace fake
