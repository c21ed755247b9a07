#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <curl/curl.h>

#include "http/easy_options.hpp"
#include "http/failure.hpp"
#include "http/header_block.hpp"
#include "http/message.hpp"

namespace byok::http {

/// One request on its way: what libcurl reads of it, what came back, and the callbacks between.
///
/// The callbacks run inside libcurl: they copy bytes and set flags, and no exception leaves them.
/// The transfer must outlive its use by the handle, i.e. until the handle is freed.
class Transfer {
 public:
  /// The request must have passed Refusal().
  Transfer(TransferId id, Request request);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() = default;

  [[nodiscard]] TransferId id() const { return id_; }
  [[nodiscard]] const std::string& url() const { return request_.url; }
  /// Everything the handle needs to know; false when libcurl took not all of it. `sockets` counts
  /// those that are open and must outlive every connection.
  bool Configure(CURL* easy, const std::string& ca_file, TimePoint now, std::size_t& sockets);
  /// The answer or the failure of a transfer that ended with `code`. Once, before the handle is
  /// freed.
  std::variant<Response, Failure> Outcome(CURLcode code, CURL* easy);

 private:
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t OnSend(char* buffer, std::size_t size, std::size_t count, void* self) noexcept;
  static int OnRewind(void* self, curl_off_t offset, int origin) noexcept;
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose,
                                    curl_sockaddr* address) noexcept;
  static int OnCloseSocket(void* sockets, curl_socket_t socket) noexcept;

  void SetRequest(EasyOptions& options);
  void SetCallbacks(EasyOptions& options);
  bool TakeHeaderLine(std::string_view line);
  bool TakeBody(std::string_view bytes);
  std::size_t GiveBody(char* buffer, std::size_t room);

  TransferId id_;
  Request request_;
  HeaderBlock headers_;
  std::size_t given_ = 0;  ///< bytes of the request's body that libcurl has taken

  Response response_;
  std::size_t header_bytes_ = 0;
  bool body_began_ = false;
  bool headers_too_large_ = false;
  bool body_too_large_ = false;
  bool address_refused_ = false;
  bool resend_refused_ = false;
  std::size_t* sockets_ = nullptr;
};

}  // namespace byok::http
