#include "crypto/certificate.h"

#include <catch2/catch.hpp>

#include "crypto/profile.h"
#include "crypto/request.h"
#include "crypto/testing/forge.h"
#include "crypto/testing/identities.h"
#include "crypto/x509.h"

using namespace liaison;
using namespace liaison::crypto;
using namespace liaison::crypto::testing;

namespace {

/// The certificate with its contents changed by `change`, signed by `key` as if it had been issued
/// so.
template <class Change>
Result<Certificate> reissued(const Certificate& certificate, const PrivateKey& key, Change change) {
  auto tree = read_tree(certificate.der());
  change(tree[0]);
  return Certificate::parse(make_signed_certificate(tree[0].der(), key));
}

constexpr std::size_t serial = 1, issuer = 3, validity = 4, subject = 5, extensions = 7;

Reason reason_of(const Result<SigningProfile>& result) {
  return result ? Reason::not_found : result.error().reason;
}
Reason reason_of(const Result<NodeId>& result) {
  return result ? Reason::not_found : result.error().reason;
}

}  // namespace

TEST_CASE("a signing certificate says who the node is", "[certificate]") {
  const TestAuthority authority;
  const TestNode node(authority, "jcp-leeds", NodeRole::adviser,
                      {Capability::authority, Capability::health});
  const auto profile = check_signing(node.signing, authority.certificate, test_time());
  REQUIRE(profile);
  CHECK(*profile == node.profile);
  CHECK(node.signing.not_before() == test_time() - std::chrono::hours(1));
  CHECK(node.signing.not_after() == test_time() + std::chrono::days(90));
  CHECK(node.signing.serial().size() == 16);
  CHECK(node.signing.public_key() == node.signing_key.public_key());
}

TEST_CASE("a sealing certificate is its node's own", "[certificate]") {
  const TestAuthority authority;
  const TestNode node(authority, "jcp-leeds");
  CHECK(check_sealing(node.sealing, node.signing, test_time()).value() == node.id);
  CHECK(node.sealing.not_after() == test_time() + std::chrono::days(30));
}

TEST_CASE("a certificate does not hold before or after its time", "[certificate]") {
  const TestAuthority authority;
  const TestNode node(authority, "jcp-leeds");
  ChainCache cache(authority.certificate);
  const auto early = node.signing.not_before() - std::chrono::seconds(1);
  const auto late = node.signing.not_after() + std::chrono::seconds(1);
  for (int round = 0; round < 2; ++round) {  // the second from memory
    CHECK(reason_of(cache.check_signing(node.signing, early)) == Reason::expired);
    CHECK(reason_of(cache.check_signing(node.signing, late)) == Reason::expired);
    CHECK(cache.check_signing(node.signing, node.signing.not_before()));
    CHECK(cache.check_signing(node.signing, node.signing.not_after()));
    CHECK(reason_of(cache.check_sealing(node.sealing, node.signing, early)) == Reason::expired);
    CHECK(reason_of(cache.check_sealing(node.sealing, node.signing, late)) == Reason::expired);
    CHECK(cache.check_sealing(node.sealing, node.signing, test_time()));
  }
  CHECK(reason_of(check_signing(node.signing, authority.certificate, early)) == Reason::expired);
  CHECK_FALSE(check_authority(authority.certificate,
                              authority.certificate.not_after() + std::chrono::seconds(1)));
  CHECK(check_authority(authority.certificate, test_time()));
}

TEST_CASE("a certificate of another authority is not trusted", "[certificate]") {
  const TestAuthority authority;
  const TestAuthority other;  // of the same name
  const TestNode node(other, "jcp-leeds");
  CHECK(reason_of(check_signing(node.signing, authority.certificate, test_time())) ==
        Reason::untrusted);
  ChainCache cache(authority.certificate);
  CHECK(reason_of(cache.check_signing(node.signing, test_time())) == Reason::untrusted);
  CHECK(reason_of(cache.check_signing(node.signing, test_time())) == Reason::untrusted);
}

