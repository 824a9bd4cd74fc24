#include <fmt/format.h>

#include "checks/checks.h"

namespace liaison::simulation::checks {
namespace {

using Days = std::chrono::duration<std::int64_t, std::ratio<86400>>;

// Letters ask for 30 days less a margin; clocks drift a little meanwhile.
constexpr Duration letter_life_least = Days(28);
constexpr Duration key_life_least = Days(44);

}  // namespace

void nothing_ends_early(World& world, const wire::Frame& frame) {
  const auto* deliveries = std::get_if<std::vector<wire::Delivery>>(&frame);
  if (deliveries == nullptr) return;
  for (const auto& each : *deliveries) {
    const auto* report = std::get_if<wire::Report>(&each.item);
    if (report == nullptr || report->reason != wire::RefusalReason::expired) continue;
    const auto at = world.ledger.sealed_in_time.find(report->letter);
    if (at == world.ledger.sealed_in_time.end() ||
        world.timeline.now() - at->second >= letter_life_least)
      continue;
    throw Violation(
        6, fmt::format("letter {} expired {} hours after it was sealed", report->letter.text(),
                       (world.timeline.now() - at->second) / std::chrono::hours(1)));
  }
}

void keys_are_kept(World& world, NodeMachine& node) {
  auto& notes = world.ledger.nodes[node.index()];
  const auto at = world.timeline.now();
  std::set<Fingerprint> retired;
  std::set<Fingerprint> unretired;
  std::int64_t published = 0;
  const bool read = node.use([&](node::Engine& engine, Now) {
    auto keys = engine.database().prepare("SELECT fingerprint, state=2 FROM own_key");
    for (auto rows = keys.query(); rows.next();)
      (rows.int64(1) != 0 ? retired : unretired).insert(rows.id<Fingerprint>(0));
    auto left_over = engine.database().prepare(
        "SELECT count(*) FROM publication WHERE kind=? AND body NOT IN "
        "(SELECT certificate FROM own_key WHERE state<>2)");
    auto rows = left_over.query(static_cast<std::int64_t>(wire::EntryKind::sealing_certificate));
    rows.next();
    published = rows.int64(0);
  });
  if (!read) return;
  if (published > 0) {
    throw Violation(6, fmt::format("{} still publishes {} sealing certificates that have ended",
                                   node.name(), published));
  }
  // A node may retire a key and end before anybody looks, and be away for weeks: a key counts as
  // retired since it was last seen in use, or since nobody had seen it.
  for (const auto& key : unretired)
    notes.unretired_keys[key] = at;
  for (const auto& key : retired) {
    const auto used = notes.unretired_keys.find(key);
    notes.retired_keys.try_emplace(
        key, used == notes.unretired_keys.end() ? notes.keys_looked_at : used->second);
  }
  notes.keys_looked_at = at;
  for (const auto& [key, since] : notes.retired_keys) {
    if (retired.count(key) != 0 || at - since >= key_life_least) continue;
    throw Violation(6, fmt::format("{} destroyed a sealing key {} days after it was retired",
                                   node.name(), (at - since) / Days(1)));
  }
}

}  // namespace liaison::simulation::checks
