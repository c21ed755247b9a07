#include "base/json.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/decimal.hpp"
#include "base/encoding.hpp"

namespace byok {
namespace {

using Lexer = nlohmann::json;

const Json kNull;
const Json::Array kNoElements;
const Json::Object kNoMembers;

/// Builds our tree from nlohmann's events. It stops at the first event that breaks a limit, which
/// the library's own tree and parser callback cannot do.
class TreeBuilder final : public nlohmann::json_sax<Lexer> {
 public:
  explicit TreeBuilder(int max_depth) : max_depth_(static_cast<std::size_t>(max_depth)) {}

  bool null() override { return Add(Json()); }
  bool boolean(bool value) override { return Add(Json(value)); }
  bool number_integer(number_integer_t value) override { return Add(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    return Add(Json::Number(std::to_string(value)));
  }
  bool number_float(number_float_t, const string_t& text) override {
    // The library writes the locale's decimal point into its copy of the text.
    std::string decimal = text;
    const std::size_t point = decimal.find_first_not_of("+-0123456789eE");
    if (point != std::string::npos) decimal[point] = '.';
    return Add(Json::Number(std::move(decimal)));
  }
  bool string(string_t& value) override { return Add(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& name) override {
    open_.back().name = std::move(name);
    return true;
  }
  bool start_object(std::size_t) override { return Open(true); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(false); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_position_ = position;
    return false;
  }

  [[nodiscard]] bool too_deep() const { return too_deep_; }
  [[nodiscard]] std::size_t error_position() const { return error_position_; }
  Json TakeRoot() { return std::move(root_); }

 private:
  struct Level {
    bool is_object;
    Json::Array elements;
    Json::Object members;
    std::string name;  // of the member being read, when this level is an object
  };

  bool Open(bool is_object) {
    too_deep_ = open_.size() >= max_depth_;
    if (!too_deep_) open_.push_back({is_object, {}, {}, {}});
    return !too_deep_;
  }
  bool Close() {
    Level done = std::move(open_.back());
    open_.pop_back();
    return Add(done.is_object ? Json(std::move(done.members)) : Json(std::move(done.elements)));
  }
  bool Add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Level& level = open_.back(); level.is_object) {
      level.members.emplace_back(std::move(level.name), std::move(value));
    } else {
      level.elements.push_back(std::move(value));
    }
    return true;
  }

  std::size_t max_depth_;
  std::vector<Level> open_;
  Json root_;
  bool too_deep_ = false;
  std::size_t error_position_ = 0;
};

/// `position` counts from 1.
Status Malformed(std::size_t position) {
  return Status::InvalidArgument("JSON is malformed at byte " + std::to_string(position));
}

}  // namespace

Json::Json(std::int64_t number) : value_(NumberText{std::to_string(number)}) {}

Json Json::Number(std::string decimal) {
  return Json(NumberText{std::move(decimal)});
}

Result<Json> Json::Parse(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Status::InvalidArgument("JSON text is longer than " + std::to_string(limits.max_bytes) +
                                   " bytes");
  }
  // The library takes a raw NUL for the end of the text and would not look at what follows.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return Malformed(nul + 1);
  }
  TreeBuilder builder(limits.max_depth);
  if (Lexer::sax_parse(text.begin(), text.end(), &builder)) return builder.TakeRoot();
  if (builder.too_deep()) {
    return Status::InvalidArgument("JSON is nested deeper than " +
                                   std::to_string(limits.max_depth) + " levels");
  }
  return Malformed(builder.error_position());
}

std::string Json::Dump() const {
  std::string out;
  DumpTo(out);
  return out;
}

void Json::DumpTo(std::string& out) const {
  const auto dump_text = [&out](const std::string& text) {
    out += Lexer(ToPrintableUtf8(text)).dump(-1, ' ', false, Lexer::error_handler_t::replace);
  };
  if (const auto* text = std::get_if<std::string>(&value_)) {
    dump_text(*text);
  } else if (const auto* number = std::get_if<NumberText>(&value_)) {
    out += number->text;
  } else if (const auto* truth = std::get_if<bool>(&value_)) {
    out += *truth ? "true" : "false";
  } else if (const auto* elements = std::get_if<Array>(&value_)) {
    const char* separator = "[";
    for (const Json& element : *elements) {
      out += std::exchange(separator, ",");
      element.DumpTo(out);
    }
    out += elements->empty() ? "[]" : "]";
  } else if (const auto* members = std::get_if<Object>(&value_)) {
    const char* separator = "{";
    for (const auto& [name, value] : *members) {
      out += std::exchange(separator, ",");
      dump_text(name);
      out += ':';
      value.DumpTo(out);
    }
    out += members->empty() ? "{}" : "}";
  } else {
    out += "null";
  }
}

std::string_view Json::TypeName() const {
  static constexpr std::string_view kNames[] = {"null",   "boolean", "number",
                                                "string", "array",   "object"};
  return kNames[value_.index()];
}

std::optional<std::string> Json::AsString() const {
  const auto* text = std::get_if<std::string>(&value_);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

std::optional<bool> Json::AsBool() const {
  const auto* truth = std::get_if<bool>(&value_);
  return truth == nullptr ? std::nullopt : std::optional(*truth);
}

std::optional<std::int64_t> Json::AsInteger() const {
  const auto* number = std::get_if<NumberText>(&value_);
  if (number == nullptr) return std::nullopt;
  const auto whole = ScaleDecimal(number->text, 0);
  if (!whole || *whole < std::numeric_limits<std::int64_t>::min() ||
      *whole > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*whole);
}

std::optional<std::string> Json::AsNumberText() const {
  const auto* number = std::get_if<NumberText>(&value_);
  return number == nullptr ? std::nullopt : std::optional(number->text);
}

const Json& Json::operator[](std::string_view name) const {
  const Member* member = Find(name);
  return member == nullptr ? kNull : member->second;
}

const Json& Json::operator[](std::size_t index) const {
  const Array& elements = Elements();
  return index < elements.size() ? elements[index] : kNull;
}

const Json::Member* Json::Find(std::string_view name) const {
  const Object& members = Members();
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [name](const Member& member) { return member.first == name; });
  return found == members.rend() ? nullptr : &*found;
}

std::size_t Json::Size() const {
  return Elements().size() + Members().size();
}

const Json::Array& Json::Elements() const {
  const auto* elements = std::get_if<Array>(&value_);
  return elements == nullptr ? kNoElements : *elements;
}

const Json::Object& Json::Members() const {
  const auto* members = std::get_if<Object>(&value_);
  return members == nullptr ? kNoMembers : *members;
}

Json& Json::Set(std::string_view name, Json value) & {
  if (const Member* member = Find(name)) {
    const_cast<Member*>(member)->second = std::move(value);
  } else {
    std::get<Object>(value_).emplace_back(name, std::move(value));
  }
  return *this;
}

Json& Json::Append(Json value) & {
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

}  // namespace byok
