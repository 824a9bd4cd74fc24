#include "checks/checks.h"

#include <algorithm>

namespace liaison::simulation::checks {

void after_turn(World& world, NodeMachine& node, const std::vector<CaseId>& changed) {
  auto& latest = world.ledger.nodes[node.index()].latest;
  latest = std::max(latest, node.now().wall);
  for (const auto& id : changed) {
    const bool disposed = world.ledger.nodes[node.index()].disposed.count(id) != 0;
    node.use([&](node::Engine& engine, Now) {
      const auto view = engine.case_view(id);
      if (!view) return;
      if (disposed && (*view)->core.history.size() + (*view)->referrals.size() > 0) {
        throw Violation(2, node.name() + " disposed of case " + id.text() + ", and it came back");
      }
      each_event_once(world, node, **view);
      same_strand(world, node, **view);
    });
  }
}

void at_times(World& world, NodeMachine& node) {
  nothing_is_lost(world, node);
  refusals_are_shown(world, node);
  keys_are_kept(world, node);
  bounds_hold(world);
}

void at_the_end(World& world) {
  accepted_is_logged(world);
  checkpoints_are_consistent(world);
  logs_are_followed(world);
  everyone_has_all(world);
  nothing_is_invented(world);
  for (auto& node : world.nodes)
    at_times(world, *node);
  revoked_stays_out(world);
  no_client_detail(world);
}

}  // namespace liaison::simulation::checks
