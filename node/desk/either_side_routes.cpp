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
      [&](Engine& engine, Now now) {
        return act_on_referral(engine, now, caller, request, command);
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show_referral(engine, now, caller, id);
      });
}

Response pause(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Pause command;
  command.reason = fields.required_text("reason", "say why: illness, caring, ...");
  command.expected_return = fields.date("expected_return");
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

Response resume(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Resume command;
  command.note = fields.text("note");
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

Response mark_error(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::MarkError command;
  command.reason = fields.text("reason");
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return act(desk, request, caller, command);
}

}  // namespace

std::vector<DeskRoute> either_side_routes() {
  const std::string one = "/api/v1/referrals/{id}";
  return {
      posts(one + "/pause", casework_staff, "pause", "Pauses; from the office, asks for it",
            "Pause", "Referral", pause),
      posts(one + "/resume", casework_staff, "resume", "Goes on; from the office, asks for it",
            "Note", "Referral", resume),
      posts(one + "/error", casework_staff, "markError",
            "It should never have been; at the provider, confirms that", "Why", "Referral",
            mark_error),
  };
}

}  // namespace liaison::node
