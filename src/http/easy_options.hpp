#pragma once

#include <memory>
#include <string>

#include <curl/curl.h>

namespace byok::http {

using EasyHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

/// Sets options on an easy handle and remembers whether libcurl took all of them.
class EasyOptions {
 public:
  explicit EasyOptions(CURL* easy) : easy_(easy) {}
  template <typename Value>
  void Set(CURLoption option, Value value) {
    ok_ = curl_easy_setopt(easy_, option, value) == CURLE_OK && ok_;
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  CURL* easy_;
  bool ok_ = true;
};

/// What every request of this product obeys, whoever asks for it and whatever the environment says.
/// The address check at connect and the caps on headers and body are the Transfer's callbacks.
void SetMandatoryOptions(EasyOptions& options, const std::string& ca_file, bool allow_http);

}  // namespace byok::http
