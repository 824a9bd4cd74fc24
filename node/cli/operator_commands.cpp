#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "cli/place.h"
#include "node/cli/operator.h"
#include "node/cli/serve.h"
#include "node/cli/settings.h"

namespace liaison::node {
namespace {

using cli::Arguments;
using cli::Command;
using cli::Takes;
using nlohmann::json;

cli::As as(const Arguments& arguments) {
  return arguments.has("--json") ? cli::As::json : cli::As::text;
}

/// The one member that an answer carries, or the answer itself.
json content_of(const json& answer) {
  return answer.size() == 1 ? json(answer.begin().value()) : answer;
}

Result<json> ask(const Kind& kind, const Arguments& arguments, json request) {
  const auto shown = show_token(arguments, request);
  if (!shown) return fail(shown.error());
  auto answer = ask_operator(kind, arguments.text("--dir"), std::move(request));
  if (!answer) return answer;
  return content_of(*answer);
}

Result<void> status(const Kind& kind, const Arguments& arguments) {
  auto found = ask(kind, arguments, {{"do", "status"}});
  if (!found) return fail(found.error());
  // What has been told to nobody for certain yet: no receipt, wherever it lies.
  (*found)["outbox"] = found->value("outbox_waiting", std::uint64_t{0}) +
                       found->value("outbox_unreceipted", std::uint64_t{0});
  cli::print_record(*found, as(arguments));
  return {};
}

Result<void> list_alarms(const Kind& kind, const Arguments& arguments) {
  const auto found = ask(kind, arguments, {{"do", "alarms"}});
  if (!found) return fail(found.error());
  cli::print_list(*found, {{"ALARM", "kind"}, {"ID", "id"}, {"WHAT", "text"}}, as(arguments));
  return {};
}

Result<void> show_alarm(const Kind& kind, const Arguments& arguments) {
  const auto found = ask(kind, arguments, {{"do", "alarms-show"}, {"alarm", arguments.text("ID")}});
  if (!found) return fail(found.error());
  if (arguments.has("--json")) {
    cli::print_record({{"id", arguments.text("ID")}, {"evidence", *found}}, cli::As::json);
  } else {
    std::cout << found->get<std::string>();
  }
  return {};
}

Result<void> acknowledge_alarm(const Kind& kind, const Arguments& arguments) {
  const auto done =
      ask(kind, arguments, {{"do", "alarms-acknowledge"}, {"alarm", arguments.text("ID")}});
  if (!done) return fail(done.error());
  cli::print_made({{"id", arguments.text("ID")}, {"acknowledged", true}}, as(arguments));
  return {};
}

Result<void> list_aside(const Kind& kind, const Arguments& arguments) {
  const auto found = ask(kind, arguments, {{"do", "aside-list"}});
  if (!found) return fail(found.error());
  cli::print_list(*found,
                  {{"LETTER", "letter"},
                   {"FROM", "from"},
                   {"RECEIVED", "received_at"},
                   {"REASON", "reason"},
                   {"WHY", "why"}},
                  as(arguments));
  return {};
}

Result<void> show_aside(const Kind& kind, const Arguments& arguments) {
  const auto found =
      ask(kind, arguments, {{"do", "aside-show"}, {"letter", arguments.text("LETTER")}});
  if (!found) return fail(found.error());
  cli::print_record(*found, as(arguments));
  return {};
}

Result<void> retry_aside(const Kind& kind, const Arguments& arguments) {
  const auto done =
      ask(kind, arguments, {{"do", "aside-retry"}, {"letter", arguments.text("LETTER")}});
  if (!done) return fail(done.error());
  cli::print_made({{"id", arguments.text("LETTER")}, {"retried", true}}, as(arguments));
  return {};
}

Result<void> drop_aside(const Kind& kind, const Arguments& arguments) {
  const auto letter = arguments.text("LETTER");
  const bool all = arguments.has("--all");
  if (all == !letter.empty())
    throw cli::WrongUsage("name one letter, or say --all: nothing was dropped");
  const auto done = ask(kind, arguments, {{"do", "aside-drop"}, {"letter", letter}, {"all", all}});
  if (!done) return fail(done.error());
  if (all) {
    cli::print_made({{"id", "all"}, {"dropped", *done}}, as(arguments));
  } else {
    cli::print_made({{"id", letter}, {"dropped", 1}}, as(arguments));
  }
  return {};
}

Result<void> backup(const Kind& kind, const Arguments& arguments) {
  const auto path = std::filesystem::absolute(arguments.text("FILE")).string();
  if (const auto good = cli::check_hard_links(path); !good) return good;
  const auto done = ask(kind, arguments, {{"do", "backup"}, {"file", path}});
  if (!done) return fail(done.error());
  cli::print_made({{"id", path}, {"file", path}}, as(arguments));
  return {};
}

Result<void> confirm_key(const Kind& kind, const Arguments& arguments) {
  const auto done = ask(kind, arguments,
                        {{"do", "confirm-key"},
                         {"node", arguments.text("NODE")},
                         {"certificate", arguments.text("FINGERPRINT")}});
  if (!done) return fail(done.error());
  cli::print_made({{"id", arguments.text("NODE")}, {"confirmed", true}}, as(arguments));
  return {};
}

Result<void> override_catch_up(const Kind& kind, const Arguments& arguments) {
  const auto done = ask(kind, arguments, {{"do", "override"}, {"node", arguments.text("NODE")}});
  if (!done) return fail(done.error());
  cli::print_made({{"id", arguments.text("NODE")}, {"overridden", true}}, as(arguments));
  return {};
}

Result<void> list_undelivered(const Kind& kind, const Arguments& arguments) {
  const auto found = ask(kind, arguments, {{"do", "undelivered-list"}});
  if (!found) return fail(found.error());
  cli::print_list(*found, {{"EVENT", "event"}, {"TO", "to"}, {"KIND", "kind"}, {"WHY", "sentence"}},
                  as(arguments));
  return {};
}

/// undelivered seen, undelivered again: one event on its way to one node.
std::function<Result<void>(const Arguments&)> settle_undelivered(const Kind& kind,
                                                                 const char* what) {
  return [kind, what](const Arguments& arguments) -> Result<void> {
    const auto done =
        ask(kind, arguments,
            {{"do", what}, {"event", arguments.text("EVENT")}, {"to", arguments.text("NODE")}});
    if (!done) return fail(done.error());
    cli::print_made({{"id", arguments.text("EVENT")}}, as(arguments));
    return {};
  };
}

Result<void> show_settings(const Kind& kind, const Arguments& arguments) {
  const auto settings = read_settings(arguments.text("--dir"), kind.port);
  if (!settings) return fail(settings.error());
  auto out = json::array();
  for (const auto& setting : settings_schema(kind.port)) {
    json value;
    std::visit([&](const auto& held) { value = held; }, settings->all().at(setting.key));
    out.push_back({{"id", setting.key}, {"value", value}, {"about", setting.about}});
  }
  cli::print_list(out, {{"SETTING", "id"}, {"VALUE", "value"}}, as(arguments));
  return {};
}

}  // namespace

std::vector<Command> operator_commands(const Kind& kind) {
  const auto with_kind = [&](Result<void> (*run)(const Kind&, const Arguments&)) {
    return [kind, run](const Arguments& arguments) { return run(kind, arguments); };
  };
  const auto example = [&](const std::string& rest) {
    return kind.program + " " + rest + " --dir DIR";
  };
  std::vector<Command> out = {
      {"serve",
       "Runs the node and its desk",
       example("serve"),
       {},
       {{"--check", "", "check settings, keys and store, and stop", Takes::nothing}, dir_option()},
       [kind](const Arguments& arguments) {
         return arguments.has("--check") ? check_serving(kind, arguments.text("--dir"))
                                         : serve(kind, arguments.text("--dir"));
       }},
      {"status",
       "Shows how the node and its link stand",
       example("status"),
       {},
       {dir_option(), json_option()},
       with_kind(status)},
      {"alarms",
       "Lists what needs a person",
       example("alarms"),
       {},
       {dir_option(), json_option()},
       with_kind(list_alarms)},
      {"alarm show",
       "Prints what shows an alarm about the logs: the notes that the exchange signed",
       example("alarm show ID"),
       {{"ID", "as alarms lists it"}},
       {dir_option(), json_option()},
       with_kind(show_alarm)},
      {"alarm acknowledge",
       "Ends an alarm that a person has seen to; it comes back if its cause does",
       example("alarm acknowledge ID"),
       {{"ID", "as alarms lists it; others end by themselves"}},
       {dir_option(), json_option()},
       with_kind(acknowledge_alarm)},
      {"aside list",
       "Lists letters that could not be used",
       example("aside list"),
       {},
       {dir_option(), json_option()},
       with_kind(list_aside)},
      {"aside show",
       "Shows one of them",
       example("aside show LETTER"),
       {{"LETTER", "its id"}},
       {dir_option(), json_option()},
       with_kind(show_aside)},
      {"aside retry",
       "Tries one again",
       example("aside retry LETTER"),
       {{"LETTER", "its id"}},
       {dir_option(), json_option()},
       with_kind(retry_aside)},
      {"aside drop",
       "Takes one off the list for good, with its octets, or all",
       example("aside drop LETTER"),
       {{"LETTER", "its id", cli::Positional::Need::optional}},
       {{"--all", "", "every letter on the list", Takes::nothing}, dir_option(), json_option()},
       with_kind(drop_aside)},
      {"undelivered list",
       "Lists what ended without being delivered",
       example("undelivered list"),
       {},
       {dir_option(), json_option()},
       with_kind(list_undelivered)},
      {"undelivered seen",
       "Takes one off the list, because a person has seen it",
       example("undelivered seen EVENT NODE"),
       {{"EVENT", "its id"}, {"NODE", "to whom it was going"}},
       {dir_option(), json_option()},
       settle_undelivered(kind, "undelivered-seen")},
      {"undelivered again",
       "Sends one again",
       example("undelivered again EVENT NODE"),
       {{"EVENT", "its id"}, {"NODE", "to whom it was going"}},
       {dir_option(), json_option()},
       settle_undelivered(kind, "undelivered-again")},
      {"backup",
       "Writes a backup, while the node serves or not",
       example("backup leeds.backup"),
       {{"FILE", "where to"}},
       {dir_option(), json_option()},
       with_kind(backup)},
      {"confirm-key",
       "Follows another node's change of key, after you made sure of it",
       example("confirm-key able-futures FINGERPRINT"),
       {{"NODE", "whose key"}, {"FINGERPRINT", "of its new certificate"}},
       {dir_option(), json_option()},
       with_kind(confirm_key)},
      {"override",
       "After a restore: goes on without a node that will not answer",
       example("override able-futures"),
       {{"NODE", "which"}},
       {dir_option(), json_option()},
       with_kind(override_catch_up)},
      {"settings show",
       "Shows every setting",
       example("settings show"),
       {},
       {dir_option(), json_option()},
       with_kind(show_settings)},
  };
  for (auto& command : out)
    if (command.path != "serve" && command.path != "settings show")
      command.options.push_back(token_option());
  return out;
}

}  // namespace liaison::node