TEST_CASE("a node cannot issue a signing certificate, nor a sealing certificate for another",
          "[certificate]") {
  const TestAuthority authority;
  const TestNode leeds(authority, "jcp-leeds");
  const TestNode bradford(authority, "jcp-bradford");
  const auto forged = issue_signing(leeds.sealing_key.public_key(), bradford.profile,
                                    leeds.signing_key, leeds.signing, test_time());
  CHECK(reason_of(check_signing(forged, authority.certificate, test_time())) == Reason::untrusted);
  CHECK(reason_of(check_signing(forged, leeds.signing, test_time())) == Reason::untrusted);
  CHECK(reason_of(check_sealing(leeds.sealing, bradford.signing, test_time())) ==
        Reason::untrusted);
  // Signed by Leeds, in Bradford's name, with Bradford's issuer fields.
  const auto in_its_name = reissued(bradford.sealing, leeds.signing_key, [](Node&) {});
  REQUIRE(in_its_name);
  CHECK(reason_of(check_sealing(*in_its_name, bradford.signing, test_time())) == Reason::untrusted);
  CHECK(reason_of(check_sealing(*in_its_name, leeds.signing, test_time())) == Reason::untrusted);
  // Leeds's own sealing certificate, but for the name in it: same length, so that all else stays.
  const TestNode exeter(authority, "jcp-exetr");
  const auto in_other_name = reissued(leeds.sealing, leeds.signing_key, [&](Node& tbs) {
    const auto other = read_tree(exeter.sealing.der());
    tbs[subject] = Node(other)[0][subject];
    tbs[extensions][0].parts.back() = Node(other)[0][extensions][0].parts.back();
  });
  REQUIRE(in_other_name);
  CHECK(reason_of(check_sealing(*in_other_name, leeds.signing, test_time())) == Reason::untrusted);
  // Each kind stands for itself alone.
  CHECK_FALSE(check_signing(leeds.sealing, authority.certificate, test_time()));
  CHECK_FALSE(check_signing(authority.certificate, authority.certificate, test_time()));
  CHECK_FALSE(check_sealing(leeds.signing, leeds.signing, test_time()));
  CHECK_FALSE(check_authority(leeds.signing, test_time()));
}

TEST_CASE("a certificate off the profile is not trusted, although the authority signed it",
          "[certificate]") {
  const TestAuthority authority;
  const TestNode node(authority, "jcp-leeds");
  const auto refused = [&](auto change) {
    const auto other = reissued(node.signing, authority.key, change);
    return !other || reason_of(check_signing(*other, authority.certificate, test_time())) ==
                         Reason::untrusted;
  };
  const auto list = [](Node& tbs) -> std::vector<Node>& { return tbs[extensions][0].parts; };
  CHECK_FALSE(refused([](Node&) {}));
  for (std::size_t i = 0; i < 9; ++i) {
    CAPTURE(i);
    CHECK(refused(
        [&](Node& tbs) { list(tbs).erase(list(tbs).begin() + static_cast<std::ptrdiff_t>(i)); }));
    CHECK(refused([&](Node& tbs) { list(tbs).push_back(list(tbs)[i]); }));
    if (i == 5 || i == 8) continue;  // another CURVE or witness key is as good in form
    CHECK(refused([&](Node& tbs) { list(tbs)[i].parts.back().content.back() ^= 1U; }));
  }
  CHECK(refused([&](Node& tbs) { std::swap(list(tbs)[0], list(tbs)[1]); }));
  // Key usage: digitalSignature and keyCertSign
  CHECK(refused(
      [&](Node& tbs) { list(tbs)[1].parts.back().content = from_hex("03020284").value(); }));
  // A certificate authority
  CHECK(refused(
      [&](Node& tbs) { list(tbs)[0].parts.back().content = from_hex("30030101ff").value(); }));
  // Not critical
  CHECK(refused([&](Node& tbs) { list(tbs)[1].parts.erase(list(tbs)[1].parts.begin() + 1); }));
  // A name in the subject that is not the one in the URI
  CHECK(refused([](Node& tbs) { tbs[subject][1][0][1].content = copy_of(as_bytes("jcp-leedz")); }));
  CHECK(refused([](Node& tbs) { tbs[subject].parts.pop_back(); }));
  CHECK(refused([](Node& tbs) { std::swap(tbs[subject][0], tbs[subject][1]); }));
  CHECK(refused([](Node& tbs) { tbs[subject][0][0][1].content = Bytes{0xff}; }));
  CHECK(refused([](Node& tbs) { tbs[subject][0][0][1].content = Bytes(65, 'x'); }));
  CHECK(refused([](Node& tbs) { tbs[issuer][0][0][1].content = copy_of(as_bytes("Another")); }));
  // Longer than 90 days, and ending before it begins
  CHECK(refused([](Node& tbs) { tbs[validity][1].content = copy_of(as_bytes("260815000000Z")); }));
  CHECK(refused([](Node& tbs) { std::swap(tbs[validity][0], tbs[validity][1]); }));
}

