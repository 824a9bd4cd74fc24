#include <fmt/format.h>

#include "checks/checks.h"

namespace liaison::simulation::checks {
namespace {

/// Rows of the outbox that wait, but for those to nodes that are away or shut out.
std::uint64_t waiting_for_the_present(World& world, NodeMachine& node,
                                      const std::set<NodeIndex>& away) {
  std::uint64_t waiting = 0;
  node.use([&](node::Engine& engine, Now) {
    auto open = engine.database().prepare(
        "SELECT recipient, count(*), count(accepted_at) FROM outbox WHERE ended_at IS NULL "
        "GROUP BY recipient");
    for (auto rows = open.query(); rows.next();) {
      const auto recipient = NodeId::parse(rows.text(0));
      const auto* peer = world.node(*recipient);
      // The one gone bad takes letters and says nothing.
      if (peer == nullptr || away.count(peer->index()) != 0) continue;
      waiting += rows.uint64(1);
      // What it took before it was shut out has no receipt; that comes to light when its time is
      // up.
      if (peer->revoked) waiting -= rows.uint64(2);
    }
  });
  return waiting;
}

}  // namespace

bool has_drained(World& world, const std::set<NodeIndex>& away, std::string* why) {
  const auto not_yet = [&](std::string text) {
    if (why != nullptr) *why = std::move(text);
    return false;
  };
  if (!world.broker->up()) return not_yet("the broker is down");
  for (auto& node : world.nodes) {
    if (node->revoked || away.count(node->index()) != 0) continue;
    if (!node->up()) return not_yet(node->name() + " is down");
    node::Status status;
    if (!node->use([&](node::Engine& engine, Now now) { status = engine.status(now); }))
      return not_yet("a disk failed");
    if (status.link != node::LinkState::ready) {
      return not_yet(
          fmt::format("{} is {}: {}", node->name(), node::name_of(status.link), status.link_text));
    }
    if (!status.registry_current) return not_yet(node->name() + " lacks part of the registry");
    if (status.logs.letters_awaited > 0)
      return not_yet(fmt::format("{} awaits the proof of {} letters", node->name(),
                                 status.logs.letters_awaited));
    if (status.inbox_held > 0)
      return not_yet(fmt::format("{} holds {} letters", node->name(), status.inbox_held));
    if (const auto waiting = waiting_for_the_present(world, *node, away); waiting > 0) {
      return not_yet(fmt::format("{} rows wait at {}", waiting, node->name()));
    }
    if (away.empty() && status.catching_up) {
      std::string whom;
      for (const auto& each : status.catching_up_from)
        whom += " " + each.text();
      return not_yet(
          fmt::format("{} is catching up, from{}", node->name(), whom.empty() ? " nobody" : whom));
    }
  }
  const auto& counts = world.broker->counts();
  if (counts.recovering) return not_yet("the broker is recovering");
  if (away.empty() && counts.waiting_letters > 0) {
    return not_yet(fmt::format("{} letters wait at the broker", counts.waiting_letters));
  }
  return true;
}

void bounds_hold(World& world) {
  constexpr std::uint64_t disk_bytes_max = std::uint64_t{64} << 20;
  constexpr std::uint64_t own_keys_max = 40;
  const auto check = [](const Machine& machine) {
    if (machine.disk.bytes_used() > disk_bytes_max) {
      throw Violation(6, fmt::format("{} fills its disk: {} octets", machine.name(),
                                     machine.disk.bytes_used()));
    }
  };
  check(*world.broker);
  for (auto& node : world.nodes) {
    check(*node);
    // Six weeks of retired keys, and some made while a clock was wrong.
    node->use([&](node::Engine& engine, Now) {
      auto keys = engine.database().prepare("SELECT count(*) FROM own_key");
      auto rows = keys.query();
      if (rows.next() && rows.uint64(0) > own_keys_max) {
        throw Violation(6, fmt::format("{} has {} sealing keys", node->name(), rows.uint64(0)));
      }
    });
  }
  const auto& counts = world.broker->counts();
  if (counts.sessions > world.nodes.size() + 1)
    throw Violation(6, "the broker counts more sessions than there are nodes");
}

}  // namespace liaison::simulation::checks
