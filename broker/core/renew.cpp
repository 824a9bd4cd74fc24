#include "broker/core/core.h"

/// renew: a new signing certificate for a node whose present one the authority has seen continued.
namespace liaison::broker {

void Core::on(RenewalGranted& event) {
  const auto* known = session(event.connection);
  if (known == nullptr) return;
  const auto& facts = std::get<SigningFacts>(event.entry.facts);
  const auto answer = [&](auto result) {
    out_.sends.push_back(SendFrame{event.connection, wire::Renewed{std::move(result)}});
  };
  const auto refuse = [&](const char* reason, std::string text) {
    deny(Denial::What::renewal, known->node, reason);
    answer(std::move(text));
  };
  if (registry_.node(known->node).id != facts.node)
    return refuse("wrong_node", "the certificate is another node's");
  auto judged = registry_.judge(event.entry, Registry::From::owner);
  if (!judged) return refuse(name_of(judged.error().reason), judged.error().text);
  answer(facts.certificate);
  if (!judged->known) append(std::move(event.entry));
}

void Core::on(RenewalAnswered& event) {
  const auto* known = session(event.connection);
  if (known == nullptr) return;
  if (!event.denied.empty()) deny(Denial::What::renewal, known->node, event.denied);
  out_.sends.push_back(SendFrame{event.connection, std::move(event.answer)});
}

}  // namespace liaison::broker
