#include "vault/environment_keys.hpp"

namespace byok {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Cuts the next piece off the front of `text`.
std::string_view NextPiece(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view piece = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return piece;
}

/// The value of a line's right-hand side: inside its quotes, else up to a blank before a comment.
std::string_view Unquote(std::string_view value) {
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) {
    const std::size_t end = value.find(value.front(), 1);
    if (end != std::string_view::npos) return value.substr(1, end - 1);
  }
  return Trim(value.substr(0, value.find(" #")));
}

}  // namespace

std::optional<std::string> EnvironmentVariableOf(std::string_view mapping,
                                                 std::string_view provider) {
  while (!mapping.empty()) {
    std::string_view entry = NextPiece(mapping, ',');
    const std::string_view name = Trim(NextPiece(entry, '='));
    if (name == provider && !Trim(entry).empty()) return std::string(Trim(entry));
  }
  return std::nullopt;
}

std::optional<Secret> ValueInEnvFile(std::string_view text, std::string_view name) {
  constexpr std::string_view kExport = "export ";
  std::optional<Secret> found;
  while (!text.empty()) {
    std::string_view line = Trim(NextPiece(text, '\n'));
    if (line.starts_with(kExport)) line = Trim(line.substr(kExport.size()));
    if (line.empty() || line.front() == '#' || line.find('=') == std::string_view::npos) continue;
    if (Trim(NextPiece(line, '=')) != name) continue;
    const std::string_view value = Unquote(Trim(line));
    found = value.empty() ? std::nullopt : std::optional(Secret::CopyOf(value));
  }
  return found;
}

}  // namespace byok
