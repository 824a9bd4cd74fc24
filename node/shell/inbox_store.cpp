#include "node/shell/letter_store.h"

/// What was received: receipts owed, attempts at opening, letters set aside.
namespace liaison::node {

std::optional<ReceivedLetter> LetterStore::received(const LetterId& letter) {
  auto rows = sql_.query("SELECT sender, stored_at FROM letter_in WHERE letter = ?", letter);
  if (!rows.next()) return std::nullopt;
  return ReceivedLetter{*NodeId::parse(rows.text(0)), rows.instant(1)};
}

void LetterStore::keep_received(const LetterId& letter, const NodeId& sender, Instant at) {
  sql_.run("INSERT OR IGNORE INTO letter_in(letter, sender, stored_at) VALUES(?, ?, ?)", letter,
           sender, at);
}

std::optional<wire::Receipt> LetterStore::owe(const LetterId& letter, const NodeId& sender,
                                              wire::Stage stage, Instant at) {
  // A receipt that left once is owed again when its letter comes again; one that is under way is
  // not.
  auto changed = sql_.run(
      "INSERT INTO receipt(letter, stage, sender, at, state) VALUES(?, ?, ?, ?, 0) "
      "ON CONFLICT(letter, stage) DO UPDATE SET state = 0, carried_by = NULL WHERE state = 2",
      letter, static_cast<int>(stage), sender, at);
  if (changed == 0) return std::nullopt;
  auto rows = sql_.query("SELECT at FROM receipt WHERE letter = ? AND stage = ?", letter,
                         static_cast<int>(stage));
  if (!rows.next()) return std::nullopt;
  return wire::Receipt{letter, stage, rows.instant(0)};
}

bool LetterStore::has_receipt(const LetterId& letter, wire::Stage stage) {
  return sql_
      .query("SELECT 1 FROM receipt WHERE letter = ? AND stage = ?", letter,
             static_cast<int>(stage))
      .next();
}

void LetterStore::carried(const std::vector<wire::Receipt>& receipts, const LetterId& by) {
  for (const auto& receipt : receipts)
    sql_.run("UPDATE receipt SET state = 1, carried_by = ? WHERE letter = ? AND stage = ?", by,
             receipt.letter, static_cast<int>(receipt.stage));
}

void LetterStore::receipts_gone(const LetterId& carried_by) {
  // Which letter carried it stays known: a report may still say that it did not arrive.
  sql_.run("UPDATE receipt SET state = 2 WHERE carried_by = ?", carried_by);
}

void LetterStore::receipts_dropped(const std::vector<wire::Receipt>& receipts) {
  for (const auto& receipt : receipts)
    sql_.run("UPDATE receipt SET state = 2 WHERE letter = ? AND stage = ?", receipt.letter,
             static_cast<int>(receipt.stage));
}

void LetterStore::prune(Instant before) {
  sql_.run(
      "DELETE FROM receipt WHERE state = 2 AND letter IN (SELECT letter FROM letter_in WHERE "
      "stored_at < ?)",
      before);
  sql_.run("DELETE FROM letter_in WHERE stored_at < ?", before);
  sql_.run("DELETE FROM letter_former WHERE at < ?", before);
  // Events and parts stay as the record of their delivery; questions and answers are no record.
  sql_.run("DELETE FROM outbox WHERE kind >= 2 AND ended_at < ? AND (reason IS NULL OR seen = 1)",
           before);
}

std::vector<std::pair<NodeId, wire::Receipt>> LetterStore::receipts_back(
    const LetterId& carried_by) {
  std::vector<std::pair<NodeId, wire::Receipt>> out;
  {
    auto rows = sql_.query("SELECT sender, letter, stage, at FROM receipt WHERE carried_by = ?",
                           carried_by);
    while (rows.next())
      out.emplace_back(*NodeId::parse(rows.text(0)),
                       wire::Receipt{rows.id<LetterId>(1), static_cast<wire::Stage>(rows.int64(2)),
                                     rows.instant(3)});
  }
  sql_.run("UPDATE receipt SET state = 0, carried_by = NULL WHERE carried_by = ?", carried_by);
  return out;
}

std::vector<std::pair<NodeId, wire::Receipt>> LetterStore::receipts_owed() {
  std::vector<std::pair<NodeId, wire::Receipt>> out;
  auto rows = sql_.query(
      "SELECT sender, letter, stage, at FROM receipt WHERE state < 2 AND state = 0 ORDER BY "
      "letter, stage");
  while (rows.next())
    out.emplace_back(*NodeId::parse(rows.text(0)),
                     wire::Receipt{rows.id<LetterId>(1), static_cast<wire::Stage>(rows.int64(2)),
                                   rows.instant(3)});
  return out;
}

void LetterStore::owe_again_since(Instant since) {
  sql_.run("UPDATE receipt SET state = 0, carried_by = NULL WHERE state = 2 AND at >= ?", since);
}

void LetterStore::count_attempt(const LetterId& letter) {
  sql_.run(
      "INSERT INTO attempt(letter, ended, opening) VALUES(?, 0, 1) ON CONFLICT(letter) DO UPDATE "
      "SET opening = 1",
      letter);
}

std::uint32_t LetterStore::attempts(const LetterId& letter) {
  auto rows = sql_.query("SELECT ended FROM attempt WHERE letter = ?", letter);
  return rows.next() ? static_cast<std::uint32_t>(rows.int64(0)) : 0;
}

void LetterStore::uncount_attempt(const LetterId& letter) {
  sql_.run("UPDATE attempt SET opening = 0 WHERE letter = ?", letter);
  sql_.run("DELETE FROM attempt WHERE letter = ? AND ended = 0", letter);
}

void LetterStore::forget_attempts(const LetterId& letter) {
  sql_.run("DELETE FROM attempt WHERE letter = ?", letter);
}

bool LetterStore::has_attempts_of_last_life() {
  return sql_.query("SELECT 1 FROM attempt WHERE opening = 1").next();
}

void LetterStore::settle_attempts(LastEnd end) {
  sql_.run("UPDATE attempt SET ended = ended + ?, opening = 0 WHERE opening = 1",
           end == LastEnd::killed ? 1 : 0);
  sql_.run("DELETE FROM attempt WHERE ended = 0");
}

void LetterStore::keep_aside(const Arrived& arrived, Instant at, wire::RefusalReason reason,
                             const std::string& why, bool keep_octets) {
  const auto& letter = arrived.letter;
  std::optional<Bytes> octets;
  if (keep_octets) octets = letter.sealed;
  sql_.run(
      "INSERT OR IGNORE INTO aside(letter, sender, received_at, accepted_at, size, sealing_key, "
      "commitment, "
      "reason, why, sealed, leaf, epoch) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      letter.id, letter.sender, at, arrived.accepted_at, letter.sealed.size(), letter.sealing_key,
      letter.commitment, static_cast<int>(reason), why, octets, arrived.leaf, arrived.epoch);
}

std::int64_t LetterStore::bound_aside(const wire::Letter& newest, std::uint32_t letters_max,
                                      std::uint64_t bytes_max) {
  // A clock that was set back says of the newest that it is the oldest: hence by name.
  sql_.run(
      "UPDATE aside SET sealed = NULL WHERE letter IN (SELECT letter FROM (SELECT letter, "
      "sum(size) OVER (ORDER BY letter = ? DESC, received_at DESC, letter) AS bytes FROM aside "
      "WHERE sender = ? AND sealed IS NOT NULL) WHERE bytes > ?)",
      newest.id, newest.sender, bytes_max);
  return sql_.run(
      "DELETE FROM aside WHERE letter IN (SELECT letter FROM aside WHERE sender = ? ORDER BY "
      "letter = ? DESC, reason = ?, received_at DESC, letter LIMIT -1 OFFSET ?)",
      newest.sender, newest.id, static_cast<int>(wire::RefusalReason::no_such_key), letters_max);
}

bool LetterStore::is_aside(const LetterId& letter) {
  return aside_reason(letter).has_value();
}

std::optional<wire::RefusalReason> LetterStore::aside_reason(const LetterId& letter) {
  auto rows = sql_.query("SELECT reason FROM aside WHERE letter = ?", letter);
  if (!rows.next()) return std::nullopt;
  return static_cast<wire::RefusalReason>(rows.int64(0));
}

std::vector<AsideView> LetterStore::aside() {
  std::vector<AsideView> out;
  auto rows = sql_.query(
      "SELECT letter, sender, received_at, size, reason, why, sealed IS NOT NULL FROM aside ORDER "
      "BY received_at, letter");
  while (rows.next()) {
    AsideView view;
    view.letter = rows.id<LetterId>(0);
    view.sender = *NodeId::parse(rows.text(1));
    view.received_at = rows.instant(2);
    view.size_bytes = static_cast<std::size_t>(rows.int64(3));
    view.reason = static_cast<wire::RefusalReason>(rows.int64(4));
    view.why = std::string(rows.text(5));
    view.can_retry = rows.boolean(6);
    out.push_back(std::move(view));
  }
  return out;
}

std::uint64_t LetterStore::aside_count() {
  auto rows = sql_.query("SELECT count(*) FROM aside");
  return rows.next() ? rows.uint64(0) : 0;
}

std::optional<Arrived> LetterStore::aside_letter(const LetterId& id, const NodeId& self) {
  auto rows = sql_.query(
      "SELECT sender, accepted_at, sealing_key, commitment, sealed, leaf, epoch FROM aside WHERE "
      "letter = ? AND sealed IS NOT NULL",
      id);
  if (!rows.next()) return std::nullopt;
  Arrived out;
  out.letter.id = id;
  out.letter.sender = *NodeId::parse(rows.text(0));
  out.letter.recipient = self;
  out.accepted_at = rows.instant(1);
  out.letter.sealing_key = rows.id<Fingerprint>(2);
  out.letter.commitment = rows.id<Commitment>(3);
  out.letter.sealed = copy_of(rows.blob(4));
  if (!rows.is_null(5)) out.leaf = rows.uint64(5);
  if (!rows.is_null(6)) out.epoch = rows.uint64(6);
  return out;
}

void LetterStore::drop_aside(const LetterId& letter) {
  sql_.run("DELETE FROM aside WHERE letter = ?", letter);
}

std::int64_t LetterStore::drop_all_aside() {
  return sql_.run("DELETE FROM aside");
}

void LetterStore::prune_aside(Instant before) {
  sql_.run("DELETE FROM aside WHERE received_at < ? AND reason = ?", before,
           static_cast<int>(wire::RefusalReason::no_such_key));
  sql_.run("UPDATE aside SET sealed = NULL WHERE received_at < ? AND sealed IS NOT NULL", before);
}

std::vector<Fingerprint> LetterStore::keys_needed_aside() {
  std::vector<Fingerprint> out;
  auto rows = sql_.query("SELECT DISTINCT sealing_key FROM aside WHERE sealed IS NOT NULL");
  while (rows.next())
    out.push_back(rows.id<Fingerprint>(0));
  return out;
}

}  // namespace liaison::node
