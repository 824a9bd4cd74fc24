#include "node/shell/log_keys.h"

#include <algorithm>

namespace liaison::node {
namespace {

bool is_among(const std::vector<crypto::WitnessKey>& keys, const crypto::WitnessKey& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::vector<crypto::WitnessKey> keys_of(const std::vector<LogStore::Key>& known) {
  std::vector<crypto::WitnessKey> out;
  for (const auto& each : known)
    out.push_back(each.key);
  return out;
}

}  // namespace

LogKeys::LogKeys(LogStore& store, const Fingerprint& authority,
                 std::vector<crypto::WitnessKey> invited)
    : store_(store), authority_(authority), changes_(authority) {
  if (invited.empty()) return;
  known_ = store_.keys();
  for (const auto& key : invited)
    if (!is_among(keys_of(known_), key)) known_.push_back({key, false});
}

void LogKeys::begin(std::uint64_t epoch, const std::vector<wire::RegistryEntry>& changes) {
  epoch_ = epoch;
  changes_ = audit::KeyChanges(authority_);
  for (const auto& each : changes)
    if (const auto change = wire::decode_log_key(each.body)) (void)changes_.add(*change, epoch_);
}

Result<void> LogKeys::add(const wire::RegistryEntry& entry, Instant at) {
  const auto change = wire::decode_log_key(entry.body);
  if (!change) return fail(change.error());
  if (auto added = changes_.add(*change, epoch_); !added) return added;
  if (changes_.has_one_of(keys_of(known_))) adopt(at);
  return {};
}

void LogKeys::adopt(Instant at) {
  for (const auto& key : changes_.keys()) {
    const bool is_replaced = key != changes_.current();
    const auto same = std::find_if(known_.begin(), known_.end(),
                                   [&](const auto& each) { return each.key == key; });
    if (same == known_.end())
      known_.push_back({key, is_replaced});
    else
      same->is_replaced = is_replaced;
    store_.keep_key({key, is_replaced}, at);
  }
}

std::vector<audit::NoteKey> LogKeys::of(const std::string& origin, Said said) const {
  const auto changed = changes_.keys();
  const bool leads = changes_.has_one_of(keys_of(known_));
  std::vector<audit::NoteKey> out;
  for (const auto& each : known_) {
    const bool signs = each.key == changes_.current();
    const bool may_come = said == Said::exchange_of_ahead && !is_among(changed, each.key);
    if (!leads || signs || may_come || said == Said::elsewhere)
      out.push_back({origin, audit::KeyKind::note, each.key});
  }
  return out;
}

bool LogKeys::are_replaced(const audit::Note& note) const {
  const auto signed_by = [&](const LogStore::Key& each) {
    return std::any_of(note.signatures.begin(), note.signatures.end(), [&](const auto& line) {
      return audit::NoteKey{line.name, audit::KeyKind::note, each.key}.is_of(line);
    });
  };
  bool any = false;
  for (const auto& each : known_) {
    if (!signed_by(each)) continue;
    // Where this registry says so, the note is of before its change; the next is not.
    if (!each.is_replaced || is_among(changes_.keys(), each.key)) return false;
    any = true;
  }
  return any;
}

}  // namespace liaison::node
