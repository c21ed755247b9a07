#pragma once

#include <string>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "fake_provider/values.hpp"

namespace fake {

/// One header of a request, pseudo headers too.
void TakeHeader(Request& request, std::string name, std::string value);

/// The status and all headers HTTP/2 allows in an answer.
Headers ResponseHeaders(const Answer& answer);

/// As nghttp2 wants them; they point into `headers`.
std::vector<nghttp2_nv> ViewsOf(const Headers& headers);

}  // namespace fake
