#pragma once

#include <optional>
#include <vector>

#include "wire/frame.h"

namespace liaison::node {

/// What to do with a frame of entries.
struct EntriesDecision {
  std::size_t skip = 0;  ///< entries at its front that are here already
  std::size_t keep = 0;  ///< entries after those, to be kept from index `from` on
  std::uint64_t from = 0;
  std::optional<wire::Since> ask;  ///< what is missing, or the next stretch
  bool complete = false;           ///< with these the replica is as long as the broker's
  friend bool operator==(const EntriesDecision&, const EntriesDecision&) = default;
};

/// This node's copy of the registry: contiguous from 0, of one epoch. Pure; the entries are the
/// store's.
class RegistryReplica {
 public:
  RegistryReplica(std::uint64_t epoch, std::uint64_t size) : epoch_(epoch), size_(size) {}

  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// As long as the broker's, as far as it has said.
  [[nodiscard]] bool is_current() const { return current_; }

  /// `start_anew`: the broker was restored (or is shorter than what it had told us): what is here
  /// is of a former registry, to be offered back once the new one is complete.
  struct Welcomed {
    bool start_anew = false;
    std::optional<wire::Since> ask;
    bool complete = false;
    friend bool operator==(const Welcomed&, const Welcomed&) = default;
  };
  Welcomed welcomed(std::uint64_t epoch, std::uint64_t size);
  EntriesDecision entries(const wire::Entries& entries);
  void disconnected() { current_ = false; }
  /// What was told of this epoch contradicts itself: all of it is to come again, from 0.
  void forget();

 private:
  std::uint64_t epoch_;
  std::uint64_t size_;
  std::uint64_t theirs_ = 0;
  bool current_ = false;
};

}  // namespace liaison::node
