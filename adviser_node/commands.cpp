#include "adviser_node/commands.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "adviser_node/routes.h"
#include "node/cli/desk_client.h"
#include "web/json.h"

namespace liaison::adviser_node {
namespace {

using namespace node;
using cli::Arguments;
using cli::Command;
using cli::Takes;
using nlohmann::json;
constexpr auto required = cli::Option::Need::required;

/// "name,phone,needs" and repeated options.
json list_of(const Arguments& arguments, const std::string& option) {
  auto out = json::array();
  for (const auto& given : arguments.list(option)) {
    std::istringstream parts(given);
    for (std::string part; std::getline(parts, part, ',');)
      out.push_back(part);
  }
  return out;
}

Result<void> add_client(DeskClient& desk, const Arguments& arguments) {
  const auto record = text_of(arguments);
  if (!record) return fail(record.error());
  const auto made = desk.send(web::Method::post, api({"clients"}), *record);
  if (!made) return fail(made.error());
  cli::print_made(*made, printed_as(arguments));
  return {};
}

Result<void> edit_client(DeskClient& desk, const Arguments& arguments) {
  const auto changes = text_of(arguments);
  if (!changes) return fail(changes.error());
  const auto made =
      desk.send(web::Method::patch, api({"clients", arguments.text("CLIENT")}), *changes);
  if (!made) return fail(made.error());
  cli::print_made(*made, printed_as(arguments));
  return {};
}

Result<void> list_clients(DeskClient& desk, const Arguments& arguments) {
  const auto found = desk.get(api({"clients"}));
  if (!found) return fail(found.error());
  cli::print_list(*found,
                  {{"CLIENT", "id"},
                   {"NAME", "name"},
                   {"CASE MANAGER", "case_manager.name"},
                   {"CHANGED", "changed_at"}},
                  printed_as(arguments));
  return {};
}

Result<void> show_client(DeskClient& desk, const Arguments& arguments) {
  const auto found = desk.get(api({"clients", arguments.text("CLIENT")}));
  if (!found) return fail(found.error());
  cli::print_record(*found, printed_as(arguments));
  return {};
}

/// A POST about one client, with the body that `body` makes.
DeskRun acting(std::string action, std::function<Result<json>(const Arguments&)> body) {
  return [action = std::move(action), body = std::move(body)](
             DeskClient& desk, const Arguments& arguments) -> Result<void> {
    const auto sent = body(arguments);
    if (!sent) return fail(sent.error());
    const auto done = desk.post(api({"clients", arguments.text("CLIENT"), action}), *sent);
    if (!done) return fail(done.error());
    cli::print_made(*done, printed_as(arguments));
    return {};
  };
}

Result<json> share_body(const Arguments& arguments) {
  json out = {{"to", arguments.text("--to")},
              {"basis", arguments.text("--basis")},
              {"items", list_of(arguments, "--items")}};
  for (const auto* field : {"how", "purpose", "until", "reason"}) {
    const auto option = std::string("--") + field;
    if (arguments.has(option)) out[field] = arguments.text(option);
  }
  if (arguments.has("--decided-by")) out["decided_by"] = arguments.text("--decided-by");
  if (arguments.has("--client-not-told")) out["client_told"] = false;
  return out;
}

Result<json> unshare_body(const Arguments& arguments) {
  const auto reason = text_of(arguments);
  if (!reason) return fail(reason.error());
  return json{{"to", arguments.text("--to")},
              {"items", list_of(arguments, "--items")},
              {"reason", *reason}};
}

Result<json> field_from_file(const Arguments& arguments, const char* field) {
  const auto text = text_of(arguments);
  if (!text) return fail(text.error());
  return json{{field, *text}};
}

Result<json> attachments_of(const Arguments& arguments) {
  auto out = json::array();
  for (const auto& path : arguments.list("--attach")) {
    auto one = attachment_of(path);
    if (!one) return one;
    out.push_back(std::move(*one));
  }
  return out;
}

Result<json> refer_body(const Arguments& arguments) {
  const auto text = text_of(arguments);
  if (!text) return fail(text.error());
  auto referral = web::parse_json_object(*text);
  if (!referral)
    return fail(referral.error().reason,
                "the referral in " + arguments.text("--file") + ": " + referral.error().text);
  auto attachments = attachments_of(arguments);
  if (!attachments) return attachments;
  json out = {{"service", arguments.text("--service")},
              {"route", arguments.text("--route", "formal")},
              {"referral", std::move(*referral)}};
  if (!attachments->empty()) out["attachments"] = std::move(*attachments);
  if (arguments.has("--again-of")) out["again_of"] = arguments.text("--again-of");
  return out;
}

Result<json> attach_body(const Arguments& arguments) {
  auto attachments = attachments_of(arguments);
  if (!attachments) return attachments;
  return json{{"attachments", std::move(*attachments)}};
}

Result<json> answer_body(const Arguments& arguments) {
  auto out = field_from_file(arguments, "text");
  if (out && arguments.has("--question")) (*out)["question"] = arguments.text("--question");
  return out;
}

Result<json> withdraw_body(const Arguments& arguments) {
  auto out = field_from_file(arguments, "reason");
  if (out && arguments.has("--by")) (*out)["by"] = arguments.text("--by");
  return out;
}

std::vector<Command> client_commands(const Kind& kind) {
  const cli::Positional client = {"CLIENT", "the client's id, or enough of its beginning"};
  return {
      desk_command(kind, "client add", "Opens a case for a client", "--file client.json", {},
                   {file_option("client.json; - is standard input", required)}, add_client),
      desk_command(kind, "client list", "Lists this office's clients", "", {}, {}, list_clients),
      desk_command(kind, "client show", "Shows one client's record", "CLIENT", {client}, {},
                   show_client),
      desk_command(kind, "client edit", "Changes the fields that a file gives; null clears one",
                   "CLIENT --file changes.json", {client},
                   {file_option("fields of client.json to change", required)}, edit_client),
      desk_command(
          kind, "client note", "Writes a note of the office's own", "CLIENT --file note.txt",
          {client}, {file_option("the note", required)},
          acting("notes",
                 [](const Arguments& arguments) { return field_from_file(arguments, "text"); })),
      desk_command(kind, "client handling", "Says how carefully the client's whereabouts are kept",
                   "CLIENT --set safe_contact", {client},
                   {{"--set", "HANDLING", "ordinary or safe_contact", Takes::one, required}},
                   acting("handling",
                          [](const Arguments& arguments) -> Result<json> {
                            return json{{"handling", arguments.text("--set")}};
                          })),
      desk_command(
          kind, "client close", "Closes the case", "CLIENT --file why.txt", {client},
          {file_option("why", required)},
          acting("close",
                 [](const Arguments& arguments) { return field_from_file(arguments, "reason"); })),
      desk_command(
          kind, "share", "Records the basis on which items go to a provider",
          "CLIENT --to able-futures --basis agreed --items name,phone,needs", {client},
          {{"--to", "NODE", "the provider's id, as find shows it", Takes::one, required},
           {"--basis", "BASIS", "required, agreed or safety", Takes::one, required},
           {"--items", "ITEMS", "what, with commas between", Takes::many, required},
           {"--how", "TEXT", "agreed: how the client said so"},
           {"--purpose", "TEXT", "agreed: for what; required: under which task or contract"},
           {"--until", "DATE", "agreed: the last day it holds"},
           {"--reason", "TEXT", "safety: why"},
           {"--decided-by", "NAME", "safety: the manager who decided"},
           {"--client-not-told", "", "the client was not told", Takes::nothing}},
          acting("share", share_body)),
      desk_command(kind, "unshare", "Ends the sharing of items, or records an objection",
                   "CLIENT --to able-futures --items phone", {client},
                   {{"--to", "NODE", "the provider's id", Takes::one, required},
                    {"--items", "ITEMS", "what, with commas between", Takes::many, required},
                    file_option("why")},
                   acting("unshare", unshare_body)),
  };
}

}  // namespace

Kind kind() {
  return {NodeRole::adviser, "liaison-adviser", 7681, routes()};
}

std::vector<Command> commands(const Kind& kind) {
  auto out = client_commands(kind);
  out.push_back(desk_command(
      kind, "refer", "Refers a client to a service",
      "CLIENT --service SERVICE --route formal --file referral.json --attach letter.pdf",
      {{"CLIENT", "the client's id"}},
      {{"--service", "SERVICE", "its id, as find shows it", Takes::one, required},
       {"--route", "ROUTE", "formal or informal (default: formal)"},
       file_option("referral.json; - is standard input", required),
       {"--attach", "FILE", "a PDF, DOCX, PNG or JPEG to go with it", Takes::many},
       {"--again-of", "REFERRAL", "the earlier referral that this one repeats"}},
      acting("referrals", refer_body)));
  out.push_back(referral_action(
      kind, "answer", "answer", "Answers a provider's question", "--file answer.txt",
      {file_option("the answer", required), {"--question", "ID", "which, if several are open"}},
      answer_body));
  out.push_back(referral_action(
      kind, "attach", "attach", "Sends another document", "--attach letter.pdf",
      {{"--attach", "FILE", "a PDF, DOCX, PNG or JPEG", Takes::one, required}}, attach_body));
  out.push_back(referral_action(
      kind, "details", "details", "Sends items as they are now", "--items phone,address",
      {{"--items", "ITEMS", "what, with commas between", Takes::many, required}},
      [](const Arguments& arguments) -> Result<json> {
        return json{{"items", list_of(arguments, "--items")}};
      }));
  out.push_back(referral_action(
      kind, "withdraw", "withdraw", "Asks to withdraw the referral", "--file why.txt",
      {{"--by", "adviser|client", "who wants it (default: adviser)"}, file_option("why")},
      withdraw_body));
  out.push_back(referral_action(
      kind, "take-over", "take-over", "Takes over a referral whose provider was revoked",
      "--file why.txt", {file_option("why", required)},
      [](const Arguments& arguments) { return field_from_file(arguments, "reason"); }));
  return out;
}

}  // namespace liaison::adviser_node
