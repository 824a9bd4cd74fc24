#include "auditor/key_history.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/checkpoint.h"
#include "audit/tile.h"
#include "crypto/digest.h"
#include "crypto/file.h"
#include "wire/registry_leaf.h"

namespace liaison::auditor {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t bundle_bytes_max = audit::tile_width * (audit::entry_bytes_max + 2);
constexpr std::size_t body_bytes_max = std::size_t{1} << 20;

/// Empty if it cannot be read: that is found, and told better, when the log is checked.
Bytes read(const fs::path& file, std::size_t bytes_max) {
  const auto octets = crypto::read_file(file, bytes_max, crypto::Readers::anyone);
  return octets ? copy_of(octets->view()) : Bytes{};
}

/// Of "liaison/A/registry/E": what stands before the log's name and after it.
bool split_origin(const std::string& origin, std::string& exchange, std::string& epoch) {
  const std::string name = "/registry/";
  const auto at = origin.find(name);
  if (at == std::string::npos) return false;
  exchange = origin.substr(0, at);
  epoch = origin.substr(at + name.size());
  return true;
}

/// The places of the registry's changes of the key, with their times.
std::vector<KeyHistory::Change> changes_in(const fs::path& registry, std::uint64_t size) {
  std::vector<KeyHistory::Change> out;
  for (std::uint64_t bundle = 0; bundle < audit::tiles_in(size, 0); ++bundle) {
    const auto octets =
        read(registry / audit::entries_path_of(bundle, audit::width_in(size, 0, bundle)),
             bundle_bytes_max);
    ByteView rest(octets);
    for (auto index = bundle * audit::tile_width; !rest.empty(); ++index) {
      const auto entry = audit::take_entry(rest);
      if (!entry) break;
      const auto leaf = wire::decode_registry_leaf(*entry);
      if (leaf && leaf->kind == wire::EntryKind::log_key) out.push_back({index, leaf->at, {}});
    }
    if (octets.empty()) break;  // nothing behind it counts
  }
  return out;
}

}  // namespace

Result<KeyHistory> read_key_history(const fs::path& directory) {
  KeyHistory out;
  const auto registry = directory / "registry";
  const auto note = read(registry / "checkpoint", audit::note_bytes_max);
  const auto parsed = audit::parse_note(as_text(note));
  const auto checkpoint = parsed ? audit::parse_checkpoint(parsed->text) : fail(parsed.error());
  if (!checkpoint || !split_origin(checkpoint->origin, out.exchange, out.epoch)) return out;
  const auto epoch = audit::parse_decimal(out.epoch);
  if (!epoch) return out;
  const auto authority =
      crypto::sha256(read(registry / audit::body_path_of(0), body_bytes_max)).octets;
  audit::KeyChanges changes(Fingerprint{authority});
  for (auto& each : changes_in(registry, checkpoint->size)) {
    const auto change =
        wire::decode_log_key(read(registry / audit::body_path_of(each.entry), body_bytes_max));
    const auto added = change ? changes.add(*change, *epoch) : fail(change.error());
    if (!added)
      return fail(
          added.error().reason,
          fmt::format("registry log: entry {}: a change of the logs' key that cannot be: {}",
                      each.entry, added.error().text));
    each.change = *change;
    out.changes.push_back(std::move(each));
  }
  out.keys = changes.keys();
  return out;
}

std::vector<audit::NoteKey> KeyHistory::follow(const std::vector<audit::NoteKey>& trusted,
                                               bool with_former) const {
  if (keys.empty()) return trusted;
  std::vector<audit::NoteKey> out;
  bool leads = false;
  for (const auto& key : trusted) {
    const bool is_of_these = key.kind == audit::KeyKind::note &&
                             key.name.starts_with(exchange + '/') &&
                             key.name.ends_with('/' + epoch);
    if (!is_of_these) out.push_back(key);
    leads = leads || (is_of_these && std::find(keys.begin(), keys.end(), key.key) != keys.end());
  }
  if (!leads) return out;
  for (auto key = with_former ? keys.begin() : std::prev(keys.end()); key != keys.end(); ++key)
    for (const char* log : {"registry", "message"})
      out.push_back({fmt::format("{}/{}/{}", exchange, log, epoch), audit::KeyKind::note, *key});
  return out;
}

}  // namespace liaison::auditor
