#include "audit/tile_edge.h"

#include <catch2/catch.hpp>
#include <map>

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

TEST_CASE("an edge is loaded from its tiles, and goes on", "[audit]") {
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Digest>> tiles;
  std::vector<Digest> leaves;
  TileEdge edge;
  const auto read = [&](const Tile& tile) -> Result<std::vector<Digest>> {
    CHECK(tile.width == tile_width);
    const auto found = tiles.find({tile.level, tile.index});
    if (found == tiles.end()) return fail(Reason::not_found, "no such tile");
    return found->second;
  };
  const auto grow_to = [&](std::uint64_t size) {
    while (leaves.size() < size) {
      leaves.push_back(leaf_hash(as_bytes(std::to_string(leaves.size()))));
      for (const auto& filled : edge.append(leaves.back()))
        tiles[{filled.tile.level, filled.tile.index}] = filled.hashes;
    }
  };
  for (const std::uint64_t size : {0, 1, 255, 256, 257, 700, 65'536, 66'000}) {
    grow_to(size);
    const auto last = leaves.end() - static_cast<std::ptrdiff_t>(size % tile_width);
    auto loaded = TileEdge::load(size, {last, leaves.end()}, read);
    REQUIRE(loaded);
    CHECK(loaded->size() == size);
    CHECK(loaded->root() == edge.root());
    CHECK(loaded->root() == root_of_tile(leaves));
    CHECK(loaded->partial().size() == edge.partial().size());
    auto copy = edge;
    CHECK(loaded->append(empty_root()).size() == copy.append(empty_root()).size());
    CHECK(loaded->root() == copy.root());
  }
  CHECK(TileEdge::load(66'000, {}, read).error().reason == Reason::malformed);
  tiles.erase({0, 256});
  const std::vector<Digest> last(leaves.end() - 66'000 % 256, leaves.end());
  CHECK(TileEdge::load(66'000, last, read).error().reason == Reason::not_found);
}
