#include "http/curl_loop.hpp"

#include <algorithm>
#include <unordered_map>
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

constexpr std::size_t kMaxIdleHandles = 64;

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

  TransferId Start(Request request, TimePoint now);
  void Cancel(TransferId id);
  void OnReady(TimePoint now);
  std::vector<Completion> TakeCompleted() { return std::exchange(completed_, {}); }
  [[nodiscard]] int Fd() const { return polls_.fd(); }
  [[nodiscard]] std::optional<TimePoint> NextDeadline() const;

 private:
  /// Declared so that the handle goes before what it points into.
  struct Running {
    std::unique_ptr<Transfer> transfer;
    Lane* lane = nullptr;
    EasyHandle easy{nullptr, &curl_easy_cleanup};
  };

  std::optional<Failure> Launch(TransferId id, Request request, TimePoint now);
  Lane* LaneFor(bool allow_private);
  EasyHandle TakeHandle();
  void Retire(Running running);
  void Finish(CURL* easy, CURLcode code);

  PollSet polls_;
  std::string ca_file_;
  long max_idle_;
  TimePoint now_;
  TransferId last_id_ = 0;
  std::vector<Completion> completed_;
  std::vector<std::unique_ptr<Lane>> lanes_;  ///< a lane's index is its tag
  std::vector<EasyHandle> idle_handles_;
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
  running.easy = TakeHandle();
  CURL* const easy = running.easy.get();
  if (lane == nullptr || easy == nullptr || !running.transfer->Configure(easy, ca_file_, now))
    return Refused("libcurl could not prepare the request");
  const auto place = running_.emplace(id, std::move(running)).first;
  if (!lane->Add(easy)) {
    running_.erase(place);
    return Refused("libcurl could not start the request");
  }
  place->second.lane = lane;
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

EasyHandle CurlLoop::Impl::TakeHandle() {
  if (idle_handles_.empty()) return {curl_easy_init(), &curl_easy_cleanup};
  EasyHandle handle = std::move(idle_handles_.back());
  idle_handles_.pop_back();
  return handle;
}

/// The handle forgets the request at once; kept are its caches of TLS sessions and memory.
void CurlLoop::Impl::Retire(Running running) {
  running.lane->Remove(running.easy.get());
  curl_easy_reset(running.easy.get());
  if (idle_handles_.size() < kMaxIdleHandles) idle_handles_.push_back(std::move(running.easy));
}

void CurlLoop::Impl::Cancel(TransferId id) {
  std::erase_if(completed_, [id](const Completion& completion) { return completion.id == id; });
  auto found = running_.extract(id);
  if (!found.empty()) Retire(std::move(found.mapped()));
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
  completed_.push_back({transfer->id(), transfer->Outcome(code, easy)});
  Retire(std::move(running_.extract(transfer->id()).mapped()));
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

int CurlLoop::Fd() const {
  return impl_->Fd();
}

std::optional<TimePoint> CurlLoop::NextDeadline() const {
  return impl_->NextDeadline();
}

}  // namespace byok::http
