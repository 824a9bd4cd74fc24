#include "bench/proving.h"

#include <array>
#include <stdexcept>

#include "audit/checkpoint.h"
#include "audit/hash.h"
#include "wire/log_name.h"

namespace liaison::bench {

Proving::Proving(const Member& member)
    : key_{wire::origin_of(wire::LogName::message, member.identity().authority->fingerprint(),
                           member.epoch()),
           audit::KeyKind::note, member.identity().log_keys.at(0)} {
  watch_.begin(member.epoch());
  watch_.connected(system_now());
}

void Proving::await(std::uint64_t leaf, const wire::LogEntry& entry) {
  leaves_.emplace(leaf, audit::leaf_hash(wire::encode(entry)));
  watch_.await(leaf, entry.letter, system_now());
}

void Proving::step(Member& member) {
  if (auto prove = watch_.ask(log_.size(), 0, system_now())) member.send(std::move(*prove));
}

void Proving::came(const wire::Proofs& proofs) {
  const auto checkpoint = audit::open_checkpoint(proofs.message_checkpoint, std::array{key_});
  if (!checkpoint) throw std::runtime_error("a checkpoint: " + checkpoint.error().text);
  std::map<std::uint64_t, Digest> shown;
  for (const auto leaf : proofs.leaves)
    shown.emplace(leaf, leaves_.at(leaf));
  const auto followed =
      log_.follow(checkpoint->checkpoint.size, checkpoint->checkpoint.root, shown, proofs.growth);
  if (!followed) throw std::runtime_error("a proof does not hold: " + followed.error().text);
  for (const auto& [leaf, hash] : shown) {
    watch_.shown(leaf);
    leaves_.erase(leaf);
    ++proved_;
  }
  watch_.answered(
      shown.empty() ? node::LogWatch::Showed::nothing : node::LogWatch::Showed::something,
      system_now());
}

}  // namespace liaison::bench
