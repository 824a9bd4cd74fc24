#include <fmt/format.h>

#include "checks/checks.h"

namespace liaison::simulation::checks {

void revoked_stays_out(World& world) {
  for (const auto& entry : world.ledger.revoked) {
    const NodeId& revoked = entry.first;
    for (auto& node : world.nodes) {
      if (node->revoked) continue;
      auto& known = world.ledger.nodes[node->index()].letters_from_revoked;
      node->use([&](node::Engine& engine, Now) {
        const auto peer = engine.peer(revoked);
        const bool shown = peer && peer->revoked;
        auto count = engine.database().prepare("SELECT count(*) FROM letter_in WHERE sender=?");
        auto rows = count.query(revoked);
        const std::uint64_t letters = rows.next() ? rows.uint64(0) : 0;
        const auto at = known.find(revoked);
        if (at == known.end()) {
          if (shown) known.emplace(revoked, letters);
          return;
        }
        if (!shown) {
          throw Violation(5, fmt::format("{} knew that {} is revoked, and takes it for good again",
                                         node->name(), revoked.text()));
        }
        if (letters > at->second) {
          throw Violation(5, fmt::format("{} stored a letter of {}, of whose revocation it knew",
                                         node->name(), revoked.text()));
        }
      });
    }
  }
}

void broker_accepts_nothing_from_revoked(World& world, NodeIndex to, const wire::Frame& frame) {
  const bool accepts = std::holds_alternative<std::vector<wire::Accepted>>(frame);
  const bool delivers = std::holds_alternative<std::vector<wire::Delivery>>(frame);
  if ((!accepts && !delivers) || world.ledger.revocation_forgotten) return;
  const auto& node = *world.nodes[to];
  const auto revoked = world.ledger.revoked.find(node.id());
  // What was decided before goes out with the turn that publishes it.
  if (revoked == world.ledger.revoked.end() ||
      world.timeline.now() < revoked->second + Duration(10))
    return;
  throw Violation(
      5, fmt::format("the broker {} {} after it published its revocation",
                     accepts ? "accepted a letter of" : "delivered a letter to", node.name()));
}

}  // namespace liaison::simulation::checks
