#include "audit/tile_subtrees.h"

#include "audit/hash.h"

namespace liaison::audit {
namespace {

/// Of each complete subtree within a tile, the root, by height.
std::vector<std::vector<Digest>> rows_of(std::vector<Digest> hashes) {
  std::vector<std::vector<Digest>> out{std::move(hashes)};
  while (out.back().size() > 1) {
    const auto& below = out.back();
    std::vector<Digest> row(below.size() / 2);
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] = node_hash(below[2 * i], below[2 * i + 1]);
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

SubtreeRoot TileSubtrees::of(std::uint64_t size) {
  return [this, size](unsigned height, std::uint64_t index) -> Result<Digest> {
    const auto level = height / tile_height;
    const auto within = height % tile_height;
    const auto first = index << within;  // of this level's hashes
    const auto count = std::uint64_t{1} << within;
    const auto place = first / tile_width;
    const auto width = width_in(size, level, place);
    if (first % tile_width + count > width) return fail(Reason::not_found, "the log ends before");
    const auto found = entry({level, place, width});
    if (!found) return fail(found.error());
    return (*found)->rows[within][(first % tile_width) >> within];
  };
}

Result<const TileSubtrees::Entry*> TileSubtrees::entry(const Tile& tile) {
  const Place place{tile.level, tile.index};
  auto at = entries_.find(place);
  if (at != entries_.end() && at->second.rows.front().size() >= tile.width) {
    used_.splice(used_.begin(), used_, at->second.used);
    return &at->second;
  }
  ++reads_;
  auto hashes = read_(tile);
  if (!hashes) return fail(hashes.error());
  if (hashes->size() < tile.width) return fail(Reason::malformed, "a tile of the log is too short");
  if (at == entries_.end()) {
    if (entries_.size() >= tiles_max_) {
      entries_.erase(used_.back());
      used_.pop_back();
    }
    used_.push_front(place);
    at = entries_.emplace(place, Entry{{}, used_.begin()}).first;
  }
  at->second.rows = rows_of(std::move(*hashes));
  return &at->second;
}

}  // namespace liaison::audit
