#include "describe.h"

#include <fmt/format.h>

#include "trace.h"

namespace liaison::simulation {
namespace {

void describe_rows(NodeMachine& node, node::Engine& engine) {
  auto open = engine.database().prepare(
      "SELECT item, recipient, kind, letter, accepted_at, reason, seen, case_id, ended_at FROM "
      "outbox WHERE ended_at IS NULL "
      "OR (reason IS NOT NULL AND seen=0) OR kind>1 ORDER BY ended_at IS NOT NULL, item "
      "LIMIT 80");
  for (auto rows = open.query(); rows.next();) {
    trace(
        fmt::format("  row {} to {}, kind {}, letter {}, {}accepted, {}ended, reason {}",
                    rows.int64(0), rows.text(1), rows.int64(2),
                    rows.is_null(3) ? "none" : to_hex(rows.blob(3)), rows.is_null(4) ? "not " : "",
                    rows.is_null(8) ? "not " : "", rows.is_null(5) ? -1 : rows.int64(5)),
        node);
  }
}

}  // namespace

void describe(World& world) {
  const auto& counts = world.broker->counts();
  trace(fmt::format("{} sessions, {} letters wait, epoch {}{}", counts.sessions,
                    counts.waiting_letters, counts.epoch, counts.recovering ? ", recovering" : ""),
        *world.broker);
  for (auto& node : world.nodes) {
    const bool read = node->use([&](node::Engine& engine, Now now) {
      const auto status = engine.status(now);
      trace(fmt::format("{} {}; registry {}{}; waiting {}, unreceipted {}, held {}, aside {}, "
                        "undelivered {}{}{}",
                        node::name_of(status.link), status.link_text, status.registry_size,
                        status.registry_current ? "" : " not current", status.outbox_waiting,
                        status.outbox_unreceipted, status.inbox_held, status.set_aside,
                        status.undelivered, status.catching_up ? ", catching up" : "",
                        status.clock_guarded ? ", clock guarded" : ""),
            *node);
      for (const auto& alarm : status.alarms)
        trace("  warns: " + alarm.text, *node);
      for (const auto& peer : engine.peers()) {
        if (!peer.reachable) trace("  has no key to seal to for " + peer.node.text(), *node);
      }
      auto published = engine.database().prepare(
          "SELECT kind, state, refused, at FROM publication WHERE state<>1");
      for (auto rows = published.query(); rows.next();)
        trace(fmt::format("  publication of kind {}: state {}, {}", rows.int64(0), rows.int64(1),
                          rows.text(2)),
              *node);
      auto keys = engine.database().prepare("SELECT state, retired_at FROM own_key");
      for (auto rows = keys.query(); rows.next();)
        trace(fmt::format("  own key: state {}", rows.int64(0)), *node);
      for (const auto& aside : engine.aside())
        trace(fmt::format("  set aside {} of {}: {}", aside.letter.text(), aside.sender.text(),
                          aside.why),
              *node);
      describe_rows(*node, engine);
    });
    if (!read) trace("is down", *node);
  }
}

}  // namespace liaison::simulation
