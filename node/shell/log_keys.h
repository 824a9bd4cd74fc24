#pragma once

#include <vector>

#include "audit/key_changes.h"
#include "audit/note.h"
#include "node/shell/log_store.h"
#include "wire/frame.h"

namespace liaison::node {

/// By which keys this node believes the exchange's logs: those of its invitation, and those that
/// the registry's changes lead to from any that it knows. They are kept, so that a node finds its
/// way that was away for any number of changes, or whose exchange was restored from before one.
///
/// What it writes is within the caller's transaction.
class LogKeys {
 public:
  LogKeys(LogStore& store, const Fingerprint& authority, std::vector<crypto::WitnessKey> invited);

  /// Whether any key is known: without, nothing is followed.
  [[nodiscard]] bool any() const { return !known_.empty(); }
  /// The changes that the copy of the registry has, of this epoch's registry.
  void begin(std::uint64_t epoch, const std::vector<wire::RegistryEntry>& changes);
  /// One more has come. What is wrong with one that is not believed.
  Result<void> add(const wire::RegistryEntry& change, Instant at);

  /// Who says that a checkpoint was signed.
  enum class Said {
    exchange,           ///< the broker, of what this node's copy of the registry reaches to
    exchange_of_ahead,  ///< the broker, of more than the copy has: other changes may be to come
    elsewhere,          ///< a node's letter, or this node before: also by a key replaced since
  };
  [[nodiscard]] std::vector<audit::NoteKey> of(const std::string& origin, Said said) const;
  /// Whether a note was signed by no key but such that the exchange had replaced before, which this
  /// registry knows nothing of.
  [[nodiscard]] bool are_replaced(const audit::Note& note) const;

 private:
  void adopt(Instant at);

  LogStore& store_;
  Fingerprint authority_;
  std::uint64_t epoch_ = 0;
  std::vector<LogStore::Key> known_;
  audit::KeyChanges changes_;
};

}  // namespace liaison::node
