#include <nlohmann/json.hpp>

#include "adviser_node/routes.h"
#include "casework/codes.h"
#include "casework/commands.h"
#include "casework/json/casework_json.h"
#include "node/desk/fields.h"
#include "node/desk/records.h"
#include "node/desk/routes.h"
#include "node/desk/shows.h"
#include "web/json.h"
#include "web/problem.h"

namespace liaison::adviser_node {
namespace {

using namespace node;
using nlohmann::json;
using web::Request;
using web::Response;

Result<Shown> show(Engine& engine, Now now, const Caller& caller, const std::string& id) {
  return show_client(engine, now, caller, id);
}

template <class Command>
Response act(Desk& desk, const Request& request, const Caller& caller, const Command& command) {
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) { return act_on_case(engine, now, caller, request, command); },
      [&](Engine& engine, Now now, const std::string& id) {
        return show(engine, now, caller, id);
      });
}

Response list_clients(Desk& desk, const Request&, const Caller& caller) {
  return desk.read([&](Engine& engine, Now now) -> Result<Shown> {
    record_viewing(engine.database_for_writing(),
                   {now.wall, caller.name, {}, std::nullopt, "list of clients"});
    auto out = json::array();
    for (const auto& [id, summary] : engine.cases()) {
      if (summary.lead_office == engine.self()) out.push_back(casework::summary_json(summary));
    }
    return Shown{web::to_text(out), ""};
  });
}

Response add_client(Desk& desk, const Request& request, const Caller& caller) {
  const auto command = casework::parse_client(request.body);
  if (!command) return web::problem(command.error());
  return desk.change(
      request, caller, Desk::Makes::new_thing,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto actor = caller.at(engine.self());
        const auto done = engine.act_on_new_case(
            actor,
            [&](const casework::CaseView& view) { return decide(view, actor, *command, now.wall); },
            now);
        if (!done) return fail(done.error());
        return done->front().case_id.text();
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show(engine, now, caller, id);
      });
}

Response show_one(Desk& desk, const Request& request, const Caller& caller) {
  return desk.read(
      [&](Engine& engine, Now now) { return show(engine, now, caller, request.parameter("id")); });
}

/// The fields given are laid over the record as it is when the change is decided; over an empty one
/// if it was lost with the disk.
Response edit_client(Desk& desk, const Request& request, const Caller& caller) {
  const auto decide_edit = [&](const casework::CaseView& view, const casework::Actor& actor,
                               Instant now) -> casework::Drafts {
    const auto same = check_version(request, version_of(view));
    if (!same) return fail(same.error());
    if (!view.client && !casework::record_lost(view, actor.node))
      return fail(Reason::forbidden, "the client's record is at another office");
    auto client = casework::parse_client_changes(
        request.body, view.client.value_or(wire::events::ClientRecord{}));
    if (!client) return fail(client.error());
    return decide(view, actor, casework::EditClient{std::move(*client)}, now);
  };
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto id = find_case(engine, request.parameter("id"));
        if (!id) return fail(id.error());
        const auto actor = caller.at(engine.self());
        const auto done = engine.act(
            *id, actor,
            [&](const casework::CaseView& view) { return decide_edit(view, actor, now.wall); },
            now);
        if (!done) return fail(done.error());
        return id->text();
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show(engine, now, caller, id);
      });
}

Response write_note(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const casework::WriteNote command{fields.required_text("text", "write the note", 16384)};
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

Response change_handling(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const auto handling = fields.required_text("handling", "say ordinary or safe_contact");
  const casework::ChangeHandling command{fields.take(casework::parse<wire::Handling>(handling))};
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

Response close_case(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const casework::CloseCase command{fields.required_text("reason", "say why the case closes")};
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

/// A node of the exchange, by its id.
Result<NodeId> known_node(const Engine& engine, const std::string& text) {
  const auto id = NodeId::parse(text);
  if (id && engine.peer(*id)) return *id;
  return fail(Reason::not_found, "there is no organisation " + text +
                                     " on the exchange: find shows the providers' ids");
}

Response share(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const auto to = fields.required_text("to", "name the provider's id, as find shows it");
  casework::Share command;
  const auto basis = fields.required_text("basis", "say required, agreed or safety");
  command.ground.basis = fields.take(casework::parse<wire::Basis>(basis));
  command.items = fields.texts("items");
  command.ground.how = fields.line("how");
  command.ground.purpose = fields.line("purpose");
  command.ground.until = fields.date("until");
  command.ground.reason = fields.text("reason");
  command.ground.decided_by = fields.line("decided_by");
  command.ground.client_told = fields.flag("client_told", true);
  command.ground.recorded_by = caller.display_name;
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto node = known_node(engine, to);
        if (!node) return fail(node.error());
        if (engine.peer(*node)->revoked) {
          return fail(Reason::conflict,
                      "to: " + to + " has left the exchange: nothing is sent there");
        }
        command.to = *node;
        command.contracted = engine.directory().is_contracted(*node);
        return act_on_case(engine, now, caller, request, command);
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show(engine, now, caller, id);
      });
}

Response unshare(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const auto to = fields.required_text("to", "name the provider's id, as client show has it");
  casework::WithdrawSharing command;
  command.items = fields.texts("items");
  command.reason = fields.text("reason");
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) -> Result<std::string> {
        const auto node = known_node(engine, to);
        if (!node) return fail(node.error());
        command.to = *node;
        return act_on_case(engine, now, caller, request, command);
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show(engine, now, caller, id);
      });
}

}  // namespace

std::vector<DeskRoute> client_routes() {
  const std::string one = "/api/v1/clients/{id}";
  DeskRoute edit{web::Method::patch,
                 one,
                 office_staff,
                 "editClient",
                 "Changes the fields that are given; null clears one",
                 "ClientChanges",
                 "Client",
                 edit_client};
  return {
      reads("/api/v1/clients", office_staff, "listClients", "This office's clients", "Clients",
            list_clients),
      posts("/api/v1/clients", office_staff, "addClient", "Opens a case for a client",
            "ClientRecord", "Client", add_client),
      reads(one, office_staff, "showClient", "One client's record", "Client", show_one),
      std::move(edit),
      posts(one + "/notes", office_staff, "writeNote", "Writes a note of the office's own", "Text",
            "Client", write_note),
      posts(one + "/handling", office_staff, "changeHandling", "Ordinary, or safe contact",
            "HandlingChange", "Client", change_handling),
      posts(one + "/close", office_staff, "closeCase", "Closes the case", "Why", "Client",
            close_case),
      posts(one + "/share", office_staff, "share",
            "Records the basis on which items go to a provider", "Share", "Client", share),
      posts(one + "/unshare", office_staff, "unshare",
            "Ends the sharing of items, or records an objection", "Unshare", "Client", unshare),
  };
}

std::vector<DeskRoute> routes() {
  return joined(joined(common_routes(), client_routes()), referral_routes());
}

}  // namespace liaison::adviser_node
