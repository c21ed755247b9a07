#pragma once

#include <optional>
#include <string>
#include <vector>

namespace byok::eval {

/// What a reference of the measure, version 1, found.
struct ReferenceResult {
  std::optional<std::size_t> pick;
  double confidence = 0;
  std::vector<std::optional<double>> pairs;  ///< 01, 02, 12
  std::vector<std::string> status;
  std::string method;
};

/// Three answers to one question, and what is known about them.
struct Triad {
  std::string id, question, kind, stratum, attack;
  std::string source;  ///< the data set, without the models that answered
  std::vector<std::optional<std::string>> answers;
  std::vector<std::optional<bool>> right;
  std::vector<std::size_t> majority;  ///< the right picks where two stand against one, else empty
  std::optional<bool> all_agree;
  ReferenceResult reference;

  /// Drawn blind to the labels: only these say how often a pick is right.
  [[nodiscard]] bool is_natural() const { return stratum == "natural"; }
  [[nodiscard]] bool is_code() const { return kind == "code"; }
};

/// The rows of a .jsonl file; nothing when there is no such file.
std::optional<std::vector<Triad>> ReadTriads(const std::string& path);

}  // namespace byok::eval
