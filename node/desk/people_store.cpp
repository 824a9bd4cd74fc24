#include "node/desk/people_store.h"

#include <array>

#include "crypto/digest.h"
#include "store/database.h"

namespace liaison::node {
namespace {

constexpr std::string_view token_prefix = "liaison-token-";

constexpr const char* person_columns =
    "SELECT name, display_name, role, password != '', disabled_at, created_at FROM person ";

Person person_of(const store::Rows& row) {
  Person out;
  out.name = row.text(0);
  out.display_name = row.text(1);
  out.role = static_cast<wire::UserRole>(row.int64(2));
  out.has_password = row.boolean(3);
  if (!row.is_null(4)) out.disabled_at = row.instant(4);
  out.created_at = row.instant(5);
  return out;
}

}  // namespace

tl::unexpected<Error> nobody(const std::string& name) {
  return fail(Reason::not_found,
              "there is nobody of the name " + name + " here (user list shows who is)");
}

Digest digest_of_token(std::string_view token) {
  return crypto::sha256(as_bytes(token));
}

Result<void> PeopleStore::add(const Person& person, const std::string& password) {
  if (find(person.name)) {
    return fail(Reason::conflict,
                "the name " + person.name + " is taken: choose another, or enable that person");
  }
  auto insert = database_.prepare(
      "INSERT INTO person(name, display_name, role, password, created_at) VALUES (?, ?, ?, ?, ?)");
  insert.run(person.name, person.display_name, static_cast<std::int64_t>(person.role), password,
             person.created_at);
  return {};
}

std::vector<Person> PeopleStore::list() const {
  std::vector<Person> out;
  auto all = database_.prepare(std::string(person_columns) + "ORDER BY name");
  for (auto rows = all.query(); rows.next();)
    out.push_back(person_of(rows));
  return out;
}

std::optional<Person> PeopleStore::find(const std::string& name) const {
  auto one = database_.prepare(std::string(person_columns) + "WHERE name = ?");
  auto rows = one.query(name);
  if (!rows.next()) return std::nullopt;
  return person_of(rows);
}

std::string PeopleStore::password_of(const std::string& name) const {
  auto one =
      database_.prepare("SELECT password FROM person WHERE name = ? AND disabled_at IS NULL");
  auto rows = one.query(name);
  return rows.next() ? std::string(rows.text(0)) : std::string();
}

Result<void> PeopleStore::set_password(const std::string& name, const std::string& password) {
  auto update = database_.prepare("UPDATE person SET password = ? WHERE name = ?");
  if (update.run(password, name) == 0) return nobody(name);
  return {};
}

Result<void> PeopleStore::disable(const std::string& name, Instant now) {
  auto update =
      database_.prepare("UPDATE person SET disabled_at = coalesce(disabled_at, ?) WHERE name = ?");
  if (update.run(now, name) == 0) return nobody(name);
  auto withdraw = database_.prepare(
      "UPDATE token SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE person = ?");
  withdraw.run(now, name);
  return {};
}

Result<void> PeopleStore::enable(const std::string& name) {
  auto update = database_.prepare("UPDATE person SET disabled_at = NULL WHERE name = ?");
  if (update.run(name) == 0) return nobody(name);
  return {};
}

Result<PeopleStore::NewToken> PeopleStore::make_token(const std::string& person, Scope scope,
                                                      Duration life, Entropy& entropy,
                                                      Instant now) {
  const auto who = find(person);
  if (!who) return nobody(person);
  if (who->disabled_at) return fail(Reason::conflict, person + " is disabled: enable them first");
  std::array<std::uint8_t, 32> secret{};
  entropy.fill(secret);
  std::array<std::uint8_t, 6> id{};
  entropy.fill(id);
  NewToken out;
  out.id = to_hex(id);
  out.token = std::string(token_prefix) + to_base64url(secret);
  out.expires_at = now + life;
  auto insert = database_.prepare(
      "INSERT INTO token(digest, id, person, scope, created_at, expires_at) VALUES (?, ?, ?, ?, ?, "
      "?)");
  insert.run(digest_of_token(out.token), out.id, person, static_cast<std::int64_t>(scope), now,
             out.expires_at);
  return out;
}

std::vector<TokenView> PeopleStore::tokens(const std::string& person) const {
  std::vector<TokenView> out;
  auto all = database_.prepare(
      "SELECT id, person, scope, created_at, expires_at, withdrawn_at FROM token "
      "WHERE person = ?1 OR ?1 = '' ORDER BY created_at, id");
  for (auto rows = all.query(person); rows.next();) {
    TokenView one;
    one.id = rows.text(0);
    one.person = rows.text(1);
    one.scope = static_cast<Scope>(rows.int64(2));
    one.created_at = rows.instant(3);
    one.expires_at = rows.instant(4);
    if (!rows.is_null(5)) one.withdrawn_at = rows.instant(5);
    out.push_back(std::move(one));
  }
  return out;
}

Result<void> PeopleStore::withdraw_token(const std::string& id, Instant now) {
  auto update =
      database_.prepare("UPDATE token SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE id = ?");
  if (update.run(now, id) == 0) {
    return fail(Reason::not_found,
                "there is no token " + id + " (user token NAME --list shows them)");
  }
  return {};
}

void PeopleStore::withdraw_all_tokens(Instant now) {
  database_.prepare("UPDATE token SET withdrawn_at = coalesce(withdrawn_at, ?)").run(now);
}

std::optional<Caller> PeopleStore::bearer(const Digest& token, Instant now) const {
  auto find_bearer = database_.prepare(
      "SELECT name, display_name, role, scope FROM token JOIN person ON person.name = token.person "
      "WHERE digest = ? AND withdrawn_at IS NULL AND expires_at > ? AND disabled_at IS NULL");
  auto rows = find_bearer.query(token, now);
  if (!rows.next()) return std::nullopt;
  Caller out;
  out.name = rows.text(0);
  out.display_name = rows.text(1);
  out.role = static_cast<wire::UserRole>(rows.int64(2));
  out.scope = static_cast<Scope>(rows.int64(3));
  return out;
}

}  // namespace liaison::node
