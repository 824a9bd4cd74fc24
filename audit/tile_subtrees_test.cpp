#include "audit/tile_subtrees.h"

#include <catch2/catch.hpp>

#include "audit/hash.h"
#include "audit/testing/entries.h"

using namespace liaison;
using namespace liaison::audit;

namespace {

struct Tiles {
  explicit Tiles(const std::vector<Bytes>& entries) {
    TileEdge edge;
    for (const auto& entry : entries)
      for (const auto& filled : edge.append(leaf_hash(entry)))
        keep(filled);
    for (const auto& filled : edge.partial())
      keep(filled);
  }
  void keep(const TileEdge::Filled& filled) {
    tiles[{filled.tile.level, filled.tile.index}] = filled.hashes;
  }
  TileEdge::ReadTile reader() {
    return [this](const Tile& tile) -> Result<std::vector<Digest>> {
      ++reads;
      const auto found = tiles.find({tile.level, tile.index});
      if (found == tiles.end()) return fail(Reason::not_found, "no such tile");
      auto hashes = found->second;
      if (hashes.size() > tile.width) hashes.resize(tile.width);
      return hashes;
    };
  }
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Digest>> tiles;
  int reads = 0;
};

}  // namespace

TEST_CASE("proofs are made of tiles, of trees of several sizes and with little memory", "[audit]") {
  const auto entries = testing::numbered_entries(700);
  Tiles tiles(entries);
  const auto defined = testing::subtrees_of(entries);
  for (const std::size_t remembered : {1, 2, 100}) {
    TileSubtrees subtrees(tiles.reader(), remembered);
    for (const std::uint64_t size : {300, 513, 700, 256, 1}) {
      const auto in_tiles = subtrees.of(size);
      for (const std::uint64_t index : {0, 1, 255, 256, 511, 512, 699})
        if (index < size)
          CHECK(prove_inclusion(index, size, in_tiles) ==
                prove_inclusion(index, size, defined).value());
      for (const std::uint64_t from : {1, 255, 256, 300, 512, 699, 700})
        if (from <= size)
          CHECK(prove_consistency(from, size, in_tiles) ==
                prove_consistency(from, size, defined).value());
    }
    CHECK(subtrees.of(700)(2, 175).error().reason == Reason::not_found);
    CHECK(subtrees.of(300)(2, 75).error().reason == Reason::not_found);
  }
}

TEST_CASE("a tile is read once while it is remembered, and again when it has grown", "[audit]") {
  const auto entries = testing::numbered_entries(300);
  Tiles tiles(entries);
  TileSubtrees subtrees(tiles.reader(), 3);
  for (std::uint64_t index = 0; index < 150; ++index)
    REQUIRE(prove_inclusion(index, 290, subtrees.of(290)));
  CHECK(tiles.reads == 2);
  REQUIRE(prove_inclusion(290, 300, subtrees.of(300)));
  CHECK(tiles.reads == 4);
  REQUIRE(prove_inclusion(256, 290, subtrees.of(290)));
  CHECK(tiles.reads == 4);
}

TEST_CASE("a tile that is missing or too short is an error, and nothing is kept of it", "[audit]") {
  const auto entries = testing::numbered_entries(300);
  Tiles tiles(entries);
  TileSubtrees subtrees(tiles.reader(), 3);
  auto kept = tiles.tiles;
  tiles.tiles.erase({0, 0});
  CHECK(prove_inclusion(0, 300, subtrees.of(300)).error().reason == Reason::not_found);
  tiles.tiles = kept;
  tiles.tiles.at({0, 0}).pop_back();
  CHECK(prove_inclusion(0, 300, subtrees.of(300)).error().reason == Reason::malformed);
  tiles.tiles = kept;
  CHECK(prove_inclusion(0, 300, subtrees.of(300)));
}
