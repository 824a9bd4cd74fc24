#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/follower.h"
#include "audit/tree.h"
#include "node/core/log_watch.h"
#include "node/shell/log_keys.h"
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
  /// `interval`: how often it asks how the logs stand while nothing waits to be shown.
  FollowedLogs(Sql& sql, RegistryStore& registry, const Fingerprint& authority,
               std::vector<crypto::WitnessKey> keys, Duration interval);

  /// Before begin(): by what name and key this node cosigns.
  void witness_by(const NodeId& self, const crypto::Ed25519Key& key);

  [[nodiscard]] bool are_followed() const { return keys_.any(); }
  /// So many entries of the registry's copy are in the log that the exchange signed.
  [[nodiscard]] std::uint64_t registry_logged() const { return registry_tree_.size(); }
  /// Something waits for the registry's log to be shown to have so many entries.
  void await_registry(std::uint64_t size, Now now);

  /// The exchange's epoch, whose logs these are; at start, and when it changes.
  void begin(std::uint64_t epoch, Now now);
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  /// The exchange says that it is in an epoch before the one that it was in.
  void went_back(std::uint64_t from, std::uint64_t to, Now now);
  /// The copy of the registry begins anew within the epoch.
  void registry_begins_anew();
  /// The copy of the registry has one more change of the key by which the logs are signed.
  void key_changed(const wire::RegistryEntry& change, Now now);
  void connected(Now now);
  void disconnected(Now now) { watch_.disconnected(now); }

  /// Whether the place of a letter is still to be told: accepted() reads all of it.
  [[nodiscard]] bool wants(const LetterId& letter);
  /// The exchange says that it accepted this letter, from or for this node, at that place of its
  /// message log. Once a place is known, another of the same epoch is not believed.
  void accepted(const wire::Letter& letter, std::uint64_t leaf, Instant at, Now now);
  /// A letter has come to its end, and the exchange never told its place: it will not be proved.
  void not_placed(const LetterId& letter);
  std::optional<wire::Prove> ask(std::uint64_t registry_size, Now now);
  /// What came of an answer: whether the copy of the registry is what the exchange signed. It is
  /// not either if it should name the key of a checkpoint, and does not, and was not begun anew.
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
  /// A person has seen to what was found; it is told of again if it is found again. False: there
  /// is no such alarm.
  bool acknowledge(const std::string& id);
  /// The signed notes that show what was found, as they were signed, a blank line between them.
  [[nodiscard]] std::optional<std::string> evidence(const std::string& id);
  LogStore& store() { return store_; }

 private:
  /// In meta: how many letters are never proved.
  static constexpr const char* not_placed_meta = "letters_not_placed";
  using Signed = audit::SignedCheckpoint;
  [[nodiscard]] Result<Signed> open(wire::LogName log, const std::string& note,
                                    LogKeys::Said said) const;
  /// Whether a checkpoint of the exchange's is to be judged when more of the registry has come.
  [[nodiscard]] bool waits_for_key(wire::LogName log, const std::string& note) const;
  void said_by(const NodeId& sender, wire::LogName log, const std::string& note, Now now);
  [[nodiscard]] bool is_of_later_epoch(wire::LogName log, const std::string& note) const;
  void found_later_epoch(const NodeId& sender, Now now);
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
  [[nodiscard]] std::optional<LogStore::Finding> finding(const std::string& id);
  void found(const char* kind, std::string text, const std::vector<std::string>& notes, Now now);

  LogStore store_;
  std::optional<Witness> witness_;
  std::optional<wire::Cosigned> cosigned_;
  RegistryStore& registry_;
  Fingerprint authority_;
  LogKeys keys_;
  std::uint64_t epoch_ = 0;
  LogWatch watch_;
  audit::Follower messages_;
  audit::Tree registry_tree_;
  std::array<std::optional<Signed>, 2> newest_;
  std::array<std::string, 2> newest_note_;  ///< the same, as it was read
  std::array<std::string, 2> seen_;         ///< of another node, last: that it agrees was seen
  std::optional<wire::Prove> asked_;        ///< and not answered yet
  /// What was signed is more than was told, since so long after the first connection.
  std::optional<Duration> registry_short_since_;
  bool is_anew_ = false;  ///< the copy of the registry began anew, and was not followed since
  /// A checkpoint of another node's, of a key that is not known here.
  struct Strange {
    std::string note;
    Duration since{};  ///< the watch's connected_for()
  };
  std::map<std::pair<NodeId, wire::LogName>, Strange> strange_;
};

}  // namespace liaison::node
