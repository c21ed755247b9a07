#include "fake_provider/script.hpp"

#include <algorithm>
#include <cstdio>

namespace fake {
namespace {

constexpr std::size_t kLargestWrite = 64 * 1024;
constexpr std::size_t kUsualChunk = 16 * 1024;

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

std::uint64_t PieceOf(const Delivery& delivery, std::uint64_t size) {
  if (delivery.chunk_size > 0) return delivery.chunk_size;
  if (delivery.drip > Milliseconds::zero()) return 1;
  return delivery.chunked ? kUsualChunk : std::max<std::uint64_t>(size, 1);
}

std::uint64_t BytesToSend(const Answer& answer) {
  const Delivery& delivery = answer.delivery;
  if (!HasBody(answer.status)) return 0;
  return std::min(answer.body.size(), delivery.cut_after.value_or(answer.body.size()));
}

std::string Chunk(const std::string& bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}

}  // namespace

bool HasBody(int status) {
  return status >= 200 && status != 204 && status != 304;
}

Ending EndingOf(const Answer& answer, bool keep_alive) {
  const Delivery& delivery = answer.delivery;
  if (delivery.no_answer) return Ending::kHang;
  if (delivery.reset) return Ending::kReset;
  if (delivery.cut_after) return Ending::kCut;
  const bool ends_by_close = delivery.content_length.value_or(0) < 0 && !delivery.chunked;
  return delivery.close || !keep_alive || ends_by_close ? Ending::kClose : Ending::kKeep;
}

BodyScript::BodyScript(const Answer& answer)
    : answer_(answer),
      end_(BytesToSend(answer)),
      piece_(PieceOf(answer.delivery, answer.body.size())) {}

Milliseconds BodyScript::Pause() const {
  const bool between = sent_ > 0 && sent_ < end_ && sent_ % piece_ == 0;
  return between ? answer_.delivery.drip : Milliseconds::zero();
}

std::string BodyScript::Take(std::size_t max) {
  const std::uint64_t piece_left = piece_ - sent_ % piece_;
  const std::uint64_t count = std::min<std::uint64_t>({max, piece_left, end_ - sent_});
  std::string bytes = answer_.body.Read(sent_, count);
  sent_ += count;
  return bytes;
}

Http1Script::Http1Script(const Answer& answer, bool keep_alive)
    : answer_(answer), ending_(EndingOf(answer, keep_alive)), body_(answer) {
  WriteHead();
  if (answer.delivery.chunked && !answer.delivery.cut_after && HasBody(answer.status)) {
    tail_ = "0\r\n\r\n";
  }
}

void Http1Script::WriteHead() {
  const Delivery& delivery = answer_.delivery;
  head_.push_back("HTTP/1.1 " + std::to_string(answer_.status) + " " +
                  std::string(ReasonPhrase(answer_.status)) + "\r\n");
  const bool drip = delivery.header_drip > Milliseconds::zero();
  const auto line = [&](std::string text) {
    text += "\r\n";
    drip ? head_.push_back(std::move(text)) : void(head_.back() += text);
  };
  for (const auto& [name, value] : answer_.headers) line(name + ": " + value);
  if (delivery.chunked && HasBody(answer_.status)) line("transfer-encoding: chunked");
  const std::int64_t honest =
      delivery.chunked ? -1 : static_cast<std::int64_t>(answer_.body.size());
  const std::int64_t length = delivery.content_length.value_or(honest);
  if (length >= 0 && HasBody(answer_.status)) line("content-length: " + std::to_string(length));
  if (ending_ == Ending::kClose) line("connection: close");
  line("");
}

Milliseconds Http1Script::Pause() const {
  if (head_sent_ == 0) return answer_.delivery.delay;
  if (head_sent_ < head_.size()) return answer_.delivery.header_drip;
  return body_.Pause();
}

std::string Http1Script::TakeOne() {
  if (head_sent_ < head_.size()) return std::move(head_[head_sent_++]);
  if (body_.Done()) return std::exchange(tail_, {});
  std::string bytes = body_.Take(kLargestWrite);
  return answer_.delivery.chunked ? Chunk(bytes) : bytes;
}

std::string Http1Script::Take() {
  std::string bytes = TakeOne();
  while (!Done() && Pause() == Milliseconds::zero() && bytes.size() < kLargestWrite) {
    bytes += TakeOne();
  }
  return bytes;
}

}  // namespace fake
