#pragma once

#include <list>
#include <map>
#include <utility>

#include "audit/tile_edge.h"

namespace liaison::audit {

/// The roots of a log's complete subtrees, read from its tiles: for proofs. Remembers the tiles
/// that were used last with all subtrees within them, so that many proofs of entries that lie
/// together hash each tile once.
class TileSubtrees {
 public:
  /// `read` gives a tile of at least the width asked for, of a log that only grows; it is called
  /// with widths that the tree of some `size` given to of() has. Up to 16 KiB a tile.
  TileSubtrees(TileEdge::ReadTile read, std::size_t tiles_max)
      : read_(std::move(read)), tiles_max_(tiles_max) {}
  TileSubtrees(const TileSubtrees&) = delete;
  TileSubtrees& operator=(const TileSubtrees&) = delete;

  /// Those of the tree of `size` entries; not found beyond it. For as long as this lives.
  [[nodiscard]] SubtreeRoot of(std::uint64_t size);
  /// How many tiles were read so far: what proofs cost.
  [[nodiscard]] std::uint64_t reads() const { return reads_; }

 private:
  using Place = std::pair<unsigned, std::uint64_t>;  ///< level, index
  struct Entry {
    std::vector<std::vector<Digest>> rows;  ///< by height within the tile
    std::list<Place>::iterator used;
  };
  Result<const Entry*> entry(const Tile& tile);

  TileEdge::ReadTile read_;
  std::size_t tiles_max_;
  std::uint64_t reads_ = 0;
  std::map<Place, Entry> entries_;
  std::list<Place> used_;  ///< the last one first
};

}  // namespace liaison::audit
