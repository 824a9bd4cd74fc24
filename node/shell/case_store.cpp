#include "node/shell/case_store.h"

#include "base/check.h"
#include "base/deliberate_bug.h"
#include "crypto/record.h"

namespace liaison::node {
namespace {

constexpr std::size_t keys_cached_max = 4096;

void put_u32(Bytes& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}
std::size_t get_u32(ByteView in) {
  return static_cast<std::size_t>(in[0]) << 24U | static_cast<std::size_t>(in[1]) << 16U |
         static_cast<std::size_t>(in[2]) << 8U | static_cast<std::size_t>(in[3]);
}

/// A signed event as one record: length and octets of the body, the certificate, the signature.
Bytes pack(const wire::SignedEvent& event) {
  Bytes out;
  out.reserve(4 + event.body.size() + Fingerprint::size + event.signature.size());
  put_u32(out, event.body.size());
  out.insert(out.end(), event.body.begin(), event.body.end());
  out.insert(out.end(), event.certificate.octets.begin(), event.certificate.octets.end());
  out.insert(out.end(), event.signature.begin(), event.signature.end());
  return out;
}

[[noreturn]] void damaged(const char* what) {
  throw store::Failure(store::Failure::Kind::corrupt,
                       std::string("the node's store is damaged: ") + what +
                           " cannot be decrypted; nothing was changed; restore from a backup");
}

wire::SignedEvent unpack(ByteView in) {
  wire::SignedEvent out;
  if (in.size() < 4) damaged("an event");
  auto length = get_u32(in);
  if (in.size() < 4 + length + Fingerprint::size) damaged("an event");
  out.body = copy_of(in.subspan(4, length));
  out.certificate = *Fingerprint::from(in.subspan(4 + length, Fingerprint::size));
  out.signature = copy_of(in.subspan(4 + length + Fingerprint::size));
  return out;
}

Bytes place_of(std::string_view place, ByteView case_id, ByteView name) {
  Bytes out = copy_of(as_bytes(place));
  out.push_back(0);
  out.insert(out.end(), case_id.begin(), case_id.end());
  out.insert(out.end(), name.begin(), name.end());
  return out;
}

Bytes part_name(const Digest& attachment, std::uint16_t part) {
  auto name = attachment.bytes();
  name.push_back(static_cast<std::uint8_t>(part >> 8U));
  name.push_back(static_cast<std::uint8_t>(part));
  return name;
}

}  // namespace

bool CaseStore::has(const CaseId& id) {
  return sql_.query("SELECT 1 FROM case_record WHERE case_id = ?", id).next();
}

bool CaseStore::is_disposed(const CaseId& id) {
  if (LIAISON_BUG(forget_tombstone)) return false;
  return sql_.query("SELECT 1 FROM tombstone WHERE case_id = ?", id).next();
}

void CaseStore::make(const CaseId& id) {
  if (has(id)) return;
  auto key = crypto::fresh_key();
  auto wrapped = crypto::seal_record(store_key_, place_of("case key", id.view(), {}), key.view());
  sql_.run("INSERT INTO case_record(case_id, wrapped) VALUES(?, ?)", id, wrapped);
  if (keys_.size() >= keys_cached_max) keys_.clear();
  keys_.emplace(id, std::move(key));
}

const Secret& CaseStore::key_of(const CaseId& id) {
  auto at = keys_.find(id);
  if (at != keys_.end()) return at->second;
  auto rows = sql_.query("SELECT wrapped FROM case_record WHERE case_id = ?", id);
  LIAISON_CHECK(rows.next());
  auto key = crypto::open_record(store_key_, place_of("case key", id.view(), {}), rows.blob(0));
  if (!key) damaged("a case's key");
  if (keys_.size() >= keys_cached_max) keys_.clear();
  return keys_.emplace(id, Secret(std::move(*key))).first->second;
}

Bytes CaseStore::seal(const CaseId& id, std::string_view place, ByteView name, ByteView plain) {
  return crypto::seal_record(key_of(id), place_of(place, id.view(), name), plain);
}

Bytes CaseStore::open(const CaseId& id, std::string_view place, ByteView name, ByteView sealed) {
  auto plain = crypto::open_record(key_of(id), place_of(place, id.view(), name), sealed);
  if (!plain) damaged("a record of a case");
  return std::move(*plain);
}

void CaseStore::dispose(const CaseId& id, Instant now) {
  keys_.erase(id);
  sql_.run("INSERT OR IGNORE INTO tombstone(case_id, at) VALUES(?, ?)", id, now);
  sql_.run("DELETE FROM case_record WHERE case_id = ?", id);
  sql_.run("DELETE FROM event WHERE case_id = ?", id);
  sql_.run("DELETE FROM attachment_part WHERE case_id = ?", id);
}

void CaseStore::drop_event(const CaseId& id, const EventId& event) {
  sql_.run("DELETE FROM event WHERE case_id = ? AND event_id = ?", id, event);
}

bool CaseStore::has_event(const CaseId& id, const EventId& event) {
  return sql_.query("SELECT 1 FROM event WHERE case_id = ? AND event_id = ?", id, event).next();
}

bool CaseStore::keep_event(const CaseId& id, const EventId& event, const wire::SignedEvent& bytes,
                           const LetterId& letter, const NodeId& sender) {
  auto sealed = seal(id, "event", event.view(), pack(bytes));
  std::optional<LetterId> by;
  std::optional<NodeId> from;
  if (!letter.is_zero()) by = letter;
  if (!sender.empty()) from = sender;
  return sql_.run(
             "INSERT OR IGNORE INTO event(case_id, event_id, letter, sender, sealed) VALUES(?, ?, "
             "?, ?, ?)",
             id, event, by, from, sealed) == 1;
}

std::optional<StoredEvent> CaseStore::event(const CaseId& id, const EventId& event) {
  auto rows = sql_.query(
      "SELECT letter, sender, sealed FROM event WHERE case_id = ? AND event_id = ?", id, event);
  if (!rows.next()) return std::nullopt;
  StoredEvent out{unpack(open(id, "event", event.view(), rows.blob(2))), {}, {}};
  if (!rows.is_null(0)) out.letter = rows.id<LetterId>(0);
  if (!rows.is_null(1)) out.sender = *NodeId::parse(rows.text(1));
  return out;
}

std::vector<StoredEvent> CaseStore::events(const CaseId& id) {
  std::vector<StoredEvent> out;
  auto rows =
      sql_.query("SELECT letter, sender, sealed, event_id FROM event WHERE case_id = ?", id);
  while (rows.next()) {
    auto event = rows.id<EventId>(3);
    StoredEvent stored{unpack(open(id, "event", event.view(), rows.blob(2))), {}, {}};
    if (!rows.is_null(0)) stored.letter = rows.id<LetterId>(0);
    if (!rows.is_null(1)) stored.sender = *NodeId::parse(rows.text(1));
    out.push_back(std::move(stored));
  }
  return out;
}

std::vector<EventId> CaseStore::event_ids(const CaseId& id) {
  std::vector<EventId> out;
  auto rows = sql_.query("SELECT event_id FROM event WHERE case_id = ?", id);
  while (rows.next())
    out.push_back(rows.id<EventId>(0));
  return out;
}

void CaseStore::keep_summary(const wire::CaseSummary& summary) {
  auto plain = wire::encode(summary);
  auto sealed = LIAISON_BUG(plain_summary_on_disk) ? plain : seal(summary.id, "summary", {}, plain);
  sql_.run("UPDATE case_record SET summary = ? WHERE case_id = ?", sealed, summary.id);
}

std::map<CaseId, wire::CaseSummary> CaseStore::summaries() {
  std::map<CaseId, Bytes> sealed;
  {
    auto rows = sql_.query("SELECT case_id, summary FROM case_record");
    while (rows.next())
      sealed.emplace(rows.id<CaseId>(0), rows.is_null(1) ? Bytes{} : copy_of(rows.blob(1)));
  }
  std::map<CaseId, wire::CaseSummary> out;
  for (const auto& [id, record] : sealed) {
    wire::CaseSummary summary;
    summary.id = id;
    if (!record.empty() && !LIAISON_BUG(plain_summary_on_disk)) {
      auto decoded = wire::decode_case_summary(open(id, "summary", {}, record));
      // One written by a later version than this: the next event of the case writes it again.
      if (decoded) summary = std::move(*decoded);
    }
    out.emplace(id, std::move(summary));
  }
  return out;
}

bool CaseStore::keep_part(const CaseId& id, const Digest& attachment, std::uint16_t part,
                          std::uint16_t parts, ByteView octets) {
  auto sealed = seal(id, "part", part_name(attachment, part), octets);
  return sql_.run(
             "INSERT OR IGNORE INTO attachment_part(case_id, digest, part, parts, bytes, sealed) "
             "VALUES(?, ?, ?, ?, ?, ?)",
             id, attachment, part, parts, octets.size(), sealed) == 1;
}

std::optional<Bytes> CaseStore::part(const CaseId& id, const Digest& attachment,
                                     std::uint16_t part) {
  auto rows =
      sql_.query("SELECT sealed FROM attachment_part WHERE case_id = ? AND digest = ? AND part = ?",
                 id, attachment, part);
  if (!rows.next()) return std::nullopt;
  return open(id, "part", part_name(attachment, part), rows.blob(0));
}

std::vector<std::uint16_t> CaseStore::parts_held(const CaseId& id, const Digest& attachment) {
  std::vector<std::uint16_t> out;
  auto rows =
      sql_.query("SELECT part FROM attachment_part WHERE case_id = ? AND digest = ? ORDER BY part",
                 id, attachment);
  while (rows.next())
    out.push_back(static_cast<std::uint16_t>(rows.int64(0)));
  return out;
}

void CaseStore::forget_parts(const CaseId& id, const Digest& attachment) {
  sql_.run("DELETE FROM attachment_part WHERE case_id = ? AND digest = ?", id, attachment);
}

std::uint64_t CaseStore::part_bytes(const CaseId& id) {
  auto rows =
      sql_.query("SELECT coalesce(sum(bytes), 0) FROM attachment_part WHERE case_id = ?", id);
  return rows.next() ? rows.uint64(0) : 0;
}

Bytes CaseStore::seal_record(std::string_view place, ByteView plain) const {
  return crypto::seal_record(store_key_, place_of("record", as_bytes(place), {}), plain);
}

Result<Bytes> CaseStore::open_record(std::string_view place, ByteView sealed) const {
  return crypto::open_record(store_key_, place_of("record", as_bytes(place), {}), sealed);
}

}  // namespace liaison::node
