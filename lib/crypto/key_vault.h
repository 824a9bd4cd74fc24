#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.h"

namespace liaison::crypto {

/// A directory of private keys (`DIR/keys`), one file `NAME.pem` each: PKCS#8 PEM, encrypted with
/// one passphrase (PBES2: AES-256-CBC, scrypt) or plain. Unlocked once, it can then keep new keys
/// under the same passphrase. Files are written beside, synced, renamed, the directory synced; mode
/// 0600. `openssl pkey` reads them. Secrets of 32 octets are kept as X25519 keys, so there is one
/// format.
///
/// Reading errors are Results of one line: not there (not_found), readable by others (forbidden),
/// damaged (malformed), wrong passphrase (untrusted). Failing to write throws std::runtime_error:
/// the machine. Names: a-z, 0-9, '-', at most 100. Cheap to copy; for one thread.
class KeyVault {
 public:
  /// Makes the directory (mode 0700). Without passphrase the keys lie plain. Conflict if it has
  /// keys already.
  static Result<KeyVault> create(const std::filesystem::path& directory,
                                 std::optional<Secret> passphrase);
  /// Opens what create() made, and proves the passphrase against it. Removes what a crash left of
  /// keys that were being destroyed.
  static Result<KeyVault> open(const std::filesystem::path& directory,
                               std::optional<Secret> passphrase);
  /// No files at all: tests and the simulation.
  static KeyVault in_memory();
  /// Whether the keys of `directory` lie plain (no passphrase is needed to open it).
  static bool is_unprotected(const std::filesystem::path& directory);

  [[nodiscard]] bool unprotected() const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// All names, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

  /// Keeps a key under a name, durable on return; replaces one of that name.
  void keep(std::string_view name, const PrivateKey& key);
  void keep(std::string_view name, const Ed25519Key& key);
  void keep(std::string_view name, const CurvePair& key);
  /// 32 octets.
  void keep(std::string_view name, const Secret& secret);

  [[nodiscard]] Result<PrivateKey> private_key(std::string_view name) const;
  [[nodiscard]] Result<Ed25519Key> ed25519(std::string_view name) const;
  [[nodiscard]] Result<CurvePair> curve(std::string_view name) const;
  [[nodiscard]] Result<Secret> secret(std::string_view name) const;

  /// Overwrites the file and removes it, durable on return; interrupted anywhere, the key is there
  /// or is not, never damaged. No error if there is none.
  void destroy(std::string_view name);

 private:
  struct State;
  explicit KeyVault(std::shared_ptr<State> state) : state_(std::move(state)) {}
  void keep_pkcs8(std::string_view name, const Secret& pkcs8);
  [[nodiscard]] Result<Secret> pkcs8(std::string_view name) const;
  std::shared_ptr<State> state_;
};

}  // namespace liaison::crypto
