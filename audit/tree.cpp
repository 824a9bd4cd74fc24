#include "audit/tree.h"

#include <bit>

#include "audit/hash.h"

namespace liaison::audit {
namespace {

/// Entries [begin, end) of the tree; begin is a multiple of the largest power of two below their
/// number, as all stretches are that RFC 9162 splits a tree into.
struct Stretch {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  /// The largest power of two below the size: where it is split.
  [[nodiscard]] std::uint64_t middle() const { return begin + std::bit_floor(size() - 1); }
  [[nodiscard]] Stretch left() const { return {begin, middle()}; }
  [[nodiscard]] Stretch right() const { return {middle(), end}; }
};

Result<Digest> root_of(Stretch stretch, const SubtreeRoot& subtree) {
  if (std::has_single_bit(stretch.size())) {
    const auto height = static_cast<unsigned>(std::countr_zero(stretch.size()));
    return subtree(height, stretch.begin >> height);
  }
  const auto left = root_of(stretch.left(), subtree);
  if (!left) return fail(left.error());
  const auto right = root_of(stretch.right(), subtree);
  if (!right) return fail(right.error());
  return node_hash(*left, *right);
}

/// Turns what was met from the root down into a proof, from the leaf up.
Result<std::vector<Digest>> roots_of(const std::vector<Stretch>& met, const SubtreeRoot& subtree) {
  std::vector<Digest> out;
  for (auto each = met.rbegin(); each != met.rend(); ++each) {
    auto root = root_of(*each, subtree);
    if (!root) return fail(root.error());
    out.push_back(*root);
  }
  return out;
}

}  // namespace

Result<Tree> Tree::from(std::uint64_t size, std::vector<Digest> subtrees) {
  if (static_cast<std::size_t>(std::popcount(size)) != subtrees.size())
    return fail(Reason::malformed, "the tree's subtrees do not make its size");
  Tree out;
  out.size_ = size;
  out.subtrees_ = std::move(subtrees);
  return out;
}

void Tree::append(const Digest& leaf) {
  auto hash = leaf;
  for (auto rest = size_; (rest & 1) != 0; rest >>= 1) {
    hash = node_hash(subtrees_.back(), hash);
    subtrees_.pop_back();
  }
  subtrees_.push_back(hash);
  ++size_;
}

Digest Tree::root() const {
  if (subtrees_.empty()) return empty_root();
  auto out = subtrees_.back();
  for (auto each = subtrees_.rbegin() + 1; each != subtrees_.rend(); ++each)
    out = node_hash(*each, out);
  return out;
}

Result<std::vector<Digest>> prove_inclusion(std::uint64_t index, std::uint64_t size,
                                            const SubtreeRoot& subtree) {
  if (index >= size) return fail(Reason::not_found, "the log has no entry of that index");
  std::vector<Stretch> siblings;
  for (Stretch in{0, size}; in.size() > 1;) {
    const bool is_left = index < in.middle();
    siblings.push_back(is_left ? in.right() : in.left());
    in = is_left ? in.left() : in.right();
  }
  return roots_of(siblings, subtree);
}

Result<std::vector<Digest>> prove_consistency(std::uint64_t from, std::uint64_t to,
                                              const SubtreeRoot& subtree) {
  if (from == 0 || from > to)
    return fail(Reason::malformed, "from no entries, or more than there are, nothing is proved");
  std::vector<Stretch> met;
  Stretch in{0, to};
  // Down to the stretch that ends where the old tree ended.
  while (in.end != from) {
    const bool is_left = from <= in.middle();
    met.push_back(is_left ? in.right() : in.left());
    in = is_left ? in.left() : in.right();
  }
  // Of the whole old tree whoever checks has the root.
  if (in.begin != 0) met.push_back(in);
  return roots_of(met, subtree);
}

}  // namespace liaison::audit
