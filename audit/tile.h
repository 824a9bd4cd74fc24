#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/id.h"

namespace liaison::audit {

/// Hashes in a full tile, and entries in a full bundle (c2sp.org/tlog-tiles).
inline constexpr unsigned tile_width = 256;
/// Levels of the tree that one level of tiles spans.
inline constexpr unsigned tile_height = 8;
inline constexpr unsigned tile_level_max = 63;
inline constexpr std::size_t entry_bytes_max = 0xffff;

/// A stretch of hashes at one height: at level 0 those of entries, above it those of full tiles of
/// the level below. `width` under 256: the last one of its level, not full yet.
struct Tile {
  unsigned level = 0;
  std::uint64_t index = 0;
  unsigned width = tile_width;
  friend bool operator==(const Tile&, const Tile&) = default;
};

/// How many hashes of that tile a tree of `size` entries has: 0 (there is no such tile) to 256.
unsigned width_in(std::uint64_t size, unsigned level, std::uint64_t index);
/// How many tiles a tree of that size has at a level; the last may be partial.
std::uint64_t tiles_in(std::uint64_t size, unsigned level);

/// Below the log's prefix: "tile/1/x001/x234/067.p/8".
std::string path_of(const Tile& tile);
/// "tile/entries/x001/x234/067.p/8".
std::string entries_path_of(std::uint64_t index, unsigned width);

/// Where an export keeps what an entry of the registry says: "body/x001/234".
std::string body_path_of(std::uint64_t index);

Bytes encode_tile(const std::vector<Digest>& hashes);
/// Malformed: not exactly `width` hashes.
Result<std::vector<Digest>> parse_tile(ByteView octets, unsigned width);

/// Entries, each with its length before it (16 bits, big-endian). At most 65,535 octets each.
Bytes encode_bundle(const std::vector<Bytes>& entries);
/// The next entry of a bundle, borrowed and taken off `rest`. Malformed: it ends within.
Result<ByteView> take_entry(ByteView& rest);
/// The entries of a bundle, borrowed from it. Malformed: not exactly `width`, or octets after them.
Result<std::vector<ByteView>> parse_bundle(ByteView octets, unsigned width);

}  // namespace liaison::audit