TEST_CASE("malformed certificates are refused", "[certificate]") {
  const TestAuthority authority;
  const TestNode node(authority, "jcp-leeds");
  const auto& der = node.signing.der();
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK_FALSE(Certificate::parse(ByteView(der).first(size)));
  auto longer = der;
  longer.push_back(0);
  CHECK_FALSE(Certificate::parse(longer));
  CHECK(Certificate::parse(Bytes(certificate_bytes_max + 1)).error().reason == Reason::too_large);
  CHECK_FALSE(
      reissued(node.signing, authority.key, [](Node& tbs) { tbs[serial].content = Bytes(21, 1); }));
  CHECK_FALSE(
      reissued(node.signing, authority.key, [](Node& tbs) { tbs[serial].content = Bytes{0x80}; }));
  CHECK_FALSE(
      reissued(node.signing, authority.key, [](Node& tbs) { tbs[serial].content = Bytes{0}; }));
  CHECK_FALSE(
      reissued(node.signing, authority.key, [](Node& tbs) { tbs[0][0].content = Bytes{1}; }));
  CHECK_FALSE(
      reissued(node.signing, authority.key, [](Node& tbs) { tbs.parts.push_back(tbs[0]); }));
}

TEST_CASE("no changed octet of a certificate is trusted", "[certificate]") {
  const TestAuthority authority;
  const TestNode node(authority, "jcp-leeds");
  auto der = node.signing.der();
  for (auto& octet : der) {
    octet ^= 0x01U;
    const auto changed = Certificate::parse(der);
    if (changed) CHECK_FALSE(check_signing(*changed, authority.certificate, test_time()));
    octet ^= 0x01U;
  }
}

TEST_CASE("a certificate is read from PEM with white space around it, nothing else",
          "[certificate]") {
  const TestAuthority authority;
  const auto pem = authority.certificate.pem();
  CHECK(certificate_from_pem("\n\n" + pem + "  \n").value() == authority.certificate);
  CHECK_FALSE(certificate_from_pem("subject=x\n" + pem));
  CHECK_FALSE(certificate_from_pem(pem + pem));
  CHECK_FALSE(certificate_from_pem(""));
  CHECK_FALSE(certificate_from_pem(pem.substr(0, pem.size() / 2)));
}

TEST_CASE("a cache of certificates forgets before it grows", "[certificate]") {
  const TestAuthority authority;
  CertificateCache cache(2);
  for (const char* name : {"node-a", "node-b", "node-c", "node-a"}) {
    const TestNode node(authority, name);
    CHECK(cache.parse(node.signing.der()).value() == node.signing);
    CHECK(cache.parse(node.signing.der()).value() == node.signing);
  }
  CHECK_FALSE(cache.parse(as_bytes("no certificate")));
  CHECK_FALSE(cache.parse(Bytes(certificate_bytes_max + 1)));
}

TEST_CASE("a request names its node and keys and is signed by its own", "[certificate]") {
  const TestAuthority authority;
  const TestNode node(authority, "jcp-leeds");
  const auto key = PrivateKey::generate();
  const auto made =
      CertificateRequest::make(key, node.id, node.curve.public_key(), node.witness.public_key());
  const auto read = CertificateRequest::parse(made.der);
  REQUIRE(read);
  CHECK(read->node == node.id);
  CHECK(read->curve == node.curve.public_key());
  CHECK(read->witness == node.witness.public_key());
  CHECK(read->public_key == key.public_key());

  // Another's key in it, signed by ours: possession is not proved.
  auto tree = read_tree(made.der);
  tree[0][2] = read_tree(node.signing_key.public_key().spki());
  CHECK(CertificateRequest::parse(make_signed_object(tree[0].der(), key)).error().reason ==
        Reason::untrusted);
  for (std::size_t size = 0; size < made.der.size(); ++size) {
    CHECK_FALSE(CertificateRequest::parse(ByteView(made.der).first(size)));
  }
  for (std::size_t i = 0; i < made.der.size(); ++i) {
    auto changed = made.der;
    changed[i] ^= 0x01U;
    CHECK_FALSE(CertificateRequest::parse(changed));
  }
  CHECK(CertificateRequest::parse(Bytes(request_bytes_max + 1)).error().reason ==
        Reason::too_large);
}
