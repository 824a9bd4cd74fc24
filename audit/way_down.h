#pragma once

#include <filesystem>
#include <optional>

#include "audit/checkpoint.h"
#include "audit/tile.h"

/// A log whose entries and tiles do not agree: which of them the signed root speaks for.
namespace liaison::audit {

/// The way from a signed root down through the tiles to the one that has an entry's hash. The
/// tiles at the log's right edge give the root; the root of each other tile stands in the one
/// above it.
struct WayDown {
  /// Whether the edge gives the signed root. If not, nothing is known of what is below it.
  bool is_edge_signed = false;
  /// The first tile that is not what stands above it; none: down to the entry's hash all is signed.
  std::optional<Tile> altered;
  /// What stands above it: its signed root.
  Digest signed_root;
  /// If all is signed: the entry's hash.
  Digest signed_hash;
};

/// Tiles that cannot be read count as altered.
WayDown way_down(const std::filesystem::path& directory, const Checkpoint& signed_,
                 std::uint64_t entry);

}  // namespace liaison::audit
