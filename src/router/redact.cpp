#include "router/redact.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "base/json.hpp"

namespace byok {
namespace {

constexpr std::string_view kMask = "[redacted]";
constexpr std::size_t kEchoLength = 8;  // of a key's first or last characters, as providers echo it
// What is looked at, so that a hostile page costs no time: far more than the 300 characters kept.
constexpr std::size_t kMaxRawBytes = 65'536;
constexpr std::size_t kMaxPlainBytes = 4'096;
constexpr std::size_t kMaxTagBytes = 1024;

char Lower(char c) {
  return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool IsDigit(char c) {
  return '0' <= c && c <= '9';
}
bool IsLetter(char c) {
  return 'a' <= Lower(c) && Lower(c) <= 'z';
}
bool IsWord(char c) {
  return IsLetter(c) || IsDigit(c) || c == '_';
}
bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
/// Of a key, also of one the provider has starred out or shortened with dots.
bool IsKeyCharacter(char c) {
  return IsWord(c) || c == '-' || c == '*' || c == '.';
}
bool IsHex(char c) {
  return IsDigit(c) || ('a' <= Lower(c) && Lower(c) <= 'f');
}

template <typename Predicate>
std::size_t RunLength(std::string_view text, Predicate belongs) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), belongs) -
                                  text.begin());
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

// --- patterns: each tells how many characters at the start of `text` to mask, 0 for none
// ----------

struct Prefix {
  std::string_view text;
  std::size_t min_rest;
};
constexpr std::array kKeyPrefixes = {Prefix{"sk-", 8}, Prefix{"gsk_", 8}, Prefix{"xai-", 8},
                                     Prefix{"AIza", 16}};
constexpr std::array kAccountPrefixes = {Prefix{"org-", 6}, Prefix{"proj_", 6},
                                         Prefix{"wrkspc_", 6}};

template <std::size_t kCount>
std::size_t PrefixedLength(std::string_view text, const std::array<Prefix, kCount>& prefixes) {
  for (const Prefix& prefix : prefixes) {
    if (!text.starts_with(prefix.text)) continue;
    std::size_t length = RunLength(text, IsKeyCharacter);
    while (text[length - 1] == '.') --length;  // the sentence's, not the key's
    if (length >= prefix.text.size() + prefix.min_rest) return length;
  }
  return 0;
}

std::size_t BearerLength(std::string_view text) {
  constexpr std::string_view kScheme = "bearer";
  if (!StartsWithIgnoringCase(text, kScheme)) return 0;
  const std::size_t blanks = RunLength(text.substr(kScheme.size()), IsBlank);
  if (blanks == 0) return 0;
  const std::size_t start = kScheme.size() + blanks;
  const std::size_t token = RunLength(text.substr(start), IsKeyCharacter);
  return token == 0 ? 0 : start + token;
}

std::size_t KeyLength(std::string_view text) {
  const std::size_t length = PrefixedLength(text, kKeyPrefixes);
  return length != 0 ? length : BearerLength(text);
}

/// A word a provider has starred out keeps the key's first and last characters.
std::size_t StarredLength(std::string_view text) {
  const std::size_t length = RunLength(text, IsKeyCharacter);
  return text.substr(0, length).find("***") == std::string_view::npos ? 0 : length;
}

std::size_t Ipv4Length(std::string_view text) {
  std::size_t length = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && text.substr(length, 1) != ".") return 0;
    length += part > 0 ? 1 : 0;
    const std::size_t digits = RunLength(text.substr(length), IsDigit);
    if (digits < 1 || digits > 3) return 0;
    length += digits;
  }
  const std::string_view rest = text.substr(length);
  return !rest.empty() && IsWord(rest.front()) ? 0 : length;
}

/// Eight groups, or fewer with `::`; so neither a clock time nor `a::b` of a program is one.
std::size_t Ipv6Length(std::string_view text) {
  const std::size_t length = RunLength(text, [](char c) { return IsHex(c) || c == ':'; });
  const std::string_view candidate = text.substr(0, length);
  const auto colons = std::count(candidate.begin(), candidate.end(), ':');
  const bool shortened = candidate.find("::") != std::string_view::npos && candidate.size() > 2;
  const bool ends = length == text.size() || !IsWord(text[length]);
  return ends && (shortened || colons == 7) ? length : 0;
}

std::size_t PrivateLength(std::string_view text) {
  for (const auto measure : {KeyLength, StarredLength, Ipv4Length, Ipv6Length}) {
    if (const std::size_t length = measure(text); length != 0) return length;
  }
  return PrefixedLength(text, kAccountPrefixes);
}

/// Masks what `measure` recognises at the starts of words: `sk-…` but not `task-…`.
std::string MaskWords(std::string_view text, std::size_t (*measure)(std::string_view)) {
  std::string out;
  bool inside_word = false;
  while (!text.empty()) {
    const std::size_t length = inside_word ? 0 : measure(text);
    if (length == 0) {
      out += text.front();
      inside_word = IsWord(text.front());
      text.remove_prefix(1);
    } else {
      out += kMask;
      text.remove_prefix(length);
    }
  }
  return out;
}

