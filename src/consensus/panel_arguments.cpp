#include "consensus/panel_arguments.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>

namespace byok {
namespace {

using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 3> kUsualOrder = {"openai", "anthropic", "deepseek"};

std::string Quoted(std::string_view name) {
  return "\"" + std::string(name) + "\"";
}

// --- options -----------------------------------------------------------------------------------

Status CheckStrategy(const Json& strategy) {
  if (strategy.AsString() == "medoid") return {};
  return Status::InvalidArgument("option \"strategy\" must be \"medoid\" here")
      .WithHint("Every other strategy needs providers; leave the option out.");
}

Result<Names> ReadProviders(const Json& providers) {
  Names names;
  for (const Json& element : providers.Elements()) {
    const auto name = element.AsString();
    if (!name) break;
    names.push_back(*name);
  }
  if (!providers.IsArray() || names.size() != providers.Size()) {
    return Status::InvalidArgument("option \"providers\" must be an array of provider names")
        .WithHint("It is the order in which ties are decided.");
  }
  return names;
}

/// The order that options.providers asks for. As in triangle_query, a null option is not given.
Result<Names> ReadOrder(const Json& options) {
  if (!options.IsNull() && !options.IsObject()) {
    return Status::InvalidArgument("options must be a JSON object, not " +
                                   std::string(options.TypeName()));
  }
  for (const auto& [name, value] : options.Members()) {
    if (name == "providers") continue;
    if (name != "strategy") {
      return Status::InvalidArgument("option " + Quoted(name) + " is not known")
          .WithHint("Known options are strategy, providers.");
    }
    if (value.IsNull()) continue;
    if (Status status = CheckStrategy(value); !status.ok()) return status;
  }
  const Json& providers = options["providers"];
  return providers.IsNull() ? Result<Names>(Names()) : ReadProviders(providers);
}

// --- answers -----------------------------------------------------------------------------------

Status CheckAnswers(const Json& answers) {
  if (!answers.IsObject()) {
    return Status::InvalidArgument("answers must be a JSON object of texts")
        .WithDetail("It is of type " + std::string(answers.TypeName()) + ".");
  }
  if (answers.Size() == 0) return Status::InvalidArgument("answers must not be empty");
  for (const auto& [name, text] : answers.Members()) {
    if (text.IsString() || text.IsNull()) continue;
    return Status::InvalidArgument("answers must be texts or nulls")
        .WithDetail("The answer of " + Quoted(name) + " is of type " +
                    std::string(text.TypeName()) + ".");
  }
  return {};
}

/// Where a name stands in a list; behind all of it when it does not.
template <typename List>
std::size_t RankIn(const List& list, std::string_view name) {
  return static_cast<std::size_t>(std::find(list.begin(), list.end(), name) - list.begin());
}

Names NamesInOrder(const Json& answers, const Names& order) {
  Names names;
  for (const auto& member : answers.Members()) names.push_back(member.first);
  const auto rank = [&order](const std::string& name) {
    return std::tuple(RankIn(order, name), RankIn(kUsualOrder, name), std::string_view(name));
  };
  std::sort(names.begin(), names.end(),
            [&](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

Result<std::vector<PanelAnswer>> ReadPanel(const Json& answers, const Json& options) {
  if (Status status = CheckAnswers(answers); !status.ok()) return status;
  const Result<Names> order = ReadOrder(options);
  if (!order.ok()) return order.status();
  std::vector<PanelAnswer> panel;
  for (const std::string& name : NamesInOrder(answers, *order)) {
    panel.push_back({name, answers[name].AsString(), false});
  }
  if (panel.size() <= kMaxPanel) return panel;
  return Status::InvalidArgument("answers must not have more than " + std::to_string(kMaxPanel) +
                                 " names")
      .WithDetail("It has " + std::to_string(panel.size()) + "; the first one too many is " +
                  Quoted(panel[kMaxPanel].name) + ".");
}

}  // namespace byok
