#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "broker/core/id_hash.h"
#include "broker/core/ids.h"

namespace liaison::broker {

/// Remembers which letters were accepted, so that a repeat gets the first answer, until the
/// letter's expiry has passed (after which a repeat is refused as expired anyway). 32 octets a
/// letter in open-addressed shards, each of which grows by itself, so that no single letter pays
/// for moving all.
///
/// Two halves of 64 bits stand for (sender, id) and for the digest. Ids are under their sender, so
/// that who learnt an id cannot occupy it. A sender who goes to the trouble of finding two letters
/// of its own that collide is told `accepted` for one that was not: its own. A secret of the
/// process goes into each place, so that no sender can choose ids that all want the same one.
class AcceptedIds {
 public:
  explicit AcceptedIds(const IdSecret& secret = {}) : secret_(secret) {}

  struct Answer {
    Leaf leaf = 0;
    Instant at;
    enum class Bytes { same, other } bytes = Bytes::same;
    friend bool operator==(const Answer&, const Answer&) = default;
  };
  [[nodiscard]] std::optional<Answer> find(NodeNumber sender, const LetterId& id,
                                           const Digest& digest) const;
  void add(NodeNumber sender, const LetterId& id, const Digest& digest, Leaf leaf, Instant at,
           Instant expires);
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Forgets what expired before `now` in one shard, the next each time.
  void prune_next(Instant now);
  /// The lowest leaf that is remembered; `none_below` if nothing is. Looks at everything.
  [[nodiscard]] Leaf lowest_leaf(Leaf none_below) const;
  static constexpr std::size_t shards = 64;

 private:
  struct Slot {
    std::uint64_t key = 0;  ///< 0: empty
    std::uint64_t digest = 0;
    std::uint64_t leaf_and_hour = 0;  ///< 40 bits of leaf, 24 of the hour of expiry
    std::int64_t at_ms = 0;
  };
  struct Shard {
    std::vector<Slot> slots;
    std::size_t used = 0;
  };
  [[nodiscard]] std::uint64_t key_of(NodeNumber sender, const LetterId& id) const;
  static void put(Shard& shard, const Slot& slot);
  static void grow(Shard& shard, std::size_t capacity);
  IdSecret secret_;
  std::array<Shard, shards> shards_;
  std::size_t size_ = 0;
  std::size_t next_ = 0;
};

}  // namespace liaison::broker
