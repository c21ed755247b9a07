#include "held_out.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace byok::eval {
namespace {

/// A returned answer, what supported it, and whether it was right.
struct Sample {
  double support = 0;
  Evidence evidence = Evidence::kShortTexts;
  double confidence = 0;  // the table's
  bool is_right = false;
};
using Samples = std::vector<Sample>;

/// Neighbours in support whose share right is pooled.
struct Block {
  double support = 0, right = 0, count = 0;  // sums

  [[nodiscard]] double x() const { return support / count; }
  [[nodiscard]] double y() const { return (right + 1) / (count + 2); }  // never quite 0 or 1
};

/// The map that never falls and fits best (pool adjacent violators), linear between its blocks.
class Map {
 public:
  explicit Map(Samples samples) {
    std::sort(samples.begin(), samples.end(),
              [](const Sample& a, const Sample& b) { return a.support < b.support; });
    for (const Sample& sample : samples) {
      blocks_.push_back({sample.support, sample.is_right ? 1.0 : 0.0, 1});
      while (blocks_.size() > 1 && Falls()) Pool();
    }
  }

  [[nodiscard]] double operator()(double support) const {
    const auto above = std::find_if(blocks_.begin(), blocks_.end(),
                                    [&](const Block& block) { return block.x() >= support; });
    if (above == blocks_.begin()) return above->y();
    if (above == blocks_.end()) return blocks_.back().y();
    const Block& below = *(above - 1);
    const double share = (support - below.x()) / (above->x() - below.x());
    return below.y() + share * (above->y() - below.y());
  }

 private:
  [[nodiscard]] bool Falls() const {
    const Block &last = blocks_.back(), &before = *(blocks_.end() - 2);
    return before.right / before.count >= last.right / last.count;
  }
  void Pool() {
    const Block last = blocks_.back();
    blocks_.pop_back();
    Block& into = blocks_.back();
    into = {into.support + last.support, into.right + last.right, into.count + last.count};
  }

  std::vector<Block> blocks_;
};

std::map<std::string, Samples> SamplesBySource(const std::vector<Triad>& triads,
                                               const Outcomes& outcomes) {
  std::map<std::string, Samples> samples;
  for (std::size_t i = 0; i < triads.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    if (!triads[i].is_natural() || triads[i].is_code() || !outcome.evidence) continue;
    if (const auto right = triads[i].right[*outcome.pick]) {
      samples[triads[i].source].push_back(
          {outcome.support, *outcome.evidence, outcome.confidence, *right});
    }
  }
  return samples;
}

/// The error on `samples` of what `confidence` makes of each.
template <typename Confidence>
double ErrorOf(const Samples& samples, Confidence confidence) {
  std::vector<Claim> claims;
  for (const Sample& sample : samples) claims.push_back({confidence(sample), sample.is_right});
  return CalibrationError(claims);
}

/// A map for each evidence that `samples` has enough of, else the one of all.
class MapsByEvidence {
 public:
  explicit MapsByEvidence(const Samples& samples) : all_(samples) {
    constexpr std::size_t kEnough = 50;
    for (const Evidence evidence :
         {Evidence::kResults, Evidence::kShortTexts, Evidence::kLongTexts}) {
      Samples some = samples;
      std::erase_if(some, [&](const Sample& s) { return s.evidence != evidence; });
      if (some.size() >= kEnough) maps_.emplace(evidence, Map(std::move(some)));
    }
  }

  [[nodiscard]] double operator()(const Sample& sample) const {
    const auto found = maps_.find(sample.evidence);
    return found != maps_.end() ? found->second(sample.support) : all_(sample.support);
  }

 private:
  Map all_;
  std::map<Evidence, Map> maps_;
};

}  // namespace

std::vector<HeldOut> MeasureHeldOut(const std::vector<Triad>& triads, const Outcomes& outcomes) {
  const auto by_source = SamplesBySource(triads, outcomes);
  std::vector<HeldOut> all;
  for (const auto& [source, samples] : by_source) {
    Samples others;
    for (const auto& [name, some] : by_source) {
      if (name != source) others.insert(others.end(), some.begin(), some.end());
    }
    const Map one(others);
    all.push_back({source, samples.size(),
                   ErrorOf(samples, [](const Sample& s) { return s.confidence; }),
                   ErrorOf(samples, [&](const Sample& s) { return one(s.support); }),
                   ErrorOf(samples, MapsByEvidence(others))});
  }
  return all;
}

}  // namespace byok::eval
