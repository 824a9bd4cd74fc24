#pragma once

#include <nlohmann/json_fwd.hpp>

#include "broker/shell/engine.h"
#include "crypto/key_vault.h"

namespace liaison::broker {

/// Names within DIR/keys: the key that signs the logs' checkpoints, and the one that is to.
inline constexpr const char* log_key = "log";
inline constexpr const char* next_log_key = "log-next";

/// At start: ends what a change of the key was killed at, by what the store says. `known`: the
/// public key by which the store's checkpoints are signed; none: of a broker before it had any.
void settle_log_key(crypto::KeyVault keys, const std::optional<crypto::WitnessKey>& known);

struct LogKeyChanged {
  wire::LogKey change;
  /// Why the former key is not destroyed yet; the next start does it.
  std::string not_destroyed;
};
/// Makes a new key, has the logs signed by it from now on, and destroys the former one, in this
/// order: killed at any moment, the key that the store names is there. The error says that nothing
/// has changed.
Result<LogKeyChanged> change_log_key(Engine& engine, crypto::KeyVault keys,
                                     std::string_view administrator, Now now);

/// As the command answers.
nlohmann::json json_of(const LogKeyChanged& changed);

}  // namespace liaison::broker
