#include "fake_provider/http2_session.hpp"

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <asio/steady_timer.hpp>

#include "fake_provider/http2_headers.hpp"
#include "fake_provider/script.hpp"

namespace fake {
namespace {

constexpr std::size_t kLargestWrite = 64 * 1024;
constexpr std::size_t kLargestHeaderBlock = 256 << 20;  // 20 MB of headers are a test case
constexpr std::uint64_t kNoResetLimit = 1 << 30;        // cancelled calls are test cases too

}  // namespace

/// One stream: a request coming in, then its answer going out.
struct Http2Session::Talk {
  Talk(std::int32_t stream_id, const asio::any_io_executor& executor)
      : id(stream_id), timer(executor) {
    request.http_version = "2";
  }

  bool Breaks() const {
    const Ending ending = EndingOf(exchange->answer, true);
    return ending == Ending::kCut || ending == Ending::kReset;
  }

  std::int32_t id;
  Request request;
  std::unique_ptr<Exchange> exchange;
  std::optional<BodyScript> body;
  asio::steady_timer timer;
  bool rested = false;  // the pause before the next piece is over
};

/// What nghttp2 calls, with the session as user data.
struct Http2Session::Callbacks {
  static Http2Session& Self(void* user) { return *static_cast<Http2Session*>(user); }

  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Session& self = Self(user);
    const std::int32_t id = frame->hd.stream_id;
    self.talks_.try_emplace(id, std::make_unique<Talk>(id, self.executor_));
    return 0;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user) {
    if (Talk* talk = Self(user).FindTalk(frame->hd.stream_id)) {
      TakeHeader(talk->request, {reinterpret_cast<const char*>(name), name_size},
                 {reinterpret_cast<const char*>(value), value_size});
    }
    return 0;
  }

  static int OnData(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                    std::size_t size, void* user) {
    if (Talk* talk = Self(user).FindTalk(id)) {
      talk->request.body.append(reinterpret_cast<const char*>(data), size);
    }
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Talk* talk = Self(user).FindTalk(frame->hd.stream_id);
    if (talk && !talk->exchange && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
      Self(user).Handle(*talk);
    return 0;
  }

  static int OnFrameSent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const bool carries = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (!carries || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
    if (Talk* talk = Self(user).FindTalk(frame->hd.stream_id)) Self(user).OnSent(*talk);
    return 0;
  }

  static int OnStreamClose(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
    Self(user).talks_.erase(id);
    return 0;
  }

  static ssize_t OnReadBody(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t size,
                            std::uint32_t* flags, nghttp2_data_source* source, void* user) {
    return Self(user).ReadBody(*static_cast<Talk*>(source->ptr), buffer, size, flags);
  }
};

Http2Session::Http2Session(std::shared_ptr<Stream> stream, asio::any_io_executor executor,
                           Service& service, std::unique_ptr<Journal::Connection> connection,
                           std::uint32_t max_streams)
    : stream_(std::move(stream)),
      executor_(std::move(executor)),
      service_(service),
      connection_(std::move(connection)),
      max_streams_(max_streams) {}

Http2Session::~Http2Session() = default;

void Http2Session::Start() {
  session_.reset(NewSession());
  const nghttp2_settings_entry settings = {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, max_streams_};
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, &settings, 1);
  Flush();
  Read();
}

nghttp2_session* Http2Session::NewSession() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::OnBeginHeaders);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::OnFrame);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, Callbacks::OnFrameSent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::OnStreamClose);
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_max_send_header_block_length(options, kLargestHeaderBlock);
  nghttp2_option_set_stream_reset_rate_limit(options, kNoResetLimit, kNoResetLimit);

  nghttp2_session* session = nullptr;
  nghttp2_session_server_new2(&session, callbacks, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  return session;
}

void Http2Session::Read() {
  stream_->Read(asio::buffer(incoming_),
                [self = shared_from_this()](std::error_code error, std::size_t size) {
                  self->OnRead(error, size);
                });
}

