#include "casework/commands.h"
#include "node/desk/fields.h"
#include "node/desk/routes.h"
#include "node/desk/shows.h"
#include "web/problem.h"

namespace liaison::node {
namespace {

using web::Request;
using web::Response;

template <class Command>
Response act(Desk& desk, const Request& request, const Caller& caller, const Command& command) {
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) { return act_on_case(engine, now, caller, request, command); },
      [&](Engine& engine, Now now, const std::string& id) {
        return show_manager(engine, now, caller, id);
      });
}

Response show(Desk& desk, const Request& request, const Caller& caller) {
  return desk.read([&](Engine& engine, Now now) {
    return show_manager(engine, now, caller, request.parameter("id"));
  });
}

Response propose(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::ProposeManager command;
  const auto node =
      fields.required_text("node", "name the organisation's node, as in referral show");
  command.holder.node = fields.take(NodeId::parse(node));
  command.holder.user = fields.line("user");
  command.holder.name = fields.required_line("name", "say who it is");
  command.reason = fields.text("reason");
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

EventId proposal_of(Fields& fields) {
  return fields.take(
      EventId::parse(fields.required_text("proposal", "take its id from manager show")));
}

Response accept(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const casework::AcceptManager command{proposal_of(fields)};
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

Response decline(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const casework::DeclineManager command{proposal_of(fields), fields.text("reason")};
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

Response confirm(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  const casework::ConfirmManager command{proposal_of(fields)};
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

}  // namespace

std::vector<DeskRoute> manager_routes() {
  const std::string base = "/api/v1/cases/{id}/manager";
  return {
      reads(base, casework_staff, "showManager",
            "Who is case manager, who was, and who is proposed", "Manager", show),
      posts(base + "/propose", casework_staff, "proposeManager", "Proposes a case manager",
            "Holder", "Manager", propose),
      posts(base + "/accept", casework_staff, "acceptManager", "The proposed holder agrees",
            "Proposal", "Manager", accept),
      posts(base + "/decline", casework_staff, "declineManager",
            "The proposed holder does not agree", "ProposalDeclined", "Manager", decline),
      posts(base + "/confirm", casework_staff, "confirmManager",
            "The lead adviser or a manager at the lead office lets it take effect", "Proposal",
            "Manager", confirm),
  };
}

}  // namespace liaison::node
