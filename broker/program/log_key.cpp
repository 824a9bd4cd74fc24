#include "broker/program/log_key.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/log.h"

namespace liaison::broker {
namespace {

/// The next key is the one that signs: it takes the place of the former, which is overwritten.
void put_in_place(crypto::KeyVault& keys, const crypto::Ed25519Key& next) {
  keys.destroy(log_key);
  keys.keep(log_key, next);
  keys.destroy(next_log_key);
}

}  // namespace

void settle_log_key(crypto::KeyVault keys, const std::optional<crypto::WitnessKey>& known) {
  if (keys.has(next_log_key)) {
    const auto next = keys.ed25519(next_log_key);
    if (!next) throw std::runtime_error(next.error().text);
    if (known && next->public_key() == *known)
      put_in_place(keys, *next);
    else
      keys.destroy(next_log_key);  // it never signed
  }
  // A broker that was made before its logs were signed has none.
  if (!keys.has(log_key) && !known) keys.keep(log_key, crypto::Ed25519Key::generate());
}

Result<LogKeyChanged> change_log_key(Engine& engine, crypto::KeyVault keys,
                                     std::string_view administrator, Now now) {
  const auto next = crypto::Ed25519Key::generate();
  const auto not_kept = [](const std::string& why) {
    return fail(Reason::unavailable,
                "the new key cannot be kept (" + why + "): nothing is changed");
  };
  try {
    keys.keep(next_log_key, next);
    // What cannot be read again would leave the logs without a key.
    const auto kept = keys.ed25519(next_log_key);
    if (!kept) return not_kept(kept.error().text);
  } catch (const std::exception& error) {
    return not_kept(error.what());
  }
  // What it throws ends the process: whether it is committed, the next start sees.
  const auto change = engine.change_log_key(next, administrator, now);
  LogKeyChanged out;
  try {
    if (change)
      put_in_place(keys, next);
    else
      keys.destroy(next_log_key);
  } catch (const std::exception& error) {
    out.not_destroyed = error.what();
    log::error("a key of the logs that does not sign could not be destroyed; the next start does",
               {{"why", error.what()}});
  }
  if (!change) return fail(change.error());
  out.change = *change;
  log::info("the logs are signed by another key", {{"change", std::to_string(change->number)}});
  return out;
}

nlohmann::json json_of(const LogKeyChanged& changed) {
  nlohmann::json out{{"change", changed.change.number},
                     {"key", changed.change.key.text()},
                     {"former", changed.change.former.text()},
                     {"former_destroyed", changed.not_destroyed.empty()}};
  if (!changed.not_destroyed.empty()) out["why"] = changed.not_destroyed;
  return out;
}

}  // namespace liaison::broker
