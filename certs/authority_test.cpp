#include "certs/authority.h"

#include <catch2/catch.hpp>

#include "certs/renewal.h"
#include "crypto/testing/identities.h"

using namespace liaison;
using namespace liaison::certs;
using namespace liaison::crypto::testing;

namespace {

const Instant now = test_time();

struct Example {
  Authority authority = Authority::make("Example exchange", now);
  Enrolment enrolment{NodeId::parse("jcp-leeds").value(),
                      "Jobcentre Leeds",
                      NodeRole::adviser,
                      {Capability::health}};
  crypto::PrivateKey key = crypto::PrivateKey::generate();
  crypto::CurvePair curve = crypto::CurvePair::generate();
  crypto::Ed25519Key witness = crypto::Ed25519Key::generate();
  crypto::CertificateRequest request = crypto::CertificateRequest::make(
      key, enrolment.node, curve.public_key(), witness.public_key());
  crypto::Certificate certificate = authority.issue(request, enrolment, now).value();
};

}  // namespace

TEST_CASE("an authority certifies what it decided and what the node asked", "[authority]") {
  const Example example;
  const auto profile =
      crypto::check_signing(example.certificate, example.authority.certificate(), now).value();
  CHECK(profile.node == example.enrolment.node);
  CHECK(profile.organisation == "Jobcentre Leeds");
  CHECK(profile.role == NodeRole::adviser);
  CHECK(profile.capabilities == Capabilities{Capability::health});
  CHECK(profile.curve == example.curve.public_key());
  CHECK(profile.witness == example.witness.public_key());
  CHECK(example.certificate.public_key() == example.key.public_key());
}

TEST_CASE(
    "an authority refuses a request for another node, a nameless organisation, and to act out of "
    "its time",
    "[authority]") {
  const Example example;
  auto other = example.enrolment;
  other.node = NodeId::parse("jcp-bradford").value();
  CHECK(example.authority.issue(example.request, other, now).error().reason == Reason::forbidden);
  for (const char* organisation : {"", " leading", "trailing ", "two\nlines", "\xff"}) {
    auto unnamed = example.enrolment;
    unnamed.organisation = organisation;
    CHECK(example.authority.issue(example.request, unnamed, now).error().reason ==
          Reason::malformed);
  }
  auto long_named = example.enrolment;
  long_named.organisation = std::string(65, 'x');
  CHECK_FALSE(example.authority.issue(example.request, long_named, now));
  CHECK(example.authority.issue(example.request, example.enrolment, now - std::chrono::days(1))
            .error()
            .reason == Reason::expired);
}

TEST_CASE("an organisation's name is counted in characters, not octets", "[authority]") {
  std::string name;
  for (int i = 0; i < 64; ++i)
    name += "\xc5\xb5";  // w with circumflex
  CHECK(check_organisation(name));
  CHECK_FALSE(check_organisation(name + "x"));
}

TEST_CASE("an authority is its key and certificate together", "[authority]") {
  const Example example;
  CHECK(Authority::from(example.authority.key(), example.authority.certificate()));
  CHECK(Authority::from(example.key, example.authority.certificate()).error().reason ==
        Reason::conflict);
}

TEST_CASE("each revocation makes the next list, with all before it", "[authority]") {
  const Example example;
  const auto first = example.authority.first_list(now);
  CHECK(first.number() == 1);
  const crypto::RevocationEntry entry{
      example.certificate.serial(), now, crypto::RevocationReason::superseded, {}};
  const auto second = example.authority.revoke(first, {entry}, now).value();
  CHECK(second.number() == 2);
  CHECK(second.verify(example.authority.certificate()));
  CHECK(second.is_revoked(example.certificate.serial()));
  // Again: nothing is forgotten, and an earlier time counts.
  const auto later = now + std::chrono::hours(1);
  auto again = entry;
  again.revoked_at = later;
  again.as_of = now - std::chrono::days(2);
  const auto third = example.authority.revoke(second, {again}, later).value();
  CHECK(third.number() == 3);
  REQUIRE(third.entries().size() == 1);
  CHECK(third.entries()[0].revoked_at == now);
  CHECK(third.entries()[0].as_of == again.as_of);
  again.as_of = later;
  CHECK(example.authority.revoke(third, {again}, later)->entries() == third.entries());
}

