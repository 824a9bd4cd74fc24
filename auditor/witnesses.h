#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/cosignature.h"
#include "crypto/profile.h"
#include "crypto/revocation.h"
#include "wire/registry_leaf.h"

namespace liaison::auditor {

/// What one witness said of a log.
struct Vouched {
  audit::NoteKey key;        ///< its name, and by what it is verified
  std::string organisation;  ///< in a node's certificate; empty: a witness that the auditor named
  std::uint64_t at = 0;      ///< seconds since 1970, by its clock
  std::uint64_t size = 0;    ///< entries
  std::string but;           ///< why it does not count; empty: it counts
  friend bool operator==(const Vouched&, const Vouched&) = default;
};

/// Whose cosignatures count: witnesses that the auditor named, and the exchange's nodes, by the
/// keys in their certificates as the registry log has them.
class Witnesses {
 public:
  /// `outside`: keys of kind `cosignature`; others are passed over.
  explicit Witnesses(std::vector<audit::NoteKey> outside);
  /// An entry of the registry that was found good, in order.
  void learn(const wire::RegistryLeaf& leaf, ByteView body);
  /// Who of them cosigned this checkpoint. Untrusted: a line of a known key does not verify. Lines
  /// of other keys count for nothing.
  [[nodiscard]] Result<std::vector<Vouched>> of(const audit::SignedCheckpoint& checkpoint) const;

 private:
  struct Certified {
    audit::NoteKey key;
    std::string organisation;
    crypto::Certificate certificate;
  };
  [[nodiscard]] std::string why_not(const Certified& certified, Instant at) const;

  std::vector<audit::NoteKey> outside_;
  std::optional<crypto::Certificate> authority_;
  crypto::Revocations revoked_;
  std::vector<Certified> certified_;
};

}  // namespace liaison::auditor
