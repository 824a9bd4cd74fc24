#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "audit/proof_file.h"
#include "auditor/commands.h"
#include "auditor/disclosure.h"
#include "auditor/report.h"
#include "auditor/verify.h"
#include "base/text.h"
#include "cli/input.h"
#include "cli/output.h"
#include "wire/log_entry.h"

/// What anyone can check who was handed a file or a directory, without a broker or a network.
namespace liaison::auditor {
namespace {

using cli::Arguments;
using cli::Takes;
using Json = nlohmann::json;

Result<std::vector<audit::NoteKey>> keys_of(const Arguments& arguments) {
  std::vector<audit::NoteKey> out;
  for (const auto& text : arguments.list("--key")) {
    auto key = audit::parse_note_key(text);
    if (!key) return fail(key.error().reason, "--key: " + key.error().text);
    out.push_back(std::move(*key));
  }
  if (!arguments.has("--keys")) return out;
  auto more = read_keys(arguments.text("--keys"));
  if (!more) return fail(more.error());
  out.insert(out.end(), more->begin(), more->end());
  return out;
}

cli::Option archive_option() {
  return {"--archive", "DIR", "Where `liaison-broker archive` moved entries of it", Takes::many};
}

void add_archives(VerifyOptions& options, const Arguments& arguments) {
  for (const auto& each : arguments.list("--archive"))
    options.archives.emplace_back(each);
}

/// --witness and --witnesses.
Result<void> read_witnesses(const Arguments& arguments, VerifyOptions& options) {
  for (const auto& text : arguments.list("--witness")) {
    auto key = audit::parse_note_key(text);
    if (!key) return fail(key.error().reason, "--witness: " + key.error().text);
    if (key->kind != audit::KeyKind::cosignature)
      return fail(Reason::malformed, "--witness: that is a log's key, and no witness's");
    options.witnesses.push_back(std::move(*key));
  }
  if (!arguments.has("--witnesses")) return {};
  const auto wanted = audit::parse_decimal(arguments.text("--witnesses"));
  if (!wanted) throw cli::WrongUsage("--witnesses: how many? Give a number");
  options.witnesses_min = *wanted;
  return {};
}

const std::vector<cli::Option>& key_options() {
  static const std::vector<cli::Option> options{
      {"--key", "KEY", "A key to trust, as `checkpoint` prints it", Takes::many},
      {"--keys", "FILE", "Such keys, a line each"},
  };
  return options;
}

std::string times_of(const VerifiedLog& log) {
  return log.first ? fmt::format(", from {} to {}", to_rfc3339(*log.first), to_rfc3339(*log.last))
                   : "";
}

std::string kinds_of(const VerifiedLog& log) {
  std::string out;
  for (const auto& [kind, count] : log.kinds)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, kind);
  return out.empty() ? "none" : out;
}

std::string time_text(std::uint64_t seconds) {
  constexpr std::uint64_t last = 253'402'300'799;  // of the year 9999
  return to_rfc3339(from_ms(static_cast<std::int64_t>(std::min(seconds, last)) * 1000));
}

std::vector<std::string> witnesses_of(const VerifiedLog& log) {
  std::vector<std::string> out;
  const auto size = log.checked.checkpoint.size;
  for (const auto& each : log.witnesses)
    out.push_back(
        fmt::format("{}{} at {}: {}{}", each.key.name,
                    each.organisation.empty()
                        ? ", named by you,"
                        : fmt::format(" ({}, by its certificate)", shown_safely(each.organisation)),
                    time_text(each.at),
                    each.size == size ? fmt::format("all {} entries", size)
                                      : fmt::format("the first {} of {} entries", each.size, size),
                    each.but.empty() ? "" : "; it does not count: " + each.but));
  if (out.empty()) out.emplace_back("nobody whose key is known");
  return out;
}

/// Tells at a terminal how far a check is.
class Progress {
 public:
  explicit Progress(VerifyOptions& options) {
    if (::isatty(STDERR_FILENO) == 0) return;
    options.progress = [this](const std::string& log, std::uint64_t done, std::uint64_t size) {
      const auto percent = done * 100 / size;
      if (std::exchange(told_, percent) == percent) return;
      std::cerr << '\r' << log << " log: " << percent << " %  " << std::flush;
    };
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() = default;
  void end() const {
    if (told_ != 0) std::cerr << "\r                         \r" << std::flush;
  }

 private:
  std::uint64_t told_ = 0;
};

void print(const VerifiedExport& verified, const VerifyOptions& options) {
  for (const auto& log : verified.logs) {
    const auto& checkpoint = log.checked.checkpoint;
    cli::print_line(fmt::format("{} log   {}", log.name, checkpoint.origin));
    cli::print_line(fmt::format("  entries     {}{}: each is as the log signed it", checkpoint.size,
                                times_of(log)));
    cli::print_line(fmt::format("  of them     {}", kinds_of(log)));
    cli::print_line(fmt::format("  root        {}", to_base64(checkpoint.root.view())));
    cli::print_line(fmt::format("  signed by   {}", audit::encode(log.key)));
    const char* before = "  cosigned by ";
    for (const auto& witness : witnesses_of(log))
      cli::print_line(std::exchange(before, "              ") + witness);
    if (options.since && options.since->origin == checkpoint.origin)
      cli::print_line(
          fmt::format("  since       its first {} entries are those of the older "
                      "checkpoint: nothing before was changed",
                      options.since->size));
  }
  for (const auto& each : verified.key_changes)
    cli::print_line(fmt::format(
        "key change {} at {} (registry entry {}), signed by the former key\n  from        {}\n"
        "  to          {}",
        each.change.number, to_rfc3339(each.at), each.entry, each.change.former.text(),
        each.change.key.text()));
  if (verified.by_own_keys)
    cli::print_line(
        "The keys are the export's own: compare them with those that a node or an older checkpoint "
        "names, and give them with --key.");
  cli::print_line("It holds.");
}

Json json_of(const VerifiedExport& verified) {
  Json logs = Json::array();
  for (const auto& log : verified.logs) {
    const auto& checkpoint = log.checked.checkpoint;
    Json witnesses = Json::array();
    for (const auto& each : log.witnesses) {
      witnesses.push_back({{"witness", each.key.name},
                           {"key", audit::encode(each.key)},
                           {"at", time_text(each.at)},
                           {"entries", each.size}});
      if (!each.organisation.empty()) witnesses.back()["organisation"] = each.organisation;
      witnesses.back()["counts"] = each.but.empty();
      if (!each.but.empty()) witnesses.back()["but"] = each.but;
    }
    Json out{{"log", log.name},
             {"origin", checkpoint.origin},
             {"entries", checkpoint.size},
             {"root", to_base64(checkpoint.root.view())},
             {"kinds", log.kinds},
             {"key", audit::encode(log.key)},
             {"cosigned", witnesses}};
    if (log.first) {
      out["first_at"] = to_rfc3339(*log.first);
      out["last_at"] = to_rfc3339(*log.last);
    }
    logs.push_back(std::move(out));
  }
  Json changes = Json::array();
  for (const auto& each : verified.key_changes)
    changes.push_back({{"number", each.change.number},
                       {"entry", each.entry},
                       {"at", to_rfc3339(each.at)},
                       {"former", each.change.former.text()},
                       {"key", each.change.key.text()}});
  return {{"holds", true},
          {"keys_of_the_export", verified.by_own_keys},
          {"logs", logs},
          {"key_changes", changes}};
}

Result<void> verify(const Arguments& arguments) {
  VerifyOptions options;
  auto keys = keys_of(arguments);
  if (!keys) return fail(keys.error());
  options.keys = std::move(*keys);
  add_archives(options, arguments);
  if (const auto good = read_witnesses(arguments, options); !good) return fail(good.error());
  const std::filesystem::path directory = arguments.text("OUT");
  if (!std::filesystem::exists(directory / "message"))
    return fail(Reason::not_found, directory.string() + " is no export: it has no log of messages");
  if (arguments.has("--since")) {
    auto text = cli::read_input(arguments.text("--since"), audit::note_bytes_max);
    if (!text) return fail(text.error());
    auto known = options.keys;
    if (known.empty()) {
      auto own = read_keys(directory / "keys");
      if (!own) return fail(own.error());
      known = std::move(*own);
    }
    const auto history = read_key_history(directory);
    if (!history) return fail(history.error());
    known = history->follow(known, true);
    const auto note = audit::parse_note(*text);
    if (!note) return fail(note.error().reason, "--since: " + note.error().text);
    const auto checkpoint = audit::parse_checkpoint(note->text);
    if (!checkpoint) return fail(checkpoint.error().reason, "--since: " + checkpoint.error().text);
    // Of a log that is not in this export its key need not be known to say so.
    if (const auto good = audit::verify_note(*note, known); !good)
      if (std::any_of(known.begin(), known.end(),
                      [&](const auto& key) { return key.name == checkpoint->origin; }))
        return fail(good.error().reason, "--since: " + good.error().text);
    if (checkpoint->size == 0)
      return fail(Reason::malformed,
                  "--since: a checkpoint of no entries says nothing of what comes after it");
    options.since = *checkpoint;
  }
  const Progress progress(options);
  const auto verified = verify_export(directory, options);
  progress.end();
  if (!verified) return fail(verified.error().reason, "it does not hold: " + verified.error().text);
  if (arguments.has("--json"))
    cli::print_record(json_of(*verified), cli::As::json);
  else
    print(*verified, options);
  return {};
}

Result<void> report(const Arguments& arguments) {
  VerifyOptions options;
  auto keys = keys_of(arguments);
  if (!keys) return fail(keys.error());
  options.keys = std::move(*keys);
  add_archives(options, arguments);
  Tally tally;
  options.registry = [&](const auto& leaf, ByteView body) { tally.add(leaf, body); };
  options.message = [&](const auto& entry) { tally.add(entry); };
  const Progress progress(options);
  const auto verified = verify_export(arguments.text("OUT"), options);
  progress.end();
  if (!verified) return fail(verified.error().reason, "it does not hold: " + verified.error().text);
  tally.finish();
  const auto made = report_of(tally, *verified);
  if (arguments.has("--html")) cli::write_private(arguments.text("--html"), html_of(made));
  if (arguments.has("--json"))
    cli::print_record(made, cli::As::json);
  else if (arguments.has("--html"))
    cli::print_line(arguments.text("--html"));
  else
    std::cout << text_of(made);
  return {};
}

/// The exchange's logs keep their key when it is restored, and change the end of their names.
void name_as(const std::string& origin, std::vector<audit::NoteKey>& keys) {
  const auto family = [](const std::string& name) { return name.substr(0, name.rfind('/') + 1); };
  if (!origin.starts_with("liaison/")) return;
  for (std::size_t at = 0, size = keys.size(); at < size; ++at)
    if (keys[at].kind == audit::KeyKind::note && keys[at].name != origin &&
        family(keys[at].name) == family(origin))
      keys.push_back({origin, audit::KeyKind::note, keys[at].key});
}

/// By which keys the checkpoint of a proof may be signed, where an export is at hand. What a former
/// key signed counts if the export, which those keys vouch for, has it as its beginning: by itself
/// it may be of whoever got hold of that key since.
Result<std::vector<audit::NoteKey>> keys_with_export(const std::vector<audit::NoteKey>& trusted,
                                                     const std::filesystem::path& exported,
                                                     const audit::ProofFile& proof) {
  const auto history = read_key_history(exported);
  if (!history) return fail(history.error());
  const auto checkpoint = audit::parse_checkpoint(proof.checkpoint.text);
  if (!checkpoint) return fail(checkpoint.error());
  auto current = history->follow(trusted, false);
  name_as(checkpoint->origin, current);
  if (history->changes.empty() || audit::verify_note(proof.checkpoint, current)) return current;
  VerifyOptions options;
  options.keys = trusted;
  options.since = *checkpoint;
  const auto verified = verify_export(exported, options);
  if (!verified) return fail(verified.error().reason, "the export: " + verified.error().text);
  return history->follow(trusted, true);
}

Result<void> check_proof(const Arguments& arguments) {
  auto keys = keys_of(arguments);
  if (!keys) return fail(keys.error());
  if (keys->empty())
    throw cli::WrongUsage(
        "by which key? Give the log's with --key, or --keys with an export's `keys`");
  const auto text = cli::read_input(arguments.text("PROOF"), 2 * audit::note_bytes_max);
  if (!text) return fail(text.error());
  const auto proof = audit::parse_proof_file(*text);
  if (!proof) return fail(proof.error());
  if (!proof->extra)
    return fail(Reason::malformed, "the proof does not bring its entry: ask for one with `prove`");
  if (arguments.has("--export")) {
    auto followed = keys_with_export(*keys, arguments.text("--export"), *proof);
    if (!followed)
      return fail(followed.error().reason, "it does not hold: " + followed.error().text);
    *keys = std::move(*followed);
  }
  if (const auto said = audit::parse_checkpoint(proof->checkpoint.text))
    name_as(said->origin, *keys);
  const auto shown = audit::check(*proof, *proof->extra, *keys);
  if (!shown) return fail(shown.error().reason, "it does not hold: " + shown.error().text);
  const auto entry = wire::decode_log_entry(*proof->extra);
  if (!entry) return fail(entry.error());
  Json out{{"holds", true},
           {"origin", shown->checkpoint.origin},
           {"index", proof->index},
           {"entries", shown->checkpoint.size},
           {"kind", wire::name_of(entry->kind)},
           {"at", to_rfc3339(entry->at)},
           {"letter", entry->letter.text()},
           {"sender", entry->sender.text()},
           {"recipient", entry->recipient.text()},
           {"size_bytes", entry->size_bytes},
           {"sha256", entry->digest.text()},
           {"commitment", entry->commitment.text()}};
  cli::print_record(out, arguments.has("--json") ? cli::As::json : cli::As::text);
  return {};
}

Result<void> check_disclosed(const Arguments& arguments) {
  VerifyOptions options;
  auto keys = keys_of(arguments);
  if (!keys) return fail(keys.error());
  options.keys = std::move(*keys);
  add_archives(options, arguments);
  const std::filesystem::path exported = arguments.text("EXPORT");
  if (!std::filesystem::exists(exported / "message"))
    return fail(Reason::not_found, exported.string() + " is no export: it has no log of messages");
  const auto text = cli::read_input(arguments.text("OUT"), audit::disclosure_bytes_max);
  if (!text) return fail(text.error());
  const auto disclosure = audit::parse_disclosure(*text);
  if (!disclosure) return fail(disclosure.error());
  const Progress progress(options);
  auto checked = check_disclosure(*disclosure, exported, options);
  progress.end();
  if (!checked) return fail(checked.error().reason, "it does not hold: " + checked.error().text);
  if (arguments.has("--json")) {
    cli::print_record(*checked, cli::As::json);
    return {};
  }
  // Files are for programs.
  if (checked->at("content").contains("part")) checked->at("content").at("part").erase("octets");
  std::cout << cli::readable(*checked);
  if (!checked->at("certificate_held").get<bool>())
    cli::print_line("The certificate that signed it had ended when the letter was accepted.");
  if (checked->at("keys_of_the_export").get<bool>())
    cli::print_line(
        "The keys are the export's own: compare them with those that a node or an older checkpoint "
        "names, and give them with --key.");
  cli::print_line("It is the letter that was logged, and its sender signed it.");
  return {};
}

}  // namespace

std::vector<cli::Command> check_commands() {
  auto verify_options = key_options();
  verify_options.push_back({"--since", "CHECKPOINT", "An older checkpoint that you kept: a file"});
  verify_options.push_back(archive_option());
  verify_options.push_back({"--witness", "KEY",
                            "The key of a witness outside the exchange: its cosignatures count",
                            Takes::many});
  verify_options.push_back(
      {"--witnesses", "N", "Refuse logs that fewer than N known witnesses have cosigned"});
  verify_options.push_back({"--json", "", "What was checked, as JSON", Takes::nothing});
  auto disclosure_options = key_options();
  disclosure_options.push_back(archive_option());
  disclosure_options.push_back({"--json", "", "As JSON", Takes::nothing});
  auto proof_options = key_options();
  proof_options.push_back(
      {"--export", "DIR",
       "An export whose registry has the changes of the key, if it was replaced"});
  proof_options.push_back({"--json", "", "As JSON", Takes::nothing});
  auto report_options = key_options();
  report_options.push_back({"--html", "FILE", "Write it as a page with pictures"});
  report_options.push_back(archive_option());
  report_options.push_back({"--json", "", "As JSON", Takes::nothing});
  return {
      {"verify",
       "Check an export whole: every entry, tile and signature; exit status 1 if it does not hold",
       "liaison-audit verify OUT --since checkpoint-2026-05-06",
       {{"OUT", "A directory that `export` wrote"}},
       verify_options,
       verify},
      {"report",
       "Say what an export shows: traffic, what was never taken, refusals, members, administrators",
       "liaison-audit report OUT --html exchange-2026-05.html",
       {{"OUT", "A directory that `export` wrote; it is verified first"}},
       report_options,
       report},
      {"check-proof",
       "Check that one letter is in the log, and print what the log says of it",
       "liaison-audit check-proof letter.tlog-proof --keys OUT/keys",
       {{"PROOF", "What `prove` printed; - is standard input"}},
       proof_options,
       check_proof},
      {"check-disclosure",
       "Check that a disclosed letter is the one that was logged, and print what it says",
       "liaison-audit check-disclosure letter.disclosure EXPORT",
       {{"OUT", "What `disclose` wrote; - is standard input"},
        {"EXPORT", "A directory that `export` wrote; it is verified first"}},
       disclosure_options,
       check_disclosed},
  };
}

}  // namespace liaison::auditor
