#include "base/check.h"
#include "base/deliberate_bug.h"
#include "node/shell/letter_store.h"

/// The outbox's rows and sealed letters.
namespace liaison::node {
namespace {

Item item_of(store::Rows& rows) {
  Item item;
  item.id = ItemId{rows.int64(0)};
  item.recipient = *NodeId::parse(rows.text(1));
  item.case_id = rows.id<CaseId>(2);
  item.kind = static_cast<ItemKind>(rows.int64(3));
  item.bytes = static_cast<std::uint32_t>(rows.int64(4));
  return item;
}

std::optional<Instant> maybe_instant(const store::Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return rows.instant(column);
}

}  // namespace

ItemId LetterStore::queue(const OutboxRow& row, Instant at) {
  sql_.run(
      "INSERT INTO outbox(recipient, case_id, kind, object, bytes, matter, queued_at) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)",
      row.item.recipient, row.item.case_id, static_cast<int>(row.item.kind), row.object,
      row.item.bytes, row.matter, at);
  return ItemId{sql_.database().last_insert_rowid()};
}

bool LetterStore::was_queued(ByteView object, const NodeId& recipient) {
  return sql_.query("SELECT 1 FROM outbox WHERE object = ? AND recipient = ?", object, recipient)
      .next();
}

bool LetterStore::may_go_again(ByteView object, const NodeId& recipient, Instant now) {
  if (is_open(object, recipient)) return false;
  // What was queued under a clock that was ahead is of another day.
  auto rows = sql_.query(
      "SELECT count(*) FROM outbox WHERE object = ? AND recipient = ? AND queued_at > ? AND "
      "queued_at <= ?",
      object, recipient, now - std::chrono::hours(24), now + std::chrono::hours(1));
  return rows.next() && rows.int64(0) < goes_a_day_max;
}

bool LetterStore::is_open(ByteView object, const NodeId& recipient) {
  return sql_
      .query("SELECT 1 FROM outbox WHERE object = ? AND recipient = ? AND ended_at IS NULL", object,
             recipient)
      .next();
}

std::optional<OutboxRow> LetterStore::row(const ItemId& item) {
  auto rows = sql_.query(
      "SELECT item, recipient, case_id, kind, bytes, object, matter FROM outbox WHERE item = ?",
      item.value);
  if (!rows.next()) return std::nullopt;
  OutboxRow out{item_of(rows), copy_of(rows.blob(5)), std::nullopt};
  if (!rows.is_null(6)) out.matter = copy_of(rows.blob(6));
  return out;
}

std::vector<Item> LetterStore::open_unsealed() {
  std::vector<Item> out;
  auto rows = sql_.query(
      "SELECT item, recipient, case_id, kind, bytes FROM outbox "
      "WHERE ended_at IS NULL AND letter IS NULL ORDER BY item");
  while (rows.next())
    out.push_back(item_of(rows));
  return out;
}

std::vector<OutLetter> LetterStore::letters() {
  std::vector<OutLetter> out;
  {
    auto rows = sql_.query(
        "SELECT letter, recipient, kind, state, expires, length(sealed) FROM letter_out");
    while (rows.next()) {
      OutLetter letter;
      letter.id = rows.id<LetterId>(0);
      letter.recipient = *NodeId::parse(rows.text(1));
      letter.kind = static_cast<LetterKind>(rows.int64(2));
      letter.state = rows.int64(3) == 0 ? LetterState::sealed : LetterState::accepted;
      letter.expires = rows.instant(4);
      letter.bytes = static_cast<std::uint32_t>(rows.int64(5));
      out.push_back(std::move(letter));
    }
  }
  for (auto& letter : out) {
    auto rows = sql_.query(
        "SELECT item, recipient, case_id, kind, bytes FROM outbox "
        "WHERE letter = ? AND ended_at IS NULL ORDER BY item",
        letter.id);
    while (rows.next())
      letter.items.push_back(item_of(rows));
  }
  return out;
}

void LetterStore::keep_letter(const OutLetter& letter, const wire::Letter& envelope) {
  sql_.run(
      "INSERT INTO letter_out(letter, recipient, kind, state, sealing_key, commitment, expires, "
      "sealed) "
      "VALUES(?, ?, ?, 0, ?, ?, ?, ?)",
      letter.id, letter.recipient, static_cast<int>(letter.kind), envelope.sealing_key,
      envelope.commitment, envelope.expires, envelope.sealed);
  for (const auto& item : letter.items)
    sql_.run("UPDATE outbox SET letter = ? WHERE item = ?", letter.id, item.id.value);
}

std::optional<wire::Letter> LetterStore::envelope(const LetterId& id, const NodeId& self) {
  auto rows = sql_.query(
      "SELECT recipient, sealing_key, commitment, expires, sealed FROM letter_out WHERE letter = ?",
      id);
  if (!rows.next()) return std::nullopt;
  wire::Letter out;
  out.id = id;
  out.sender = self;
  out.recipient = *NodeId::parse(rows.text(0));
  out.sealing_key = rows.id<Fingerprint>(1);
  out.commitment = rows.id<Commitment>(2);
  out.expires = rows.instant(3);
  out.sealed = copy_of(rows.blob(4));
  return out;
}

void LetterStore::note_accepted(const LetterId& letter, Instant at) {
  sql_.run("UPDATE letter_out SET state = 1 WHERE letter = ?", letter);
  sql_.run("UPDATE outbox SET accepted_at = coalesce(accepted_at, ?) WHERE letter = ?", at, letter);
}

bool LetterStore::was_accepted(const LetterId& letter) {
  return sql_
      .query(
          "SELECT 1 FROM letter_out WHERE letter = ?1 AND state = 1 UNION SELECT 1 FROM outbox "
          "WHERE letter = ?1 AND accepted_at IS NOT NULL UNION SELECT 1 FROM letter_logged WHERE "
          "letter = ?1",
          letter)
      .next();
}

void LetterStore::note_to_go(const LetterId& letter) {
  sql_.run("UPDATE letter_out SET state = 0 WHERE letter = ?", letter);
}

void LetterStore::undo_seal(const LetterId& letter, const std::vector<ItemId>& items, Instant at) {
  for (const auto& item : items) {
    sql_.run("INSERT OR IGNORE INTO letter_former(letter, item, at) VALUES(?, ?, ?)", letter,
             item.value, at);
    sql_.run("UPDATE outbox SET letter = NULL WHERE item = ?", item.value);
  }
  drop_letter(letter);
}

void LetterStore::end_refused(const LetterId& letter, const std::vector<ItemId>& items,
                              wire::RefusalReason reason, Instant at) {
  for (const auto& item : items) {
    if (LIAISON_BUG(silent_refusal)) {
      sql_.run("DELETE FROM outbox WHERE item = ?", item.value);
      continue;
    }
    sql_.run("UPDATE outbox SET ended_at = ?, reason = ? WHERE item = ? AND ended_at IS NULL", at,
             static_cast<int>(reason), item.value);
  }
  drop_letter(letter);
}

void LetterStore::end_item(const ItemId& item, Instant at) {
  sql_.run("UPDATE outbox SET ended_at = ? WHERE item = ?", at, item.value);
}

void LetterStore::drop_letter(const LetterId& letter) {
  sql_.run("DELETE FROM letter_out WHERE letter = ?", letter);
}

void LetterStore::note_stored(const LetterId& letter, const NodeId& recipient, Instant at) {
  // The rows stay as the record of the delivery; what was refused before and is stored now was
  // retried there by a person.
  sql_.run(
      "UPDATE outbox SET stored_at = coalesce(stored_at, ?), ended_at = coalesce(ended_at, ?), "
      "reason = NULL WHERE letter = ? AND recipient = ?",
      at, at, letter, recipient);
  sql_.run("DELETE FROM letter_out WHERE letter = ? AND recipient = ?", letter, recipient);
}

void LetterStore::note_stored(const ItemId& item, Instant at) {
  sql_.run(
      "UPDATE outbox SET stored_at = coalesce(stored_at, ?), ended_at = coalesce(ended_at, ?), "
      "reason = NULL WHERE item = ?",
      at, at, item.value);
}

void LetterStore::note_opened(const LetterId& letter, const NodeId& recipient, Instant at) {
  sql_.run(
      "UPDATE outbox SET opened_at = coalesce(opened_at, ?) WHERE letter = ? AND recipient = ?", at,
      letter, recipient);
}

void LetterStore::note_opened(const ItemId& item, Instant at) {
  sql_.run("UPDATE outbox SET opened_at = coalesce(opened_at, ?) WHERE item = ?", at, item.value);
}

void LetterStore::rename_object(ByteView from, ByteView to) {
  sql_.run("UPDATE outbox SET object = ? WHERE object = ?", to, from);
}

bool LetterStore::carried_object(const LetterId& letter, const NodeId& recipient, ByteView object) {
  if (sql_.query("SELECT 1 FROM outbox WHERE letter = ? AND recipient = ? AND object = ?", letter,
                 recipient, object)
          .next())
    return true;
  return sql_
      .query(
          "SELECT 1 FROM letter_former f JOIN outbox o ON o.item = f.item "
          "WHERE f.letter = ? AND o.recipient = ? AND o.object = ?",
          letter, recipient, object)
      .next();
}

std::vector<ItemId> LetterStore::former_items(const LetterId& letter, const NodeId& recipient,
                                              Instant after) {
  std::vector<ItemId> out;
  auto rows = sql_.query(
      "SELECT f.item FROM letter_former f JOIN outbox o ON o.item = f.item "
      "WHERE f.letter = ? AND o.recipient = ? AND f.at > ?",
      letter, recipient, after);
  while (rows.next())
    out.push_back(ItemId{rows.int64(0)});
  return out;
}

std::vector<DeliveryStep> LetterStore::steps(const EventId& event) {
  std::vector<DeliveryStep> out;
  auto rows = sql_.query(
      "SELECT recipient, queued_at, accepted_at, stored_at, opened_at, reason FROM outbox "
      "WHERE object = ? ORDER BY item",
      event);
  while (rows.next()) {
    DeliveryStep step;
    step.event = event;
    step.recipient = *NodeId::parse(rows.text(0));
    step.queued_at = rows.instant(1);
    step.accepted_at = maybe_instant(rows, 2);
    step.stored_at = maybe_instant(rows, 3);
    step.opened_at = maybe_instant(rows, 4);
    if (!rows.is_null(5)) step.refused = static_cast<wire::RefusalReason>(rows.int64(5));
    // An event sent again to one who lacked it: the newest row tells, with what is known from
    // before.
    bool merged = false;
    for (auto& before : out) {
      if (before.recipient != step.recipient) continue;
      if (before.stored_at) step.stored_at = before.stored_at;
      if (before.opened_at) step.opened_at = before.opened_at;
      step.queued_at = before.queued_at;
      before = step;
      merged = true;
    }
    if (!merged) out.push_back(std::move(step));
  }
  return out;
}

std::vector<LetterStore::Failed> LetterStore::failed() {
  std::vector<Failed> out;
  auto rows = sql_.query(
      "SELECT recipient, queued_at, accepted_at, reason, case_id, kind, object FROM outbox "
      "WHERE reason IS NOT NULL AND seen = 0 ORDER BY item");
  while (rows.next()) {
    Failed failed;
    failed.step.recipient = *NodeId::parse(rows.text(0));
    failed.step.queued_at = rows.instant(1);
    failed.step.accepted_at = maybe_instant(rows, 2);
    failed.step.refused = static_cast<wire::RefusalReason>(rows.int64(3));
    failed.case_id = rows.id<CaseId>(4);
    failed.kind = static_cast<ItemKind>(rows.int64(5));
    failed.object = copy_of(rows.blob(6));
    if (auto event = EventId::from(failed.object)) failed.step.event = *event;
    out.push_back(std::move(failed));
  }
  return out;
}

std::int64_t LetterStore::mark_seen(ByteView object, const NodeId& recipient) {
  return sql_.run(
      "UPDATE outbox SET seen = 1 WHERE object = ? AND recipient = ? AND reason IS NOT NULL AND "
      "seen = 0",
      object, recipient);
}

std::uint64_t LetterStore::failed_count() {
  const auto count = [&](const char* what) {
    auto rows = sql_.query(what, static_cast<int>(ItemKind::part));
    return rows.next() ? rows.uint64(0) : 0;
  };
  return count(
             "SELECT count(*) FROM (SELECT DISTINCT object, recipient FROM outbox WHERE reason IS "
             "NOT NULL AND seen = 0 AND kind <> ?)") +
         count(
             "SELECT count(*) FROM (SELECT DISTINCT substr(object, 1, 32), recipient, case_id FROM "
             "outbox AS part WHERE reason IS NOT NULL AND seen = 0 AND kind = ? AND NOT EXISTS "
             "(SELECT 1 FROM outbox WHERE case_id = part.case_id AND recipient = part.recipient "
             "AND kind <> part.kind AND reason IS NOT NULL AND seen = 0))");
}

bool LetterStore::is_owed(const CaseId& id) {
  return sql_
      .query(
          "SELECT 1 FROM outbox WHERE case_id = ? AND kind IN (?, ?) AND (ended_at IS NULL OR "
          "(reason IS NOT NULL AND seen = 0))",
          id, static_cast<int>(ItemKind::event), static_cast<int>(ItemKind::part))
      .next();
}

void LetterStore::dispose_case(const CaseId& id) {
  sql_.run("DELETE FROM letter_out WHERE letter IN (SELECT letter FROM outbox WHERE case_id = ?)",
           id);
  sql_.run("DELETE FROM letter_former WHERE item IN (SELECT item FROM outbox WHERE case_id = ?)",
           id);
  sql_.run("DELETE FROM outbox WHERE case_id = ?", id);
}

}  // namespace liaison::node
