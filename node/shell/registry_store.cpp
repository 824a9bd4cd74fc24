#include "node/shell/registry_store.h"

#include "crypto/digest.h"

namespace liaison::node {

std::optional<Bytes> RegistryStore::meta(const char* name) {
  auto rows = sql_.query("SELECT value FROM meta WHERE name = ?", name);
  if (!rows.next()) return std::nullopt;
  return copy_of(rows.blob(0));
}

void RegistryStore::set_meta(const char* name, ByteView value) {
  sql_.run(
      "INSERT INTO meta(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = "
      "excluded.value",
      name, value);
}

std::uint64_t RegistryStore::number(std::string_view name) {
  auto rows = sql_.query("SELECT value FROM meta WHERE name = ?", name);
  return rows.next() ? rows.uint64(0) : 0;
}

void RegistryStore::set_number(std::string_view name, std::uint64_t value) {
  sql_.run(
      "INSERT INTO meta(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = "
      "excluded.value",
      name, value);
}

void RegistryStore::clear_meta(const char* name) {
  sql_.run("DELETE FROM meta WHERE name = ?", name);
}

std::uint64_t RegistryStore::size() {
  auto rows = sql_.query("SELECT coalesce(max(position) + 1, 0) FROM registry");
  return rows.next() ? rows.uint64(0) : 0;
}

void RegistryStore::append(std::uint64_t position, const wire::RegistryEntry& entry) {
  sql_.run("INSERT INTO registry(position, kind, at, body, digest) VALUES(?, ?, ?, ?, ?)", position,
           static_cast<int>(entry.kind), entry.at, entry.body, crypto::sha256(entry.body));
}

std::vector<wire::RegistryEntry> RegistryStore::entries_of(wire::EntryKind kind) {
  std::vector<wire::RegistryEntry> out;
  auto rows = sql_.query("SELECT at, body FROM registry WHERE kind = ? ORDER BY position",
                         static_cast<int>(kind));
  while (rows.next())
    out.push_back({kind, rows.instant(0), copy_of(rows.blob(1))});
  return out;
}

std::set<std::uint64_t> RegistryStore::positions_of(wire::EntryKind kind, std::uint64_t first) {
  std::set<std::uint64_t> out;
  auto rows = sql_.query("SELECT position FROM registry WHERE kind = ? AND position >= ?",
                         static_cast<int>(kind), first);
  while (rows.next())
    out.insert(rows.uint64(0));
  return out;
}

Bytes RegistryStore::body_of(std::uint64_t position) {
  auto rows = sql_.query("SELECT body FROM registry WHERE position = ?", position);
  return rows.next() ? copy_of(rows.blob(0)) : Bytes{};
}

bool RegistryStore::stands(const Digest& digest) {
  return sql_.query("SELECT 1 FROM registry WHERE digest = ?", digest).next();
}

std::vector<wire::RegistryLeaf> RegistryStore::leaves(std::uint64_t first, std::uint64_t count) {
  std::vector<wire::RegistryLeaf> out;
  auto rows = sql_.query(
      "SELECT kind, at, digest FROM registry WHERE position >= ? ORDER BY position LIMIT ?", first,
      count);
  while (rows.next())
    out.push_back(
        {static_cast<wire::EntryKind>(rows.int64(0)), rows.instant(1), rows.id<Digest>(2)});
  return out;
}

void RegistryStore::drop(std::uint64_t position) {
  sql_.run("DELETE FROM registry WHERE position = ?", position);
}

void RegistryStore::begin_anew() {
  sql_.run(
      "INSERT OR IGNORE INTO registry_former(kind, body, digest) "
      "SELECT kind, body, digest FROM registry ORDER BY position");
  sql_.run("DELETE FROM registry");
}

std::vector<wire::Publication> RegistryStore::former_missing() {
  sql_.run("DELETE FROM registry_former WHERE digest IN (SELECT digest FROM registry)");
  return former();
}

std::vector<wire::Publication> RegistryStore::former() {
  std::vector<wire::Publication> out;
  auto rows = sql_.query("SELECT kind, body FROM registry_former ORDER BY place");
  while (rows.next())
    out.push_back({static_cast<wire::EntryKind>(rows.int64(0)), copy_of(rows.blob(1))});
  return out;
}

void RegistryStore::drop_former(const Digest& digest) {
  sql_.run("DELETE FROM registry_former WHERE digest = ?", digest);
}

void RegistryStore::forget_former() {
  sql_.run("DELETE FROM registry_former");
}

void RegistryStore::keep_publication(const StoredPublication& publication) {
  sql_.run(
      "INSERT INTO publication(digest, kind, body, state, refused, at, service, version) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(digest) DO NOTHING",
      publication.digest, static_cast<int>(publication.publication.kind),
      publication.publication.body, static_cast<int>(publication.state), publication.refused,
      publication.at, publication.service, publication.version);
}

namespace {
StoredPublication publication_of(store::Rows& rows) {
  StoredPublication out;
  out.digest = rows.id<Digest>(0);
  out.publication = {static_cast<wire::EntryKind>(rows.int64(1)), copy_of(rows.blob(2))};
  out.state = static_cast<PublicationState>(rows.int64(3));
  out.refused = std::string(rows.text(4));
  out.at = rows.instant(5);
  out.service = std::string(rows.text(6));
  out.version = static_cast<std::uint32_t>(rows.int64(7));
  return out;
}
}  // namespace

std::optional<StoredPublication> RegistryStore::publication(const Digest& digest) {
  auto rows = sql_.query(
      "SELECT digest, kind, body, state, refused, at, service, version FROM publication WHERE "
      "digest = ?",
      digest);
  if (!rows.next()) return std::nullopt;
  return publication_of(rows);
}

void RegistryStore::settle_publication(const Digest& digest, PublicationState state,
                                       const std::string& refused) {
  sql_.run("UPDATE publication SET state = ?, refused = ? WHERE digest = ?",
           static_cast<int>(state), refused, digest);
}

std::vector<wire::Publication> RegistryStore::waiting_publications() {
  std::vector<wire::Publication> out;
  auto rows =
      sql_.query("SELECT kind, body FROM publication WHERE state = ? ORDER BY at, version, digest",
                 static_cast<int>(PublicationState::waits));
  while (rows.next())
    out.push_back({static_cast<wire::EntryKind>(rows.int64(0)), copy_of(rows.blob(1))});
  return out;
}

std::vector<StoredPublication> RegistryStore::published_listings() {
  std::vector<StoredPublication> out;
  auto rows = sql_.query(
      "SELECT digest, kind, body, state, refused, at, service, version FROM publication "
      "WHERE kind = ? ORDER BY at, version, digest",
      static_cast<int>(wire::EntryKind::listing));
  while (rows.next())
    out.push_back(publication_of(rows));
  return out;
}

std::uint32_t RegistryStore::newest_version(const std::string& service) {
  auto rows = sql_.query(
      "SELECT coalesce(max(version), 0) FROM publication WHERE service = ? AND state <> ?", service,
      static_cast<int>(PublicationState::refused));
  return rows.next() ? static_cast<std::uint32_t>(rows.int64(0)) : 0;
}

void RegistryStore::drop_ended_certificates() {
  sql_.run(
      "DELETE FROM publication WHERE kind = ? AND body NOT IN "
      "(SELECT certificate FROM own_key WHERE state <> ?)",
      static_cast<int>(wire::EntryKind::sealing_certificate), static_cast<int>(KeyState::retired));
}

void RegistryStore::publish_lost_again() {
  sql_.run(
      "UPDATE publication SET state = 0 WHERE state = 1 AND digest NOT IN (SELECT digest FROM "
      "registry)");
}

void RegistryStore::keep_certificate(const StoredCertificate& certificate) {
  sql_.run(
      "INSERT INTO certificate(fingerprint, kind, der, under, first_seen, confirmed, logged, "
      "position) VALUES(?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(fingerprint) DO UPDATE SET under = coalesce(under, excluded.under), "
      "logged = max(logged, excluded.logged), position = excluded.position",
      certificate.fingerprint, static_cast<int>(certificate.kind), certificate.der,
      certificate.under, certificate.first_seen, certificate.confirmed, certificate.logged,
      certificate.position);
  // A sealing certificate's place says which one letters are sealed to (core/peers.h).
  if (certificate.kind == CertificateKind::sealing)
    sql_.run(
        "UPDATE certificate SET place = (SELECT max(place) + 1 FROM certificate) WHERE "
        "fingerprint = ? AND place < (SELECT max(place) FROM certificate)",
        certificate.fingerprint);
}

void RegistryStore::confirm_certificate(const Fingerprint& fingerprint) {
  sql_.run("UPDATE certificate SET confirmed = 1 WHERE fingerprint = ?", fingerprint);
}

void RegistryStore::certificate_logged(const Fingerprint& fingerprint,
                                       std::optional<Instant> seen) {
  sql_.run(
      "UPDATE certificate SET logged = 1, position = NULL, first_seen = coalesce(?, first_seen) "
      "WHERE fingerprint = ?",
      seen, fingerprint);
}

void RegistryStore::forget_certificate(const Fingerprint& fingerprint) {
  sql_.run("DELETE FROM certificate WHERE fingerprint = ?", fingerprint);
}

void RegistryStore::clock_moved(Duration by) {
  sql_.run("UPDATE certificate SET first_seen = first_seen + ?",
           std::chrono::duration_cast<std::chrono::milliseconds>(by).count());
}

void RegistryStore::forget_positions() {
  sql_.run("UPDATE certificate SET position = NULL");
}

void RegistryStore::keep_key_alarm(const StoredKeyAlarm& alarm) {
  sql_.run(
      "INSERT OR IGNORE INTO key_alarm(contested, node, signer, alarm, at) VALUES(?, ?, ?, ?, ?)",
      alarm.contested, alarm.node, alarm.signer, alarm.alarm, alarm.at);
}

std::vector<StoredKeyAlarm> RegistryStore::key_alarms() {
  std::vector<StoredKeyAlarm> out;
  auto rows = sql_.query(
      "SELECT node, contested, signer, alarm, at, acknowledged FROM key_alarm ORDER BY at, "
      "contested");
  while (rows.next())
    out.push_back({*NodeId::parse(rows.text(0)), rows.id<Fingerprint>(1), rows.id<Fingerprint>(2),
                   copy_of(rows.blob(3)), rows.instant(4), rows.boolean(5)});
  return out;
}

bool RegistryStore::acknowledge_key_alarm(const NodeId& node, const Fingerprint& contested) {
  return sql_.run("UPDATE key_alarm SET acknowledged = 1 WHERE node = ? AND contested = ?", node,
                  contested) != 0;
}

std::vector<StoredCertificate> RegistryStore::certificates() {
  std::vector<StoredCertificate> out;
  auto rows = sql_.query(
      "SELECT fingerprint, kind, der, under, first_seen, confirmed, logged, position FROM "
      "certificate ORDER BY place");
  while (rows.next()) {
    StoredCertificate each;
    each.fingerprint = rows.id<Fingerprint>(0);
    each.kind = static_cast<CertificateKind>(rows.int64(1));
    each.der = copy_of(rows.blob(2));
    if (!rows.is_null(3)) each.under = rows.id<Fingerprint>(3);
    each.first_seen = rows.instant(4);
    each.confirmed = rows.boolean(5);
    each.logged = rows.boolean(6);
    if (!rows.is_null(7)) each.position = rows.uint64(7);
    out.push_back(std::move(each));
  }
  return out;
}

void RegistryStore::keep_revoked(const std::map<Bytes, Revoked>& revoked) {
  for (const auto& [serial, each] : revoked)
    sql_.run("INSERT OR REPLACE INTO revoked(serial, superseded, holds_until) VALUES(?, ?, ?)",
             serial, each.superseded, each.holds_until);
}

std::map<Bytes, Revoked> RegistryStore::revoked() {
  std::map<Bytes, Revoked> out;
  auto rows = sql_.query("SELECT serial, superseded, holds_until FROM revoked");
  while (rows.next())
    out.emplace(copy_of(rows.blob(0)), Revoked{rows.boolean(1), rows.instant(2)});
  return out;
}

void RegistryStore::keep_listing(const ListingView& listing) {
  sql_.run(
      "INSERT INTO listing(publisher, service, version, published_at, closed, text) VALUES(?, ?, "
      "?, ?, ?, ?) "
      "ON CONFLICT(publisher, service) DO UPDATE SET version = excluded.version, "
      "published_at = excluded.published_at, closed = excluded.closed, text = excluded.text "
      "WHERE excluded.version > version",
      listing.publisher, listing.service, listing.version, listing.published_at, listing.closed,
      listing.open_referral);
}

namespace {
ListingView listing_of(store::Rows& rows) {
  ListingView out;
  out.publisher = *NodeId::parse(rows.text(0));
  out.service = std::string(rows.text(1));
  out.version = static_cast<std::uint32_t>(rows.int64(2));
  out.published_at = rows.instant(3);
  out.closed = rows.boolean(4);
  out.open_referral = std::string(rows.text(5));
  return out;
}
}  // namespace

std::vector<ListingView> RegistryStore::listings() {
  std::vector<ListingView> out;
  auto rows =
      sql_.query("SELECT publisher, service, version, published_at, closed, text FROM listing");
  while (rows.next())
    out.push_back(listing_of(rows));
  return out;
}

std::optional<ListingView> RegistryStore::listing(const NodeId& publisher,
                                                  const std::string& service) {
  auto rows = sql_.query(
      "SELECT publisher, service, version, published_at, closed, text FROM listing "
      "WHERE publisher = ? AND service = ?",
      publisher, service);
  if (!rows.next()) return std::nullopt;
  return listing_of(rows);
}

void RegistryStore::keep_own_key(const StoredOwnKey& own) {
  sql_.run(
      "INSERT INTO own_key(fingerprint, certificate, signing, state, retired_at, "
      "retired_broker_at) "
      "VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(fingerprint) DO UPDATE SET state = excluded.state, "
      "retired_at = excluded.retired_at, retired_broker_at = excluded.retired_broker_at",
      own.key.fingerprint, own.certificate, own.key.signing, static_cast<int>(own.key.state),
      own.key.retired_at, own.key.retired_broker_at);
}

std::vector<StoredOwnKey> RegistryStore::own_keys() {
  std::vector<StoredOwnKey> out;
  auto rows = sql_.query(
      "SELECT fingerprint, certificate, signing, state, retired_at, retired_broker_at FROM "
      "own_key");
  while (rows.next()) {
    StoredOwnKey own;
    own.key.fingerprint = rows.id<Fingerprint>(0);
    own.certificate = copy_of(rows.blob(1));
    own.key.signing = rows.id<Fingerprint>(2);
    own.key.state = static_cast<KeyState>(rows.int64(3));
    if (!rows.is_null(4)) own.key.retired_at = rows.instant(4);
    if (!rows.is_null(5)) own.key.retired_broker_at = rows.instant(5);
    out.push_back(std::move(own));
  }
  return out;
}

void RegistryStore::drop_own_key(const Fingerprint& fingerprint) {
  sql_.run("DELETE FROM own_key WHERE fingerprint = ?", fingerprint);
}

void RegistryStore::drop_own_keys() {
  sql_.run("DELETE FROM own_key");
  drop_ended_certificates();
}

void RegistryStore::keep_answer(const NodeId& node, Answer answer) {
  sql_.run(
      "INSERT INTO catch_up(node, answer) VALUES(?, ?) ON CONFLICT(node) DO UPDATE SET answer = "
      "excluded.answer",
      node, static_cast<int>(answer));
}

std::map<NodeId, Answer> RegistryStore::answers() {
  std::map<NodeId, Answer> out;
  auto rows = sql_.query("SELECT node, answer FROM catch_up");
  while (rows.next())
    out.emplace(*NodeId::parse(rows.text(0)), static_cast<Answer>(rows.int64(1)));
  return out;
}

void RegistryStore::free_case(const CaseId& id) {
  sql_.run("INSERT OR IGNORE INTO catch_up_freed(case_id) VALUES(?)", id);
}

std::set<CaseId> RegistryStore::freed_cases() {
  std::set<CaseId> out;
  auto rows = sql_.query("SELECT case_id FROM catch_up_freed");
  while (rows.next())
    out.insert(rows.id<CaseId>(0));
  return out;
}

void RegistryStore::end_catch_up() {
  sql_.run("DELETE FROM catch_up");
  sql_.run("DELETE FROM catch_up_freed");
}

}  // namespace liaison::node
