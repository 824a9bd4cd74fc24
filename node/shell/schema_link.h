#pragma once

#include <string_view>

namespace liaison::node {

/// Tables of the link and of cases. Times are ms since 1970; `sealed` columns are AES-256-GCM
/// records whose place is in store_*.cpp.
inline constexpr std::string_view link_and_cases_1 = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

-- The registry's copy, contiguous from 0; what a former epoch had and this one lacks.
CREATE TABLE registry(position INTEGER PRIMARY KEY, kind INTEGER NOT NULL, at INTEGER NOT NULL,
  body BLOB NOT NULL, digest BLOB NOT NULL);
CREATE INDEX registry_digest ON registry(digest);
CREATE TABLE registry_former(place INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body BLOB NOT NULL,
  digest BLOB NOT NULL UNIQUE);
-- What this node publishes, until it stands in the registry: 0 waits, 1 stands, 2 refused.
CREATE TABLE publication(digest BLOB PRIMARY KEY, kind INTEGER NOT NULL, body BLOB NOT NULL,
  state INTEGER NOT NULL, refused TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL,
  service TEXT NOT NULL DEFAULT '', version INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
-- Certificates that were checked: 0 signing, 1 sealing. `under`: the one it continues, or was
-- issued by.
CREATE TABLE certificate(place INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
  der BLOB NOT NULL, under BLOB, first_seen INTEGER NOT NULL, confirmed INTEGER NOT NULL);
CREATE TABLE listing(publisher TEXT NOT NULL, service TEXT NOT NULL, version INTEGER NOT NULL,
  published_at INTEGER NOT NULL, closed INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY(publisher, service)) WITHOUT ROWID;
-- Own sealing keys; the keys themselves lie in the key vault.
CREATE TABLE own_key(fingerprint BLOB PRIMARY KEY, certificate BLOB NOT NULL, signing BLOB NOT NULL,
  state INTEGER NOT NULL, retired_at INTEGER, retired_broker_at INTEGER) WITHOUT ROWID;

-- A case: its key, wrapped by the store key, and what lists show of it, under that key.
CREATE TABLE case_record(case_id BLOB PRIMARY KEY, wrapped BLOB NOT NULL,
    summary BLOB) WITHOUT ROWID;
CREATE TABLE event(case_id BLOB NOT NULL, event_id BLOB NOT NULL, letter BLOB, sender TEXT,
  sealed BLOB NOT NULL, PRIMARY KEY(case_id, event_id)) WITHOUT ROWID;
CREATE TABLE attachment_part(case_id BLOB NOT NULL, digest BLOB NOT NULL, part INTEGER NOT NULL,
  parts INTEGER NOT NULL, bytes INTEGER NOT NULL, sealed BLOB NOT NULL,
  PRIMARY KEY(case_id, digest, part)) WITHOUT ROWID;
CREATE TABLE tombstone(case_id BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

-- One row for each thing and recipient; open until ended_at, then the record of its delivery.
CREATE TABLE outbox(item INTEGER PRIMARY KEY, recipient TEXT NOT NULL, case_id BLOB NOT NULL,
  kind INTEGER NOT NULL, object BLOB NOT NULL, bytes INTEGER NOT NULL, matter BLOB, letter BLOB,
  queued_at INTEGER NOT NULL, accepted_at INTEGER, stored_at INTEGER, opened_at INTEGER,
  ended_at INTEGER, reason INTEGER, seen INTEGER NOT NULL DEFAULT 0);
CREATE INDEX outbox_object ON outbox(object, recipient);
CREATE INDEX outbox_letter ON outbox(letter) WHERE letter IS NOT NULL;
CREATE INDEX outbox_case ON outbox(case_id);
CREATE INDEX outbox_open ON outbox(item) WHERE ended_at IS NULL;
CREATE INDEX outbox_failed ON outbox(item) WHERE reason IS NOT NULL AND seen = 0;
-- Sealed letters under way: 0 not accepted, 1 accepted.
CREATE TABLE letter_out(letter BLOB PRIMARY KEY, recipient TEXT NOT NULL, kind INTEGER NOT NULL,
  state INTEGER NOT NULL, sealing_key BLOB NOT NULL, commitment BLOB NOT NULL,
      expires INTEGER NOT NULL,
  sealed BLOB NOT NULL) WITHOUT ROWID;
-- Ids that items had before they were sealed anew.
CREATE TABLE letter_former(letter BLOB NOT NULL, item INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(letter, item)) WITHOUT ROWID;

-- Letters whose matter is kept here, and the receipts for them: 0 owed, 1 in carried_by, 2 gone.
CREATE TABLE letter_in(letter BLOB PRIMARY KEY, sender TEXT NOT NULL,
    stored_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE receipt(letter BLOB NOT NULL, stage INTEGER NOT NULL, sender TEXT NOT NULL,
    at INTEGER NOT NULL,
  state INTEGER NOT NULL, carried_by BLOB, PRIMARY KEY(letter, stage)) WITHOUT ROWID;
CREATE INDEX receipt_carried ON receipt(carried_by) WHERE carried_by IS NOT NULL;
CREATE INDEX receipt_owed ON receipt(sender) WHERE state < 2;
CREATE TABLE attempt(letter BLOB PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE aside(letter BLOB PRIMARY KEY, sender TEXT NOT NULL, received_at INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL, size INTEGER NOT NULL, sealing_key BLOB NOT NULL,
      commitment BLOB NOT NULL,
  reason INTEGER NOT NULL, why TEXT NOT NULL, sealed BLOB) WITHOUT ROWID;

-- After a restore: who was asked for what the backup lacks, and the cases a person freed.
CREATE TABLE catch_up(node TEXT PRIMARY KEY, answer INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE catch_up_freed(case_id BLOB PRIMARY KEY) WITHOUT ROWID;
)sql";

/// How often opening a letter ended the program, and whether this process is at it.
inline constexpr std::string_view attempts_of_lives = R"sql(
ALTER TABLE attempt RENAME COLUMN count TO ended;
ALTER TABLE attempt ADD COLUMN opening INTEGER NOT NULL DEFAULT 0;
)sql";

/// The exchange's logs as this node has verified them, with the places of its own letters in them
/// and the proofs of that; `hashes` are of 32 octets each.
inline constexpr std::string_view logs_followed = R"sql(
CREATE TABLE log_head(log INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, size INTEGER NOT NULL,
  subtrees BLOB NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE letter_logged(letter BLOB PRIMARY KEY, epoch INTEGER NOT NULL, leaf INTEGER NOT NULL,
  entry BLOB NOT NULL, at INTEGER NOT NULL, size INTEGER, hashes BLOB) WITHOUT ROWID;
CREATE INDEX letter_unproved ON letter_logged(epoch, leaf) WHERE hashes IS NULL;
CREATE INDEX letter_logged_size ON letter_logged(epoch, size) WHERE hashes IS NOT NULL;
CREATE TABLE log_checkpoint(epoch INTEGER NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY(epoch, size)) WITHOUT ROWID;
CREATE TABLE log_finding(place INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL,
  evidence TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE(kind, text));
)sql";

/// Certificates count once their entry, at `position` of the registry's copy, is shown to be in the
/// registry's log (those of before were used already); what nodes say of certificates in their
/// names, this one's own until it is acknowledged.
inline constexpr std::string_view certificates_logged = R"sql(
ALTER TABLE certificate ADD COLUMN logged INTEGER NOT NULL DEFAULT 1;
ALTER TABLE certificate ADD COLUMN position INTEGER;
CREATE TABLE key_alarm(contested BLOB PRIMARY KEY, node TEXT NOT NULL, signer BLOB NOT NULL,
  alarm BLOB NOT NULL, at INTEGER NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
)sql";

/// The keys by which the exchange signs its logs: which of them it has replaced.
inline constexpr std::string_view log_keys = R"sql(
CREATE TABLE log_key(key BLOB PRIMARY KEY, replaced INTEGER NOT NULL,
    at INTEGER NOT NULL) WITHOUT ROWID;
)sql";

/// A letter that a restored exchange accepted anew has a place in the log of each epoch; what was
/// set aside keeps its own, for when it is retried; others' checkpoints that wait to be compared.
inline constexpr std::string_view letters_logged_by_epoch = R"sql(
CREATE TABLE letter_logged_of(letter BLOB NOT NULL, epoch INTEGER NOT NULL, leaf INTEGER NOT NULL,
  entry BLOB NOT NULL, at INTEGER NOT NULL, size INTEGER, hashes BLOB,
  PRIMARY KEY(letter, epoch)) WITHOUT ROWID;
INSERT INTO letter_logged_of SELECT letter, epoch, leaf, entry, at, size, hashes FROM letter_logged;
DROP TABLE letter_logged;
ALTER TABLE letter_logged_of RENAME TO letter_logged;
CREATE INDEX letter_unproved ON letter_logged(epoch, leaf) WHERE hashes IS NULL;
CREATE INDEX letter_logged_size ON letter_logged(epoch, size) WHERE hashes IS NOT NULL;
ALTER TABLE aside ADD COLUMN leaf INTEGER;
ALTER TABLE aside ADD COLUMN epoch INTEGER;
-- Checkpoints that others say they verified, until this node was shown that they begin its own.
CREATE TABLE log_other(log INTEGER NOT NULL, epoch INTEGER NOT NULL, size INTEGER NOT NULL,
  node TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY(log, size)) WITHOUT ROWID;
)sql";

/// What letters follow from, to disclose them (node/shell/kept_letters.h): `cases` are ids of 16
/// octets each, none for what is of no case; `document` and `part` name what was cut out of it and
/// lies in attachment_part. In letter_kept_case zeros stand for no case.
inline constexpr std::string_view letters_kept = R"sql(
CREATE TABLE letter_kept(letter BLOB PRIMARY KEY, node TEXT NOT NULL, at INTEGER NOT NULL,
  cases BLOB NOT NULL, document BLOB, part INTEGER, sealed BLOB NOT NULL);
CREATE INDEX letter_kept_without_case ON letter_kept(at) WHERE cases = x'';
CREATE TABLE letter_kept_case(case_id BLOB NOT NULL, node TEXT NOT NULL, letter BLOB NOT NULL,
  bytes INTEGER NOT NULL, PRIMARY KEY(case_id, node, letter)) WITHOUT ROWID;
CREATE INDEX letter_kept_cases_of ON letter_kept_case(letter);
)sql";

/// What this node cosigned last of each log, as a witness. `witness` in meta is the key that this
/// store has been with since it was made (keys.h); 00 in a store of before, which cosigned nothing.
inline constexpr std::string_view logs_cosigned = R"sql(
CREATE TABLE log_cosigned(log INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, size INTEGER NOT NULL,
  root BLOB NOT NULL, ended INTEGER NOT NULL, at INTEGER NOT NULL);
INSERT INTO meta(name, value) SELECT 'witness', x'00' WHERE EXISTS
  (SELECT 1 FROM meta WHERE name = 'installation');
)sql";

/// Each node speaks of certificates in its own name: what another says of one takes no room from
/// it.
inline constexpr std::string_view alarms_by_node = R"sql(
ALTER TABLE key_alarm RENAME TO key_alarm_of_all;
CREATE TABLE key_alarm(contested BLOB NOT NULL, node TEXT NOT NULL, signer BLOB NOT NULL,
  alarm BLOB NOT NULL, at INTEGER NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(node, contested)) WITHOUT ROWID;
INSERT INTO key_alarm
  SELECT contested, node, signer, alarm, at, acknowledged FROM key_alarm_of_all;
DROP TABLE key_alarm_of_all;
)sql";

/// Whom lists of revocations named that were shown to be in the registry's log: they stay named.
inline constexpr std::string_view revocations_logged = R"sql(
CREATE TABLE revoked(serial BLOB PRIMARY KEY, superseded INTEGER NOT NULL,
  holds_until INTEGER NOT NULL) WITHOUT ROWID;
)sql";

/// What was set aside is bounded for each sender, and looked at each time one more is.
inline constexpr std::string_view aside_by_sender = R"sql(
CREATE INDEX aside_sender ON aside(sender);
)sql";

}  // namespace liaison::node