// --- the given secrets -------------------------------------------------------------------------

void ReplaceAll(std::string& text, std::string_view what) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + kMask.size())) {
    text.replace(at, what.size(), kMask);
  }
}

/// Masks the secret's beginning wherever it stands, as far as the text goes along with it.
void ReplaceBeginnings(std::string& text, std::string_view secret) {
  const std::string_view start = secret.substr(0, kEchoLength);
  for (std::size_t at = text.find(start); at != std::string::npos;
       at = text.find(start, at + kMask.size())) {
    const std::string_view there = std::string_view(text).substr(at);
    const auto differs = std::mismatch(secret.begin(), secret.end(), there.begin(), there.end());
    text.replace(at, static_cast<std::size_t>(differs.first - secret.begin()), kMask);
  }
}

std::string JsonEscaped(std::string_view secret) {
  const std::string quoted = Json(secret).Dump();
  return quoted.substr(1, quoted.size() - 2);
}

void ReplaceSecret(std::string& text, std::string_view secret) {
  ReplaceAll(text, secret);
  ReplaceAll(text, JsonEscaped(secret));
  if (secret.size() < kEchoLength) return;
  ReplaceAll(text, ToBase64(AsBytes(secret)));
  ReplaceBeginnings(text, secret);
  ReplaceAll(text, secret.substr(secret.size() - kEchoLength));
}

void ReplaceSecrets(std::string& text, std::span<const std::string_view> secrets) {
  for (const std::string_view secret : secrets) {
    if (!secret.empty()) ReplaceSecret(text, secret);
  }
}

// --- markup and control characters: each tells how many characters to drop, 0 for none
// --------------

/// A tag, with all that stands between the tags of a script or a style sheet.
std::size_t MarkupLength(std::string_view text) {
  const bool tag = text.size() >= 2 && text[0] == '<' &&
                   (IsLetter(text[1]) || text[1] == '/' || text[1] == '!' || text[1] == '?');
  if (!tag) return 0;
  for (const auto& [start, end] : {std::pair{"<script", "</script>"}, {"<style", "</style>"}}) {
    if (!StartsWithIgnoringCase(text, start)) continue;
    const std::size_t at = text.find(end);
    return at == std::string_view::npos ? text.size() : at + std::string_view(end).size();
  }
  const std::size_t at = text.substr(0, kMaxTagBytes).find('>');
  return at == std::string_view::npos ? 1 : at + 1;
}

/// A control character (C0, DEL, C1 as UTF-8); an ANSI escape sequence as a whole.
std::size_t ControlLength(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.starts_with("\x1b[")) {
    const std::size_t parameters =
        RunLength(text.substr(2), [](char c) { return ' ' <= c && c < '@'; });
    return std::min(text.size(), 2 + parameters + 1);
  }
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  const bool c1 = text.size() >= 2 && byte(0) == 0xc2 && 0x80 <= byte(1) && byte(1) <= 0x9f;
  return c1 ? 2 : 0;
}

/// The readable part in one line: runs of blanks, tags and controls become one space.
std::string PlainLine(std::string_view text) {
  std::string out;
  bool gap = false;
  while (!text.empty()) {
    std::size_t dropped = std::max(MarkupLength(text), ControlLength(text));
    if (dropped == 0 && text.front() == ' ') dropped = 1;
    if (dropped != 0) {
      text.remove_prefix(dropped);
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

std::string CutCharacters(std::string text, std::size_t limit) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool starts_character = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (starts_character && ++characters > limit) {
      text.resize(at);
      break;
    }
  }
  return text;
}

}  // namespace

std::string ConcealSecrets(std::string text, std::span<const std::string_view> secrets) {
  for (const std::string_view secret : secrets) {
    if (secret.size() < kEchoLength) continue;
    ReplaceAll(text, secret);
    ReplaceAll(text, JsonEscaped(secret));
    ReplaceAll(text, ToBase64(AsBytes(secret)));
  }
  return text;
}

bool CarriesSecret(std::string_view text, std::span<const std::string_view> secrets) {
  return std::any_of(secrets.begin(), secrets.end(), [text](std::string_view secret) {
    if (secret.size() < kEchoLength) return false;
    return text.find(secret.substr(0, kEchoLength)) != std::string_view::npos ||
           text.find(secret.substr(secret.size() - kEchoLength)) != std::string_view::npos ||
           text.find(ToBase64(AsBytes(secret))) != std::string_view::npos;
  });
}

std::string MaskKeyPatterns(std::string_view text) {
  return MaskWords(text, KeyLength);
}

std::string SanitizeProviderText(std::string_view text, std::span<const std::string_view> secrets) {
  std::string raw(text.substr(0, kMaxRawBytes));
  ReplaceSecrets(raw, secrets);
  const std::string plain = PlainLine(ToPrintableUtf8(raw)).substr(0, kMaxPlainBytes);
  return CutCharacters(ToPrintableUtf8(MaskWords(plain, PrivateLength)), kMaxProviderText);
}

}  // namespace byok
