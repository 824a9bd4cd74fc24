#include <fmt/format.h>

#include <algorithm>

#include "checks/checks.h"

namespace liaison::simulation::checks {

void forged_is_not_used(World& world, NodeIndex from, const wire::Frame& frame) {
  const auto* letters = std::get_if<std::vector<wire::Letter>>(&frame);
  if (letters == nullptr) return;
  for (const auto& letter : *letters)
    if (world.ledger.forged.count(letter.sealing_key) != 0)
      throw Violation(
          3, fmt::format("{} sealed a letter for {} to a key that the exchange's operator forged",
                         world.node(from).name(), letter.recipient.text()));
}

void forged_is_contested(World& world, NodeMachine& named) {
  const auto forged = world.ledger.contested.value().text();
  for (auto& node : world.nodes) {
    if (node->revoked) continue;
    node->use([&](node::Engine& engine, Now now) {
      const auto alarms = engine.status(now).alarms;
      const bool told = std::ranges::any_of(alarms, [&](const auto& alarm) {
        return alarm.kind == "key_contested" && alarm.text.find(forged) != std::string::npos;
      });
      if (!told)
        throw Violation(3, fmt::format("{} does not say that {} contests a certificate",
                                       node->name(), named.id().text()));
    });
  }
}

}  // namespace liaison::simulation::checks
