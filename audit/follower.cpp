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

  std::optional<Digest> root(std::uint64_t begin, unsigned height) {
    const auto end = begin + (std::uint64_t{1} << height);
    if (end <= size_) return take(known_);
    const auto leaf = leaves_.lower_bound(begin);
    const bool has_leaf = leaf != leaves_.end() && leaf->first < end;
    if (height == 0 && has_leaf) {
      ++leaves_met_;
      return leaf->second;
    }
    if (begin >= size_ && !has_leaf) return take(proof_);
    const auto left = root(begin, height - 1);
    if (!left) return std::nullopt;
    const auto right = root(begin + (std::uint64_t{1} << (height - 1)), height - 1);
    if (!right) return std::nullopt;
    return node_hash(*left, *right);
  }
  /// Whether all of it was taken.
  [[nodiscard]] bool is_done() const {
    return known_.empty() && proof_.empty() && leaves_met_ == leaves_.size();
  }

 private:
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
  std::size_t leaves_met_ = 0;
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

Result<void> Follower::follow(std::uint64_t to, const Digest& root,
                              const std::map<std::uint64_t, Digest>& leaves,
                              std::span<const Digest> proof) {
  const auto wrong = fail(Reason::untrusted, "the proof does not show that the log grew so");
  if (to < size_) return wrong;
  Walk walk(size_, subtrees_, leaves, proof);
  std::vector<Digest> subtrees;
  std::uint64_t begin = 0;
  for (const auto height : heights_of(to)) {
    const auto hash = walk.root(begin, height);
    if (!hash) return wrong;
    subtrees.push_back(*hash);
    begin += std::uint64_t{1} << height;
  }
  if (!walk.is_done() || fold(subtrees) != root) return wrong;
  size_ = to;
  subtrees_ = std::move(subtrees);
  return {};
}

}  // namespace liaison::audit
