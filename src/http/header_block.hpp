#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include "base/secret.hpp"
#include "http/message.hpp"

namespace byok::http {

/// The header lines of one request in the shape libcurl reads them. The nodes point into memory
/// owned here, so that there is one copy of the secret line and it is overwritten on destruction.
/// Must outlive the transfer that uses it.
class HeaderBlock {
 public:
  /// All headers of the request must be safe.
  explicit HeaderBlock(const Request& request);
  HeaderBlock(const HeaderBlock&) = delete;
  HeaderBlock& operator=(const HeaderBlock&) = delete;
  ~HeaderBlock() = default;

  [[nodiscard]] curl_slist* list() { return nodes_.data(); }

 private:
  std::vector<std::string> lines_;
  Secret secret_line_;
  std::vector<curl_slist> nodes_;
};

}  // namespace byok::http
