#pragma once

#include <map>

#include "audit/follower.h"
#include "audit/note.h"
#include "bench/member.h"
#include "node/core/log_watch.h"
#include "wire/log_entry.h"

namespace liaison::bench {

/// What a node does to be shown that its letters are in the message log: asks as often, makes the
/// entries itself, checks signature and proof of each answer. It keeps nothing on a disk.
class Proving {
 public:
  explicit Proving(const Member& member);

  /// A letter was accepted, at that place.
  void await(std::uint64_t leaf, const wire::LogEntry& entry);
  /// Asks, if it is time.
  void step(Member& member);
  /// Throws if the proof does not hold.
  void came(const wire::Proofs& proofs);
  /// Letters shown to be in the log, and those that are still to be.
  [[nodiscard]] std::size_t proved() const { return proved_; }
  [[nodiscard]] std::size_t awaited() const { return leaves_.size(); }

 private:
  node::LogWatch watch_;
  audit::Follower log_;
  audit::NoteKey key_;
  std::map<std::uint64_t, Digest> leaves_;
  std::size_t proved_ = 0;
};

}  // namespace liaison::bench
