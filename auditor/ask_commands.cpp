#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "auditor/commands.h"
#include "base/time.h"
#include "broker/program/commands.h"
#include "cli/output.h"

/// What asks a broker, the one that serves a directory or its store.
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
    return fail(Reason::malformed,
                fmt::format("{}: not a time such as 2026-05-06T10:42:00Z", option));
  return std::optional(to_ms(*at));
}

Result<void> log(const Arguments& arguments) {
  Json request{{"command", "log"}, {"first", 0}};
  for (const char* name : {"node", "kind"})
    if (arguments.has(std::string("--") + name))
      request[name] = arguments.text(std::string("--") + name);
  for (const auto& [option, member] : {std::pair{"--from", "from_ms"}, {"--to", "to_ms"}}) {
    const auto at = time_of(arguments, option);
    if (!at) return fail(at.error());
    if (*at) request[member] = **at;
  }
  const bool csv = arguments.has("--csv");
  const bool json = arguments.has("--json");
  if (csv && json) return fail(Reason::malformed, "--csv and --json exclude each other: give one");
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
    request["first"] = answer->at("next");
  }
  return {};
}

Result<void> export_logs(const Arguments& arguments) {
  const auto directory = std::filesystem::absolute(arguments.text("OUT")).string();
  const auto answer = ask(arguments, {{"command", "export"}, {"directory", directory}});
  if (!answer) return fail(answer.error());
  cli::print_line(arguments.text("OUT"));
  return {};
}

Result<void> prove(const Arguments& arguments) {
  Json request{{"command", "prove"}, {"letter", arguments.text("LETTER-ID")}};
  auto answer = ask(arguments, request);
  // It is looked for a stretch at a time, so that the broker serves meanwhile.
  while (answer && answer->contains("next")) {
    request["before"] = answer->at("next");
    answer = ask(arguments, request);
  }
  if (!answer) return fail(answer.error());
  if (arguments.has("--json"))
    cli::print_record(*answer, cli::As::json);
  else
    std::cout << answer->at("proof").get<std::string>();
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
       "Print the proof that one letter is in the log, for check-proof",
       "liaison-audit prove 00112233445566778899aabbccddeeff --dir DIR > letter.tlog-proof",
       {{"LETTER-ID", "32 hexadecimal digits, as `log` prints them"}},
       {dir_option(), json},
       prove},
  };
}

}  // namespace liaison::auditor
