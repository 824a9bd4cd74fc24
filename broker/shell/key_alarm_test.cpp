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

  explicit Issued(const Peer& peer) : key(peer.signing), certificate(*peer.certificate) {}
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

wire::Publication rejoining_of(const Issued& issued) {
  return {wire::EntryKind::signing_certificate,
          wire::encode(wire::IssuedCertificate{
              issued.certificate.der(), wire::IssueReason::rejoined, {}, {}, {}})};
}

wire::Publication alarm_by(const Issued& signer, const Fingerprint& contested, const Peer& peer,
                           Instant now) {
  const wire::KeyAlarm alarm{peer.id, contested, now};
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
  Fingerprint stranger;
  stranger.octets.fill(7);
  all.push_back(alarm_by(one, stranger, leeds, made.broker.now.wall));
  made.broker.send(1, leeds, all);
  made.broker.turn();
  CHECK(made.broker.heard_items<wire::Published>(1).size() == all.size());
}

TEST_CASE(
    "an alarm is taken by the key of before, or the first that it signed since, unless "
    "that one is revoked",
    "[broker]") {
  Two made("key-alarm-line");
  auto& leeds = made.leeds;
  const Issued own(leeds);
  const Issued forged(made, leeds);
  const Issued renewed(made, leeds);
  const Issued late(made, leeds);
  const auto tell = [&](const wire::Publication& publication) {
    made.broker.send(1, leeds, std::vector{publication});
    made.broker.turn();
    const auto answers = made.broker.heard_items<wire::Published>(1);
    REQUIRE(answers.size() == 1);
    const auto* why = std::get_if<std::string>(&answers.front().result);
    return why == nullptr ? std::string() : *why;
  };
  const auto at = made.broker.now.wall;
  REQUIRE(tell(rejoining_of(forged)).empty());
  REQUIRE(tell(renewal_of(own, renewed, leeds)).empty());
  REQUIRE(tell(renewal_of(own, late, leeds)).empty());
  // The same key again, from an old copy of it.
  CHECK_FALSE(tell(alarm_by(late, forged.certificate.fingerprint(), leeds, at)).empty());
  SECTION("it counts") {
    CHECK(tell(alarm_by(renewed, forged.certificate.fingerprint(), leeds, at)).empty());
    CHECK(tell(alarm_by(own, late.certificate.fingerprint(), leeds, at)).empty());
    CHECK_FALSE(tell(alarm_by(own, renewed.certificate.fingerprint(), leeds, at)).empty());
  }
  SECTION("it does not") {
    const auto list =
        made.broker.authority
            .revoke(made.broker.newest_list(),
                    {{own.certificate.serial(), at, crypto::RevocationReason::superseded, {}}}, at)
            .value();
    REQUIRE(tell({wire::EntryKind::revocation_list, list.der()}).empty());
    CHECK_FALSE(tell(alarm_by(renewed, forged.certificate.fingerprint(), leeds, at)).empty());
  }
}
