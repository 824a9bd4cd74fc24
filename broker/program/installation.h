#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "broker/program/log_key.h"
#include "broker/program/settings.h"
#include "broker/shell/engine.h"
#include "crypto/key_vault.h"

namespace liaison::broker {

/// What lies in a broker's directory: liaison.toml, broker.db, keys/, curve.pub, lock, admin.sock.
struct Installation {
  std::filesystem::path directory;
  Settings settings;
  CurveKey curve;  ///< public
};

/// Names within DIR/keys.
inline constexpr const char* authority_key = "authority";
inline constexpr const char* curve_key = "curve";

/// Reads what is needed to know a directory, without any key.
Result<Installation> read_installation(const std::filesystem::path& directory);

struct InitOrder {
  std::filesystem::path directory;
  Settings settings;
  std::filesystem::path authority;    ///< offline: the authority's certificate, PEM
  std::filesystem::path revocations;  ///< offline: its current list, DER
};
/// Makes a broker's directory. Conflict if there is one; nothing is left behind on failure.
Result<void> make_installation(const InitOrder& order, Now now);

/// The keys, unlocked.
Result<crypto::KeyVault> open_keys(const Installation& installation);
/// Opens the store and rebuilds the broker's memory. `keys`, if given, brings the authority's key
/// and that of the logs, of which a change that was killed is ended first.
std::unique_ptr<Engine> open_engine(const Installation& installation, const crypto::KeyVault* keys,
                                    Entropy& entropy, Now now);

}  // namespace liaison::broker
