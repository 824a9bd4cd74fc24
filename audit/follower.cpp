#include "audit/follower.h"

#include <optional>

#include "audit/hash.h"

namespace liaison::audit {
namespace {

/// Subtrees of a tree of `size` entries, largest first: their heights.
std::vector<unsigned> heights_of(std::uint64_t size) {
  std::vector<unsigned> out;
  for (unsigned height = 64; height-- > 0;)
    if ((size >> height & 1) != 0) out.push_back(height);
  return out;
}

Digest fold(const std::vector<Digest>& subtrees) {
  if (subtrees.empty()) return empty_root();
  auto out = subtrees.back();
  for (auto i = subtrees.size() - 1; i-- > 0;)
    out = node_hash(subtrees[i], out);
  return out;
}

/// Takes hashes from what is known, from the leaves and from the proof, left to right.
class Walk {
 public:
  Walk(std::uint64_t size, std::span<const Digest> known,
       const std::map<std::uint64_t, Digest>& leaves, std::span<const Digest> proof)
      : size_(size), known_(known), leaves_(leaves), proof_(proof) {}

  /// The root of a complete subtree; `within`: it lies in a larger one whose root is known. Nothing
  /// if the proof is none.
  std::optional<Digest> root(std::uint64_t begin, unsigned height, bool within = false) {
    const auto end = begin + (std::uint64_t{1} << height);
    const auto leaf = leaves_.lower_bound(begin);
    const bool has_leaf = leaf != leaves_.end() && leaf->first < end;
    if (end > size_ || within) {
      if (!has_leaf && (within || begin >= size_)) return take(proof_);
      return root_of_halves(begin, height, within);
    }
    const auto known = take(known_);
    if (!has_leaf) return known;
    const auto again = root_of_halves(begin, height, true);
    return again == known ? again : std::nullopt;
  }
  /// What comes after the leaf's own subtree in its proof.
  void add(std::uint64_t begin, std::uint64_t end, const Digest& sibling) {
    for (auto at = proofs.lower_bound(begin); at != proofs.end() && at->first < end; ++at)
      at->second.push_back(sibling);
  }
  /// Whether all of it was taken.
  [[nodiscard]] bool is_done() const {
    return known_.empty() && proof_.empty() && proofs.size() == leaves_.size();
  }

  Follower::Proofs proofs;

 private:
  std::optional<Digest> root_of_halves(std::uint64_t begin, unsigned height, bool within) {
    if (height == 0) {
      proofs[begin];
      return leaves_.at(begin);
    }
    const auto middle = begin + (std::uint64_t{1} << (height - 1));
    const auto left = root(begin, height - 1, within);
    if (!left) return std::nullopt;
    const auto right = root(middle, height - 1, within);
    if (!right) return std::nullopt;
    add(begin, middle, *right);
    add(middle, begin + (std::uint64_t{1} << height), *left);
    return node_hash(*left, *right);
  }
  static std::optional<Digest> take(std::span<const Digest>& from) {
    if (from.empty()) return std::nullopt;
    const auto out = from.front();
    from = from.subspan(1);
    return out;
  }

  std::uint64_t size_;
  std::span<const Digest> known_;
  const std::map<std::uint64_t, Digest>& leaves_;
  std::span<const Digest> proof_;
};

}  // namespace

Result<Follower> Follower::from(std::uint64_t size, std::vector<Digest> subtrees) {
  if (heights_of(size).size() != subtrees.size())
    return fail(Reason::malformed, "the subtrees that were kept do not make the log's size");
  Follower out;
  out.size_ = size;
  out.subtrees_ = std::move(subtrees);
  return out;
}

Digest Follower::root() const {
  return fold(subtrees_);
}

Result<Follower::Proofs> Follower::follow(std::uint64_t to, const Digest& root,
                                          const std::map<std::uint64_t, Digest>& leaves,
                                          std::span<const Digest> proof) {
  const auto wrong = fail(Reason::untrusted, "the proof does not show that the log grew so");
  if (to < size_) return wrong;
  Walk walk(size_, subtrees_, leaves, proof);
  const auto heights = heights_of(to);
  std::vector<Digest> subtrees;
  std::uint64_t begin = 0;
  for (const auto height : heights) {
    const auto hash = walk.root(begin, height);
    if (!hash) return wrong;
    subtrees.push_back(*hash);
    begin += std::uint64_t{1} << height;
  }
  if (!walk.is_done() || fold(subtrees) != root) return wrong;
  // Up the right edge: beside each subtree lies all that is to its right, then what is to its left.
  auto right_of = subtrees.empty() ? Digest{} : subtrees.back();
  for (auto i = subtrees.size(); i-- > 1;) {
    const auto middle = begin - (std::uint64_t{1} << heights[i]);
    const auto width = std::uint64_t{1} << heights[i - 1];
    walk.add(middle - width, middle, right_of);
    walk.add(middle, to, subtrees[i - 1]);
    right_of = node_hash(subtrees[i - 1], right_of);
    begin = middle;
  }
  size_ = to;
  subtrees_ = std::move(subtrees);
  return std::move(walk.proofs);
}

}  // namespace liaison::audit
