#pragma once

#include <csignal>

namespace byok::http {

/// Keeps every signal from this thread while libcurl runs.
///
/// libcurl's resolver threads inherit the mask of the thread that starts them, so the process's
/// signals never land there. A SIGPIPE that OpenSSL's write to a dead socket raised in the meantime
/// is swallowed: with CURLOPT_NOSIGNAL libcurl leaves it to us.
class SignalGuard {
 public:
  SignalGuard() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
    had_pipe_ = PipePending();
  }
  ~SignalGuard() {
    if (!had_pipe_ && PipePending()) Swallow();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

 private:
  static bool PipePending() noexcept {
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
  }
  static void Swallow() noexcept {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    int received = 0;
    sigwait(&pipe, &received);
  }

  sigset_t before_;
  bool had_pipe_;
};

}  // namespace byok::http
