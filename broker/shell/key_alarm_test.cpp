#include <catch2/catch.hpp>

#include "broker/shell/testing/broker.h"
#include "wire/key_alarm.h"

using namespace liaison;
using namespace liaison::broker;
using namespace liaison::broker::testing;

namespace {

/// A key of a peer's, with a certificate that the authority issued for it.
struct Issued {
  crypto::PrivateKey key = crypto::PrivateKey::generate();
  crypto::Certificate certificate;

  Issued(Two& made, const Peer& peer) : certificate(*peer.certificate) {
    const auto request = crypto::CertificateRequest::make(key, peer.id, peer.curve.public_key(),
                                                          peer.witness.public_key());
    certificate =
        made.broker.authority
            .issue(request, {peer.id, "Organisation", peer.role, {}}, made.broker.now.wall)
            .value();
  }
};

/// As a renewal of `previous`, by whose key it is signed.
wire::Publication renewal_of(const Issued& previous, const Issued& next, const Peer& peer) {
  const auto made =
      certs::make_renewal(peer.id, next.key, peer.curve.public_key(), peer.witness.public_key(),
                          previous.key, previous.certificate);
  const wire::IssuedCertificate issued{next.certificate.der(), wire::IssueReason::renewed,
                                       made.continuity.previous, made.request,
                                       made.continuity.signature};
  return {wire::EntryKind::signing_certificate, wire::encode(issued)};
}

wire::Publication alarm_by(const Issued& signer, const Peer& peer, Instant now) {
  Fingerprint stranger;
  stranger.octets.fill(7);
  const wire::KeyAlarm alarm{peer.id, stranger, now};
  wire::SignedKeyAlarm out{wire::encode(alarm), {}, signer.certificate.fingerprint()};
  out.signature = signer.key.sign(wire::signed_bytes_of_key_alarm(out.body));
  return {wire::EntryKind::key_alarm, wire::encode(out)};
}

}  // namespace

TEST_CASE("an alarm by a key that seems to continue itself is answered", "[broker]") {
  // What a restored exchange may have lost it takes from whoever has it, in any order; only what
  // stands there already says whether a certificate continues the one before.
  Two made("key-alarm-ring");
  auto& leeds = made.leeds;
  const Issued one(made, leeds);
  const Issued other(made, leeds);
  std::vector<wire::Publication> all;
  SECTION("by itself") {
    all = {renewal_of(one, one, leeds)};
  }
  SECTION("by one that continues it") {
    all = {renewal_of(other, one, leeds), renewal_of(one, other, leeds)};
  }
  all.push_back(alarm_by(one, leeds, made.broker.now.wall));
  made.broker.send(1, leeds, all);
  made.broker.turn();
  CHECK(made.broker.heard_items<wire::Published>(1).size() == all.size());
}