TEST_CASE("a list that nobody could read is not made", "[authority]") {
  const Example example;
  std::vector<crypto::RevocationEntry> many;
  for (int each = 0; each < 6000; ++each) {
    Bytes serial(20, 1);
    serial[18] = static_cast<std::uint8_t>(each / 256);
    serial[19] = static_cast<std::uint8_t>(each % 256);
    many.push_back({serial, now, crypto::RevocationReason::superseded, {}});
  }
  const auto first = example.authority.first_list(now);
  CHECK(example.authority.revoke(first, many, now).error().reason == Reason::too_large);
  many.resize(2000);
  CHECK(example.authority.revoke(first, many, now)->entries().size() == 2000);
}

TEST_CASE("a renewal is signed by the new key and by the previous one", "[renewal]") {
  const Example example;
  const auto next = crypto::PrivateKey::generate();
  const auto renewal = make_renewal(example.enrolment.node, next, example.curve.public_key(),
                                    example.witness.public_key(), example.key, example.certificate);
  const auto request = check_renewal(renewal, example.certificate);
  REQUIRE(request);
  const auto renewed =
      example.authority.issue(*request, example.enrolment, now + std::chrono::days(60)).value();
  CHECK(check_continuity(renewal.continuity, example.certificate, renewed));

  SECTION("peers do not follow a change without it") {
    const auto other = crypto::PrivateKey::generate();
    const auto fresh = crypto::CertificateRequest::make(
        other, example.enrolment.node, example.curve.public_key(), example.witness.public_key());
    const auto contested = example.authority.issue(fresh, example.enrolment, now).value();
    CHECK(check_continuity(renewal.continuity, example.certificate, contested).error().reason ==
          Reason::untrusted);
    CHECK_FALSE(
        check_continuity({example.certificate.fingerprint(), {}}, example.certificate, contested));
    CHECK_FALSE(check_continuity(renewal.continuity, contested, renewed));
    CHECK_FALSE(check_continuity(renewal.continuity, example.authority.certificate(), renewed));
  }
  SECTION("the statement covers the CURVE and witness keys") {
    auto swapped = crypto::CertificateRequest::make(next, example.enrolment.node,
                                                    crypto::CurvePair::generate().public_key(),
                                                    example.witness.public_key());
    CHECK(check_renewal({swapped.der, renewal.continuity}, example.certificate).error().reason ==
          Reason::untrusted);
    const auto certificate = example.authority.issue(swapped, example.enrolment, now).value();
    CHECK_FALSE(check_continuity(renewal.continuity, example.certificate, certificate));
  }
  SECTION("another's key, another's node, the same key or a damaged request are refused") {
    const auto other = crypto::PrivateKey::generate();
    const auto by_other = make_renewal(example.enrolment.node, next, example.curve.public_key(),
                                       example.witness.public_key(), other, example.certificate);
    CHECK(check_renewal(by_other, example.certificate).error().reason == Reason::untrusted);
    const auto for_other =
        make_renewal(NodeId::parse("jcp-bradford").value(), next, example.curve.public_key(),
                     example.witness.public_key(), example.key, example.certificate);
    CHECK(check_renewal(for_other, example.certificate).error().reason == Reason::forbidden);
    const auto same = make_renewal(example.enrolment.node, example.key, example.curve.public_key(),
                                   example.witness.public_key(), example.key, example.certificate);
    CHECK(check_renewal(same, example.certificate).error().reason == Reason::forbidden);
    auto damaged = renewal;
    damaged.request.back() ^= 1U;
    CHECK_FALSE(check_renewal(damaged, example.certificate));
    CHECK_FALSE(check_renewal(renewal, example.authority.certificate()));
  }
}
