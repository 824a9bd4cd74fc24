#include <algorithm>

#include "broker/shell/parts.h"
#include "crypto/profile.h"

/// What nodes, and witnesses outside the exchange, cosign of the logs' checkpoints.
namespace liaison::broker {

std::optional<audit::NoteKey> Engine::Parts::witness_key(NodeNumber node) {
  const auto& facts = core.registry().node(node).current().facts;
  const auto certificate = door.parse(facts.certificate);
  if (!certificate) return std::nullopt;
  const auto profile = crypto::read_signing(*certificate);
  if (!profile) return std::nullopt;
  return audit::NoteKey{wire::witness_name_of(facts.node, door.authority().fingerprint()),
                        audit::KeyKind::cosignature, profile->witness};
}

void Engine::Parts::cosigned(ConnectionId connection, const CurveKey& peer,
                             const wire::Cosigned& came, Now now) {
  const auto* session = core.session(connection);
  if (session == nullptr) return;
  const auto node = session->node;
  // Not asked for, or too late: nothing is computed for it.
  if (!cosignatures.take_asked(node, came))
    return deny(Denial::What::frame, node, "cosigned_unasked", now);
  const auto witness = witness_key(node);
  if (!witness) return;
  for (const auto name : {LogName::registry, LogName::message}) {
    const auto& line = name == LogName::registry ? came.registry : came.message;
    const auto size = name == LogName::registry ? came.registry_size : came.message_size;
    if (line.empty()) continue;
    const auto added = cosignatures.add(name, size, line, *witness);
    if (!added) return step(now, UnreadableCame{connection, peer, "cosignature"});
    if (*added) perform.add([this, name, size](Store&) { cosignatures.keep(name, size); });
  }
  cosignatures.came_from(node, now);
}

Result<void> Engine::cosigned_outside(LogName log, const audit::SignedCheckpoint& checkpoint,
                                      std::string_view lines, const audit::NoteKey& witness) {
  auto& parts = *parts_;
  const auto read = audit::parse_signatures(lines);
  if (!read) return fail(read.error());
  // Others' lines count for nothing.
  const auto own = std::find_if(read->begin(), read->end(),
                                [&](const auto& each) { return witness.is_of(each); });
  if (own == read->end()) return fail(Reason::untrusted, "no line is of " + witness.name);
  const auto size = checkpoint.checkpoint.size;
  const auto added = parts.cosignatures.add_outside(log, checkpoint, *own, witness);
  if (!added) return fail(added.error());
  if (*added)
    parts.perform.add([&parts, log, size](Store&) { parts.cosignatures.keep(log, size); });
  return {};
}

void Engine::tell_witnesses(std::vector<WitnessStanding> standings) {
  parts_->outside = std::move(standings);
}

}  // namespace liaison::broker
