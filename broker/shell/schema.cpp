#include <array>

#include "broker/shell/store.h"

/// The tables of a broker's store. A migration is never changed once released, only followed.
namespace liaison::broker {

namespace {

constexpr std::string_view first_tables = R"(
  -- Single values: epoch, recovering, repeats_from, seen, rest, clock_set, latest, last_sequence;
  -- policy as JSON text.
  CREATE TABLE setting (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE node (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incarnation INTEGER NOT NULL);
  CREATE TABLE quota (
    node TEXT PRIMARY KEY, mailbox_letters INTEGER NOT NULL, mailbox_bytes INTEGER NOT NULL,
    sender_letters INTEGER NOT NULL, sender_bytes INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE registry (
    position INTEGER PRIMARY KEY, kind INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL);

  -- What waits, in order of arrival: letters (reason is null) and reports (reason says what became
  -- of `letter`; commitment holds the id of the node it had been sent to). The sealed bytes lie
  -- apart, so that a start reads this table only.
  CREATE TABLE waiting (
    sequence INTEGER PRIMARY KEY, recipient INTEGER NOT NULL, sender INTEGER NOT NULL,
    size INTEGER NOT NULL, accepted_at INTEGER NOT NULL, expires INTEGER NOT NULL, reason INTEGER,
    letter BLOB NOT NULL, digest BLOB, commitment BLOB, sealing_key BLOB);
  CREATE TABLE payload (sequence INTEGER PRIMARY KEY, sealed BLOB NOT NULL);

  -- The message log: entry is a LogEntry of schemas/log.capnp, kept as first written. expires: of
  -- an accepted letter, until when a repeat is answered alike.
  CREATE TABLE log (leaf INTEGER PRIMARY KEY, expires INTEGER, entry BLOB NOT NULL);
  -- Where a log origin begins: a restore starts a new one.
  CREATE TABLE origin (
    epoch INTEGER PRIMARY KEY, first_leaf INTEGER NOT NULL, at INTEGER NOT NULL);

  CREATE TABLE invitation (
    node TEXT PRIMARY KEY, secret BLOB NOT NULL, organisation TEXT NOT NULL, role TEXT NOT NULL,
    capabilities TEXT NOT NULL, expires INTEGER NOT NULL, rejoin INTEGER NOT NULL,
    used_by BLOB) WITHOUT ROWID;
  CREATE TABLE pending (
    node TEXT PRIMARY KEY, reason INTEGER NOT NULL, request BLOB NOT NULL, previous BLOB NOT NULL,
    continuity BLOB NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE user (
    name TEXT PRIMARY KEY, password TEXT NOT NULL, disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL) WITHOUT ROWID;
  -- In backups only: the key files (encrypted as they lie in DIR/keys) and the configuration.
  CREATE TABLE kept_file (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
)";

constexpr std::string_view verifiable_logs = R"(
  -- Full tiles of both logs; place: log, level and index in one number (log_store.cpp).
  CREATE TABLE tile (place INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
  -- The newest signed checkpoint of each origin, as a note.
  CREATE TABLE checkpoint (
    log INTEGER NOT NULL, epoch INTEGER NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (log, epoch)) WITHOUT ROWID;
)";

constexpr std::string_view cosigned_checkpoints = R"(
  -- The newest checkpoints of each origin that witnesses have cosigned, as notes.
  CREATE TABLE cosigned (
    log INTEGER NOT NULL, epoch INTEGER NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (log, epoch, size)) WITHOUT ROWID;
)";

constexpr std::string_view letters_indexed = R"(
  -- Where each letter's entries are in the message log (letter_index.cpp).
  CREATE TABLE letter_place (place INTEGER PRIMARY KEY, entries BLOB NOT NULL);
)";

constexpr std::array<std::string_view, 4> migrations{first_tables, verifiable_logs,
                                                     cosigned_checkpoints, letters_indexed};

}  // namespace

const store::Schema& Store::schema() {
  static const store::Schema schema{0x4c69'6272, "the broker's store", migrations};  // "Libr"
  return schema;
}

store::Options Store::options(const std::string& path) {
  store::Options options;
  options.path = path;
  // What is deleted here is ciphertext: overwriting it would cost a write a letter for nothing.
  options.secure_delete = store::SecureDelete::off;
  options.cache_bytes = 64U << 20;
  return options;
}

}  // namespace liaison::broker
