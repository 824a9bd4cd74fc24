#include "provider_node/commands.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "node/cli/desk_client.h"
#include "provider_node/routes.h"
#include "web/json.h"

namespace liaison::provider_node {
namespace {

using namespace node;
using cli::Arguments;
using cli::Command;
using cli::Takes;
using nlohmann::json;
constexpr auto required = cli::Option::Need::required;

/// Which option gives which field of the body.
struct Given {
  const char* option;
  const char* field;
};

/// The options that were given.
json options_of(const Arguments& arguments, const std::vector<Given>& given) {
  json out = json::object();
  for (const auto& one : given) {
    if (arguments.has(one.option)) out[one.field] = arguments.text(one.option);
  }
  return out;
}

/// The text of --file as `text_field`, and the options that were given.
std::function<Result<json>(const Arguments&)> body(const char* text_field,
                                                   std::vector<Given> given) {
  return [text_field, given = std::move(given)](const Arguments& arguments) -> Result<json> {
    const auto text = text_of(arguments);
    if (!text) return fail(text.error());
    auto out = options_of(arguments, given);
    if (!text->empty()) out[text_field] = *text;
    return out;
  };
}

/// An exit report: a JSON object, or plain text of what was done.
Result<json> report_of(const Arguments& arguments) {
  const auto text = text_of(arguments);
  if (!text) return fail(text.error());
  const auto begin = text->find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return json(nullptr);
  if ((*text)[begin] == '[' && web::parse_json(*text))
    return fail(Reason::malformed, "the exit report in " + arguments.text("--file") +
                                       " is a list: write an object, {...}, or plain text");
  if ((*text)[begin] != '{') return json(*text);
  auto report = web::parse_json_object(*text);
  if (!report)
    return fail(report.error().reason,
                "the exit report in " + arguments.text("--file") + ": " + report.error().text);
  return report;
}

Result<json> complete_body(const Arguments& arguments) {
  auto report = report_of(arguments);
  if (!report) return report;
  return json{{"report", std::move(*report)}};
}

Result<json> end_body(const Arguments& arguments) {
  auto report = report_of(arguments);
  if (!report) return report;
  json out = {{"reason", arguments.text("--reason")}, {"report", std::move(*report)}};
  if (arguments.has("--text")) out["text"] = arguments.text("--text");
  return out;
}

Result<json> progress_body(const Arguments& arguments) {
  auto out = body("note", {{"--status", "status"},
                           {"--meeting", "meeting_at"},
                           {"--place", "place"},
                           {"--not-attended", "not_attended"}})(arguments);
  if (out && arguments.has("--with-notice")) (*out)["with_notice"] = true;
  return out;
}

Result<void> publish(DeskClient& desk, const Arguments& arguments) {
  const auto service = text_of(arguments);
  if (!service) return fail(service.error());
  const auto made = desk.send(web::Method::post, "/api/v1/own-services", *service);
  if (!made) return fail(made.error());
  cli::print_made(*made, printed_as(arguments));
  return {};
}

/// Each service of a list, one after the other; the first that is refused ends it, by its place.
Result<void> import(DeskClient& desk, const Arguments& arguments) {
  const auto text = text_of(arguments);
  if (!text) return fail(text.error());
  auto services = web::parse_json(*text);
  if (!services)
    return fail(services.error().reason, arguments.text("--file") + ": " + services.error().text);
  if (services->is_object() && services->contains("contents"))
    services = json((*services)["contents"]);
  if (!services->is_array())
    return fail(Reason::malformed,
                arguments.text("--file") + " must hold a list of services, [...]");
  auto done = json::array();
  for (const auto& service : *services) {
    auto made = desk.post("/api/v1/own-services", service);
    if (!made) {
      return fail(made.error().reason, "service " + std::to_string(done.size() + 1) +
                                           " of the list: " + made.error().text + " (" +
                                           std::to_string(done.size()) +
                                           " before it were published)");
    }
    done.push_back(std::move(*made));
  }
  cli::print_list(done, {{"SERVICE", "id"}, {"NAME", "name"}, {"VERSION", "version"}},
                  printed_as(arguments));
  return {};
}

Result<void> list_services(DeskClient& desk, const Arguments& arguments) {
  const auto found = desk.get("/api/v1/own-services");
  if (!found) return fail(found.error());
  cli::print_list(*found,
                  {{"SERVICE", "id"},
                   {"NAME", "name"},
                   {"VERSION", "version"},
                   {"CLOSED", "closed"},
                   {"AT THE EXCHANGE", "replicated"}},
                  printed_as(arguments));
  return {};
}

Result<void> close_service(DeskClient& desk, const Arguments& arguments) {
  const auto done =
      desk.send(web::Method::post, api({"own-services", arguments.text("SERVICE"), "close"}), "");
  if (!done) return fail(done.error());
  cli::print_made(*done, printed_as(arguments));
  return {};
}

std::vector<Command> service_commands(const Kind& kind) {
  return {
      desk_command(kind, "service publish", "Publishes a service, or its next version",
                   "--file service.json", {},
                   {file_option("an Open Referral UK 3.0 service; - is standard input", required)},
                   publish),
      desk_command(kind, "service import", "Publishes a list of services", "--file services.json",
                   {}, {file_option("a list of services", required)}, import),
      desk_command(kind, "service list", "Lists this provider's services", "", {}, {},
                   list_services),
      desk_command(kind, "service close", "Closes a service to new referrals", "SERVICE",
                   {{"SERVICE", "its id"}}, {}, close_service),
  };
}

}  // namespace

Kind kind() {
  return {NodeRole::provider, "liaison-provider", 7682, routes()};
}

std::vector<Command> commands(const Kind& kind) {
  const auto note = file_option("a note");
  const cli::Option meeting = {"--meeting", "TIME",
                               "when the meeting is: 2026-05-14T10:00:00+01:00"};
  const cli::Option place = {"--place", "TEXT", "where it is"};
  const cli::Option phone = {"--phone", "PHONE", "the case worker's telephone"};
  auto out = service_commands(kind);
  const auto add = [&](const char* word, const char* about, const char* example,
                       std::vector<cli::Option> options,
                       std::function<Result<json>(const Arguments&)> of) {
    out.push_back(
        referral_action(kind, word, word, about, example, std::move(options), std::move(of)));
  };
  add("acknowledge", "Says that a person here has seen it", "", {note}, body("note", {}));
  add("ask", "Asks the office a question", "--file question.txt",
      {file_option("the question", required)}, body("text", {}));
  add("wait", "Puts the client on the waiting list", "--expected 2026-07-01",
      {{"--expected", "DATE", "the month in which a place is expected"}, note},
      body("note", {{"--expected", "expected"}}));
  add("accept", "Takes the client on",
      "--worker 'Tobias Example' --meeting 2026-05-14T10:00:00+01:00",
      {{"--worker", "NAME", "who will meet the client (default: you)"},
       phone,
       meeting,
       place,
       {"--wait-until", "DATE", "when a place is expected"},
       note},
      body("note", {{"--worker", "worker"},
                    {"--phone", "worker_phone"},
                    {"--meeting", "meeting_at"},
                    {"--place", "place"},
                    {"--wait-until", "wait_until"}}));
  add("worker", "Names another case worker", "--worker 'Tobias Example'",
      {{"--worker", "NAME", "who", Takes::one, required}, phone},
      [](const Arguments& arguments) -> Result<json> {
        return options_of(arguments, {{"--worker", "worker"}, {"--phone", "worker_phone"}});
      });
  add("decline", "Declines, with a reason", "--reason no_capacity",
      {{"--reason", "CODE", "no_capacity, out_of_area, not_eligible, ..., other", Takes::one,
        required},
       {"--suggests", "SERVICE", "another service"},
       file_option("more about it")},
      body("text", {{"--reason", "reason"}, {"--suggests", "suggests"}}));
  add("start", "Says that the first meeting took place", "",
      {{"--on", "DATE", "when (default: today)"}, note}, body("note", {{"--on", "on"}}));
  add("progress", "Reports progress", "--file note.txt",
      {{"--status", "CODE", "event_scheduled, event_unattended, ..., as_planned (default)"},
       meeting,
       place,
       {"--not-attended", "CODE", "ill, forgot, caring, transport, ..., other"},
       {"--with-notice", "", "the client gave notice", Takes::nothing},
       note},
      progress_body);
  add("complete", "Ends with an exit report", "--file exit.json",
      {file_option("the exit report: JSON, or a text of what was done", required)}, complete_body);
  add("end", "Ends early, with a reason", "--reason client_left --file exit.json",
      {{"--reason", "CODE", "client_left, client_not_reached, ..., other", Takes::one, required},
       {"--text", "TEXT", "more about the reason, without the client's details"},
       file_option("the exit report")},
      end_body);
  add("withdraw", "Confirms that it is withdrawn, as the office asked", "", {file_option("a note")},
      body("reason", {}));
  return out;
}

}  // namespace liaison::provider_node
