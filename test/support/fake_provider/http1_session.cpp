#include "fake_provider/http1_session.hpp"

#include <utility>

namespace fake {

Http1Session::Http1Session(std::shared_ptr<Stream> stream, asio::any_io_executor executor,
                           Service& service, std::unique_ptr<Journal::Connection> connection)
    : stream_(std::move(stream)),
      service_(service),
      connection_(std::move(connection)),
      timer_(std::move(executor)) {}

void Http1Session::Read() {
  stream_->Read(asio::buffer(incoming_),
                [self = shared_from_this()](std::error_code error, std::size_t size) {
                  self->OnRead(error, size);
                });
}

void Http1Session::OnRead(std::error_code error, std::size_t size) {
  if (over_) return;
  if (error) {
    stream_->Cut();
    return Leave();
  }
  parser_.Feed({incoming_.data(), size});
  if (!exchange_) TakeRequest();
  if (!over_) Read();
}

void Http1Session::TakeRequest() {
  Request request;
  const Http1Parser::State state = parser_.Next(request);
  if (state == Http1Parser::State::kComplete) Begin(std::move(request));
  if (state == Http1Parser::State::kBad) {
    stream_->Close();
    Leave();
  }
}

void Http1Session::Begin(Request request) {
  const bool keep_alive = request.keep_alive;
  exchange_ = service_.Handle(std::move(request), *connection_);
  script_.emplace(exchange_->answer, keep_alive);
  const Delivery& delivery = exchange_->answer.delivery;
  if (script_->ending() == Ending::kHang) return;
  const bool at_once = delivery.reset && !delivery.cut_after;
  at_once ? After(delivery.delay, &Http1Session::Finish) : Continue();
}

void Http1Session::Continue() {
  const Milliseconds pause = script_->Pause();
  pause == Milliseconds::zero() ? WritePiece() : After(pause, &Http1Session::WritePiece);
}

void Http1Session::After(Milliseconds pause, void (Http1Session::*step)()) {
  timer_.expires_after(pause);
  timer_.async_wait([self = shared_from_this(), step](std::error_code error) {
    // A timer that had run out when it was cancelled still reports success.
    if (!error && !self->over_) (self.get()->*step)();
  });
}

void Http1Session::WritePiece() {
  outgoing_ = script_->Take();
  stream_->Write(outgoing_,
                 [self = shared_from_this()](std::error_code error) { self->OnWritten(error); });
}

void Http1Session::OnWritten(std::error_code error) {
  if (over_) return;
  if (error) return Leave();
  script_->Done() ? Finish() : Continue();
}

void Http1Session::Finish() {
  const Ending ending = script_->ending();
  const bool as_scripted = ending == Ending::kKeep || ending == Ending::kClose;
  exchange_->Finish(as_scripted ? Outcome::kAnswered : Outcome::kCut);
  script_.reset();
  exchange_.reset();
  if (ending == Ending::kKeep) return TakeRequest();
  if (ending == Ending::kClose) stream_->Close();
  if (ending == Ending::kCut) stream_->Cut();
  if (ending == Ending::kReset) stream_->Reset();
  Leave();
}

void Http1Session::Leave() {
  over_ = true;
  timer_.cancel();
  script_.reset();
  exchange_.reset();
  connection_.reset();
}

}  // namespace fake
