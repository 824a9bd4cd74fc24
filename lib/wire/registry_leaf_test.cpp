#include "wire/registry_leaf.h"

#include <catch2/catch.hpp>

using namespace liaison;
using namespace liaison::wire;

TEST_CASE("an entry of the registry log is written in one way", "[wire]") {
  RegistryLeaf leaf{EntryKind::listing, from_ms(0x0102030405), {}};
  leaf.body.octets[31] = 0xff;
  const auto bytes = encode(leaf);
  CHECK(to_hex(bytes) ==
        "6c696169736f6e207265676973747279203100"
        "0004"
        "0000000102030405"
        "00000000000000000000000000000000000000000000000000000000000000ff");
  CHECK(decode_registry_leaf(bytes) == leaf);
  leaf.at = from_ms(-1);
  CHECK(decode_registry_leaf(encode(leaf)) == leaf);
}

TEST_CASE("what is no entry of the registry log is not read as one", "[wire]") {
  const auto bytes = encode(RegistryLeaf{EntryKind::act, from_ms(7), {}});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(decode_registry_leaf(ByteView(bytes).first(size)).error().reason == Reason::malformed);
  auto other = bytes;
  other.push_back(0);
  CHECK(decode_registry_leaf(other).error().reason == Reason::malformed);
  other = bytes;
  other[3] ^= 1;
  CHECK(decode_registry_leaf(other).error().reason == Reason::malformed);
  other = bytes;
  other[20] = 200;
  CHECK(decode_registry_leaf(other).error().reason == Reason::unsupported);
}
