#pragma once

#include <functional>

#include "base/time.h"
#include "broker/shell/letter_index.h"
#include "broker/shell/verifiable_log.h"
#include "wire/frame.h"

namespace liaison::broker {

/// The broker's two logs, the registry's and that of messages, as trees that it signs: a checkpoint
/// of each at most every second, while there is something new in it.
class Logs {
 public:
  struct Identity {
    Fingerprint authority;  ///< of the exchange: part of the logs' names
    std::uint64_t epoch = 0;
    crypto::WitnessKey key;                  ///< by which checkpoints are verified
    std::optional<crypto::Ed25519Key> sign;  ///< none: a command without keys; nothing is signed
  };
  Logs(store::Database& database, const Identity& identity, Entropy& entropy);

  /// At start, with some of the comparison below. Throws like VerifiableLog::load().
  void load(Now now);
  /// A broker that is recovering may find that an earlier restore had its epoch, and take a later
  /// one: nothing is to be signed before.
  void set_epoch(std::uint64_t epoch);
  /// An entry was written, in the transaction under way; `letter`: which it is of, zero if of none.
  void append(LogName name, const Digest& leaf, const LetterId& letter);
  /// When a checkpoint is to be signed; nullopt: nothing is new, or nothing can be signed.
  [[nodiscard]] std::optional<Duration> due_steady() const;
  /// The last within a transaction.
  void sign();
  /// The last within the transaction that logs the change: VerifiableLog::change_key().
  void change_key(const crypto::Ed25519Key& key);
  void committed(Now now);
  /// What a node asked for; nothing if it is of another epoch, or there is no checkpoint yet.
  [[nodiscard]] std::optional<wire::Proofs> answer(const wire::Prove& asked);
  /// The message log's entries that may be of that letter, rising: who asks looks at each.
  [[nodiscard]] std::vector<std::uint64_t> entries_of(const LetterId& letter) {
    return letters_.find(letter);
  }
  /// Entries are about to leave the store: where their letters are stays known. Within a
  /// transaction of the caller's, which says when it has ended.
  void keep_letters() { letters_.keep_all(); }
  void letters_kept() { letters_.committed(); }
  /// What answers have cost so far.
  [[nodiscard]] std::uint64_t tiles_read() const {
    return registry_.tiles_read() + message_.tiles_read();
  }
  /// A little more of the comparison of what lies in the store with what was signed; for each
  /// second or so. Throws like VerifiableLog::check_more().
  void check_more();

  [[nodiscard]] VerifiableLog& of(LogName name) {
    return name == LogName::registry ? registry_ : message_;
  }
  [[nodiscard]] const VerifiableLog& of(LogName name) const {
    return name == LogName::registry ? registry_ : message_;
  }

 private:
  Fingerprint authority_;
  std::uint64_t epoch_;
  bool signs_;
  VerifiableLog registry_;
  VerifiableLog message_;
  LetterIndex letters_;
  Duration not_before_{};  ///< steady
};

}  // namespace liaison::broker
