#pragma once

#include <initializer_list>
#include <string>

#include "fake_provider/dialect.hpp"

namespace fake {

/// Chat completions as OpenAI has them; DeepSeek builds on it.
class OpenAiDialect : public Dialect {
 public:
  Endpoint Locate(std::string_view method, std::string_view path) const override;
  std::string Key(const Headers& headers) const override { return BearerKey(headers); }
  std::optional<Failure> CheckBody(const Headers& headers, const Json& body) const override;
  Json Completion(const Reply& reply) const override;
  Json Models() const override;
  Failure Refuse(Refusal refusal, const std::string& subject) const override;
  Failure Usual(int status, const std::string& model) const override;
  Json Error(const Failure& failure, std::uint64_t seq) const override;
  Headers UsualHeaders(std::uint64_t seq) const override;

 protected:
  virtual std::string CompletionId(std::uint64_t seq) const;
  virtual void AddMessageMembers(Json& message, const Reply& reply) const;
  virtual Json UsualUsage() const;

  static Json ModelList(std::initializer_list<const char*> names, const char* owner);
};

}  // namespace fake
