#include "fake_provider/http2_headers.hpp"

#include <utility>

#include "fake_provider/script.hpp"

namespace fake {
namespace {

nghttp2_nv View(const std::string& name, const std::string& value) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(
        const_cast<char*>(text.data()));  // nghttp2 does not write
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

/// HTTP/2 knows no framing headers.
bool IsAllowed(const std::string& name) {
  return name != "connection" && name != "transfer-encoding" && name != "keep-alive" &&
         name != "upgrade";
}

}  // namespace

Headers ResponseHeaders(const Answer& answer) {
  Headers headers = {{":status", std::to_string(answer.status)}};
  for (const auto& header : answer.headers) {
    if (IsAllowed(header.first)) headers.push_back(header);
  }
  const std::int64_t honest =
      answer.delivery.chunked ? -1 : static_cast<std::int64_t>(answer.body.size());
  const std::int64_t length = answer.delivery.content_length.value_or(honest);
  if (length >= 0 && HasBody(answer.status))
    headers.emplace_back("content-length", std::to_string(length));
  return headers;
}

void TakeHeader(Request& request, std::string name, std::string value) {
  if (name == ":method") {
    request.method = std::move(value);
  } else if (name == ":path") {
    const std::size_t query = value.find('?');
    request.path = value.substr(0, query);
    if (query != std::string::npos) request.query = value.substr(query + 1);
  } else if (name == ":authority") {
    request.headers.emplace_back("host", std::move(value));
  } else if (name[0] != ':') {
    request.headers.emplace_back(std::move(name), std::move(value));
  }
}

std::vector<nghttp2_nv> ViewsOf(const Headers& headers) {
  std::vector<nghttp2_nv> views;
  for (const auto& [name, value] : headers) views.push_back(View(name, value));
  return views;
}

}  // namespace fake
