#include <fmt/format.h>

#include <utility>

#include "checks/checks.h"
#include "wire/frame.h"

namespace liaison::simulation::checks {
namespace {

/// A recipient's store, as far as it can be read now.
enum class Holds { yes, no, unreadable };

Holds holds(NodeMachine& node, const CaseId& case_id, const EventId& event) {
  auto out = Holds::unreadable;
  node.use([&](node::Engine& engine, Now) {
    auto find = engine.database().prepare("SELECT 1 FROM event WHERE case_id=? AND event_id=?");
    auto rows = find.query(case_id, event);
    out = rows.next() ? Holds::yes : Holds::no;
  });
  return out;
}

/// What one who is shut out said, passed on by who had heard it in time: whoever knows better does
/// not take it. everyone_has_all() asks who lacks what.
bool is_of_one_shut_out(World& world, const EventId& event) {
  const auto authored = world.ledger.authored.find(event);
  const auto* author =
      authored == world.ledger.authored.end() ? nullptr : world.node(authored->second->author);
  return author != nullptr && author->revoked;
}

}  // namespace

void nothing_is_lost(World& world, NodeMachine& node) {
  auto& notes = world.ledger.nodes[node.index()];
  struct Row {
    std::int64_t item;
    NodeId recipient;
    CaseId case_id;
    EventId event;
    bool stored;
    bool refused;
  };
  std::vector<Row> ended;
  std::unordered_set<EventId> kept;
  std::unordered_set<EventId> queued;
  std::unordered_set<std::int64_t> items;
  const bool read = node.use([&](node::Engine& engine, Now) {
    auto events = engine.database().prepare("SELECT event_id FROM event");
    for (auto rows = events.query(); rows.next();)
      kept.insert(rows.id<EventId>(0));
    // A disk that fails in cutting the log behind a disposal ends the process: it is done, and who
    // asked for it reads that in the store only. Whether it is, the tombstone says.
    for (const auto& [id, at] : std::exchange(notes.disposing, {})) {
      auto tombstone = engine.database().prepare("SELECT 1 FROM tombstone WHERE case_id=?");
      if (tombstone.query(id).next()) notes.disposed.try_emplace(id, at);
    }
    auto outbox = engine.database().prepare(
        "SELECT item, recipient, case_id, object, stored_at, ended_at, reason FROM outbox WHERE "
        "kind=0");
    for (auto rows = outbox.query(); rows.next();) {
      const auto event = rows.id<EventId>(3);
      queued.insert(event);
      items.insert(rows.int64(0));
      notes.rows.emplace(rows.int64(0), rows.id<CaseId>(2));
      if (rows.is_null(5) || notes.ended_rows.count(rows.int64(0)) != 0) continue;
      const auto recipient = NodeId::parse(rows.text(1));
      ended.push_back({rows.int64(0), *recipient, rows.id<CaseId>(2), event, !rows.is_null(4),
                       !rows.is_null(6)});
    }
  });
  if (!read) return;
  for (const auto& [item, case_id] : notes.rows) {
    if (items.count(item) != 0 || notes.disposed.count(case_id) != 0) continue;
    throw Violation(
        8, fmt::format("{}: row {} of the outbox is gone without a trace", node.name(), item));
  }
  for (const auto& told : world.ledger.told) {
    if (told.author != node.index() || told.outlived_by_backup || kept.count(told.event.id) != 0 ||
        notes.disposed.count(told.event.case_id) != 0) {
      continue;
    }
    throw Violation(
        1, fmt::format("{} told its user that {} {} is kept, and has it no more", node.name(),
                       wire::name_of(told.event.body), told.event.id.text()));
  }
  for (const auto& row : ended) {
    if (row.refused) {
      notes.ended_rows.insert(row.item);
      continue;
    }
    if (!row.stored) {
      throw Violation(1,
                      fmt::format("{}: the row of event {} for {} ended without receipt or refusal",
                                  node.name(), row.event.text(), row.recipient.text()));
    }
    auto* recipient = world.node(row.recipient);
    if (recipient == nullptr) continue;
    // A disk that was lost since is invariant 9's matter.
    const auto there =
        recipient->restores > 0 ||
                world.ledger.nodes[recipient->index()].disposed.count(row.case_id) != 0
            ? Holds::yes
            : holds(*recipient, row.case_id, row.event);
    if (there == Holds::unreadable) continue;
    notes.ended_rows.insert(row.item);
    if (there == Holds::no && !is_of_one_shut_out(world, row.event)) {
      throw Violation(1, fmt::format("{}: event {} counts as stored at {}, which does not have it",
                                     node.name(), row.event.text(), row.recipient.text()));
    }
  }
  // What was requested has a row for its provider, open or with the record of how it ended.
  for (const auto& told : world.ledger.told) {
    if (told.author != node.index() || told.outlived_by_backup ||
        notes.disposed.count(told.event.case_id) != 0)
      continue;
    const auto* requested = std::get_if<wire::events::Requested>(&told.event.body);
    if (requested == nullptr || queued.count(told.event.id) != 0) continue;
    throw Violation(
        1, fmt::format("{} was told that referral {} is queued, and there is no row for it",
                       node.name(), told.event.strand.id.text()));
  }
}

}  // namespace liaison::simulation::checks
