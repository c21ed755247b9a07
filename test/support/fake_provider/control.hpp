#pragma once

#include "fake_provider/composer.hpp"
#include "fake_provider/journal.hpp"
#include "fake_provider/rule.hpp"
#include "fake_provider/values.hpp"

namespace fake {

/// The endpoints under /_control/, by which a test scripts the providers and reads what they saw:
/// POST rules, settings and reset; GET requests, stats and health. Described in the README above.
class Control {
 public:
  Control(Journal& journal, RuleBook& rules, Settings& settings)
      : journal_(journal), rules_(rules), settings_(settings) {}

  static bool Owns(const Request& request);
  Answer Handle(const Request& request);

 private:
  Json Dispatch(const Request& request);
  void Change(const Json& changes);
  void Reset();

  Journal& journal_;
  RuleBook& rules_;
  Settings& settings_;
};

}  // namespace fake
