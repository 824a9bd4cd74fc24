#pragma once

#include <functional>
#include <vector>

#include "audit/tile.h"
#include "audit/tree.h"

namespace liaison::audit {

/// The tiles at a tree's right edge, as who writes them keeps them: those that are not full yet,
/// one at each level.
class TileEdge {
 public:
  struct Filled {
    Tile tile;
    std::vector<Digest> hashes;
  };
  using ReadTile = std::function<Result<std::vector<Digest>>(const Tile&)>;
  /// The edge of a tree of `size` entries, from its full tiles and the leaf hashes of its last
  /// size % 256 entries. Malformed: another number of them; else what `read` says.
  static Result<TileEdge> load(std::uint64_t size, std::vector<Digest> last_leaves,
                               const ReadTile& read);

  /// The tiles that are full with this leaf, lowest first: most often none.
  std::vector<Filled> append(const Digest& leaf);
  /// Those that are not full, without empty ones, lowest first.
  [[nodiscard]] std::vector<Filled> partial() const;
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Of the whole tree. Up to 255 hashes a level: for a checkpoint, not for each entry.
  [[nodiscard]] Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<std::vector<Digest>> levels_;
};

/// The root over the hashes of a full tile: what the tile above has of it.
Digest root_of_tile(const std::vector<Digest>& hashes);

}  // namespace liaison::audit
