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
/// answer and for the question itself.
constexpr std::size_t kExtraInstructionBytes = 2048;
constexpr std::size_t kShownBytes = 8'000;
/// Its output at most, when it has only to sort the answers.
constexpr std::int64_t kVerdictTokens = 256;

/// What is shown of a question or an answer: no character that is not seen, and of one that takes
/// more than kShownBytes as a JSON string its beginning and its end, where conclusions stand.
std::string Excerpt(std::string_view text);

/// Asks which answers mean the same. `request_id` seeds order and nonce: the same request asks the
/// same.
ExtraCall JudgeCall(std::string_view prompt, const std::vector<std::string>& answers,
                    std::string_view request_id);
/// Asks for one answer out of all.
ExtraCall SynthesisCall(std::string_view prompt, const std::vector<std::string>& answers,
                        std::string_view request_id, std::int64_t max_tokens);

/// What a judge says.
struct JudgeReply {
  std::vector<std::vector<std::size_t>> groups;  ///< indices of the answers
  bool reports_injection = false;                ///< an answer tried to give it orders
};

/// A judge's reply: {"groups": [[1, 3], [2]], "injection": false} counted from 1 as shown, alone or
/// in a ``` fence; the second member may be missing. Nothing for any other text: a group twice, a
/// number missing, another member, words around it.
std::optional<JudgeReply> ParseVerdict(std::string_view text,
                                       const std::vector<std::size_t>& shown);

}  // namespace byok
