#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "auditor/commands.h"
#include "base/time.h"
#include "broker/program/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/place.h"
#include "node/cli/any_node.h"

/// What asks a broker or a node, the one that serves a directory or its store.
namespace liaison::auditor {
namespace {

using cli::Arguments;
using cli::Takes;
using Json = nlohmann::json;

Result<Json> ask(const Arguments& arguments, const Json& request) try {
  return broker::ask_broker(arguments.text("--dir"), request);
} catch (const broker::Refusal& refusal) {
  return fail(Reason::unavailable, refusal.what());
}

cli::Option dir_option() {
  return {"--dir", "DIR", "The broker's directory", Takes::one, cli::Option::Need::required};
}

cli::Option either_dir_option() {
  auto out = dir_option();
  out.about = "The broker's directory, or that of a node which sent or took the letter";
  return out;
}

cli::Option node_dir_option() {
  auto out = dir_option();
  out.about = "The directory of a node which sent or took the letter";
  return out;
}

Result<void> checkpoint(const Arguments& arguments) {
  const auto answer = ask(arguments, {{"command", "checkpoint"}});
  if (!answer) return fail(answer.error());
  if (arguments.has("--json")) {
    cli::print_record(*answer, cli::As::json);
    return {};
  }
  for (const char* name : {"registry", "message"})
    std::cout << (answer->at(name).is_null()
                      ? fmt::format("(the {} log has no checkpoint yet)\n", name)
                      : answer->at(name).get<std::string>())
              << '\n';
  for (const char* name : {"registry", "message"}) {
    const auto& cosigned = answer->at(std::string("cosigned_") + name);
    if (cosigned.is_null() || cosigned == answer->at(name)) continue;
    std::cout << fmt::format("(the newest of the {} log that witnesses have cosigned)\n", name)
              << cosigned.get<std::string>() << '\n';
  }
  for (const auto& key : answer->at("keys"))
    std::cout << key.get<std::string>() << '\n';
  return {};
}

const std::vector<std::string>& entry_members() {
  static const std::vector<std::string> members{"index",     "at",     "kind",       "sender",
                                                "recipient", "letter", "size_bytes", "reason",
                                                "count",     "sha256", "commitment"};
  return members;
}

std::string member_text(const Json& entry, const std::string& member) {
  if (!entry.contains(member)) return "";
  return entry[member].is_string() ? entry[member].get<std::string>() : entry[member].dump();
}

void print_row(const Json& entry) {
  std::cout << fmt::format(
      "{:>8}  {}  {:<12}  {:<20}  {:<20}  {}{}\n", member_text(entry, "index"),
      member_text(entry, "at"), member_text(entry, "kind"), member_text(entry, "sender"),
      member_text(entry, "recipient"), member_text(entry, "letter"),
      entry.contains("reason")
          ? "  " + member_text(entry, "reason") +
                (entry.contains("count") ? " (" + member_text(entry, "count") + " times)" : "")
          : "");
}

void print_csv(const Json& entry) {
  std::string line;
  for (const auto& member : entry_members())
    line += (line.empty() ? "" : ",") + member_text(entry, member);
  std::cout << line << '\n';
}

Result<std::optional<std::int64_t>> time_of(const Arguments& arguments, const char* option) {
  if (!arguments.has(option)) return std::optional<std::int64_t>();
  const auto at = parse_rfc3339(arguments.text(option));
  if (!at)
    throw cli::WrongUsage(fmt::format("{}: not a time such as 2026-05-06T10:42:00Z", option));
  return std::optional(to_ms(*at));
}

Result<void> log(const Arguments& arguments) {
  Json request{{"command", "log"}, {"first", 0}};
  for (const char* name : {"node", "kind", "letter"})
    if (arguments.has(std::string("--") + name))
      request[name] = arguments.text(std::string("--") + name);
  for (const auto& [option, member] : {std::pair{"--from", "from_ms"}, {"--to", "to_ms"}}) {
    const auto at = time_of(arguments, option);
    if (!at) return fail(at.error());
    if (*at) request[member] = **at;
  }
  const bool csv = arguments.has("--csv");
  const bool json = arguments.has("--json");
  if (csv && json) throw cli::WrongUsage("--csv and --json exclude each other: give one");
  if (csv) std::cout << fmt::format("{}\n", fmt::join(entry_members(), ","));
  // One entry a line with --json too: a log may be longer than memory.
  while (!request["first"].is_null()) {
    const auto answer = ask(arguments, request);
    if (!answer) return fail(answer.error());
    for (const auto& entry : answer->at("entries")) {
      if (json)
        std::cout << entry.dump() << '\n';
      else if (csv)
        print_csv(entry);
      else
        print_row(entry);
    }
    if (answer->contains("missing"))
      std::cerr << answer->at("missing").get<std::string>() << "; what follows is listed\n";
    request["first"] = answer->at("next");
  }
  return {};
}

Result<void> export_logs(const Arguments& arguments) {
  const auto directory = cli::absolute_directory(arguments.text("OUT"));
  const auto answer = ask(arguments, {{"command", "export"}, {"directory", directory}});
  if (!answer) return fail(answer.error());
  if (answer->contains("missing"))
    std::cerr << fmt::format(
        "{} entries of the message log are archived in {} and are not at hand there: "
        "`liaison-audit verify` needs them too (--archive)\n",
        answer->at("missing").get<std::uint64_t>(), answer->at("archive").get<std::string>());
  cli::print_line(arguments.text("OUT"));
  return {};
}

/// A node gives out the proof that it has kept, a broker makes one of its newest checkpoint.
Result<Json> proof_of(const Arguments& arguments) {
  const auto letter = arguments.text("LETTER-ID");
  if (node::is_node(arguments.text("--dir")))
    return node::ask_any_node(arguments.text("--dir"), {{"do", "prove"}, {"letter", letter}});
  return ask(arguments, {{"command", "prove"}, {"letter", letter}});
}

Result<void> prove(const Arguments& arguments) {
  const auto answer = proof_of(arguments);
  if (!answer) return fail(answer.error());
  if (answer->contains("also"))
    std::cerr << fmt::format(
        "this is entry {}; entries {} say of another letter of that id that it was accepted: `log "
        "--letter` lists them\n",
        answer->at("index").get<std::uint64_t>(), answer->at("also").dump());
  if (arguments.has("--json"))
    cli::print_record(*answer, cli::As::json);
  else
    std::cout << answer->at("proof").get<std::string>();
  return {};
}

/// What a letter is, before it is handed over.
void tell(const Json& letter) {
  Json shown = letter;
  if (!letter.at("clients").empty()) shown["about"] = letter.at("clients");
  shown.erase("clients");
  std::cerr << cli::readable(shown)
            << "Whoever gets the file can read this letter, and pass it on. It opens no other "
               "letter. That it was disclosed is noted where views of the record are.\n";
}

bool is_confirmed() {
  std::cerr << "Disclose it? (yes/no) " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes" || answer == "y";
}

Result<void> disclose(const Arguments& arguments) {
  const auto directory = arguments.text("--dir");
  const auto letter = arguments.text("LETTER-ID");
  const auto out = arguments.text("OUT");
  if (!node::is_node(directory))
    return fail(Reason::not_found, directory +
                                       " is not a node's directory: a letter's sender or recipient "
                                       "can disclose it, the exchange cannot read it");
  if (std::filesystem::exists(out))
    return fail(Reason::conflict, out + " is there already; nothing was written: name another");
  Json request{{"do", "letter-show"}, {"letter", letter}};
  if (arguments.has("--token-file")) {
    const auto token = cli::read_private_line(arguments.text("--token-file"));
    if (!token) return fail(token.error());
    request["bearer"] = *token;
  }
  // Shown to a person alone: a client's name is not for a script's log.
  if (!arguments.has("--yes")) {
    if (::isatty(STDIN_FILENO) == 0)
      throw cli::WrongUsage(
          "nobody is here to be asked whether the letter is to be disclosed: say --yes; nothing "
          "was written");
    const auto shown = node::ask_any_node(directory, request);
    if (!shown) return fail(shown.error());
    tell(shown->at("letter"));
    if (!is_confirmed()) return fail(Reason::conflict, "it was not confirmed: nothing was written");
  }
  request["do"] = "letter-disclose";
  const auto answer = node::ask_any_node(directory, request);
  if (!answer) return fail(answer.error());
  cli::write_private(out, answer->at("disclosure").get<std::string>());
  auto made = answer->at("letter");
  made.erase("clients");
  made["file"] = out;
  if (arguments.has("--json"))
    cli::print_record(made, cli::As::json);
  else
    cli::print_line(out);
  return {};
}

}  // namespace

std::vector<cli::Command> ask_commands() {
  const cli::Option json{"--json", "", "As JSON", Takes::nothing};
  return {
      {"checkpoint",
       "Print the newest signed checkpoints of both logs, and their keys",
       "liaison-audit checkpoint --dir /var/lib/liaison/broker",
       {},
       {dir_option(), json},
       checkpoint},
      {"log",
       "List the message log: who sent to whom, when, and what became of it",
       "liaison-audit log --dir DIR --node jcp-leeds --from 2026-05-06T00:00:00Z",
       {},
       {dir_option(),
        {"--node", "ID", "Sent by it, or to it"},
        {"--kind", "KIND",
         "accepted, taken, set_aside, expired, returned, refused or refused_many"},
        {"--letter", "LETTER-ID", "Of that letter: 32 hexadecimal digits"},
        {"--from", "TIME", "Not before, as 2026-05-06T10:42:00Z"},
        {"--to", "TIME", "Before"},
        {"--csv", "", "As comma-separated values", Takes::nothing},
        {"--json", "", "As JSON, an entry a line", Takes::nothing}},
       log},
      {"export",
       "Write both logs into a new directory, for someone who verifies them elsewhere",
       "liaison-audit export --dir DIR exchange-2026-05",
       {{"OUT", "A new directory"}},
       {dir_option()},
       export_logs},
      {"prove",
       "Print the proof that one letter is in the log, for check-proof; at a node the one it kept",
       "liaison-audit prove 00112233445566778899aabbccddeeff --dir DIR > letter.tlog-proof",
       {{"LETTER-ID", "32 hexadecimal digits, as `log` prints them"}},
       {either_dir_option(), json},
       prove},
      {"disclose",
       "At a node: write one letter that it sent or took, for an auditor to read and check",
       "liaison-audit disclose 00112233445566778899aabbccddeeff letter.disclosure --dir NODE-DIR",
       {{"LETTER-ID", "32 hexadecimal digits, as the log of an export lists them"},
        {"OUT", "A new file, which only you can read"}},
       {node_dir_option(),
        {"--yes", "", "Do not ask", Takes::nothing},
        {"--token-file", "FILE", "Act by this token, an administrator's of the node"},
        json},
       disclose},
  };
}

}  // namespace liaison::auditor
