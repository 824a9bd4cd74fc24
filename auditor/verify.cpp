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
constexpr std::size_t cosigned_max = 64;

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

using Cosigned = std::map<std::uint64_t, audit::SignedCheckpoint>;

/// The older checkpoints that lie beside the newest because witnesses cosigned them, by size.
Result<Cosigned> read_cosigned(const fs::path& directory, const std::vector<audit::NoteKey>& keys) {
  Cosigned out;
  std::error_code trouble;
  for (fs::directory_iterator each(directory / "cosigned", trouble), end; !trouble && each != end;
       each.increment(trouble)) {
    const auto name = "cosigned/" + each->path().filename().string();
    if (out.size() == cosigned_max)
      return fail(Reason::too_large, fmt::format("more than {} lie under cosigned", cosigned_max));
    const auto text =
        crypto::read_file(each->path(), audit::note_bytes_max, crypto::Readers::anyone);
    if (!text) return fail(text.error().reason, name + ": " + text.error().text);
    auto opened = audit::open_checkpoint(as_text(text->view()), keys);
    if (!opened) return fail(opened.error().reason, name + ": " + opened.error().text);
    const auto size = opened->checkpoint.size;
    if (name != fmt::format("cosigned/{}", size))
      return fail(Reason::untrusted, fmt::format("{} is of {} entries", name, size));
    out.emplace(size, std::move(*opened));
  }
  // What cannot be read may be what convicts.
  if (trouble && trouble != std::errc::no_such_file_or_directory)
    return fail(Reason::forbidden, "cosigned cannot be read: " + trouble.message());
  return out;
}

Result<VerifiedLog> verify_log(const fs::path& directory, const std::string& name,
                               const std::vector<audit::NoteKey>& keys,
                               const std::vector<audit::NoteKey>& with_former,
                               const VerifyOptions& options, Cosigned& cosigned) {
  VerifiedLog out;
  out.name = name;
  audit::CheckOptions check;
  check.logs = keys;
  for (const auto& archive : options.archives)
    check.archives.push_back(archive / name);
  auto older = read_cosigned(directory, with_former);
  if (!older) return fail(older.error().reason, name + " log: " + older.error().text);
  for (const auto& [size, each] : *older)
    check.beginnings.push_back(each.checkpoint);
  cosigned = std::move(*older);
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
  cosigned.insert_or_assign(checked->checkpoint.size,
                            audit::SignedCheckpoint{checked->checkpoint, checked->note});
  out.checked = std::move(*checked);
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const audit::NoteKey& each) {
    return each.kind == audit::KeyKind::note && each.name == out.checked.checkpoint.origin;
  });
  if (key != keys.end()) out.key = *key;
  return out;
}

/// What the witnesses said of that log: of each the largest.
Result<void> hear(const Witnesses& witnesses, const Cosigned& cosigned, std::size_t wanted,
                  VerifiedLog& log) {
  std::map<std::string, Vouched> newest;
  for (const auto& [size, checkpoint] : cosigned) {
    const auto said = witnesses.of(checkpoint);
    if (!said)
      return fail(said.error().reason, fmt::format("{} log: the checkpoint of {} entries: {}",
                                                   log.name, size, said.error().text));
    for (const auto& each : *said)
      if (const auto known = newest.find(each.key.name);
          known == newest.end() || each.but.empty() || !known->second.but.empty())
        newest.insert_or_assign(each.key.name, each);
  }
  for (auto& [name, each] : newest)
    log.witnesses.push_back(std::move(each));
  if (wanted == 0 || log.vouched_by(wanted) > 0) return {};
  const auto counted = std::count_if(log.witnesses.begin(), log.witnesses.end(),
                                     [](const Vouched& each) { return each.but.empty(); });
  return fail(Reason::untrusted,
              fmt::format("{} log: {} of the witnesses that are known cosigned it, and {} are "
                          "demanded",
                          log.name, counted, wanted));
}

}  // namespace

std::uint64_t VerifiedLog::vouched_by(std::size_t count) const {
  std::vector<std::uint64_t> sizes;
  for (const auto& each : witnesses)
    if (each.but.empty()) sizes.push_back(each.size);
  if (count == 0 || sizes.size() < count) return 0;
  std::sort(sizes.rbegin(), sizes.rend());
  return sizes[count - 1];
}

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
  // What was signed before a change lies beside what is signed since.
  const auto with_former = history->follow(keys, true);
  keys = history->follow(keys, false);
  out.key_changes = std::move(history->changes);
  auto outside = options.witnesses;
  outside.insert(outside.end(), options.keys.begin(), options.keys.end());
  Witnesses witnesses(std::move(outside));
  auto checks = options;
  checks.registry = [&](const wire::RegistryLeaf& leaf, ByteView body) {
    witnesses.learn(leaf, body);
    if (options.registry) options.registry(leaf, body);
  };
  std::vector<Cosigned> cosigned;
  for (const char* name : {"registry", "message"}) {
    auto log =
        verify_log(directory / name, name, keys, with_former, checks, cosigned.emplace_back());
    if (!log) return fail(log.error());
    out.logs.push_back(std::move(*log));
  }
  auto expected = out.logs[0].checked.checkpoint.origin;
  if (const auto at = expected.find("/registry/"); at != std::string::npos)
    expected.replace(at, std::string_view("/registry/").size(), "/message/");
  if (const auto& message = out.logs[1].checked.checkpoint.origin; message != expected)
    return fail(Reason::untrusted,
                fmt::format("its logs are not of one exchange, or not of one time of it: {} and {}",
                            out.logs[0].checked.checkpoint.origin, message));
  // By now it is known whose the keys are.
  for (std::size_t at = 0; at < out.logs.size(); ++at)
    if (const auto good = hear(witnesses, cosigned[at], options.witnesses_min, out.logs[at]); !good)
      return fail(good.error());
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
