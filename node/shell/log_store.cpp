#include "node/shell/log_store.h"

namespace liaison::node {
namespace {

constexpr std::int64_t findings_max = 100;

Bytes join(const std::vector<Digest>& hashes) {
  Bytes out;
  for (const auto& each : hashes)
    out.insert(out.end(), each.octets.begin(), each.octets.end());
  return out;
}

std::vector<Digest> split(ByteView octets) {
  std::vector<Digest> out;
  for (; octets.size() >= Digest::size; octets = octets.subspan(Digest::size))
    out.push_back(Digest::from(octets.first(Digest::size)).value());
  return out;
}

std::int64_t number_of(wire::LogName log) {
  return static_cast<std::int64_t>(log);
}

}  // namespace

std::optional<LogStore::Head> LogStore::head(wire::LogName log) {
  auto rows =
      sql_.query("SELECT epoch, size, subtrees, note FROM log_head WHERE log = ?", number_of(log));
  if (!rows.next()) return std::nullopt;
  return Head{rows.uint64(0), rows.uint64(1), split(rows.blob(2)), std::string(rows.text(3))};
}

void LogStore::keep_head(wire::LogName log, const Head& head, Instant at) {
  sql_.run("INSERT OR REPLACE INTO log_head VALUES(?,?,?,?,?,?)", number_of(log), head.epoch,
           head.size, join(head.subtrees), head.note, at);
}

void LogStore::drop_head(wire::LogName log) {
  sql_.run("DELETE FROM log_head WHERE log = ?", number_of(log));
}

std::optional<LogStore::Cosigned> LogStore::cosigned(wire::LogName log) {
  auto rows =
      sql_.query("SELECT epoch, size, root, ended FROM log_cosigned WHERE log = ?", number_of(log));
  if (!rows.next()) return std::nullopt;
  return Cosigned{rows.uint64(0), rows.uint64(1), rows.id<Digest>(2), rows.int64(3) != 0};
}

void LogStore::keep_cosigned(wire::LogName log, const Cosigned& cosigned, Instant at) {
  sql_.run("INSERT OR REPLACE INTO log_cosigned VALUES(?,?,?,?,?,?)", number_of(log),
           cosigned.epoch, cosigned.size, cosigned.root, cosigned.ended, at);
}

bool LogStore::keep_place(const Place& place) {
  // What a restored exchange accepted anew has another place.
  return sql_.run(
             "INSERT OR IGNORE INTO letter_logged(letter, epoch, leaf, entry, at) "
             "VALUES(?,?,?,?,?)",
             place.letter, place.epoch, place.leaf, place.entry, place.at) != 0;
}

std::vector<std::pair<std::uint64_t, LetterId>> LogStore::unproved(std::uint64_t epoch) {
  std::vector<std::pair<std::uint64_t, LetterId>> out;
  auto rows = sql_.query(
      "SELECT leaf, letter FROM letter_logged WHERE hashes IS NULL AND epoch = ?", epoch);
  while (rows.next())
    out.emplace_back(rows.uint64(0), rows.id<LetterId>(1));
  return out;
}

std::optional<LogStore::Place> LogStore::place(const LetterId& letter) {
  auto rows = sql_.query(
      "SELECT epoch, leaf, entry, at FROM letter_logged WHERE letter = ? ORDER BY epoch DESC",
      letter);
  if (!rows.next()) return std::nullopt;
  return Place{letter, rows.uint64(0), rows.uint64(1), copy_of(rows.blob(2)), rows.instant(3)};
}

void LogStore::keep_proof(const LetterId& letter, std::uint64_t epoch, std::uint64_t size,
                          const std::vector<Digest>& hashes, const std::string& note) {
  sql_.run("UPDATE letter_logged SET size = ?, hashes = ? WHERE letter = ? AND epoch = ?", size,
           join(hashes), letter, epoch);
  sql_.run("INSERT OR IGNORE INTO log_checkpoint(epoch, size, note) VALUES(?, ?, ?)", epoch, size,
           note);
}

std::optional<LogStore::Proof> LogStore::proof(const LetterId& letter) {
  auto rows = sql_.query(
      "SELECT p.leaf, p.entry, p.hashes, c.note FROM letter_logged p JOIN log_checkpoint c "
      "ON c.epoch = p.epoch AND c.size = p.size WHERE p.letter = ? AND p.hashes IS NOT NULL "
      "ORDER BY p.epoch DESC",
      letter);
  if (!rows.next()) return std::nullopt;
  return Proof{rows.uint64(0), copy_of(rows.blob(1)), split(rows.blob(2)),
               std::string(rows.text(3))};
}

std::uint64_t LogStore::proved() {
  auto rows =
      sql_.query("SELECT count(DISTINCT letter) FROM letter_logged WHERE hashes IS NOT NULL");
  rows.next();
  return rows.uint64(0);
}

void LogStore::prune(Instant before) {
  sql_.run("DELETE FROM letter_logged WHERE at < ?", before);
  sql_.run(
      "DELETE FROM log_checkpoint WHERE NOT EXISTS (SELECT 1 FROM letter_logged p "
      "WHERE p.epoch = log_checkpoint.epoch AND p.size = log_checkpoint.size "
      "AND p.hashes IS NOT NULL)");
}

void LogStore::keep_key(const Key& key, Instant at) {
  sql_.run(
      "INSERT INTO log_key(key, replaced, at) VALUES(?, ?, ?) "
      "ON CONFLICT(key) DO UPDATE SET replaced = excluded.replaced",
      key.key, key.is_replaced ? 1 : 0, at);
}

std::vector<LogStore::Key> LogStore::keys() {
  std::vector<Key> out;
  auto rows = sql_.query("SELECT key, replaced FROM log_key ORDER BY at, key");
  while (rows.next())
    out.push_back({rows.id<crypto::WitnessKey>(0), rows.int64(1) != 0});
  return out;
}

void LogStore::keep_other(std::uint64_t epoch, const Other& other) {
  sql_.run("DELETE FROM log_other WHERE epoch <> ?", epoch);
  sql_.run("INSERT OR IGNORE INTO log_other(log, epoch, size, node, note) VALUES(?, ?, ?, ?, ?)",
           number_of(other.log), epoch, other.size, other.from, other.note);
}

std::vector<LogStore::Other> LogStore::others(std::uint64_t epoch) {
  std::vector<Other> out;
  auto rows = sql_.query("SELECT log, size, node, note FROM log_other WHERE epoch = ?", epoch);
  while (rows.next())
    out.push_back({static_cast<wire::LogName>(rows.int64(0)), rows.uint64(1),
                   *NodeId::parse(rows.text(2)), std::string(rows.text(3))});
  return out;
}

void LogStore::drop_other(wire::LogName log, std::uint64_t size) {
  sql_.run("DELETE FROM log_other WHERE log = ? AND size = ?", number_of(log), size);
}

bool LogStore::keep_finding(const Finding& finding) {
  return sql_.run(
             "INSERT OR IGNORE INTO log_finding(kind, text, evidence, at) "
             "SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM log_finding) < ?5",
             finding.kind, finding.text, finding.evidence, finding.at, findings_max) != 0;
}

std::vector<LogStore::Finding> LogStore::findings() {
  std::vector<Finding> out;
  auto rows = sql_.query("SELECT place, kind, text, evidence, at FROM log_finding ORDER BY place");
  while (rows.next())
    out.push_back({rows.uint64(0), std::string(rows.text(1)), std::string(rows.text(2)),
                   std::string(rows.text(3)), rows.instant(4)});
  return out;
}

bool LogStore::drop_finding(std::uint64_t place) {
  return sql_.run("DELETE FROM log_finding WHERE place = ?", place) != 0;
}

}  // namespace liaison::node
