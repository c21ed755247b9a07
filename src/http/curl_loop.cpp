#include "http/curl_loop.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <curl/curl.h>

#include "http/easy_options.hpp"
#include "http/failure.hpp"
#include "http/lane.hpp"
#include "http/poll_set.hpp"
#include "http/signal_guard.hpp"
#include "http/transfer.hpp"

namespace byok::http {
namespace {

/// Once per process and never undone: others in the process may use libcurl too.
bool LibcurlIsReady() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  return code == CURLE_OK;
}

/// The bundle libcurl was built with; empty when it uses the system's own store (macOS).
std::string DefaultCaFile() {
  const EasyHandle easy(curl_easy_init(), &curl_easy_cleanup);
  const char* path = nullptr;
  if (easy) curl_easy_getinfo(easy.get(), CURLINFO_CAINFO, &path);
  return path == nullptr ? std::string() : std::string(path);
}

}  // namespace

class CurlLoop::Impl {
 public:
  Impl(PollSet polls, std::string ca_file, long max_idle_connections)
      : polls_(std::move(polls)), ca_file_(std::move(ca_file)), max_idle_(max_idle_connections) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() = default;

  void SetCaFile(std::string path) { ca_file_ = std::move(path); }
  TransferId Start(Request request, TimePoint now);
  void Cancel(TransferId id);
  void OnReady(TimePoint now);
  std::vector<Completion> TakeCompleted() { return std::exchange(completed_, {}); }
  [[nodiscard]] std::size_t Connections() const { return sockets_; }
  [[nodiscard]] int Fd() const { return polls_.fd(); }
  [[nodiscard]] std::optional<TimePoint> NextDeadline() const;

 private:
  /// A handle of its own for each transfer: libcurl 7.88 leaves the read buffer of a multiplexed
  /// transfer in a handle that is reset. The handle goes first, out of the lane and freed, then
  /// what it points into.
  struct Running {
    std::unique_ptr<Transfer> transfer;
    EasyHandle easy{nullptr, &curl_easy_cleanup};
    Lane::Place place;
  };

  std::optional<Failure> Launch(TransferId id, Request request, TimePoint now);
  Lane* LaneFor(bool allow_private);
  void RememberProtocol(const Transfer& transfer, CURL* easy);
  void Finish(CURL* easy, CURLcode code);

  PollSet polls_;
  std::string ca_file_;
  long max_idle_;
  TimePoint now_;
  TransferId last_id_ = 0;
  std::vector<Completion> completed_;
  std::size_t sockets_ = 0;                          ///< before the lanes: they close theirs last
  std::vector<std::unique_ptr<Lane>> lanes_;         ///< a lane's index is its tag
  std::unordered_set<std::string> http2_urls_;       ///< whose last answer came over HTTP/2
  std::unordered_map<TransferId, Running> running_;  ///< last: leaves the lanes before they go
};

TransferId CurlLoop::Impl::Start(Request request, TimePoint now) {
  now_ = now;
  const TransferId id = ++last_id_;
  std::optional<Failure> failure = Refusal(request, now);
  if (!failure) failure = Launch(id, std::move(request), now);
  if (failure) completed_.push_back({id, *std::move(failure)});
  return id;
}

/// Nothing when the transfer is on its way.
std::optional<Failure> CurlLoop::Impl::Launch(TransferId id, Request request, TimePoint now) {
  Lane* const lane = LaneFor(request.allow_private);
  Running running;
  running.transfer = std::make_unique<Transfer>(id, std::move(request));
  running.easy.reset(curl_easy_init());
  CURL* const easy = running.easy.get();
  if (lane == nullptr || easy == nullptr ||
      !running.transfer->Configure(easy, ca_file_, now, sockets_))
    return Refused("libcurl could not prepare the request");
  if (http2_urls_.contains(running.transfer->url())) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  running.place = lane->Add(easy);
  if (!running.place) return Refused("libcurl could not start the request");
  running_.emplace(id, std::move(running));
  return std::nullopt;
}

