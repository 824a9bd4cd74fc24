#include "forger.h"

#include "certs/renewal.h"
#include "crypto/profile.h"
#include "wire/registry.h"
#include "world.h"

namespace liaison::simulation {

std::optional<Forger::Forged> Forger::forge(NodeMachine& in_name_of) {
  Bytes of;
  if (!in_name_of.use([&](node::Engine& engine, Now) { of = engine.installation().certificate; }))
    return std::nullopt;
  const auto theirs = crypto::Certificate::parse(of).value();
  const auto profile = crypto::read_signing(theirs).value();
  const auto key = crypto::PrivateKey::generate();
  const auto request =
      certs::make_renewal(in_name_of.id(), key, profile.curve, profile.witness, key, theirs);
  const auto at = world_.broker->now().wall;
  // While the broker's clock is far off its authority issues none.
  const auto issued_one = world_.broker->issue(request.request, profile);
  if (!issued_one) return std::nullopt;
  const auto& certificate = *issued_one;
  const auto sealing_key = crypto::PrivateKey::generate();
  const auto sealing = crypto::issue_sealing(sealing_key.public_key(), key, certificate, at);
  // As one that the node asked for, or as for a node that lost its keys: that voids the true ones.
  const auto reason = dice_.chance(500) ? wire::IssueReason::renewed : wire::IssueReason::rejoined;
  const wire::IssuedCertificate issued{certificate.der(), reason, theirs.fingerprint(),
                                       request.request, request.continuity.signature};
  world_.ledger.forged.insert(sealing.fingerprint());
  return Forged{{wire::EntryKind::signing_certificate, at, wire::encode(issued)},
                {wire::EntryKind::sealing_certificate, at, sealing.der()},
                certificate.fingerprint()};
}

bool Forger::show(NodeMachine& to, NodeMachine& in_name_of) {
  const auto connection = world_.network.connection(to.index());
  if (!connection || to.index() == in_name_of.index()) return false;
  std::uint64_t size = 0;
  if (!to.use([&](node::Engine& engine, Now now) { size = engine.status(now).registry_size; }))
    return false;
  const auto forged = forge(in_name_of);
  if (!forged) return false;
  to.lied_to = true;
  world_.network.send(
      connection, Way::to_node,
      wire::encode(wire::Frame(wire::Entries{size, size + 2, {forged->signing, forged->sealing}})));
  return true;
}

std::optional<Fingerprint> Forger::enter(NodeMachine& in_name_of) {
  const auto forged = forge(in_name_of);
  if (!forged) return std::nullopt;
  world_.broker->enter({forged->signing, forged->sealing});
  world_.ledger.contested = forged->certificate;
  return forged->certificate;
}

}  // namespace liaison::simulation
