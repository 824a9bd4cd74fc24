#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/follower.h"
#include "audit/tree.h"
#include "node/core/log_watch.h"
#include "node/shell/log_store.h"
#include "node/shell/registry_store.h"
#include "node/shell/views.h"
#include "node/shell/witness.h"
#include "wire/letter.h"

namespace liaison::node {

/// The exchange's logs as this node follows them: it believes no checkpoint that does not continue
/// the one before, keeps the proof that each of its letters is in the message log, compares the
/// registry log with its own copy of the registry, and both with what other nodes were shown.
/// What cannot be so is kept with the signed notes that show it, for its administrator.
///
/// What it writes is within the caller's transaction.
class FollowedLogs {
 public:
  /// `keys`: by which the logs are signed; without any, nothing is followed.
  FollowedLogs(Sql& sql, RegistryStore& registry, const Fingerprint& authority,
               std::vector<crypto::WitnessKey> keys);
  /// Before begin(): by what name and key this node cosigns.
  void witness_by(const NodeId& self, const crypto::Ed25519Key& key);

  /// The exchange's epoch, whose logs these are; at start, and when it changes.
  void begin(std::uint64_t epoch, Now now);
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  /// The copy of the registry begins anew within the epoch.
  void registry_begins_anew();
  void connected(Now now);
  void disconnected() { watch_.disconnected(); }

  /// Whether the place of a letter is still to be told: accepted() reads all of it.
  [[nodiscard]] bool wants(const LetterId& letter);
  /// The exchange says that it accepted this letter, from or for this node, at that place of its
  /// message log. Once a place is known, another of the same epoch is not believed.
  void accepted(const wire::Letter& letter, std::uint64_t leaf, Instant at, Now now);
  std::optional<wire::Prove> ask(std::uint64_t registry_size, Now now);
  /// What came of an answer: whether the copy of the registry is what the exchange signed.
  enum class Registry { fine, contradicted };
  Registry came(const wire::Proofs& proofs, std::uint64_t registry_size, Now now);
  /// The cosignatures that came of it, if any, to be sent when the transaction has ended; once.
  std::optional<wire::Cosigned> take_cosigned() { return std::exchange(cosigned_, std::nullopt); }
  /// What the sender of a letter, which was opened, had verified when it was sealed.
  void said_by(const NodeId& sender, const wire::Content& content, Now now);

  /// The newest checkpoint that was verified, as a note; empty: none.
  [[nodiscard]] Bytes newest(wire::LogName log) const;
  [[nodiscard]] std::optional<Duration> next_steady() const;
  [[nodiscard]] LogsView view(Now now);
  [[nodiscard]] std::vector<Alarm> alarms(Now now);
  LogStore& store() { return store_; }

 private:
  using Signed = audit::SignedCheckpoint;
  [[nodiscard]] Result<Signed> open(wire::LogName log, const std::string& note) const;
  void take(wire::LogName log, const Signed& signed_, const std::string& note);
  [[nodiscard]] std::optional<Signed>& of(wire::LogName log) {
    return newest_[static_cast<std::size_t>(log)];
  }
  /// Whether something was shown.
  bool follow_messages(const Signed& signed_, const wire::Proofs& proofs, Now now);
  void cannot_follow(const Signed& signed_, const wire::Proofs& proofs, Now now);
  Registry follow_registry(const Signed& signed_, std::uint64_t registry_size, Now now);
  bool compare(wire::LogName log, const Signed& with, const std::vector<wire::Beginning>& shown,
               Now now);
  bool is_shorter(wire::LogName log, const Signed& signed_, Now now);
  /// Whether it is the same tree as the newest one, if it has its size.
  bool is_as_before(wire::LogName log, const Signed& signed_, Now now);
  void cosign(const wire::Proofs& proofs, Now now);
  void found_fork(wire::LogName log, const std::string& who, const std::string& than,
                  const std::vector<std::string>& notes, Now now);
  void found(const char* kind, std::string text, const std::vector<std::string>& notes, Now now);

  LogStore store_;
  std::optional<Witness> witness_;
  std::optional<wire::Cosigned> cosigned_;
  RegistryStore& registry_;
  Fingerprint authority_;
  std::vector<crypto::WitnessKey> keys_;
  std::uint64_t epoch_ = 0;
  LogWatch watch_;
  audit::Follower messages_;
  audit::Tree registry_tree_;
  std::array<std::optional<Signed>, 2> newest_;
  std::array<std::string, 2> newest_note_;  ///< the same, as it was read
  std::array<std::string, 2> seen_;         ///< of another node, last: that it agrees was seen
  std::optional<wire::Prove> asked_;        ///< and not answered yet
  std::optional<Duration> registry_short_since_;  ///< steady: what was signed is more than was told
};

}  // namespace liaison::node
