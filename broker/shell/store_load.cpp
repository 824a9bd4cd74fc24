#include <algorithm>

#include "base/deliberate_bug.h"
#include "broker/shell/policy_json.h"
#include "broker/shell/store.h"

/// What a start reads, and what a restore changes before it.
namespace liaison::broker {

KeepState Store::state() {
  KeepState out;
  out.epoch = static_cast<std::uint64_t>(setting("epoch").value_or(0));
  out.recovering = setting("recovering").value_or(0) != 0;
  out.repeats_from = static_cast<Leaf>(setting("repeats_from").value_or(0));
  out.seen = from_ms(setting("seen").value_or(0));
  out.rest = Duration(setting("rest").value_or(0));
  out.clock_set = Duration(setting("clock_set").value_or(0));
  out.latest = from_ms(setting("latest").value_or(0));
  return out;
}

std::optional<Policy> Store::policy() {
  auto find = database_.prepare("SELECT value FROM setting WHERE name = 'policy'");
  auto rows = find.query();
  if (!rows.next()) return std::nullopt;
  auto policy = policy_from_json(rows.text(0));
  if (!policy)
    throw store::Failure(store::Failure::Kind::corrupt,
                         "the broker's store has an unreadable policy: restore a backup");
  return *policy;
}

std::vector<KeepQuota> Store::quotas() {
  auto find = database_.prepare("SELECT * FROM quota ORDER BY node");
  std::vector<KeepQuota> out;
  for (auto rows = find.query(); rows.next();) {
    KeepQuota each;
    if (auto node = NodeId::parse(rows.text(0))) each.node = *node;
    each.quota = Quota{rows.uint64(1), rows.uint64(2), rows.uint64(3), rows.uint64(4)};
    out.push_back(std::move(each));
  }
  return out;
}

std::vector<std::pair<NodeId, std::uint64_t>> Store::incarnations() {
  auto find = database_.prepare("SELECT id, incarnation FROM node ORDER BY number");
  std::vector<std::pair<NodeId, std::uint64_t>> out;
  for (auto rows = find.query(); rows.next();) {
    if (auto node = NodeId::parse(rows.text(0))) out.emplace_back(*node, rows.uint64(1));
  }
  return out;
}

void Store::load_items(Core& core) {
  auto find = database_.prepare(
      "SELECT sequence, recipient, sender, size, accepted_at, expires, reason, letter, digest, "
      "commitment "
      "FROM waiting ORDER BY sequence");
  for (auto rows = find.query(); rows.next();) {
    Item item;
    item.sequence = rows.uint64(0);
    item.sender = NodeNumber{static_cast<std::uint32_t>(rows.int64(2))};
    item.size_bytes = static_cast<std::uint32_t>(rows.int64(3));
    item.accepted_at = rows.instant(4);
    item.letter = rows.id<LetterId>(7);
    if (rows.is_null(6)) {
      item.expires = rows.instant(5);
      item.digest = rows.id<Digest>(8);
      item.commitment = rows.id<Commitment>(9);
    } else {
      item.kind = Item::Kind::report;
    }
    core.load_item(NodeNumber{static_cast<std::uint32_t>(rows.int64(1))}, item);
  }
}

void Store::load_accepted(Core& core, Leaf from) {
  auto find = database_.prepare(
      "SELECT leaf, expires, entry FROM log WHERE leaf >= ? AND expires IS NOT NULL");
  for (auto rows = find.query(from); rows.next();) {
    auto entry = wire::decode_log_entry(rows.blob(2));
    if (!entry)
      throw store::Failure(store::Failure::Kind::corrupt,
                           "the broker's log has an unreadable entry: restore a backup");
    if (auto sender = core.registry().find(entry->sender))
      core.load_accepted(*sender, entry->letter, entry->digest, rows.uint64(0), entry->at,
                         rows.instant(1));
  }
}

Sequence Store::last_sequence() {
  return static_cast<Sequence>(setting("last_sequence").value_or(0));
}

Leaf Store::log_size() {
  return LogStore(database_, LogName::message).size();
}

StoreCheck Store::check() {
  StoreCheck out;
  switch (setting("store_check").value_or(0)) {
    case 0:
      break;
    case 2:
      out.soundness = store::Soundness::damaged;
      break;
    default:
      out.soundness = store::Soundness::due;
  }
  out.at = from_ms(setting("store_check_at").value_or(0));
  return out;
}

void Store::keep_check(const StoreCheck& check) {
  keep_setting("store_check", static_cast<std::int64_t>(check.soundness));
  keep_setting("store_check_at", to_ms(check.at));
}

void Store::mark_restored(Now now) {
  auto state = this->state();
  // Later than any epoch that a broker from the same backup, restored before, has given out: two
  // restores of one backup must not look alike.
  const auto seconds = static_cast<std::uint64_t>(to_ms(now.wall) / 1000);
  if (!LIAISON_BUG(epoch_not_raised)) state.epoch = std::max(state.epoch + 1, seconds);
  state.recovering = true;
  (*this)(state);
  database_.prepare("INSERT OR REPLACE INTO origin VALUES (?,?,?)")
      .run(state.epoch, log_size(), now.wall);
  // One that the backup shows unused may have been used since: it would admit other keys.
  database_.prepare("DELETE FROM invitation WHERE used_by IS NULL").run();
  // Sequences that the lost broker gave out after the backup are not given again.
  keep_setting("last_sequence",
               static_cast<std::int64_t>(last_sequence() + (std::uint64_t{1} << 32)));
}

}  // namespace liaison::broker
