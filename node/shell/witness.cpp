#include "node/shell/witness.h"

#include "audit/cosignature.h"

namespace liaison::node {

Witness::Witness(LogStore& store, std::string name, crypto::Ed25519Key key)
    : store_(store), name_(std::move(name)), key_(std::move(key)) {}

std::optional<LogStore::Cosigned> Witness::last(wire::LogName log, std::uint64_t epoch) {
  auto kept = store_.cosigned(log);
  return kept && kept->epoch == epoch ? kept : std::nullopt;
}

void Witness::never_again(wire::LogName log, std::uint64_t epoch, Now now) {
  auto kept = store_.cosigned(log);
  if (!kept || kept->epoch != epoch || kept->ended) return;
  kept->ended = true;
  store_.keep_cosigned(log, *kept, now.wall);
}

std::optional<std::string> Witness::cosign(wire::LogName log, std::uint64_t epoch,
                                           const audit::SignedCheckpoint& verified, Now now) {
  const auto& checkpoint = verified.checkpoint;
  if (now.wall < Instant{}) return std::nullopt;
  if (const auto kept = store_.cosigned(log)) {
    // A former epoch's log is as it was, whatever is shown under its name now.
    if (epoch < kept->epoch) return std::nullopt;
    if (epoch == kept->epoch && (kept->ended || checkpoint.size < kept->size ||
                                 (checkpoint.size == kept->size && checkpoint.root != kept->root)))
      return std::nullopt;
  }
  store_.keep_cosigned(log, {epoch, checkpoint.size, checkpoint.root, false}, now.wall);
  const auto seconds = static_cast<std::uint64_t>(to_ms(now.wall) / 1000);
  return audit::encode(audit::cosign(verified.note.text, name_, key_, seconds));
}

}  // namespace liaison::node
