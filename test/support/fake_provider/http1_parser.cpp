#include "fake_provider/http1_parser.hpp"

#include <charconv>
#include <utility>

namespace fake {
namespace {

constexpr std::size_t kLargestHead = 1 << 20;
constexpr std::size_t kLargestBody = 256 << 20;

bool ReadNumber(std::string_view text, int base, std::size_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size() && number <= kLargestBody;
}

bool ReadRequestLine(std::string_view line, Request& request) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last == first) return false;
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::size_t query = target.find('?');
  request.method = line.substr(0, first);
  request.path = target.substr(0, query);
  if (query != std::string_view::npos) request.query = target.substr(query + 1);
  request.keep_alive = version == "HTTP/1.1";
  return true;
}

bool ReadHeaderLine(std::string_view line, Request& request) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  request.headers.emplace_back(Lower(line.substr(0, colon)), Trim(line.substr(colon + 1)));
  return true;
}

}  // namespace

Http1Parser::State Http1Parser::Next(Request& request) {
  Step step;
  do step = Advance();
  while (step == Step::kGoOn);
  buffer_.erase(0, std::exchange(used_, 0));
  if (step == Step::kNeedMore) return State::kNeedMore;
  if (step == Step::kBad) return State::kBad;
  request = std::exchange(request_, {});
  stage_ = Stage::kHead;
  return State::kComplete;
}

Http1Parser::Step Http1Parser::Advance() {
  switch (stage_) {
    case Stage::kHead:
      return ReadHead();
    case Stage::kBody:
      return ReadBody();
    case Stage::kChunkSize:
      return ReadChunkSize();
    case Stage::kChunk:
      return ReadChunk();
    case Stage::kTrailer:
      return ReadTrailer();
  }
  return Step::kBad;
}

bool Http1Parser::TakeLine(std::string_view& line) {
  const std::size_t end = buffer_.find("\r\n", used_);
  if (end == std::string::npos) return false;
  line = std::string_view(buffer_).substr(used_, end - used_);
  used_ = end + 2;
  return true;
}

Http1Parser::Step Http1Parser::ReadHead() {
  if (buffer_.find("\r\n\r\n", used_) == std::string::npos) {
    return buffer_.size() - used_ > kLargestHead ? Step::kBad : Step::kNeedMore;
  }
  std::string_view line;
  if (!TakeLine(line) || !ReadRequestLine(line, request_)) return Step::kBad;
  while (TakeLine(line) && !line.empty()) {
    if (!ReadHeaderLine(line, request_)) return Step::kBad;
  }
  return ChooseFraming();
}

Http1Parser::Step Http1Parser::ChooseFraming() {
  const std::string connection = Lower(Find(request_.headers, "connection"));
  if (connection == "close") request_.keep_alive = false;
  if (connection == "keep-alive") request_.keep_alive = true;
  if (Lower(Find(request_.headers, "transfer-encoding")) == "chunked") {
    stage_ = Stage::kChunkSize;
    return Step::kGoOn;
  }
  const std::string_view length = Find(request_.headers, "content-length");
  expected_ = 0;
  if (!length.empty() && !ReadNumber(length, 10, expected_)) return Step::kBad;
  stage_ = Stage::kBody;
  return Step::kGoOn;
}

Http1Parser::Step Http1Parser::ReadBody() {
  if (buffer_.size() - used_ < expected_) return Step::kNeedMore;
  request_.body = buffer_.substr(used_, expected_);
  used_ += expected_;
  return Step::kComplete;
}

Http1Parser::Step Http1Parser::ReadChunkSize() {
  std::string_view line;
  if (!TakeLine(line)) return Step::kNeedMore;
  const std::string_view size = Trim(line.substr(0, line.find(';')));
  if (!ReadNumber(size, 16, expected_)) return Step::kBad;
  if (request_.body.size() + expected_ > kLargestBody) return Step::kBad;
  stage_ = expected_ == 0 ? Stage::kTrailer : Stage::kChunk;
  return Step::kGoOn;
}

Http1Parser::Step Http1Parser::ReadChunk() {
  if (buffer_.size() - used_ < expected_ + 2) return Step::kNeedMore;
  request_.body.append(buffer_, used_, expected_);
  used_ += expected_ + 2;
  stage_ = Stage::kChunkSize;
  return Step::kGoOn;
}

Http1Parser::Step Http1Parser::ReadTrailer() {
  std::string_view line;
  if (!TakeLine(line)) return Step::kNeedMore;
  return line.empty() ? Step::kComplete : Step::kGoOn;
}

}  // namespace fake
