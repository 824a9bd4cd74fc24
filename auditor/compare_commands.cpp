#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "audit/checkpoint.h"
#include "auditor/commands.h"
#include "auditor/verify.h"
#include "cli/input.h"
#include "cli/output.h"

/// Two checkpoints beside each other: whether they convict who signed them.
namespace liaison::auditor {
namespace {

using cli::Arguments;
using cli::Takes;

Result<audit::SignedCheckpoint> read(const Arguments& arguments, const char* name,
                                     const std::vector<audit::NoteKey>& keys) {
  const auto file = arguments.text(name);
  const auto text = cli::read_input(file, audit::note_bytes_max);
  if (!text) return fail(text.error());
  auto opened = audit::open_checkpoint(*text, keys);
  if (!opened) return fail(opened.error().reason, file + ": " + opened.error().text);
  return opened;
}

Result<void> compare(const Arguments& arguments) {
  std::vector<audit::NoteKey> keys;
  for (const auto& text : arguments.list("--key")) {
    auto key = audit::parse_note_key(text);
    if (!key) return fail(key.error().reason, "--key: " + key.error().text);
    keys.push_back(std::move(*key));
  }
  if (arguments.has("--keys")) {
    auto more = read_keys(arguments.text("--keys"));
    if (!more) return fail(more.error());
    keys.insert(keys.end(), more->begin(), more->end());
  }
  if (keys.empty())
    throw cli::WrongUsage(
        "by which key? Give the log's with --key, or --keys with an export's `keys`");
  const auto one = read(arguments, "CHECKPOINT", keys);
  if (!one) return fail(one.error());
  const auto other = read(arguments, "OTHER", keys);
  if (!other) return fail(other.error());
  const auto& a = one->checkpoint;
  const auto& b = other->checkpoint;
  if (a.origin != b.origin)
    return fail(Reason::conflict,
                fmt::format("they are of two logs, {} and {}: they say nothing about each other. A "
                            "restored exchange begins a new name",
                            a.origin, b.origin));
  if (a.size == b.size && a.root != b.root)
    return fail(Reason::untrusted,
                fmt::format("they convict: {} has signed two different logs of {} entries. Keep "
                            "both notes; whoever has its key can check them, and nothing excuses "
                            "them",
                            a.origin, a.size));
  const bool same = a.size == b.size;
  const std::string means =
      same ? "the same log of as many entries"
           : "of two sizes they convict nobody by themselves: an export shows with `verify "
             "--since` whether the one grew from the other";
  const nlohmann::json out{{"origin", a.origin},
                           {"entries", a.size},
                           {"other_entries", b.size},
                           {"same", same},
                           {"means", means}};
  cli::print_record(out, arguments.has("--json") ? cli::As::json : cli::As::text);
  return {};
}

}  // namespace

std::vector<cli::Command> compare_commands() {
  return {
      {"compare",
       "Say whether two signed checkpoints convict the log of two histories; then status 1",
       "liaison-audit compare checkpoint-of-leeds checkpoint-of-able --keys OUT/keys",
       {{"CHECKPOINT", "A signed checkpoint, as a file"}, {"OTHER", "Another"}},
       {{"--key", "KEY", "The log's key, as `checkpoint` prints it", Takes::many},
        {"--keys", "FILE", "Such keys, a line each"},
        {"--json", "", "As JSON", Takes::nothing}},
       compare},
  };
}

}  // namespace liaison::auditor
