#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include <asio/steady_timer.hpp>

#include "fake_provider/http1_parser.hpp"
#include "fake_provider/script.hpp"
#include "fake_provider/service.hpp"
#include "fake_provider/stream.hpp"

namespace fake {

/// One HTTP/1.1 connection: requests one after the other, each answered by its script. Reads all
/// the time, so that it notices a client that goes away; lives as long as its pending operations.
class Http1Session : public std::enable_shared_from_this<Http1Session> {
 public:
  Http1Session(std::shared_ptr<Stream> stream, asio::any_io_executor executor, Service& service,
               std::unique_ptr<Journal::Connection> connection);

  void Start() { Read(); }

 private:
  void Read();
  void OnRead(std::error_code error, std::size_t size);
  void TakeRequest();
  void Begin(Request request);
  void Continue();
  void After(Milliseconds pause, void (Http1Session::*step)());
  void WritePiece();
  void OnWritten(std::error_code error);
  void Finish();
  void Leave();

  std::shared_ptr<Stream> stream_;
  Service& service_;
  std::unique_ptr<Journal::Connection> connection_;
  asio::steady_timer timer_;
  Http1Parser parser_;
  std::unique_ptr<Exchange> exchange_;  // the one being answered
  std::optional<Http1Script> script_;   // its bytes
  std::string outgoing_;
  std::array<char, 4096> incoming_;
  bool over_ = false;
};

}  // namespace fake
