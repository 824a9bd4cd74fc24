#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "cli/input.h"
#include "node/cli/desk_client.h"

namespace liaison::node {
namespace {

using cli::Arguments;
using cli::Command;
using nlohmann::json;

using Columns = std::vector<cli::Column>;

DeskRun listing(std::string path, Columns columns) {
  return [path = std::move(path), columns = std::move(columns)](
             DeskClient& desk, const Arguments& arguments) -> Result<void> {
    const auto found = desk.get(path);
    if (!found) return fail(found.error());
    cli::print_list(*found, columns, printed_as(arguments));
    return {};
  };
}

/// Shows the record at `parts`, each an argument's name in capitals or a word of the path.
DeskRun showing(std::string what, std::string positional, std::string then = {}) {
  return [what, positional, then](DeskClient& desk, const Arguments& arguments) -> Result<void> {
    auto path = api({what, arguments.text(positional)});
    if (!then.empty()) path += "/" + then;
    const auto found = desk.get(path);
    if (!found) return fail(found.error());
    cli::print_record(*found, printed_as(arguments));
    return {};
  };
}

Result<void> find_services(DeskClient& desk, const Arguments& arguments) {
  std::string words;
  for (const auto& word : arguments.list("WORDS"))
    words += (words.empty() ? "" : " ") + word;
  const auto found = desk.get(api({"services"}) + "?q=" + web::encode_component(words));
  if (!found) return fail(found.error());
  cli::print_list(
      *found, {{"SERVICE", "id"}, {"PROVIDER", "provider"}, {"NAME", "name"}, {"NEEDS", "needs"}},
      printed_as(arguments));
  return {};
}

Result<void> list_referrals(DeskClient& desk, const Arguments& arguments) {
  auto path = api({"referrals"});
  if (arguments.has("--state"))
    path += "?state=" + web::encode_component(arguments.text("--state"));
  const auto found = desk.get(path);
  if (!found) return fail(found.error());
  cli::print_list(*found,
                  {{"REFERRAL", "id"},
                   {"STATE", "state"},
                   {"CLIENT", "client"},
                   {"SERVICE", "service_name"},
                   {"DUE", "due"}},
                  printed_as(arguments));
  return {};
}

Result<void> save_attachment(DeskClient& desk, const Arguments& arguments) {
  const auto out = arguments.text("--out");
  const auto octets = desk.download(
      api({"referrals", arguments.text("REFERRAL"), "attachments", arguments.text("ATTACHMENT")}));
  if (!octets) return fail(octets.error());
  if (out == "-") {
    const bool written = std::fwrite(octets->data(), 1, octets->size(), stdout) == octets->size();
    if (!written || std::fflush(stdout) != 0)
      return fail(Reason::unavailable, "cannot write all of the document to standard output");
    return {};
  }
  // What is there is replaced, which a device must not be, nor a link be by mistake.
  std::error_code ignored;
  const auto there = std::filesystem::symlink_status(out, ignored);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return fail(Reason::unavailable,
                "cannot write " + out + ", which is no file: choose another place with --out");
  }
  try {
    cli::write_private(out, *octets);
  } catch (const std::runtime_error& problem) {
    return fail(Reason::unavailable,
                std::string(problem.what()) + ": choose another place with --out");
  }
  cli::print_made({{"id", out}, {"file", out}, {"size", octets->size()}}, printed_as(arguments));
  return {};
}

/// A command about a case's manager.
DeskRun managing(const char* action, std::function<json(const Arguments&)> body) {
  return [action, body = std::move(body)](DeskClient& desk,
                                          const Arguments& arguments) -> Result<void> {
    const auto done =
        desk.post(api({"cases", arguments.text("CASE"), "manager", action}), body(arguments));
    if (!done) return fail(done.error());
    cli::print_record(*done, printed_as(arguments));
    return {};
  };
}

std::vector<Command> manager_commands(const Kind& kind) {
  const cli::Positional which = {"CASE", "the case's id"};
  const cli::Positional proposal = {"PROPOSAL", "its id, from manager show"};
  const auto of_proposal = [](const Arguments& arguments) {
    return json{{"proposal", arguments.text("PROPOSAL")}};
  };
  const auto with_reason = [](const Arguments& arguments) {
    return json{{"proposal", arguments.text("PROPOSAL")}, {"reason", arguments.text("--reason")}};
  };
  const auto holder = [](const Arguments& arguments) {
    return json{{"node", arguments.text("--node")},
                {"user", arguments.text("--user")},
                {"name", arguments.text("--name")},
                {"reason", arguments.text("--reason")}};
  };
  return {
      desk_command(kind, "manager show", "Shows who is case manager, who was, and who is proposed",
                   "CASE", {which}, {}, showing("cases", "CASE", "manager")),
      desk_command(kind, "manager propose", "Proposes a case manager",
                   "CASE --node able-futures --name 'Tobias Example'", {which},
                   {{"--node", "NODE", "the organisation's id", cli::Takes::one,
                     cli::Option::Need::required},
                    {"--name", "NAME", "who it is", cli::Takes::one, cli::Option::Need::required},
                    {"--user", "USER", "their sign-in name there"},
                    {"--reason", "TEXT", "why"}},
                   managing("propose", holder)),
      desk_command(kind, "manager accept", "Agrees to be case manager", "CASE PROPOSAL",
                   {which, proposal}, {}, managing("accept", of_proposal)),
      desk_command(kind, "manager decline", "Does not agree to be case manager", "CASE PROPOSAL",
                   {which, proposal}, {{"--reason", "TEXT", "why"}},
                   managing("decline", with_reason)),
      desk_command(kind, "manager confirm", "Lets a proposal take effect", "CASE PROPOSAL",
                   {which, proposal}, {}, managing("confirm", of_proposal)),
  };
}

Result<json> with_note(const Arguments& arguments, const char* field) {
  auto text = text_of(arguments);
  if (!text) return fail(text.error());
  return json{{field, *text}};
}

Result<json> pause_body(const Arguments& arguments) {
  if (arguments.has("--reason") && arguments.has("--file")) {
    return fail(Reason::malformed,
                "--reason and --file both say why, and one would be lost: give one of them");
  }
  auto out = with_note(arguments, "reason");
  if (!out) return out;
  if (arguments.has("--reason")) (*out)["reason"] = arguments.text("--reason");
  if (arguments.has("--return")) (*out)["expected_return"] = arguments.text("--return");
  return out;
}

/// An office names a case by its client.
Command viewings_command(const Kind& kind) {
  const bool office = kind.role == NodeRole::adviser;
  const std::string which = office ? "CLIENT" : "CASE";
  const auto list = [which](DeskClient& desk, const Arguments& arguments) -> Result<void> {
    auto path = api({"cases", arguments.text(which), "viewings"}) +
                (arguments.has("--lists") ? "?lists=true" : "?lists=false");
    if (arguments.has("--before"))
      path += "&before=" + web::encode_component(arguments.text("--before"));
    const auto found = desk.get(path);
    if (!found) return fail(found.error());
    cli::print_list(*found,
                    {{"AT", "at"}, {"WHO", "user"}, {"WHAT", "what"}, {"REFERRAL", "referral"}},
                    printed_as(arguments));
    return {};
  };
  return desk_command(
      kind, office ? "client viewings" : "case viewings",
      "Shows who looked at the record, the newest 1,000 (managers)", which,
      {{which, "its id, or enough of its beginning"}},
      {{"--before", "TIME", "those before this time: to go on, the last one's"},
       {"--lists", "", "who looked at lists that show it, instead", cli::Takes::nothing}},
      list);
}

/// A provider confirms what the office said, with the office's reason: one of its own would be
/// lost.
Command error_command(const Kind& kind) {
  if (kind.role == NodeRole::provider) {
    return referral_action(kind, "error", "error",
                           "Confirms that it should never have been, as the office said", "", {},
                           [](const Arguments&) -> Result<json> { return json::object(); });
  }
  return referral_action(kind, "error", "error", "Says that it should never have been",
                         "--file why.txt", {file_option("why")},
                         [](const Arguments& arguments) { return with_note(arguments, "reason"); });
}

}  // namespace

