#include "broker/shell/store.h"

#include <algorithm>

#include "audit/hash.h"
#include "base/check.h"
#include "base/deliberate_bug.h"
#include "broker/shell/policy_json.h"
#include "crypto/digest.h"
#include "wire/registry_leaf.h"

namespace liaison::broker {

struct Store::Statements {
  explicit Statements(store::Database& database)
      : keep_waiting(database.prepare("INSERT INTO waiting VALUES (?,?,?,?,?,?,?,?,?,?,?)")),
        keep_payload(database.prepare("INSERT INTO payload VALUES (?,?)")),
        drop_waiting(database.prepare("DELETE FROM waiting WHERE sequence BETWEEN ? AND ?")),
        drop_payload(database.prepare("DELETE FROM payload WHERE sequence BETWEEN ? AND ?")),
        append_log(database.prepare("INSERT INTO log VALUES (?,?,?)")),
        append_registry(database.prepare("INSERT INTO registry VALUES (?,?,?,?)")),
        keep_node(database.prepare(
            "INSERT INTO node VALUES (?,?,?) "
            "ON CONFLICT (number) DO UPDATE SET incarnation = excluded.incarnation")),
        keep_setting(database.prepare("INSERT OR REPLACE INTO setting VALUES (?,?)")),
        setting(database.prepare("SELECT value FROM setting WHERE name = ?")),
        entries(database.prepare(
            "SELECT kind, at, body FROM registry WHERE position >= ? ORDER BY position LIMIT ?")),
        delivery(
            database.prepare("SELECT recipient, sender, accepted_at, expires, reason, letter, "
                             "commitment, sealing_key, sealed "
                             "FROM waiting LEFT JOIN payload USING (sequence) WHERE sequence = ?")),
        first_octets(
            database.prepare("SELECT substr(sealed, 1, ?) FROM payload WHERE sequence = ?")) {}
  store::Statement keep_waiting, keep_payload, drop_waiting, drop_payload, append_log,
      append_registry, keep_node, keep_setting, setting, entries, delivery, first_octets;
};

Store::Store(store::Database& database)
    : database_(database), sql_(std::make_unique<Statements>(database)) {}
Store::~Store() = default;

void Store::write(const std::vector<Write>& writes) {
  for (const auto& each : writes)
    std::visit([this](const auto& one) { (*this)(one); }, each);
}

void Store::finish() {
  drop_runs();
  if (newest_ != 0) keep_setting("last_sequence", static_cast<std::int64_t>(newest_));
  newest_ = 0;
}

void Store::operator()(const KeepLetter& write) {
  const auto& letter = write.letter.letter;
  sql_->keep_waiting.run(write.sequence, write.recipient.value, write.sender.value,
                         letter.sealed.size(), write.accepted_at, letter.expires, nullptr,
                         letter.id, write.letter.digest, letter.commitment, letter.sealing_key);
  sql_->keep_payload.run(write.sequence, letter.sealed);
  newest_ = write.sequence;
}

void Store::operator()(const KeepReport& write) {
  // `sender` of a report's row: whose mailbox it is too, so that the row needs no table of its own;
  // whom the letter had been sent to stands in `commitment`'s place as a node id.
  sql_->keep_waiting.run(write.sequence, write.recipient.value, write.recipient.value, 0,
                         write.report.at, std::int64_t{0}, static_cast<int>(write.report.reason),
                         write.report.letter, nullptr, as_bytes(write.report.recipient.text()),
                         nullptr);
  newest_ = write.sequence;
}

void Store::operator()(const DropItem& write) {
  dropped_.push_back(write.sequence);
}

void Store::drop_runs() {
  // What is taken together mostly arrived together: one deletion for each run of sequences.
  std::sort(dropped_.begin(), dropped_.end());
  for (std::size_t at = 0; at < dropped_.size();) {
    auto end = at + 1;
    while (end < dropped_.size() && dropped_[end] == dropped_[end - 1] + 1)
      ++end;
    sql_->drop_waiting.run(dropped_[at], dropped_[end - 1]);
    sql_->drop_payload.run(dropped_[at], dropped_[end - 1]);
    at = end;
  }
  dropped_.clear();
}

void Store::operator()(const AppendLog& write) {
  const auto entry = wire::encode(write.entry);
  if (write.entry.kind == wire::LogKind::accepted)
    sql_->append_log.run(write.leaf, write.expires, entry);
  else
    sql_->append_log.run(write.leaf, nullptr, entry);
  if (appended_) appended_(LogName::message, audit::leaf_hash(entry), write.entry.letter);
}

void Store::operator()(const AppendRegistry& write) {
  sql_->append_registry.run(write.index, static_cast<int>(write.entry.kind), write.at,
                            write.entry.body);
  if (!appended_) return;
  const auto leaf = wire::encode(
      wire::RegistryLeaf{write.entry.kind, write.at, crypto::sha256(write.entry.body)});
  appended_(LogName::registry, audit::leaf_hash(leaf), {});
}

void Store::operator()(const KeepNode& write) {
  sql_->keep_node.run(write.number.value, write.node, write.incarnation);
}

void Store::operator()(const KeepPolicy& write) {
  sql_->keep_setting.run("policy", to_json_text(write.policy));
}

void Store::operator()(const KeepQuota& write) {
  const std::string node = write.node ? write.node->text() : "";
  if (!write.quota) {
    database_.prepare("DELETE FROM quota WHERE node = ?").run(node);
    return;
  }
  const auto& quota = *write.quota;
  database_.prepare("INSERT OR REPLACE INTO quota VALUES (?,?,?,?,?)")
      .run(node, quota.mailbox_letters_max, quota.mailbox_bytes_max, quota.sender_letters_max,
           quota.sender_bytes_max);
}

void Store::operator()(const KeepState& write) {
  keep_setting("epoch", static_cast<std::int64_t>(write.epoch));
  keep_setting("recovering", write.recovering ? 1 : 0);
  keep_setting("repeats_from", static_cast<std::int64_t>(write.repeats_from));
  keep_setting("seen", to_ms(write.seen));
  keep_setting("rest", write.rest.count());
  keep_setting("clock_set", write.clock_set.count());
  keep_setting("latest", to_ms(write.latest));
}

void Store::keep_setting(const char* name, std::int64_t value) {
  sql_->keep_setting.run(name, value);
}

std::optional<std::int64_t> Store::setting(const char* name) {
  auto rows = sql_->setting.query(name);
  if (!rows.next()) return std::nullopt;
  return rows.int64(0);
}

std::optional<crypto::WitnessKey> Store::log_key() {
  auto rows = sql_->setting.query("log_key");
  if (!rows.next()) return std::nullopt;
  return rows.id<crypto::WitnessKey>(0);
}

void Store::keep_log_key(const crypto::WitnessKey& key) {
  sql_->keep_setting.run("log_key", key);
}

std::vector<Store::Entry> Store::entries(std::uint64_t first, std::uint32_t count) {
  std::vector<Entry> out;
  for (auto rows = sql_->entries.query(first, count); rows.next();)
    out.push_back(
        {static_cast<wire::EntryKind>(rows.int64(0)), rows.instant(1), copy_of(rows.blob(2))});
  return out;
}

bool Store::has_entry_of(wire::EntryKind kind) {
  auto query = database_.prepare("SELECT 1 FROM registry WHERE kind = ? LIMIT 1");
  auto rows = query.query(static_cast<int>(kind));
  return rows.next();
}

std::optional<wire::Delivery> Store::delivery(Sequence sequence, const Registry& registry) {
  auto rows = sql_->delivery.query(sequence);
  if (!rows.next()) return std::nullopt;
  const auto id_of = [&](int column) {
    return registry.node(NodeNumber{static_cast<std::uint32_t>(rows.int64(column))}).id;
  };
  wire::Delivery out;
  out.sequence = sequence;
  out.accepted_at = rows.instant(2);
  if (rows.is_null(4)) {
    wire::Letter letter{rows.id<LetterId>(5),
                        id_of(1),
                        id_of(0),
                        rows.id<Fingerprint>(7),
                        rows.id<Commitment>(6),
                        rows.instant(3),
                        copy_of(rows.blob(8))};
    out.item = std::move(letter);
    return out;
  }
  const auto reason = static_cast<wire::RefusalReason>(rows.int64(4));
  auto recipient = NodeId::parse(as_text(rows.blob(6)));
  LIAISON_CHECK(recipient.has_value());
  out.item = wire::Report{rows.id<LetterId>(5), *recipient, reason, wire::meaning_of(reason),
                          rows.instant(2)};
  return out;
}

Bytes Store::first_octets(Sequence sequence, std::size_t count) {
  auto rows = sql_->first_octets.query(count, sequence);
  return rows.next() ? copy_of(rows.blob(0)) : Bytes{};
}

std::vector<Bytes> Store::log(Leaf first, std::uint32_t count) {
  auto find = database_.prepare("SELECT entry FROM log WHERE leaf >= ? ORDER BY leaf LIMIT ?");
  std::vector<Bytes> out;
  for (auto rows = find.query(first, count); rows.next();)
    out.push_back(copy_of(rows.blob(0)));
  return out;
}

}  // namespace liaison::broker
