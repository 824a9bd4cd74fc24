#include "node/desk/people_admin.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "node/desk/fields.h"
#include "node/desk/people_json.h"
#include "node/desk/sessions.h"
#include "web/json.h"

namespace liaison::node {
namespace {

using nlohmann::json;

constexpr Duration token_life_max = std::chrono::hours(24 * 366);

struct Asked {
  PeopleStore& people;
  NodeRole role;
  Entropy& entropy;
  Sessions* sessions;
  Now now;
  Fields& fields;
};
using Answer = Result<json>;

/// What a token is to be, read and checked before anything is made.
struct TokenTerms {
  Scope scope = Scope::all;
  Duration life = token_life;
};

TokenTerms terms_of(Fields& fields) {
  TokenTerms out;
  const auto scope = fields.text("scope");
  if (!scope.empty()) out.scope = fields.take(parse_scope(scope));
  const auto valid = fields.text("valid");
  if (!valid.empty()) out.life = fields.take(parse_duration(valid));
  if (out.life > token_life_max) {
    fields.refuse(
        {Reason::malformed, "a token is valid for at most 366 days: give less with --valid"});
  }
  return out;
}

Answer make_token(Asked& asked, const std::string& name, const TokenTerms& terms) {
  const auto made =
      asked.people.make_token(name, terms.scope, terms.life, asked.entropy, asked.now.wall);
  if (!made) return fail(made.error());
  return json{{"id", made->id},
              {"user", name},
              {"token", made->token},
              {"scope", name_of(terms.scope)},
              {"expires_at", to_rfc3339(made->expires_at)}};
}

Answer token(Asked& asked) {
  const auto name = asked.fields.required_text("name", "say who");
  const auto terms = terms_of(asked.fields);
  if (const auto good = asked.fields.finish(); !good) return fail(good.error());
  return make_token(asked, name, terms);
}

Answer add(Asked& asked) {
  auto& fields = asked.fields;
  Person person;
  person.name = fields.take(check_person_name(fields.required_text("name", "give a sign-in name")));
  person.role = fields.take(
      parse_role_at(asked.role, fields.required_text("role", "give a role with --role")));
  person.display_name = fields.line("display_name");
  if (person.display_name.empty()) person.display_name = person.name;
  person.created_at = asked.now.wall;
  const auto password = fields.text("password");
  const bool with_token = fields.flag("with_token", false);
  const auto terms = terms_of(fields);
  if (const auto good = fields.finish(); !good) return fail(good.error());
  if (password.empty() && !with_token) {
    return fail(Reason::malformed,
                "no password was given, and no token asked for with --token-file: " + person.name +
                    " could not sign in");
  }
  const auto added = asked.people.add(person, password);
  if (!added) return fail(added.error());
  person.has_password = !password.empty();
  auto out = person_json(person);
  if (with_token) {
    const auto made = make_token(asked, person.name, terms);
    if (!made) return made;
    out["token"] = (*made)["token"];
    out["token_id"] = (*made)["id"];
    out["token_expires_at"] = (*made)["expires_at"];
  }
  return out;
}

Answer list(Asked& asked) {
  if (const auto good = asked.fields.finish(); !good) return fail(good.error());
  auto out = json::array();
  for (const auto& person : asked.people.list())
    out.push_back(person_json(person));
  return out;
}

Answer shown(Asked& asked, const std::string& name) {
  const auto person = asked.people.find(name);
  if (asked.sessions != nullptr) asked.sessions->close_all_of(name);
  return person ? person_json(*person) : json::object();
}

Answer disable(Asked& asked, bool off) {
  const auto name = asked.fields.required_text("name", "say who");
  if (const auto good = asked.fields.finish(); !good) return fail(good.error());
  const auto done = off ? asked.people.disable(name, asked.now.wall) : asked.people.enable(name);
  if (!done) return fail(done.error());
  return shown(asked, name);
}

Answer set_password(Asked& asked) {
  const auto name = asked.fields.required_text("name", "say who");
  const auto password = asked.fields.required_text("password", "give one");
  if (const auto good = asked.fields.finish(); !good) return fail(good.error());
  const auto done = asked.people.set_password(name, password);
  if (!done) return fail(done.error());
  return shown(asked, name);
}

Answer tokens(Asked& asked) {
  const auto name = asked.fields.required_text("name", "name one, as user list prints it");
  if (const auto good = asked.fields.finish(); !good) return fail(good.error());
  if (!asked.people.find(name)) return nobody(name);
  auto out = json::array();
  for (const auto& token : asked.people.tokens(name))
    out.push_back(token_json(token));
  return out;
}

Answer withdraw(Asked& asked) {
  const auto name = asked.fields.required_text("name", "name one, as user list prints it");
  const auto id = asked.fields.required_text("id", "take it from user token NAME --list");
  if (const auto good = asked.fields.finish(); !good) return fail(good.error());
  const auto own = asked.people.tokens(name);
  if (std::ranges::none_of(own, [&](const auto& token) { return token.id == id; }))
    return fail(Reason::not_found,
                name + " has no token of that id: see user token " + name + " --list");
  const auto done = asked.people.withdraw_token(id, asked.now.wall);
  if (!done) return fail(done.error());
  return json{{"id", id}, {"withdrawn", true}};
}

Answer dispatch(Asked& asked, const std::string& what) {
  if (what == "user-add") return add(asked);
  if (what == "user-list") return list(asked);
  if (what == "user-disable") return disable(asked, true);
  if (what == "user-enable") return disable(asked, false);
  if (what == "user-password") return set_password(asked);
  if (what == "user-tokens") return tokens(asked);
  if (what == "user-withdraw-token") return withdraw(asked);
  if (what == "user-token") return token(asked);
  return fail(Reason::unsupported, "there is no such request about people");
}

/// What a token of scope read may ask the operator's socket for; everything else changes something.
constexpr std::array<std::string_view, 9> only_read = {
    "user-list",  "user-tokens", "status",           "alarms", "alarms-show",
    "aside-list", "aside-show",  "undelivered-list", "prove"};

Result<void> check_bearer(const PeopleStore& people, const std::string& token,
                          std::string_view what, Now now) {
  if (token.empty()) return {};
  const auto caller = people.bearer(digest_of_token(token), now.wall);
  if (!caller) return fail(Reason::forbidden, "the token is unknown, expired or withdrawn");
  if (!administrators.has(caller->role)) {
    return fail(Reason::forbidden,
                "only an administrator may do that: use an administrator's token, or none on the "
                "node's own machine");
  }
  if (caller->scope == Scope::read && std::ranges::find(only_read, what) == only_read.end())
    return fail(Reason::forbidden, "the token is for reading only: use one of scope all");
  return {};
}

std::string refused(const Error& error) {
  return web::to_text(
      {{"ok", false}, {"reason", liaison::name_of(error.reason)}, {"error", error.text}});
}

}  // namespace

std::optional<std::string> refuse_operator(store::Database& database, std::string_view request,
                                           Now now) {
  Fields fields(request);
  const auto what = fields.text("do");
  const auto allowed = check_bearer(PeopleStore(database), fields.text("bearer"), what, now);
  return allowed ? std::nullopt : std::optional(refused(allowed.error()));
}

std::optional<std::string> answer_people(store::Database& database, NodeRole role, Entropy& entropy,
                                         Sessions* sessions, std::string_view request, Now now) {
  Fields fields(request);
  const auto what = fields.text("do");
  if (what.compare(0, 5, "user-") != 0) return std::nullopt;
  PeopleStore people(database);
  Asked asked{people, role, entropy, sessions, now, fields};
  const auto allowed = check_bearer(people, fields.text("bearer"), what, now);
  const auto answer = allowed ? dispatch(asked, what) : Answer(fail(allowed.error()));
  if (!answer) return refused(answer.error());
  return web::to_text({{"ok", true}, {"result", *answer}});
}

}  // namespace liaison::node
