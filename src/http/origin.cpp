#include "http/origin.hpp"

#include "http/url.hpp"

namespace byok::http {

Result<std::string> OriginOf(std::string_view url) {
  const Result<Url> parsed = ParseUrl(url);
  if (!parsed.ok()) return parsed.status();
  if (parsed.value().has_query)
    return Status::InvalidArgument("the URL is not acceptable").WithDetail("It contains a query.");
  return parsed.value().Origin();
}

bool SchemeAllowed(std::string_view origin, bool allow_private) {
  if (origin.starts_with("https://")) return true;
  return allow_private && origin.starts_with("http://");
}

}  // namespace byok::http
