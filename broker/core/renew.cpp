#include "broker/core/core.h"

/// renew: a new signing certificate for a node whose present one the authority has seen continued.
namespace liaison::broker {

void Core::on(RenewalGranted& event) {
  const auto* known = session(event.connection);
  if (known == nullptr) return;
  const auto& facts = std::get<SigningFacts>(event.entry.facts);
  auto answer = [&](auto result) {
    out_.sends.push_back(SendFrame{event.connection, wire::Renewed{std::move(result)}});
  };
  if (registry_.node(known->node).id != facts.node)
    return answer(std::string("the certificate is another node's"));
  auto judged = registry_.judge(event.entry, Registry::From::owner);
  if (!judged) return answer(judged.error().text);
  answer(facts.certificate);
  if (!judged->known) append(std::move(event.entry));
}

void Core::on(RenewalAnswered& event) {
  if (session(event.connection) == nullptr) return;
  out_.sends.push_back(SendFrame{event.connection, std::move(event.answer)});
}

}  // namespace liaison::broker
