#pragma once

#include <optional>
#include <span>
#include <vector>

#include "crypto/key.h"
#include "wire/registry.h"

namespace liaison::audit {

/// The keys by which an exchange's logs are signed, one after the other, as its registry tells
/// them: each is vouched for by the one before (schemas/registry.capnp, LogKey). Who knows one of
/// them, whichever, knows by which the logs are signed now.
class KeyChanges {
 public:
  explicit KeyChanges(const Fingerprint& authority) : authority_(authority) {}

  /// The next change of a registry, from its first on. Untrusted if the former key has not signed
  /// it, or conflict if it does not follow the change before: another number, an epoch before its
  /// or after `epoch`, another former key, a key that signed before. It then counts for nothing.
  Result<void> add(const wire::LogKey& change, std::uint64_t epoch);

  [[nodiscard]] const std::vector<wire::LogKey>& all() const { return changes_; }
  /// Every key, in its order; none if there was no change.
  [[nodiscard]] std::vector<crypto::WitnessKey> keys() const;
  /// By which the logs are signed now; none if there was no change.
  [[nodiscard]] std::optional<crypto::WitnessKey> current() const;
  /// Whether one of the keys is among these.
  [[nodiscard]] bool has_one_of(std::span<const crypto::WitnessKey> known) const;

  /// The change that is next, signed by the former key.
  [[nodiscard]] wire::LogKey make(const crypto::Ed25519Key& former, const crypto::WitnessKey& key,
                                  std::uint64_t epoch) const;

 private:
  Fingerprint authority_;
  std::vector<wire::LogKey> changes_;
};

}  // namespace liaison::audit
