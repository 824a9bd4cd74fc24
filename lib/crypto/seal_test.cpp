#include "crypto/seal.h"

#include <catch2/catch.hpp>

#include "base/testing/seeded_entropy.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/signed_data.h"
#include "crypto/testing/forge.h"
#include "crypto/testing/identities.h"

using namespace liaison;
using namespace liaison::crypto;
using namespace liaison::crypto::testing;

namespace {

struct Pair {
  TestAuthority authority;
  TestNode from{authority, "jcp-leeds"};
  TestNode to{authority, "northbridge", NodeRole::provider};

  [[nodiscard]] Sealed seal(ByteView content) const {
    return crypto::seal(content, from.signing_key, from.signing, to.sealing, test_time()).value();
  }
  [[nodiscard]] Result<Opened> open(ByteView der, const Commitment& commitment) const {
    return crypto::open(der, to.sealing_key, to.sealing, commitment);
  }
  /// Seals octets as they are: what a dishonest sender puts inside the envelope.
  [[nodiscard]] Result<Opened> open_inside(ByteView inside) const {
    const auto made = make_envelope(inside, to.sealing);
    return open(made.der, made.commitment);
  }
  [[nodiscard]] Bytes signed_data(ByteView content) const {
    return make_signed_data(content, from.signing_key, from.signing, test_time());
  }
};

const Error unopenable{Reason::untrusted, "the letter cannot be opened"};

}  // namespace

TEST_CASE("a letter opens at its recipient as it was sealed", "[seal]") {
  const Pair pair;
  for (const std::size_t size : {0U, 1U, 1000U, 5000U, 100000U}) {
    const Bytes content(size, 'x');
    const auto sealed = pair.seal(content);
    const auto opened = pair.open(sealed.der, sealed.commitment);
    REQUIRE(opened);
    CHECK(opened->content == content);
    CHECK(opened->signer == pair.from.signing);
    CHECK(opened->signed_at == test_time());
  }
}

TEST_CASE("the largest content fits a letter, a larger one is refused", "[seal]") {
  const Pair pair;
  const auto sealed = pair.seal(Bytes(content_bytes_max));
  CHECK(sealed.der.size() <= sealed_bytes_max);
  CHECK(pair.open(sealed.der, sealed.commitment));
  const auto larger = seal(Bytes(content_bytes_max + 1), pair.from.signing_key, pair.from.signing,
                           pair.to.sealing, test_time());
  CHECK(larger.error().reason == Reason::too_large);
  // Whatever the signer's certificate: two of the largest would still fit.
  CHECK(padded_size(content_bytes_max + signed_data_overhead_max(certificate_bytes_max)) + 512 <=
        sealed_bytes_max);
}

TEST_CASE("letters of about the same length have the same length", "[seal]") {
  const Pair pair;
  CHECK(pair.seal(Bytes(10)).der.size() == pair.seal(Bytes(600)).der.size());
  CHECK(padded_size(1) == 2048);
  CHECK(padded_size(2048) == 2048);
  CHECK(padded_size(2049) == 4096);
  CHECK(padded_size(4097) == 5120);
  CHECK(padded_size(8192) == 8192);
  CHECK(padded_size(8193) == 10240);
  std::size_t buckets = 0;
  std::size_t last = 0;
  for (std::size_t size = 1; size < sealed_bytes_max - 1024; size += 64) {
    const auto padded = padded_size(size);
    CHECK((padded >= size && padded >= last && (size < 4096 || padded <= size + size / 4 + 1)));
    if (padded != last) ++buckets;
    last = padded;
  }
  CHECK(buckets < 32);
}

TEST_CASE("the same seed gives the same octets", "[seal]") {
  const auto made = [](std::uint64_t seed) {
    liaison::testing::SeededEntropy entropy(seed);
    const EntropyInUse in_use(entropy);
    const Pair pair;
    auto sealed = pair.seal(as_bytes("content"));
    CHECK(pair.open(sealed.der, sealed.commitment));
    return sealed.der;
  };
  const auto first = made(1);
  CHECK(made(1) == first);
  CHECK(made(1) == first);
  CHECK(made(2) != first);
}

