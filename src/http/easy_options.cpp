#include "http/easy_options.hpp"

namespace byok::http {

void SetMandatoryOptions(EasyOptions& options, const std::string& ca_file, bool allow_http) {
  // Where to: the URL's own scheme and host, nowhere else. On a redirect libcurl would re-send
  // x-api-key and, on 307, the prompt.
  options.Set(CURLOPT_PROTOCOLS_STR, allow_http ? "https,http" : "https");
  options.Set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  options.Set(CURLOPT_FOLLOWLOCATION, 0L);
  options.Set(CURLOPT_UNRESTRICTED_AUTH, 0L);

  // Nothing from the environment or the home directory: with a proxy the address check would see
  // only the proxy.
  options.Set(CURLOPT_PROXY, "");
  options.Set(CURLOPT_NOPROXY, "*");
  options.Set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));

  // TLS. Debian's default CAPATH makes libcurl read the whole bundle for each new connection
  // (30 ms CPU); without it the store is kept with the multi handle.
  options.Set(CURLOPT_SSL_VERIFYPEER, 1L);
  options.Set(CURLOPT_SSL_VERIFYHOST, 2L);
  options.Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file.empty()) options.Set(CURLOPT_CAINFO, ca_file.c_str());
  options.Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));

  // Inside a server process: no signals, and no waiting for a resolver thread at the end.
  options.Set(CURLOPT_NOSIGNAL, 1L);
  options.Set(CURLOPT_QUICK_EXIT, 1L);
  options.Set(CURLOPT_VERBOSE, 0L);

  // The protocol: HTTP/2 where TLS negotiates it. ACCEPT_ENCODING stays unset: what is not inflated
  // is no bomb.
  options.Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  options.Set(CURLOPT_HTTP09_ALLOWED, 0L);

  // Connections. An answer may take ten silent minutes: keep-alive probes hold NAT entries open.
  // Idle ones are dropped before the 60 s after which common front ends close them: a request that
  // crosses such a close on the wire has an unknown fate.
  options.Set(CURLOPT_TCP_KEEPALIVE, 1L);
  options.Set(CURLOPT_TCP_KEEPIDLE, 45L);
  options.Set(CURLOPT_TCP_KEEPINTVL, 15L);
  options.Set(CURLOPT_MAXAGE_CONN, 50L);

  // Memory: answers and prompts are a few KiB, thousands of transfers run at once.
  options.Set(CURLOPT_BUFFERSIZE, 4096L);
  options.Set(CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
}

}  // namespace byok::http
