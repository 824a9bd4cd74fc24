#include <nlohmann/json.hpp>

#include "node/desk/fields.h"
#include "node/desk/people_json.h"
#include "node/desk/records.h"
#include "node/desk/routes.h"
#include "node/desk/shows.h"
#include "node/shell/admin.h"
#include "node/shell/loop.h"
#include "web/credentials.h"
#include "web/json.h"
#include "web/problem.h"

namespace liaison::node {
namespace {

using nlohmann::json;
using web::Request;
using web::Response;

Response not_signed_in(const NotSignedIn& refusal) {
  if (refusal.why.reason == Reason::forbidden)
    return web::problem(401, "sign-in", "Not signed in", refusal.why.text);
  auto out = web::problem(refusal.why);
  out.with_header("Retry-After", std::to_string(refusal.wait.count()));
  return out;
}

Response sign_in(Desk& desk, const Request& request, const Caller&) {
  Fields fields(request.body);
  const auto name = fields.required_text("name", "give your sign-in name", 64);
  const auto password = fields.secret("password", "give your password", password_bytes_max);
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  const auto token = desk.sign_ins().sign_in(name, password, request.peer);
  if (!token) return not_signed_in(token.error());
  Response out;
  out.status = 201;
  out.body = web::to_text({{"token", *token}});
  out.with_header("Set-Cookie", desk.cookie().carrying(*token));
  return out;
}

Response sign_out(Desk& desk, const Request& request, const Caller&) {
  auto token = web::bearer_token(request);
  if (!token) token = web::cookie(request, desk.cookie().name());
  if (token) desk.sessions().close(*token);
  Response out;
  out.status = 204;
  out.with_header("Set-Cookie", desk.cookie().ended());
  return out;
}

Response who_am_i(Desk& desk, const Request&, const Caller& caller) {
  return desk.read([&](Engine& engine, Now) -> Result<Shown> {
    return Shown{web::to_text({{"id", caller.name},
                               {"name", caller.display_name},
                               {"role", casework::name_of(caller.role)},
                               {"scope", name_of(caller.scope)},
                               {"node", engine.self().text()},
                               {"organisation", engine.organisation()}}),
                 ""};
  });
}

Response list_people(Desk& desk, const Request&, const Caller&) {
  return desk.read([](Engine& engine, Now) -> Result<Shown> {
    auto out = json::array();
    for (const auto& person : PeopleStore(engine.database()).list())
      out.push_back(person_json(person));
    return Shown{web::to_text(out), ""};
  });
}

/// Those of the record, or with `lists=true` of the lists that show it; before `before`.
Response show_viewings(Desk& desk, const Request& request, const Caller&) {
  ViewingsPage page;
  if (const auto given = request.query_value("before")) {
    const auto before = parse_rfc3339(*given);
    if (!before) return web::problem({Reason::malformed, "before: " + before.error().text});
    page.before = *before;
  }
  const auto lists = request.query_value("lists").value_or("false");
  if (lists != "true" && lists != "false")
    return web::problem({Reason::malformed, "lists: say true or false"});
  return desk.read([&](Engine& engine, Now) -> Result<Shown> {
    const auto id = find_case(engine, request.parameter("id"));
    if (!id) return fail(id.error());
    const auto view = engine.case_view(*id);
    if (!view) return fail(view.error());
    const auto found = lists == "true" ? list_viewings(engine.database(),
                                                       (*view)->opened_at.value_or(Instant{}), page)
                                       : viewings(engine.database(), *id, page);
    auto out = json::array();
    for (const auto& one : found) {
      out.push_back({{"at", to_rfc3339(one.at)},
                     {"user", one.person},
                     {"case", id->text()},
                     {"referral", one.referral ? json(one.referral->text()) : json(nullptr)},
                     {"what", one.what}});
    }
    return Shown{web::to_text(out), ""};
  });
}

Response node_status(Desk& desk, const Request&, const Caller&) {
  return desk.read([](Engine& engine, Now now) -> Result<Shown> {
    return Shown{to_json(engine.status(now)), ""};
  });
}

}  // namespace

std::vector<DeskRoute> people_routes() {
  auto signing_in =
      posts("/api/v1/session", {}, "signIn",
            "Signs in with a name and a password; the token ends after an hour unused", "SignIn",
            "Session", sign_in);
  signing_in.body_bytes_max = 4096;
  DeskRoute signing_out{
      web::Method::del, "/api/v1/session", everyone, "signOut", "Ends the session", "", "",
      sign_out};
  return {
      std::move(signing_in),
      std::move(signing_out),
      reads("/api/v1/session", everyone, "whoAmI", "Who is signed in", "Person", who_am_i),
      reads("/api/v1/people", {wire::UserRole::administrator, wire::UserRole::manager},
            "listPeople", "Who can sign in here", "People", list_people),
      reads(
          "/api/v1/cases/{id}/viewings", {wire::UserRole::manager}, "listViewings",
          "Who looked at a client's record, newest first, 1,000 at a time; `before`, a time, goes "
          "further back; `lists=true`: who looked at a list with it",
          "Viewings", show_viewings),
      reads("/api/v1/status", {wire::UserRole::administrator, wire::UserRole::manager},
            "showStatus", "How the node and its link stand", "Status", node_status),
  };
}

}  // namespace liaison::node
