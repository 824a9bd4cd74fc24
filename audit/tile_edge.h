#pragma once

#include <vector>

#include "audit/tile.h"

namespace liaison::audit {

/// The tiles at a tree's right edge, as who writes them keeps them: those that are not full yet,
/// one at each level.
class TileEdge {
 public:
  struct Filled {
    Tile tile;
    std::vector<Digest> hashes;
  };
  /// The tiles that are full with this leaf, lowest first: most often none.
  std::vector<Filled> append(const Digest& leaf);
  /// Those that are not full, without empty ones, lowest first.
  [[nodiscard]] std::vector<Filled> partial() const;
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<std::vector<Digest>> levels_;
};

/// The root over the hashes of a full tile: what the tile above has of it.
Digest root_of_tile(const std::vector<Digest>& hashes);

}  // namespace liaison::audit
