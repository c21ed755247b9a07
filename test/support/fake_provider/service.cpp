#include "fake_provider/service.hpp"

#include <utility>

namespace fake {

void Exchange::Finish(Outcome outcome) {
  if (call) call->Finish(outcome, answer.status);
}

Service::Service() : control_(journal_, rules_, settings_) {}

std::unique_ptr<Exchange> Service::Handle(Request request, Journal::Connection& connection) {
  auto exchange = std::make_unique<Exchange>();
  connection.Classify(Control::Owns(request));
  if (Control::Owns(request)) {
    exchange->answer = control_.Handle(request);
    return exchange;
  }
  const Question question = ReadQuestion(request, settings_);
  const Rule* rule = rules_.Take(question.subject);
  exchange->call =
      journal_.Begin(request, question.subject.provider, question.subject.prompt, connection.id());
  exchange->answer = Compose(request, question, settings_, rule, exchange->call->seq());
  return exchange;
}

}  // namespace fake
