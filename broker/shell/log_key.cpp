#include "broker/shell/parts.h"

/// The key by which the logs are signed, and its change.
namespace liaison::broker {

void Engine::Parts::load_log_key(const Store::Entry& entry) {
  const auto change = wire::decode_log_key(entry.body);
  const auto added = change ? key_changes.add(*change, store.state().epoch) : fail(change.error());
  if (!added)
    throw store::Failure(store::Failure::Kind::corrupt,
                         "the registry has a change of the logs' key that cannot be (" +
                             added.error().text + "): restore a backup");
}

Result<wire::LogKey> Engine::Parts::change_log_key(const crypto::Ed25519Key& key,
                                                   std::string_view administrator, Now now) {
  if (!config.log_key)
    return fail(Reason::unavailable, "the key by which the logs are signed is not at hand");
  if (core.state().recovering)
    return fail(Reason::unavailable,
                "the exchange was restored and is collecting what its nodes know: change the key "
                "when `status` does not say `recovering` any more");
  logs.set_epoch(core.state().epoch);
  const auto change = key_changes.make(*config.log_key, key.public_key(), core.state().epoch);
  auto entry = door.read(wire::EntryKind::log_key, wire::encode(change));
  if (!entry) return fail(entry.error());
  if (auto follows = key_changes.add(change, core.state().epoch); !follows)
    return fail(follows.error());
  enter(std::move(*entry), now);
  act(administrator, "rotate-log-key", "",
      "change " + std::to_string(change.number) + ", from " + change.former.text() + " to " +
          change.key.text(),
      now);
  perform.add(core.settle(now));
  perform.add([this, key](Store& kept) {
    logs.change_key(key);
    kept.keep_log_key(key.public_key());
  });
  perform.commit();
  logs.committed(now);
  config.log_key = key;
  return change;
}

std::vector<crypto::WitnessKey> Engine::former_log_keys() const {
  auto out = parts_->key_changes.keys();
  if (!out.empty()) out.pop_back();
  return out;
}

Result<wire::LogKey> Engine::change_log_key(const crypto::Ed25519Key& key,
                                            std::string_view administrator, Now now) {
  return parts_->change_log_key(key, administrator, now);
}

}  // namespace liaison::broker
