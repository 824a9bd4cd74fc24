#include "audit/tile_edge.h"

#include "audit/tree.h"

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

}  // namespace liaison::audit
