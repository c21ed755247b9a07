#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace byok {

/// What the reader accepts at most. Bytes from a provider or a caller may be hostile.
struct JsonLimits {
  std::size_t max_bytes = std::size_t{4} << 20;
  int max_depth = 64;
};

/// A JSON value (RFC 8259). A plain tree that copies and compares like any other value.
///
/// - Numbers keep their text, so money never passes through a double.
/// - Objects keep the order of their members; looking up a repeated name finds the last one.
/// - Reading never throws and never quotes the input in an error: it may hold a key or a prompt.
/// - Looking up a member that is not there gives a null, so chains of optional members read
/// plainly:
///   `body["choices"][0]["message"]["content"].AsString()`.
class Json {
 public:
  using Member = std::pair<std::string, Json>;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;

  Json() = default;
  Json(std::string text) : value_(std::move(text)) {}         // NOLINT
  Json(std::string_view text) : value_(std::string(text)) {}  // NOLINT
  Json(const char* text) : value_(std::string(text)) {}       // NOLINT
  Json(bool truth) : value_(truth) {}                         // NOLINT
  Json(int number) : Json(std::int64_t{number}) {}            // NOLINT
  Json(std::int64_t number);                                  // NOLINT
  explicit Json(Array elements) : value_(std::move(elements)) {}
  explicit Json(Object members) : value_(std::move(members)) {}
  static Json MakeObject() { return Json(Object{}); }
  static Json MakeArray() { return Json(Array{}); }
  /// A number from its exact decimal spelling, e.g. "0.031". The caller vouches for the grammar.
  static Json Number(std::string decimal);

  /// Refuses depth and size over the limits, invalid UTF-8, lone surrogates, trailing bytes, NaN.
  /// The error (22023) says where, never what.
  static Result<Json> Parse(std::string_view text, const JsonLimits& limits = {});
  /// Compact text. Strings that are not UTF-8 get U+FFFD; NUL too, as PostgreSQL cannot hold it.
  [[nodiscard]] std::string Dump() const;

  [[nodiscard]] bool IsNull() const { return std::holds_alternative<std::monostate>(value_); }
  [[nodiscard]] bool IsString() const { return std::holds_alternative<std::string>(value_); }
  [[nodiscard]] bool IsBool() const { return std::holds_alternative<bool>(value_); }
  [[nodiscard]] bool IsNumber() const { return std::holds_alternative<NumberText>(value_); }
  [[nodiscard]] bool IsArray() const { return std::holds_alternative<Array>(value_); }
  [[nodiscard]] bool IsObject() const { return std::holds_alternative<Object>(value_); }
  /// "null", "string", "boolean", "number", "array" or "object", for messages.
  [[nodiscard]] std::string_view TypeName() const;

  [[nodiscard]] std::optional<std::string> AsString() const;
  [[nodiscard]] std::optional<bool> AsBool() const;
  /// A whole number that fits 64 bits; `1e3` and `2.0` count, `1.5` and `1e400` do not.
  [[nodiscard]] std::optional<std::int64_t> AsInteger() const;
  /// The number as it was written.
  [[nodiscard]] std::optional<std::string> AsNumberText() const;

  /// The member, or null when this is no object or has none of that name.
  const Json& operator[](std::string_view name) const;
  const Json& operator[](const char* name) const { return (*this)[std::string_view(name)]; }
  /// The element, or null when this is no array or is shorter.
  const Json& operator[](std::size_t index) const;
  const Json& operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
  [[nodiscard]] bool Has(std::string_view name) const { return Find(name) != nullptr; }
  /// Elements of an array, members of an object, else 0.
  [[nodiscard]] std::size_t Size() const;
  /// Empty when this is no array / no object.
  [[nodiscard]] const Array& Elements() const;
  [[nodiscard]] const Object& Members() const;

  /// Only on an object: sets or replaces the member.
  Json& Set(std::string_view name, Json value) &;
  Json&& Set(std::string_view name, Json value) && {
    return std::move(Set(name, std::move(value)));
  }
  /// Only on an array.
  Json& Append(Json value) &;

  bool operator==(const Json&) const = default;

 private:
  struct NumberText {
    std::string text;
    bool operator==(const NumberText&) const = default;
  };
  explicit Json(NumberText number) : value_(std::move(number)) {}
  [[nodiscard]] const Member* Find(std::string_view name) const;
  void DumpTo(std::string& out) const;

  std::variant<std::monostate, bool, NumberText, std::string, Array, Object> value_;
};

}  // namespace byok
