#pragma once

#include <span>
#include <vector>

#include "base/id.h"

/// What who trusts nobody checks by itself. Nothing of tree.h is used here.
namespace liaison::audit {

/// More hashes than a tree of 2^64 entries has proofs of.
inline constexpr std::size_t proof_hashes_max = 64;

/// That an entry with this leaf hash is `index` in the tree of `size` entries with that root
/// (RFC 9162, 2.1.3.2). Untrusted if the proof does not show it.
Result<void> check_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                             std::span<const Digest> proof, const Digest& root);

/// That the tree of `from` entries is the beginning of that of `to` (2.1.4.2). Of equal sizes: that
/// the roots are equal, with no proof. Untrusted if the proof does not show it; malformed: from 0
/// (which every tree begins with, so that it would show nothing), or from > to.
Result<void> check_consistency(std::uint64_t from, const Digest& from_root, std::uint64_t to,
                               const Digest& to_root, std::span<const Digest> proof);

/// The root of entries that come one after the other (2.1.2).
class RootOf {
 public:
  void add(const Digest& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Of what was added so far.
  [[nodiscard]] Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> stack_;
};

}  // namespace liaison::audit
