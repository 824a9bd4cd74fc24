#pragma once

#include <functional>
#include <vector>

#include "base/id.h"

namespace liaison::audit {

/// The tree as who writes it keeps it: the roots of the complete subtrees that its entries fall
/// into, largest first (as many as its size has bits set). Appending is two hashes on average.
class Tree {
 public:
  Tree() = default;
  /// One that stood at `size`. Malformed: not as many subtrees as that size has.
  static Result<Tree> from(std::uint64_t size, std::vector<Digest> subtrees);

  void append(const Digest& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Digest>& subtrees() const { return subtrees_; }
  [[nodiscard]] Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> subtrees_;
};

/// The root of the complete subtree over the entries from index * 2^height on, 2^height of them;
/// an error where it cannot be read.
using SubtreeRoot = std::function<Result<Digest>(unsigned height, std::uint64_t index)>;

/// That the entry `index` is in the tree of the first `size`: from the leaf's sibling up
/// (RFC 9162, 2.1.3.1). Not found: index >= size.
Result<std::vector<Digest>> prove_inclusion(std::uint64_t index, std::uint64_t size,
                                            const SubtreeRoot& subtree);
/// That the tree of the first `from` entries is the beginning of that of the first `to` (2.1.4.1).
/// Malformed: from 0, or from > to.
Result<std::vector<Digest>> prove_consistency(std::uint64_t from, std::uint64_t to,
                                              const SubtreeRoot& subtree);

}  // namespace liaison::audit