std::vector<Command> desk_commands(const Kind& kind) {
  const cli::Positional referral = {"REFERRAL", "its id, or enough of its beginning"};
  auto find = desk_command(
      kind, "find", "Finds services in which every word occurs", "pain group",
      {{"WORDS", "beginnings of words; none: all services", cli::Positional::Need::many}}, {},
      find_services);
  std::vector<Command> out = {
      std::move(find),
      desk_command(kind, "referral list", "Lists referrals, newest change first",
                   "--state received", {}, {{"--state", "STATE", "only those in this state"}},
                   list_referrals),
      desk_command(kind, "referral show", "Shows one referral", "REFERRAL", {referral}, {},
                   showing("referrals", "REFERRAL")),
      desk_command(
          kind, "referral attachment", "Saves a document that came with a referral",
          "REFERRAL ATTACHMENT --out letter.pdf",
          {referral, {"ATTACHMENT", "its digest, from referral show, or the beginning of it"}},
          {{"--out", "FILE", "where to, for you alone to read; - is standard output",
            cli::Takes::one, cli::Option::Need::required}},
          save_attachment),
      referral_action(kind, "pause", "pause", "Pauses; from the office, asks for it",
                      "--reason 'in hospital' --return 2026-06-01",
                      {{"--reason", "TEXT", "why: illness, caring, ..."},
                       {"--return", "DATE", "when it is expected to go on"},
                       file_option("why, as a text, in the place of --reason")},
                      pause_body),
      referral_action(kind, "resume", "resume",
                      "Goes on after a pause; from the office, asks for it", "",
                      {file_option("a note")},
                      [](const Arguments& arguments) { return with_note(arguments, "note"); }),
      error_command(kind),
      desk_command(kind, "case list", "Lists the cases that this node takes part in", "", {}, {},
                   listing(api({"cases"}), {{"CASE", "id"},
                                            {"CLIENT", "name"},
                                            {"OFFICE", "lead_office"},
                                            {"CHANGED", "changed_at"}})),
      desk_command(kind, "case show", "Shows what this node may see of a case", "CASE",
                   {{"CASE", "its id"}}, {}, showing("cases", "CASE")),
  };
  out.push_back(viewings_command(kind));
  for (auto& command : manager_commands(kind))
    out.push_back(std::move(command));
  return out;
}

}  // namespace liaison::node
