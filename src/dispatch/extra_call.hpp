#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/leg.hpp"

namespace byok {

/// The question of an extra call: about the answers that other calls gave. The answers are data to
/// the model that is asked: JSON strings between two lines with a nonce that no answer knows, in an
/// order that says nothing about who gave them.
struct ExtraCall {
  Question question;
  std::vector<std::size_t> shown;  ///< place in the question → index of the answer
};

/// What the extra call may be as bytes of a prompt: this, and as much as kShownBytes for each
/// answer and for the question itself. Longer ones are cut.
constexpr std::size_t kExtraInstructionBytes = 2048;
constexpr std::size_t kShownBytes = 8'000;
/// Its output at most, when it has only to sort the answers.
constexpr std::int64_t kVerdictTokens = 256;

/// Asks which answers mean the same. `request_id` seeds order and nonce: the same request asks the
/// same.
ExtraCall JudgeCall(std::string_view prompt, const std::vector<std::string>& answers,
                    std::string_view request_id);
/// Asks for one answer out of all.
ExtraCall SynthesisCall(std::string_view prompt, const std::vector<std::string>& answers,
                        std::string_view request_id, std::int64_t max_tokens);

/// A judge's groups as indices of the answers: {"groups": [[1, 3], [2]]} counted from 1 as shown,
/// alone or in a ``` fence. Nothing for any other text: a group twice, a number missing, words
/// around it.
std::optional<std::vector<std::vector<std::size_t>>> ParseVerdict(
    std::string_view text, const std::vector<std::size_t>& shown);

}  // namespace byok
