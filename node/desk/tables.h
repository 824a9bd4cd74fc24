#pragma once

#include <string_view>

namespace liaison::node {

/// The desk's tables in a node's store (node/shell/schema.h): people, their tokens, who looked at
/// what, and what was answered to which idempotency key. Nothing in them says anything of a client:
/// cases and referrals stand there by their random ids.
inline constexpr std::string_view desk_tables = R"sql(
CREATE TABLE person(
  name TEXT PRIMARY KEY,           -- sign-in name
  display_name TEXT NOT NULL,
  role INTEGER NOT NULL,           -- wire::UserRole
  password TEXT NOT NULL,          -- argon2id, encoded; empty: signs in with tokens alone
  disabled_at INTEGER,             -- ms; NULL: may sign in
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE token(
  digest BLOB PRIMARY KEY,         -- SHA-256 of the token
  id TEXT NOT NULL UNIQUE,         -- by which people name it
  person TEXT NOT NULL REFERENCES person(name),
  scope INTEGER NOT NULL,          -- node::Scope
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  withdrawn_at INTEGER
) WITHOUT ROWID;

CREATE TABLE viewing(
  at INTEGER NOT NULL,
  person TEXT NOT NULL,
  case_id BLOB NOT NULL,           -- zeros: a list, of every case there was
  referral_id BLOB,                -- NULL: the case or client as a whole
  what TEXT NOT NULL               -- "client", "case", "referral", "attachment", "list of ..."
);
CREATE INDEX viewing_by_case ON viewing(case_id, at);

CREATE TABLE answer(
  person TEXT NOT NULL,
  key TEXT NOT NULL,               -- Idempotency-Key
  digest BLOB NOT NULL,            -- SHA-256 of method, path and body
  made TEXT NOT NULL,              -- id of what the request made or changed
  at INTEGER NOT NULL,
  PRIMARY KEY(person, key)
) WITHOUT ROWID;
CREATE INDEX answer_by_time ON answer(at);
)sql";

}  // namespace liaison::node
