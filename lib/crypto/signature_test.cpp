#include "crypto/signature.h"

#include <catch2/catch.hpp>

#include "crypto/testing/forge.h"
#include "crypto/testing/identities.h"
#include "crypto/x509.h"

using namespace liaison;
using namespace liaison::crypto;
using namespace liaison::crypto::testing;

namespace {

/// The certificate with another signature, or what should pass for one.
Result<Certificate> with_signature(const Certificate& certificate, ByteView signature) {
  return Certificate::parse(signed_object(certificate.parts().signed_part, signature));
}

}  // namespace

TEST_CASE("a certificate's twin, which anybody can write, is refused", "[signature]") {
  const TestAuthority authority;
  const TestNode node(authority, "jcp-leeds");
  const auto twin_is_refused = [](const Certificate& certificate, const PublicKey& issuer) {
    const auto& parts = certificate.parts();
    const auto twin = twin_of(parts.signature);
    CHECK(issuer.verify(parts.signed_part, twin));
    CHECK(equal(twin_of(twin), parts.signature));
    CHECK(with_signature(certificate, parts.signature).value() == certificate);
    CHECK(with_signature(certificate, twin).error() ==
          Error{Reason::malformed,
                "the certificate's signature is not in its one form: the shortest DER, with s at "
                "most half the order of P-256"});
  };
  twin_is_refused(authority.certificate, authority.key.public_key());
  twin_is_refused(node.signing, authority.key.public_key());
  twin_is_refused(node.sealing, node.signing_key.public_key());
}

TEST_CASE("a signature of a certificate has one form", "[signature]") {
  const TestAuthority authority;
  const auto& signature = authority.certificate.parts().signature;
  auto tree = read_tree(signature);
  const auto refused = [&](auto change) {
    auto changed = tree;
    change(changed);
    return !with_signature(authority.certificate, changed.der());
  };
  CHECK_FALSE(refused([](Node&) {}));
  for (const std::size_t part : {0U, 1U}) {
    CAPTURE(part);
    CHECK(refused(
        [&](Node& all) { all[part].content.insert(all[part].content.begin(), std::uint8_t{0}); }));
    CHECK(refused([&](Node& all) { all[part].content = Bytes{0}; }));
    CHECK(refused([&](Node& all) { all[part].content = Bytes{0x80}; }));
    CHECK(refused([&](Node& all) { all[part].content.clear(); }));
    CHECK(refused([&](Node& all) { all[part].content = Bytes(33, 1); }));
  }
  CHECK(refused([](Node& all) { all.parts.push_back(all[0]); }));
  CHECK(refused([](Node& all) { all.parts.pop_back(); }));
  auto longer = copy_of(signature);
  longer.push_back(0);
  CHECK_FALSE(with_signature(authority.certificate, longer));
  auto long_form = copy_of(signature);
  long_form.insert(long_form.begin() + 1, std::uint8_t{0x81});
  CHECK_FALSE(with_signature(authority.certificate, long_form));
  // Half the order is low, the next number is not.
  const auto half = from_hex("7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8");
  tree[1].content = half.value();
  CHECK(is_low(tree.der()));
  tree[1].content.back() = 0xa9;
  CHECK_FALSE(is_low(tree.der()));
}

TEST_CASE("what is issued is signed in the one form, every time", "[signature]") {
  for (int round = 0; round < 20; ++round) {
    const TestAuthority authority;
    const TestNode node(authority, "jcp-leeds");
    for (const auto* each : {&authority.certificate, &node.signing, &node.sealing})
      CHECK(is_low(each->parts().signature));
    CHECK(check_signing(node.signing, authority.certificate, test_time()));
    CHECK(check_sealing(node.sealing, node.signing, test_time()));
  }
}
