#include "audit/tile_edge.h"

#include <fmt/format.h>

#include "audit/hash.h"

namespace liaison::audit {

Digest root_of_tile(const std::vector<Digest>& hashes) {
  Tree tree;
  for (const auto& hash : hashes)
    tree.append(hash);
  return tree.root();
}

std::vector<TileEdge::Filled> TileEdge::append(const Digest& leaf) {
  std::vector<Filled> out;
  auto index = size_++ / tile_width;
  auto hash = leaf;
  for (unsigned level = 0;; ++level, index /= tile_width) {
    if (levels_.size() == level) levels_.emplace_back();
    auto& hashes = levels_[level];
    hashes.push_back(hash);
    if (hashes.size() < tile_width) return out;
    hash = root_of_tile(hashes);
    out.push_back({{level, index}, std::move(hashes)});
    hashes.clear();
  }
}

std::vector<TileEdge::Filled> TileEdge::partial() const {
  std::vector<Filled> out;
  auto index = size_ / tile_width;
  for (unsigned level = 0; level < levels_.size(); ++level, index /= tile_width) {
    const auto& hashes = levels_[level];
    if (hashes.empty()) continue;
    out.push_back({{level, index, static_cast<unsigned>(hashes.size())}, hashes});
  }
  return out;
}

Result<TileEdge> TileEdge::load(std::uint64_t size, std::vector<Digest> last_leaves,
                                const ReadTile& read) {
  if (last_leaves.size() != size % tile_width)
    return fail(Reason::malformed, fmt::format("the log ends with {} entries and not with {}",
                                               last_leaves.size(), size % tile_width));
  TileEdge out;
  out.size_ = size;
  out.levels_.push_back(std::move(last_leaves));
  for (unsigned level = 1; size >> (tile_height * level) != 0; ++level) {
    const auto hashes = size >> (tile_height * level);
    auto& last = out.levels_.emplace_back();
    for (auto index = hashes - hashes % tile_width; index < hashes; ++index) {
      const auto below = read({level - 1, index});
      if (!below) return fail(below.error());
      last.push_back(root_of_tile(*below));
    }
    if (tile_height * (level + 1) >= 64) break;
  }
  return out;
}

Digest TileEdge::root() const {
  // A tile of a higher level spans entries before those of a lower one.
  std::vector<Digest> subtrees;
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    Tree tree;
    for (const auto& hash : *level)
      tree.append(hash);
    subtrees.insert(subtrees.end(), tree.subtrees().begin(), tree.subtrees().end());
  }
  if (subtrees.empty()) return empty_root();
  auto out = subtrees.back();
  for (auto each = subtrees.rbegin() + 1; each != subtrees.rend(); ++each)
    out = node_hash(*each, out);
  return out;
}

}  // namespace liaison::audit
