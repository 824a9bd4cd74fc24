#include "auditor/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/tile.h"
#include "crypto/digest.h"
#include "crypto/file.h"

namespace liaison::auditor {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t body_bytes_max = std::size_t{1} << 20;
constexpr std::size_t keys_bytes_max = 64 * 1024;

/// What an entry says, whichever log it is of.
struct Said {
  Instant at;
  std::string kind;
};

tl::unexpected<Error> wrong_entry(std::uint64_t index, const Error& why) {
  return fail(why.reason, fmt::format("entry {}: {}", index, why.text));
}

Result<Said> read_message(const VerifyOptions& options, std::uint64_t index, ByteView entry) {
  const auto read = wire::decode_log_entry(entry);
  if (!read) return wrong_entry(index, read.error());
  if (options.message) options.message(*read);
  return Said{read->at, wire::name_of(read->kind)};
}

Result<Said> read_registry(const VerifyOptions& options, const fs::path& directory,
                           std::uint64_t index, ByteView entry) {
  const auto leaf = wire::decode_registry_leaf(entry);
  if (!leaf) return wrong_entry(index, leaf.error());
  const auto name = audit::body_path_of(index);
  const auto body = crypto::read_file(directory / name, body_bytes_max, crypto::Readers::anyone);
  if (!body) return wrong_entry(index, body.error());
  if (crypto::sha256(body->view()) != leaf->body)
    return fail(Reason::untrusted,
                fmt::format("entry {}: {} was altered: it is not what was logged", index, name));
  if (options.registry) options.registry(*leaf, body->view());
  return Said{leaf->at, wire::name_of(leaf->kind)};
}

Result<VerifiedLog> verify_log(const fs::path& directory, const std::string& name,
                               const std::vector<audit::NoteKey>& keys,
                               const VerifyOptions& options) {
  VerifiedLog out;
  out.name = name;
  audit::CheckOptions check;
  check.logs = keys;
  check.witnesses = keys;
  for (const auto& archive : options.archives)
    check.archives.push_back(archive / name);
  const auto in = "/" + name + "/";
  if (options.since && options.since->origin.find(in) != std::string::npos)
    check.since = options.since;
  check.each = [&](std::uint64_t index, ByteView entry) -> Result<void> {
    const auto said = name == "registry" ? read_registry(options, directory, index, entry)
                                         : read_message(options, index, entry);
    if (!said) return fail(said.error());
    if (!out.first) out.first = said->at;
    out.last = std::max(out.last.value_or(said->at), said->at);
    ++out.kinds[said->kind];
    return {};
  };
  if (options.progress)
    check.progress = [&](std::uint64_t done, std::uint64_t size) {
      options.progress(name, done, size);
    };
  auto checked = audit::check_log(directory, check);
  if (!checked) return fail(checked.error().reason, name + " log: " + checked.error().text);
  out.checked = std::move(*checked);
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const audit::NoteKey& each) {
    return each.kind == audit::KeyKind::note && each.name == out.checked.checkpoint.origin;
  });
  if (key != keys.end()) out.key = *key;
  return out;
}

}  // namespace

Result<std::vector<audit::NoteKey>> read_keys(const fs::path& file) {
  const auto content = crypto::read_file(file, keys_bytes_max, crypto::Readers::anyone);
  if (!content) return fail(content.error());
  std::vector<audit::NoteKey> out;
  auto text = as_text(content->view());
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) continue;
    auto key = audit::parse_note_key(line);
    if (!key) return fail(key.error().reason, file.string() + ": " + key.error().text);
    out.push_back(std::move(*key));
  }
  if (out.empty()) return fail(Reason::malformed, file.string() + " has no key");
  return out;
}

Result<VerifiedExport> verify_export(const fs::path& directory, const VerifyOptions& options) {
  VerifiedExport out;
  auto keys = options.keys;
  if (keys.empty()) {
    auto own = read_keys(directory / "keys");
    if (!own) return fail(own.error());
    keys = std::move(*own);
    out.by_own_keys = true;
  }
  auto history = read_key_history(directory);
  if (!history) return fail(history.error());
  keys = history->follow(keys, false);
  out.key_changes = std::move(history->changes);
  for (const char* name : {"registry", "message"}) {
    auto log = verify_log(directory / name, name, keys, options);
    if (!log) return fail(log.error());
    out.logs.push_back(std::move(*log));
  }
  const auto& since = options.since;
  const bool is_of_these =
      !since || std::any_of(out.logs.begin(), out.logs.end(), [&](const VerifiedLog& log) {
        return log.checked.checkpoint.origin == since->origin;
      });
  if (!is_of_these)
    return fail(Reason::conflict, "the older checkpoint is of " + since->origin +
                                      ", of which this export has no log: it is of another "
                                      "exchange, or of this one before it was restored");
  return out;
}

}  // namespace liaison::auditor
