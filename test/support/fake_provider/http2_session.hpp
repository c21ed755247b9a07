#pragma once

#include <array>
#include <memory>
#include <string>
#include <unordered_map>

#include <asio/any_io_executor.hpp>
#include <nghttp2/nghttp2.h>

#include "fake_provider/service.hpp"
#include "fake_provider/stream.hpp"

namespace fake {

/// One HTTP/2 connection over nghttp2: many requests at once, each with its own delay and faults. A
/// cut or a reset is an RST_STREAM; with `close` it takes the whole connection down.
class Http2Session : public std::enable_shared_from_this<Http2Session> {
 public:
  Http2Session(std::shared_ptr<Stream> stream, asio::any_io_executor executor, Service& service,
               std::unique_ptr<Journal::Connection> connection, std::uint32_t max_streams);
  ~Http2Session();

  void Start();

 private:
  struct Talk;
  struct Callbacks;
  struct Free {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  nghttp2_session* NewSession();
  void Read();
  void OnRead(std::error_code error, std::size_t size);
  void Flush();
  void OnWritten(std::error_code error);
  void Leave();

  Talk* FindTalk(std::int32_t id);
  void Handle(Talk& talk);
  void Respond(Talk& talk);
  void Break(Talk& talk);
  /// Calls back unless the stream is gone by then.
  void After(Talk& talk, Milliseconds pause, void (Http2Session::*step)(Talk&));
  void Resume(Talk& talk);
  ssize_t ReadBody(Talk& talk, std::uint8_t* buffer, std::size_t size, std::uint32_t* flags);
  void OnSent(Talk& talk);

  std::shared_ptr<Stream> stream_;
  asio::any_io_executor executor_;
  Service& service_;
  std::unique_ptr<Journal::Connection> connection_;
  std::uint32_t max_streams_;
  std::unique_ptr<nghttp2_session, Free> session_;
  std::unordered_map<std::int32_t, std::unique_ptr<Talk>> talks_;
  std::string outgoing_;
  std::array<char, 16384> incoming_;
  bool writing_ = false;
  bool over_ = false;
};

}  // namespace fake
