#include "casework/codes.h"
#include "casework/commands.h"
#include "casework/json/casework_json.h"
#include "node/desk/fields.h"
#include "node/desk/routes.h"
#include "node/desk/shows.h"
#include "provider_node/routes.h"
#include "web/problem.h"

namespace liaison::provider_node {
namespace {

using namespace node;
using web::Request;
using web::Response;
namespace events = wire::events;

constexpr std::size_t text_bytes_max = 16384;

template <class Command>
Response act(Desk& desk, const Request& request, const Caller& caller, Fields& fields,
             const Command& command) {
  if (const auto good = fields.finish(); !good) return web::problem(good.error());
  return desk.change(
      request, caller, Desk::Makes::change,
      [&](Engine& engine, Now now) {
        return act_on_referral(engine, now, caller, request, command);
      },
      [&](Engine& engine, Now now, const std::string& id) {
        return show_referral(engine, now, caller, id);
      });
}

/// {"meeting_at": ..., "place": ..., "with": ...}: none without a time.
std::optional<events::Meeting> meeting_of(Fields& fields) {
  const auto at = fields.instant("meeting_at");
  events::Meeting meeting;
  meeting.place = fields.line("place");
  meeting.with = fields.line("with");
  if (!at) {
    if (!meeting.place.empty())
      fields.refuse({Reason::malformed, "\"meeting_at\" is missing: say when the meeting is"});
    return std::nullopt;
  }
  meeting.at = *at;
  return meeting;
}

Response acknowledge(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Acknowledge command;
  command.note = fields.text("note");
  return act(desk, request, caller, fields, command);
}

Response ask(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Ask command;
  command.text = fields.required_text("text", "write the question", text_bytes_max);
  return act(desk, request, caller, fields, command);
}

Response wait(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Wait command;
  command.expected = fields.date("expected");
  command.note = fields.text("note");
  return act(desk, request, caller, fields, command);
}

Response accept(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Accept command;
  command.worker.name = fields.line("worker");
  command.worker_phone = fields.line("worker_phone", 64);
  command.meeting = meeting_of(fields);
  command.wait_until = fields.date("wait_until");
  command.note = fields.text("note", text_bytes_max);
  return act(desk, request, caller, fields, command);
}

Response name_worker(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::NameWorker command;
  command.worker.name = fields.required_line("worker", "say who will meet the client");
  command.worker_phone = fields.line("worker_phone", 64);
  return act(desk, request, caller, fields, command);
}

Response decline(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Decline command;
  const auto reason =
      fields.required_text("reason", "one of " + casework::codes_of<events::DeclineReason>());
  command.reason = fields.take(casework::parse<events::DeclineReason>(reason));
  command.text = fields.text("text", text_bytes_max);
  command.suggests = fields.text("suggests");
  return act(desk, request, caller, fields, command);
}

Response start(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Start command;
  command.on = fields.date("on");
  command.note = fields.text("note", text_bytes_max);
  return act(desk, request, caller, fields, command);
}

Response progress(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::RecordProgress command;
  const auto status = fields.text("status");
  if (!status.empty()) command.progress = fields.take(casework::parse<events::Progress>(status));
  command.meeting = meeting_of(fields);
  const auto not_attended = fields.text("not_attended");
  if (!not_attended.empty())
    command.not_attended = fields.take(casework::parse<events::NotAttended>(not_attended));
  command.with_notice = fields.flag("with_notice", false);
  command.note = fields.text("note", text_bytes_max);
  return act(desk, request, caller, fields, command);
}

Response complete(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Complete command;
  const auto report = fields.json_or_text("report");
  if (report.empty())
    fields.refuse(
        {Reason::malformed, "\"report\" is missing: a referral ends with its exit report"});
  command.report = fields.take(casework::parse_exit_report(report));
  return act(desk, request, caller, fields, command);
}

Response end_early(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::EndEarly command;
  const auto reason =
      fields.required_text("reason", "one of " + casework::codes_of<events::EndReason>());
  command.reason = fields.take(casework::parse<events::EndReason>(reason));
  command.text = fields.text("text", text_bytes_max);
  const auto report = fields.json_or_text("report");
  if (!report.empty()) command.report = fields.take(casework::parse_exit_report(report));
  return act(desk, request, caller, fields, command);
}

Response confirm_withdrawal(Desk& desk, const Request& request, const Caller& caller) {
  Fields fields(request.body);
  casework::Withdraw command;
  command.reason = fields.text("reason");
  return act(desk, request, caller, fields, command);
}

}  // namespace

std::vector<DeskRoute> referral_routes() {
  const std::string one = "/api/v1/referrals/{id}";
  const auto& staff = provider_staff;
  const std::string what = "Referral";
  return {
      posts(one + "/acknowledge", staff, "acknowledge", "Says that a person here has seen it",
            "Note", what, acknowledge),
      posts(one + "/ask", staff, "ask", "Asks the office; its clock stops until the answer", "Text",
            what, ask),
      posts(one + "/wait", staff, "wait", "Puts the client on the waiting list", "Wait", what,
            wait),
      posts(one + "/accept", staff, "accept", "Takes the client on", "Accept", what, accept),
      posts(one + "/worker", staff, "nameWorker", "Names another case worker", "Worker", what,
            name_worker),
      posts(one + "/decline", staff, "decline", "Declines, with a reason", "Decline", what,
            decline),
      posts(one + "/start", staff, "start", "The first meeting took place", "Start", what, start),
      posts(one + "/progress", staff, "progress", "Reports progress", "ProgressReport", what,
            progress),
      posts(one + "/complete", staff, "complete", "Ends with an exit report", "Complete", what,
            complete),
      posts(one + "/end", staff, "endEarly", "Ends early, with a reason", "EndEarly", what,
            end_early),
      posts(one + "/withdraw", staff, "confirmWithdrawal",
            "Confirms that it is withdrawn, as the office asked", "Why", what, confirm_withdrawal),
  };
}

}  // namespace liaison::provider_node