TEST_CASE("no other key opens a letter", "[seal]") {
  const Pair pair;
  const TestNode other(pair.authority, "other-node");
  const auto sealed = pair.seal(as_bytes("content"));
  CHECK(open(sealed.der, other.sealing_key, other.sealing, sealed.commitment).error() ==
        unopenable);
  CHECK(open(sealed.der, other.sealing_key, pair.to.sealing, sealed.commitment).error() ==
        unopenable);
  CHECK(open(sealed.der, pair.to.sealing_key, other.sealing, sealed.commitment).error() ==
        unopenable);
  CHECK_FALSE(content_key_of(sealed.der, other.sealing_key, pair.to.sealing));
}

TEST_CASE("a letter with any octet changed does not open, with one error for all", "[seal]") {
  const Pair pair;
  auto sealed = pair.seal(as_bytes("content"));
  for (std::size_t i = 0; i < sealed.der.size(); ++i) {
    sealed.der[i] ^= 0x01U;
    const auto opened = pair.open(sealed.der, sealed.commitment);
    CHECK((!opened && opened.error() == unopenable));
    sealed.der[i] ^= 0x01U;
  }
}

TEST_CASE("a letter cut short or longer does not open", "[seal]") {
  const Pair pair;
  auto sealed = pair.seal(as_bytes("content"));
  for (std::size_t size = 0; size < sealed.der.size(); size += 7) {
    CHECK(pair.open(ByteView(sealed.der).first(size), sealed.commitment).error() == unopenable);
  }
  sealed.der.push_back(0);
  CHECK(pair.open(sealed.der, sealed.commitment).error() == unopenable);
  CHECK(pair.open(Bytes(sealed_bytes_max + 1), sealed.commitment).error() == unopenable);
}

TEST_CASE("a letter does not open under another commitment", "[seal]") {
  const Pair pair;
  const auto sealed = pair.seal(as_bytes("content"));
  auto other = sealed.commitment;
  other.octets[31] ^= 1U;
  CHECK(pair.open(sealed.der, other).error() == unopenable);
  CHECK(pair.open(sealed.der, {}).error() == unopenable);
}

TEST_CASE("the commitment is that of the content key, which its recipient can tell", "[seal]") {
  const Pair pair;
  const auto sealed = pair.seal(as_bytes("content"));
  const auto key = content_key_of(sealed.der, pair.to.sealing_key, pair.to.sealing);
  REQUIRE(key);
  CHECK(commitment_of(key->view()) == sealed.commitment);
  CHECK(sealed.commitment.octets == sha256({as_bytes("liaison cek"), key->view()}).octets);
}

TEST_CASE("padding that is not zero does not open", "[seal]") {
  const Pair pair;
  auto inside = pair.signed_data(as_bytes("content"));
  CHECK(pair.open_inside(inside));
  inside.resize(inside.size() + 100);
  CHECK(pair.open_inside(inside));
  for (const auto at : {inside.size() - 100, inside.size() - 50, inside.size() - 1}) {
    auto changed = inside;
    changed[at] = 1;
    CHECK(pair.open_inside(changed).error() == unopenable);
  }
}

