#pragma once

#include <memory>

#include "fake_provider/composer.hpp"
#include "fake_provider/control.hpp"
#include "fake_provider/journal.hpp"
#include "fake_provider/rule.hpp"
#include "fake_provider/values.hpp"

namespace fake {

/// What a session owes to a request: the answer, and the note that it was given (null for control
/// requests).
struct Exchange {
  Answer answer;
  std::unique_ptr<Journal::Call> call;

  void Finish(Outcome outcome);
};

/// All providers behind one door. Knows no sockets.
class Service {
 public:
  Service();

  std::unique_ptr<Journal::Connection> Accept() { return journal_.Accept(); }
  std::unique_ptr<Exchange> Handle(Request request, Journal::Connection& connection);

 private:
  Journal journal_;
  RuleBook rules_;
  Settings settings_;
  Control control_;
};

}  // namespace fake
