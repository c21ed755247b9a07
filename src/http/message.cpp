#include "http/message.hpp"

#include <algorithm>

namespace byok::http {

std::string_view Response::HeaderValue(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [name](const Header& header) { return header.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kRefused:
      return "starting the request";
    case Phase::kResolve:
      return "resolving the host name";
    case Phase::kConnect:
      return "connecting";
    case Phase::kTls:
      return "setting up TLS";
    case Phase::kSend:
      return "sending the request";
    case Phase::kWait:
      return "waiting for the answer";
    case Phase::kReceive:
      return "receiving the answer";
  }
  return "unknown phase";
}

}  // namespace byok::http