TEST_CASE("only signed plain data is taken inside", "[seal]") {
  const Pair pair;
  const auto good = pair.signed_data(as_bytes("content"));
  const auto refused = [&](auto change) {
    auto tree = read_tree(good);
    change(tree);
    const auto opened = pair.open_inside(tree.der());
    return !opened && opened.error() == unopenable;
  };
  constexpr std::size_t encapsulated = 2, certificates = 3, signers = 4;
  const auto signer = [](Node& tree) -> Node& { return tree[1][0][signers][0]; };
  CHECK_FALSE(refused([](Node&) {}));
  // Compressed, enveloped, encrypted and digested data, on the outside and as content
  for (const char* type : {"2a864886f70d0109100109", "2a864886f70d010703", "2a864886f70d010706",
                           "2a864886f70d010705", "2a864886f70d010701"}) {
    CHECK(refused([&](Node& tree) { tree[0] = object(type); }));
  }
  CHECK(
      refused([](Node& tree) { tree[1][0][encapsulated][0] = object("2a864886f70d0109100109"); }));
  CHECK(refused([](Node& tree) { tree[1][0][encapsulated][0] = object("2a864886f70d010702"); }));
  CHECK(refused([](Node& tree) { tree[1][0][encapsulated].parts.pop_back(); }));  // detached
  CHECK(refused(
      [](Node& tree) { tree[1][0][encapsulated][1][0].content[0] ^= 1U; }));  // other content
  CHECK(refused([](Node& tree) {                                              // in pieces
    auto& content = tree[1][0][encapsulated][1][0];
    content = constructed(0x24, {content});
  }));
  CHECK(
      refused([](Node& tree) { tree[1][0].parts.erase(tree[1][0].parts.begin() + certificates); }));
  CHECK(refused(
      [](Node& tree) { tree[1][0][certificates].parts.push_back(tree[1][0][certificates][0]); }));
  CHECK(
      refused([&](Node& tree) { tree[1][0][certificates][0] = read_tree(pair.to.signing.der()); }));
  CHECK(refused([&](Node& tree) {
    tree[1][0].parts.insert(tree[1][0].parts.begin() + signers, constructed(0xa1, {}));
  }));
  CHECK(refused([](Node& tree) { tree[1][0][signers].parts.push_back(tree[1][0][signers][0]); }));
  CHECK(refused([](Node& tree) { tree[1][0][signers].parts.clear(); }));
  CHECK(refused([&](Node& tree) {
    signer(tree).parts.push_back(constructed(0xa1, {}));
  }));  // unsigned attributes
  CHECK(refused([&](Node& tree) {
    signer(tree).parts.erase(signer(tree).parts.begin() + 3);
  }));  // no signed ones
  CHECK(refused([&](Node& tree) { std::swap(signer(tree)[3][0], signer(tree)[3][1]); }));
  CHECK(refused(
      [&](Node& tree) { signer(tree)[3][1][1][0].content = copy_of(as_bytes("260506104201Z")); }));
  CHECK(refused([&](Node& tree) { signer(tree)[3].parts.push_back(signer(tree)[3][1]); }));
  CHECK(refused([&](Node& tree) { signer(tree)[2][0] = object("2b0e03021a"); }));  // SHA-1
  CHECK(refused(
      [&](Node& tree) { signer(tree)[4][0] = object("2a8648ce3d040303"); }));  // ecdsa-with-SHA384
  CHECK(refused([&](Node& tree) { signer(tree)[5].content.back() ^= 1U; }));
  CHECK(refused([&](Node& tree) { signer(tree)[1][1].content.back() ^= 1U; }));  // another's serial
  CHECK(refused([&](Node& tree) { tree[1][0][0].content = Bytes{3}; }));
  CHECK(pair.open_inside({}).error() == unopenable);
  CHECK(pair.open_inside(Bytes(4096)).error() == unopenable);
  CHECK(pair.open_inside(as_bytes("plain text")).error() == unopenable);
  // A letter within a letter
  CHECK(pair.open_inside(pair.seal(as_bytes("content")).der).error() == unopenable);
}

TEST_CASE("whoever signed is told, and is for the caller to judge", "[seal]") {
  // A recipient seals what it got anew, to a third: the signer is then the recipient, or the inner
  // letter is the old one, which names its first recipient in the signed content.
  const Pair pair;
  const TestNode third(pair.authority, "third-node", NodeRole::provider);
  const auto sealed = pair.seal(as_bytes("to northbridge"));
  const auto key = content_key_of(sealed.der, pair.to.sealing_key, pair.to.sealing).value();
  auto letter = Letter(sealed.der);
  Secret inside(letter.ciphertext().content.size());
  const auto envelope = read_envelope(sealed.der).value();
  REQUIRE(gcm_decrypt(key.view(), envelope.nonce, {}, envelope.ciphertext, envelope.tag,
                      {inside.data(), inside.size()}));
  const auto passed_on = make_envelope(inside.view(), third.sealing);
  const auto opened = open(passed_on.der, third.sealing_key, third.sealing, passed_on.commitment);
  REQUIRE(opened);
  CHECK(opened->signer == pair.from.signing);
  CHECK(as_text(opened->content) == "to northbridge");
}

TEST_CASE("a cache gives the same answers", "[seal]") {
  const Pair pair;
  CertificateCache cache;
  const auto sealed = pair.seal(as_bytes("content"));
  for (int i = 0; i < 3; ++i) {
    CHECK(
        open(sealed.der, pair.to.sealing_key, pair.to.sealing, sealed.commitment, &cache)->signer ==
        pair.from.signing);
  }
}