Lane* CurlLoop::Impl::LaneFor(bool allow_private) {
  const auto free = std::ranges::find_if(lanes_, [allow_private](const auto& lane) {
    return lane->allow_private() == allow_private && lane->HasRoom();
  });
  if (free != lanes_.end()) return free->get();
  auto lane =
      Lane::Create(polls_, static_cast<std::uint32_t>(lanes_.size()), allow_private, max_idle_);
  if (!lane) return nullptr;
  lanes_.push_back(std::move(lane));
  return lanes_.back().get();
}

void CurlLoop::Impl::Cancel(TransferId id) {
  std::erase_if(completed_, [id](const Completion& completion) { return completion.id == id; });
  running_.erase(id);
}

void CurlLoop::Impl::OnReady(TimePoint now) {
  now_ = now;
  for (const PollSet::Event& event : polls_.Ready()) lanes_[event.tag]->OnEvent(event);
  for (const auto& lane : lanes_) {
    lane->OnTime(now);
    for (const auto& [easy, code] : lane->TakeDone()) Finish(easy, code);
  }
}

void CurlLoop::Impl::Finish(CURL* easy, CURLcode code) {
  Transfer* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  if (code == CURLE_OK) RememberProtocol(*transfer, easy);
  completed_.push_back({transfer->id(), transfer->Outcome(code, easy)});
  running_.erase(transfer->id());
}

/// A burst of requests may wait for one HTTP/2 connection to be made rather than make one each. But
/// where HTTP/1.1 is spoken after all, libcurl 7.88 wakes those that wait one by one, each when
/// another is done: so only where the last answer came over HTTP/2.
void CurlLoop::Impl::RememberProtocol(const Transfer& transfer, CURL* easy) {
  long version = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  if (version == CURL_HTTP_VERSION_2_0)
    http2_urls_.insert(transfer.url());
  else
    http2_urls_.erase(transfer.url());
}

std::optional<TimePoint> CurlLoop::Impl::NextDeadline() const {
  if (!completed_.empty()) return now_;
  std::optional<TimePoint> next;
  for (const auto& lane : lanes_)
    if (lane->due() && (!next || *lane->due() < *next)) next = lane->due();
  return next;
}

Result<std::unique_ptr<CurlLoop>> CurlLoop::Create(const CurlOptions& options) {
  if (!LibcurlIsReady()) return Status::Internal("libcurl could not be initialised");
  std::optional<PollSet> polls = PollSet::Create();
  if (!polls) return Status::Internal("the kernel gave no descriptor for network events");
  auto impl = std::make_unique<Impl>(*std::move(polls),
                                     options.ca_file.empty() ? DefaultCaFile() : options.ca_file,
                                     options.max_idle_connections);
  return std::unique_ptr<CurlLoop>(new CurlLoop(std::move(impl)));
}

CurlLoop::CurlLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CurlLoop::~CurlLoop() {
  const SignalGuard guard;
  impl_.reset();
}

void CurlLoop::SetCaFile(const std::string& path) {
  impl_->SetCaFile(path.empty() ? DefaultCaFile() : path);
}

TransferId CurlLoop::Start(Request request, TimePoint now) {
  const SignalGuard guard;
  return impl_->Start(std::move(request), now);
}

void CurlLoop::Cancel(TransferId id) {
  const SignalGuard guard;
  impl_->Cancel(id);
}

void CurlLoop::OnReady(TimePoint now) {
  const SignalGuard guard;
  impl_->OnReady(now);
}

std::vector<Completion> CurlLoop::TakeCompleted() {
  return impl_->TakeCompleted();
}

std::size_t CurlLoop::Connections() const {
  return impl_->Connections();
}

int CurlLoop::Fd() const {
  return impl_->Fd();
}

std::optional<TimePoint> CurlLoop::NextDeadline() const {
  return impl_->NextDeadline();
}

}  // namespace byok::http
