#include "audit/way_down.h"

#include "audit/proof.h"
#include "crypto/file.h"

namespace liaison::audit {
namespace {

std::optional<std::vector<Digest>> read_tile(const std::filesystem::path& directory,
                                             const Tile& tile) {
  const auto octets = crypto::read_file(directory / path_of(tile), tile_width * Digest::size,
                                        crypto::Readers::anyone);
  const auto hashes = octets ? parse_tile(octets->view(), tile.width) : fail(octets.error());
  if (!hashes) return std::nullopt;
  return *hashes;
}

Digest root_of(const std::vector<Digest>& hashes) {
  RootOf root;
  for (const auto& each : hashes)
    root.add(each);
  return root.root();
}

/// What the log's last tiles, which are not full, give together: what is behind a level's hashes is
/// as one more of them (RFC 9162, 2.1.1: the larger power of two lies left).
std::optional<Digest> root_of_edge(const std::filesystem::path& directory, std::uint64_t size) {
  std::optional<Digest> behind;
  for (unsigned level = 0; tiles_in(size, level) > 0; ++level) {
    const auto index = tiles_in(size, level) - 1;
    const auto width = width_in(size, level, index);
    if (width == tile_width) continue;  // its root stands in the tile above
    auto hashes = read_tile(directory, {level, index, width});
    if (!hashes) return std::nullopt;
    if (behind) hashes->push_back(*behind);
    behind = root_of(*hashes);
  }
  return behind;
}

}  // namespace

WayDown way_down(const std::filesystem::path& directory, const Checkpoint& signed_,
                 std::uint64_t entry) {
  WayDown out;
  const auto edge = root_of_edge(directory, signed_.size);
  out.is_edge_signed = edge && *edge == signed_.root;
  if (!out.is_edge_signed) return out;
  unsigned level = 0;
  while (tiles_in(signed_.size, level + 1) > 0)
    ++level;
  for (;; --level) {
    const auto place = entry >> (tile_height * level);
    Tile tile{level, place / tile_width, 0};
    tile.width = width_in(signed_.size, level, tile.index);
    // Above a tile that is not full there may be none on this way: the edge speaks for it.
    if (place % tile_width >= tile.width) continue;
    const auto hashes = read_tile(directory, tile);
    const bool is_of_edge = tile.width < tile_width;
    if (!hashes || (!is_of_edge && root_of(*hashes) != out.signed_root)) {
      out.altered = tile;
      return out;
    }
    out.signed_root = out.signed_hash = (*hashes)[place % tile_width];
    if (level == 0) return out;
  }
}

}  // namespace liaison::audit
