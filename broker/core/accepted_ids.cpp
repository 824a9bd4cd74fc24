#include "broker/core/accepted_ids.h"

#include <algorithm>
#include <cstring>

#include "base/deliberate_bug.h"

namespace liaison::broker {

namespace {

constexpr std::uint64_t leaf_mask = (std::uint64_t{1} << 40) - 1;

std::uint64_t first64(ByteView bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

std::size_t shard_of(std::uint64_t key) {
  return key >> 58;
}

std::uint64_t hour_of(Instant at) {
  const auto hours = to_ms(at) / 3'600'000 + 1;
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(hours, 0, (1 << 24) - 1));
}

}  // namespace

std::uint64_t AcceptedIds::key_of(NodeNumber sender, const LetterId& id) const {
  const auto key = id_hash(id, secret_, sender.value + std::uint64_t{1});
  return key == 0 ? 1 : key;
}

std::optional<AcceptedIds::Answer> AcceptedIds::find(NodeNumber sender, const LetterId& id,
                                                     const Digest& digest) const {
  if (LIAISON_BUG(forget_repeat)) return std::nullopt;
  const auto key = key_of(sender, id);
  const auto& shard = shards_[shard_of(key)];
  if (shard.slots.empty()) return std::nullopt;
  const auto mask = shard.slots.size() - 1;
  for (auto at = key & mask;; at = (at + 1) & mask) {
    const auto& slot = shard.slots[at];
    if (slot.key == 0) return std::nullopt;
    if (slot.key != key) continue;
    return Answer{
        slot.leaf_and_hour & leaf_mask, from_ms(slot.at_ms),
        slot.digest == first64(digest.view()) ? Answer::Bytes::same : Answer::Bytes::other};
  }
}

void AcceptedIds::put(Shard& shard, const Slot& slot) {
  const auto mask = shard.slots.size() - 1;
  auto at = slot.key & mask;
  while (shard.slots[at].key != 0)
    at = (at + 1) & mask;
  shard.slots[at] = slot;
  ++shard.used;
}

void AcceptedIds::grow(Shard& shard, std::size_t capacity) {
  Shard wider;
  wider.slots.resize(capacity);
  for (const auto& slot : shard.slots)
    if (slot.key != 0) put(wider, slot);
  shard = std::move(wider);
}

void AcceptedIds::add(NodeNumber sender, const LetterId& id, const Digest& digest, Leaf leaf,
                      Instant at, Instant expires) {
  const auto key = key_of(sender, id);
  auto& shard = shards_[shard_of(key)];
  if (shard.slots.empty()) shard.slots.resize(16);
  if ((shard.used + 1) * 4 > shard.slots.size() * 3) grow(shard, shard.slots.size() * 2);
  put(shard,
      {key, first64(digest.view()), (leaf & leaf_mask) | (hour_of(expires) << 40), to_ms(at)});
  ++size_;
}

void AcceptedIds::prune_next(Instant now) {
  auto& shard = shards_[next_];
  next_ = (next_ + 1) % shards;
  const auto before = shard.used;
  const auto hour = hour_of(now) - 1;
  Shard kept;
  std::size_t live = 0;
  for (const auto& slot : shard.slots)
    if (slot.key != 0 && (slot.leaf_and_hour >> 40) > hour) ++live;
  if (live == before) return;
  std::size_t capacity = 16;
  while (live * 3 >= capacity * 2)
    capacity *= 2;
  kept.slots.resize(capacity);
  for (const auto& slot : shard.slots)
    if (slot.key != 0 && (slot.leaf_and_hour >> 40) > hour) put(kept, slot);
  shard = std::move(kept);
  size_ -= before - shard.used;
}

Leaf AcceptedIds::lowest_leaf(Leaf none_below) const {
  Leaf lowest = none_below;
  for (const auto& shard : shards_)
    for (const auto& slot : shard.slots)
      if (slot.key != 0) lowest = std::min(lowest, slot.leaf_and_hour & leaf_mask);
  return lowest;
}

}  // namespace liaison::broker
