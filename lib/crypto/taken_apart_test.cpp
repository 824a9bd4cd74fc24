#include "crypto/taken_apart.h"

#include <catch2/catch.hpp>

#include "crypto/envelope.h"
#include "crypto/seal.h"
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
};

}  // namespace

TEST_CASE("a letter that was taken apart is put together again octet by octet", "[taken_apart]") {
  const Pair pair;
  for (const std::size_t size : {0U, 1U, 1000U, 5000U, 400'000U}) {
    auto sealed = pair.seal(Bytes(size, 'x'));
    const auto parts = take_apart(sealed.der, std::move(sealed.content_key));
    REQUIRE(parts);
    // What is kept of a letter is what was written, and a few hundred octets.
    CHECK(parts->plain.size() < size + 1200);
    CHECK(parts->before.size() + parts->after.size() < 350);
    CHECK(put_together(*parts).value() == sealed.der);
  }
  // Whatever was encrypted, and if it ends in zeros.
  for (const auto& inside : {Bytes{}, Bytes(100), Bytes{1, 0, 0}, Bytes{0, 0, 1}}) {
    auto made = make_envelope(inside, pair.to.sealing);
    CHECK(put_together(take_apart(made.der, std::move(made.content_key)).value()) == made.der);
  }
}

TEST_CASE("both sides have the letter's own key, and it opens that letter alone", "[taken_apart]") {
  const Pair pair;
  const auto sealed = pair.seal(as_bytes("content"));
  const auto opened =
      crypto::open(sealed.der, pair.to.sealing_key, pair.to.sealing, sealed.commitment);
  REQUIRE(opened);
  CHECK(equal(opened->content_key.view(), sealed.content_key.view()));
  const auto by_key = open_with(sealed.der, sealed.content_key.clone(), sealed.commitment);
  REQUIRE(by_key);
  CHECK(by_key->content == opened->content);
  CHECK(by_key->signer == pair.from.signing);
  const auto other = pair.seal(as_bytes("content"));
  CHECK_FALSE(open_with(other.der, sealed.content_key.clone(), other.commitment));
  CHECK_FALSE(open_with(sealed.der, sealed.content_key.clone(), other.commitment));
  CHECK_FALSE(open_with(sealed.der, Secret(Bytes(31)), sealed.commitment));
  CHECK_FALSE(open_with(as_bytes("no letter"), sealed.content_key.clone(), sealed.commitment));
  CHECK_FALSE(take_apart(other.der, sealed.content_key.clone()));
  CHECK_FALSE(take_apart(as_bytes("no letter"), sealed.content_key.clone()));
}

TEST_CASE("parts that were altered make no letter", "[taken_apart]") {
  const Pair pair;
  auto sealed = pair.seal(as_bytes("content"));
  auto parts = take_apart(sealed.der, std::move(sealed.content_key)).value();
  parts.plain.data()[40] ^= 1U;
  CHECK_FALSE(put_together(parts));
  parts.plain.data()[40] ^= 1U;
  parts.content_key.data()[0] ^= 1U;
  CHECK_FALSE(put_together(parts));
  parts.content_key.data()[0] ^= 1U;
  ++parts.zeros;
  CHECK_FALSE(put_together(parts));
  --parts.zeros;
  parts.after.back() ^= 1U;
  CHECK_FALSE(put_together(parts));
  parts.after.back() ^= 1U;
  parts.before.front() ^= 1U;
  CHECK_FALSE(put_together(parts));
  parts.before.front() ^= 1U;
  CHECK(put_together(parts));
  parts.zeros = 0xffffffffU;
  CHECK_FALSE(put_together(parts));
}
