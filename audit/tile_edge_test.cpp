#include "audit/tile_edge.h"

#include <catch2/catch.hpp>

#include "audit/testing/entries.h"

using namespace liaison;
using namespace liaison::audit;

TEST_CASE("each tile is the hashes that C2SP's document says", "[audit]") {
  // Three levels of tiles: 256 * 256 entries and some.
  constexpr std::uint64_t size = 256 * 256 + 256 * 3 + 7;
  Tree tree;
  TileEdge edge;
  std::vector<std::vector<Digest>> levels(3);  // all hashes of a level, one after the other
  const auto keep = [&](const TileEdge::Filled& filled) {
    auto& level = levels.at(filled.tile.level);
    CHECK(filled.hashes.size() == filled.tile.width);
    CHECK(filled.tile.index * tile_width == level.size());
    CHECK(filled.tile.width == width_in(size, filled.tile.level, filled.tile.index));
    level.insert(level.end(), filled.hashes.begin(), filled.hashes.end());
  };
  std::vector<Digest> leaves;
  for (std::uint64_t i = 0; i < size; ++i) {
    leaves.push_back(leaf_hash(as_bytes(std::to_string(i))));
    tree.append(leaves.back());
    for (const auto& filled : edge.append(leaves.back()))
      keep(filled);
  }
  CHECK(edge.size() == size);
  for (const auto& filled : edge.partial())
    keep(filled);
  REQUIRE(levels[0] == leaves);
  REQUIRE(levels[1].size() == size / 256);
  REQUIRE(levels[2].size() == 1);
  for (std::size_t i = 0; i < levels[1].size(); ++i)
    CHECK(levels[1][i] ==
          root_of_tile({levels[0].begin() + static_cast<std::ptrdiff_t>(i * 256),
                        levels[0].begin() + static_cast<std::ptrdiff_t>(i * 256) + 256}));
  CHECK(levels[2][0] == root_of_tile({levels[1].begin(), levels[1].begin() + 256}));
  CHECK(levels[2][0] == tree.subtrees().front());
}
