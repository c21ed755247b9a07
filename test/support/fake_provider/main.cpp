// fake_provider: plays OpenAI, Anthropic and DeepSeek on loopback for tests and the demo; see
// control.hpp.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "fake_provider/parent_watch.hpp"
#include "fake_provider/server.hpp"
#include "fake_provider/service.hpp"

namespace {

struct Arguments {
  std::uint16_t http_port = 0;
  std::uint16_t https_port = 0;
  std::string certificate_file;
  std::string key_file;
  std::string ports_file;
  pid_t parent = 0;
  std::uint32_t max_streams = 1000;
};

void Declare(CLI::App& app, Arguments& arguments) {
  app.add_option("--http-port", arguments.http_port, "0: a free one");
  app.add_option("--https-port", arguments.https_port, "0: a free one; needs --cert");
  auto* certificate = app.add_option("--cert", arguments.certificate_file, "PEM chain");
  auto* key = app.add_option("--key", arguments.key_file, "PEM private key");
  certificate->needs(key);
  key->needs(certificate);
  app.add_option("--ports-file", arguments.ports_file, "gets the ports as JSON once both listen");
  app.add_option("--parent-pid", arguments.parent, "exit when this process is gone");
  app.add_option("--max-streams", arguments.max_streams,
                 "concurrent streams of an HTTP/2 connection");
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Complete or not there at all.
void WriteAtomically(const std::string& path, const std::string& text) {
  const std::string unfinished = path + ".new";
  std::ofstream file(unfinished);
  file << text << std::flush;
  if (!file || std::rename(unfinished.c_str(), path.c_str()) != 0) {
    throw std::runtime_error("could not write " + path);
  }
}

void Announce(const Arguments& arguments, const fake::Listener& http,
              const std::optional<fake::HttpsListener>& https) {
  fake::Json ports = {{"http", http.port()}, {"pid", getpid()}};
  ports["https"] = https ? fake::Json(https->port()) : fake::Json();
  const std::string text = ports.dump() + "\n";
  if (!arguments.ports_file.empty()) WriteAtomically(arguments.ports_file, text);
  std::cout << text << std::flush;
}

void Run(const Arguments& arguments) {
  RaiseDescriptorLimit();
  std::signal(SIGPIPE, SIG_IGN);
  fake::Service service;
  asio::io_context loop(1);
  asio::signal_set stop(loop, SIGTERM, SIGINT);
  stop.async_wait([&](std::error_code, int) { loop.stop(); });
  fake::ParentWatch watch(loop, arguments.parent, [&] { loop.stop(); });

  fake::HttpListener http(loop, arguments.http_port, service);
  std::optional<fake::HttpsListener> https;
  if (!arguments.certificate_file.empty()) {
    https.emplace(loop, arguments.https_port, service, arguments.certificate_file,
                  arguments.key_file, arguments.max_streams);
    https->Start();
  }
  http.Start();
  Announce(arguments, http, https);
  loop.run();
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("plays LLM providers on loopback");
  Declare(app, arguments);
  CLI11_PARSE(app, argc, argv);
  try {
    Run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "fake_provider: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
