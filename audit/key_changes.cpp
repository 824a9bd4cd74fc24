#include "audit/key_changes.h"

#include <algorithm>

namespace liaison::audit {
namespace {

crypto::WitnessKey key_of(const Digest& octets) {
  return {octets.octets};
}

}  // namespace

Result<void> KeyChanges::add(const wire::LogKey& change, std::uint64_t epoch) {
  if (!crypto::verify_ed25519(key_of(change.former), wire::signed_bytes_of(change, authority_),
                              change.signature))
    return fail(Reason::untrusted, "the key that it replaces has not signed it");
  const auto signed_before = [&](const wire::LogKey& each) {
    return each.former == change.key || each.key == change.key;
  };
  const bool follows = change.number == changes_.size() + 1 && change.epoch <= epoch &&
                       change.key != change.former &&
                       (changes_.empty() || (change.former == changes_.back().key &&
                                             change.epoch >= changes_.back().epoch));
  if (!follows || std::any_of(changes_.begin(), changes_.end(), signed_before))
    return fail(Reason::conflict, "it does not follow the change before it");
  changes_.push_back(change);
  return {};
}

std::vector<crypto::WitnessKey> KeyChanges::keys() const {
  std::vector<crypto::WitnessKey> out;
  if (!changes_.empty()) out.push_back(key_of(changes_.front().former));
  for (const auto& each : changes_)
    out.push_back(key_of(each.key));
  return out;
}

std::optional<crypto::WitnessKey> KeyChanges::current() const {
  if (changes_.empty()) return std::nullopt;
  return key_of(changes_.back().key);
}

bool KeyChanges::has_one_of(std::span<const crypto::WitnessKey> known) const {
  const auto own = keys();
  return std::any_of(own.begin(), own.end(), [&](const auto& each) {
    return std::find(known.begin(), known.end(), each) != known.end();
  });
}

wire::LogKey KeyChanges::make(const crypto::Ed25519Key& former, const crypto::WitnessKey& key,
                              std::uint64_t epoch) const {
  wire::LogKey out;
  out.number = static_cast<std::uint32_t>(changes_.size() + 1);
  out.epoch = epoch;
  out.former = {former.public_key().octets};
  out.key = {key.octets};
  out.signature = former.sign(wire::signed_bytes_of(out, authority_));
  return out;
}

}  // namespace liaison::audit
