#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "wire/frame.h"
#include "wire/log_name.h"

namespace liaison::node {

/// What of the exchange's logs this node has yet to be shown, and when it asks: that its letters
/// are in the message log, and that what other nodes were shown begins what it was shown itself.
/// Pure; the proofs are checked by the shell.
class LogWatch {
 public:
  /// The broker signs a checkpoint at most so often. While nothing is shown pauses double, up to:
  static constexpr Duration ask_again = std::chrono::seconds(1);
  static constexpr Duration ask_again_longest = std::chrono::minutes(1);
  /// With nothing to be shown, so that the logs are followed all the same: what is done in this
  /// node's name shows within it.
  static constexpr Duration ask_idle = std::chrono::minutes(1);
  static constexpr Duration answer_awaited = std::chrono::seconds(10);
  /// Between two checkpoints of one log that this node cosigns.
  static constexpr Duration cosign_every = std::chrono::minutes(1);
  /// What is not shown for so long, connected, is for the node's administrator.
  static constexpr Duration patience = std::chrono::minutes(1);
  /// Of others' checkpoints of each log; more are not looked at until these are.
  static constexpr std::size_t others_max = 64;

  /// A checkpoint that another node says it has verified.
  struct Other {
    NodeId from;
    Digest root;
    std::string note;
    friend bool operator==(const Other&, const Other&) = default;
  };

  explicit LogWatch(Duration idle = ask_idle);
  /// The logs are of another epoch now: what was to be shown of the former will not be.
  void begin(std::uint64_t epoch);
  void connected(Now now);
  void disconnected(Now now);
  /// In all, since the epoch's begin: what comes and goes must not put an alarm off for ever.
  [[nodiscard]] Duration connected_for(Now now) const;
  /// Whether what began when it had been connected for so long has lasted longer than patience.
  [[nodiscard]] bool has_waited(Duration since_connected_for, Now now) const {
    return connected_for(now) >= since_connected_for + patience;
  }

  /// A letter was accepted: that its entry is there is to be shown.
  void await(std::uint64_t leaf, const LetterId& letter, Now now);
  [[nodiscard]] const LetterId* letter_at(std::uint64_t leaf) const;
  void shown(std::uint64_t leaf);
  /// The list of hashes for these leaves does not fit: fewer are asked for from now on, down to
  /// none, so that it is found whether one of them is wrong or the log's growth.
  void did_not_fit(const std::vector<std::uint64_t>& leaves);
  /// The log was followed. A leaf that did not fit by itself, though the log's growth does, is
  /// returned: something else is in its place.
  std::optional<std::uint64_t> followed();

  /// What waits for the registry's log to be shown to have so many entries.
  void await_registry(std::uint64_t size, Now now);
  void registry_shown(std::uint64_t size);
  /// It was not in time.
  [[nodiscard]] bool is_registry_late(Now now) const;

  /// `size` is not 0. False: one of that size, or enough others, wait already.
  bool compare(wire::LogName log, std::uint64_t size, Other other, Now now);
  [[nodiscard]] const Other* other(wire::LogName log, std::uint64_t size) const;
  void compared(wire::LogName log, std::uint64_t size);

  /// What to ask now, if it is time; the logs are known up to these sizes.
  std::optional<wire::Prove> ask(std::uint64_t message_size, std::uint64_t registry_size, Now now);
  /// An answer came; whether it showed something: then what is left is asked for at once.
  enum class Showed { nothing, something };
  void answered(Showed showed, Now now);
  /// What was shown will make more sense in a moment.
  void ask_soon(Now now);
  /// The exchange would have what it just showed cosigned. Whether it is time; if it is not, it is
  /// asked again when it is.
  bool may_cosign(Now now);
  void cosigned(Now now) { cosigned_ = now.steady; }
  [[nodiscard]] std::optional<Duration> next_steady() const;

  /// Letters whose entry was not shown in time, and others' checkpoints that this node was not
  /// shown to begin its own.
  [[nodiscard]] std::size_t unshown(Now now) const;
  [[nodiscard]] std::vector<Other> unseen(wire::LogName log, Now now) const;
  [[nodiscard]] std::size_t awaited() const { return awaited_.size(); }

 private:
  struct Awaited {
    LetterId letter;
    Duration since{};  ///< connected_for()
  };
  struct Compared {
    Other other;
    Duration since{};
  };
  using Others = std::map<std::uint64_t, Compared>;
  [[nodiscard]] Others& others(wire::LogName log) { return others_[static_cast<std::size_t>(log)]; }
  [[nodiscard]] const Others& others(wire::LogName log) const {
    return others_[static_cast<std::size_t>(log)];
  }
  [[nodiscard]] bool is_more() const;

  Duration idle_;
  std::uint64_t epoch_ = 0;
  std::optional<Duration> connected_;  ///< steady
  Duration connected_before_{};        ///< in all
  std::uint64_t registry_awaited_ = 0;
  Duration registry_since_{};
  std::map<std::uint64_t, Awaited> awaited_;
  std::uint64_t asked_to_ = 0;  ///< leaves below were asked for last: those from here are next
  std::size_t at_once_max_;     ///< leaves
  std::optional<std::uint64_t> suspect_;
  std::array<Others, 2> others_;
  Duration ask_at_{};
  Duration pause_ = ask_again;
  std::optional<Duration> answer_by_;
  std::optional<Duration> cosigned_;  ///< steady
};

}  // namespace liaison::node