void Http2Session::OnRead(std::error_code error, std::size_t size) {
  if (over_) return;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(incoming_.data());
  if (error || nghttp2_session_mem_recv(session_.get(), bytes, size) < 0) {
    stream_->Cut();
    return Leave();
  }
  Flush();
  if (!over_) Read();
}

void Http2Session::Flush() {
  if (writing_ || over_) return;
  outgoing_.clear();
  while (!over_ && outgoing_.size() < kLargestWrite) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size <= 0) break;
    outgoing_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  if (over_) return;
  if (!outgoing_.empty()) {
    writing_ = true;
    return stream_->Write(
        outgoing_, [self = shared_from_this()](std::error_code error) { self->OnWritten(error); });
  }
  if (nghttp2_session_want_read(session_.get()) || nghttp2_session_want_write(session_.get()))
    return;
  stream_->Close();
  Leave();
}

void Http2Session::OnWritten(std::error_code error) {
  writing_ = false;
  error ? Leave() : Flush();
}

void Http2Session::Leave() {
  over_ = true;
  talks_.clear();
  connection_.reset();
}

Http2Session::Talk* Http2Session::FindTalk(std::int32_t id) {
  const auto talk = talks_.find(id);
  return talk == talks_.end() ? nullptr : talk->second.get();
}

void Http2Session::After(Talk& talk, Milliseconds pause, void (Http2Session::*step)(Talk&)) {
  talk.timer.expires_after(pause);
  talk.timer.async_wait([self = shared_from_this(), id = talk.id, step](std::error_code error) {
    Talk* still_there = self->FindTalk(id);
    if (!error && still_there) (self.get()->*step)(*still_there);
  });
}

void Http2Session::Handle(Talk& talk) {
  talk.exchange = service_.Handle(std::move(talk.request), *connection_);
  const Delivery& delivery = talk.exchange->answer.delivery;
  if (delivery.no_answer) return;
  const bool at_once = delivery.reset && !delivery.cut_after;
  After(talk, delivery.delay, at_once ? &Http2Session::Break : &Http2Session::Respond);
}

void Http2Session::Respond(Talk& talk) {
  const Answer& answer = talk.exchange->answer;
  talk.body.emplace(answer);
  const Headers headers = ResponseHeaders(answer);
  const std::vector<nghttp2_nv> views = ViewsOf(headers);
  nghttp2_data_provider body;
  body.source.ptr = &talk;
  body.read_callback = Callbacks::OnReadBody;
  const bool empty = talk.body->Done() && !talk.Breaks();
  nghttp2_submit_response(session_.get(), talk.id, views.data(), views.size(),
                          empty ? nullptr : &body);
  Flush();
}

ssize_t Http2Session::ReadBody(Talk& talk, std::uint8_t* buffer, std::size_t size,
                               std::uint32_t* flags) {
  BodyScript& body = *talk.body;
  if (body.Done() && talk.Breaks()) {
    After(talk, Milliseconds::zero(), &Http2Session::Break);
    return NGHTTP2_ERR_DEFERRED;
  }
  if (body.Pause() > Milliseconds::zero() && !std::exchange(talk.rested, false)) {
    After(talk, body.Pause(), &Http2Session::Resume);
    return NGHTTP2_ERR_DEFERRED;
  }
  const std::string bytes = body.Take(size);
  std::memcpy(buffer, bytes.data(), bytes.size());
  if (body.Done() && !talk.Breaks()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(bytes.size());
}

void Http2Session::Resume(Talk& talk) {
  talk.rested = true;
  nghttp2_session_resume_data(session_.get(), talk.id);
  Flush();
}

void Http2Session::Break(Talk& talk) {
  const Delivery delivery = talk.exchange->answer.delivery;
  talk.exchange->Finish(Outcome::kCut);
  if (delivery.close) {
    delivery.reset ? stream_->Reset() : stream_->Cut();
    return Leave();
  }
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, talk.id, NGHTTP2_INTERNAL_ERROR);
  Flush();
}

void Http2Session::OnSent(Talk& talk) {
  talk.exchange->Finish(Outcome::kAnswered);
  if (!talk.exchange->answer.delivery.close) return;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

}  // namespace fake
