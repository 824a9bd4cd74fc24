#include "audit/tile.h"

#include <catch2/catch.hpp>

#include "audit/testing/entries.h"

using namespace liaison;
using namespace liaison::audit;
using namespace liaison::audit::testing;

TEST_CASE("tiles lie where C2SP's document puts them", "[audit]") {
  CHECK(path_of({0, 1234067}) == "tile/0/x001/x234/067");
  CHECK(path_of({63, 0, 1}) == "tile/63/000.p/1");
  CHECK(path_of({2, 1000, 255}) == "tile/2/x001/000.p/255");
  CHECK(entries_path_of(999, 256) == "tile/entries/999");
  CHECK(entries_path_of(1234067, 8) == "tile/entries/x001/x234/067.p/8");
}

TEST_CASE("a tree has the tiles that C2SP's document counts", "[audit]") {
  // Its example: 273 full tiles and one of 112, one full and one of 17, one of 1.
  CHECK(tiles_in(70'000, 0) == 274);
  CHECK(width_in(70'000, 0, 272) == 256);
  CHECK(width_in(70'000, 0, 273) == 112);
  CHECK(width_in(70'000, 0, 274) == 0);
  CHECK(tiles_in(70'000, 1) == 2);
  CHECK(width_in(70'000, 1, 0) == 256);
  CHECK(width_in(70'000, 1, 1) == 17);
  CHECK(tiles_in(70'000, 2) == 1);
  CHECK(width_in(70'000, 2, 0) == 1);
  CHECK(tiles_in(70'000, 3) == 0);
  // And: of 256 entries a full tile, and one of width 1 above it.
  CHECK(tiles_in(256, 0) == 1);
  CHECK(width_in(256, 0, 0) == 256);
  CHECK(width_in(256, 1, 0) == 1);
  CHECK(tiles_in(0, 0) == 0);
  CHECK(tiles_in(~std::uint64_t{0}, tile_level_max) == 0);
}

TEST_CASE("a tile is its hashes and nothing else", "[audit]") {
  const std::vector<Digest> hashes{leaf_hash({}), empty_root()};
  auto octets = encode_tile(hashes);
  CHECK(parse_tile(octets, 2) == hashes);
  CHECK(parse_tile(octets, 1).error().reason == Reason::malformed);
  CHECK(parse_tile(octets, 3).error().reason == Reason::malformed);
  octets.pop_back();
  CHECK(parse_tile(octets, 2).error().reason == Reason::malformed);
}

TEST_CASE("a bundle is its entries and nothing else", "[audit]") {
  auto entries = reference_entries();
  entries.emplace_back(entry_bytes_max, std::uint8_t{7});
  auto octets = encode_bundle(entries);
  const auto read = parse_bundle(octets, 9);
  REQUIRE(read);
  REQUIRE(read->size() == 9);
  for (std::size_t i = 0; i < entries.size(); ++i)
    CHECK(equal((*read)[i], entries[i]));
  CHECK(parse_bundle(octets, 8).error().reason == Reason::malformed);
  CHECK(parse_bundle(octets, 10).error().reason == Reason::malformed);
  octets.pop_back();
  CHECK(parse_bundle(octets, 9).error().text == "the bundle ends within an entry");
  octets.resize(1);
  CHECK(parse_bundle(octets, 1).error().reason == Reason::malformed);
}
