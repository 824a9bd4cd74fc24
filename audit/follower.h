#pragma once

#include <map>
#include <span>
#include <vector>

#include "base/id.h"

namespace liaison::audit {

/// A log as someone knows it who has followed it from its beginning: the roots of the complete
/// subtrees that its entries fall into. Each step is proved (growth.h makes the proofs; nothing
/// else of it is used here), so that a log that was rewritten cannot be followed.
class Follower {
 public:
  Follower() = default;
  /// As kept: malformed if these are not as many subtrees as that size has.
  static Result<Follower> from(std::uint64_t size, std::vector<Digest> subtrees);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Digest>& subtrees() const { return subtrees_; }
  [[nodiscard]] Digest root() const;

  /// The proof of each leaf by itself, as check_inclusion() takes it.
  using Proofs = std::map<std::uint64_t, std::vector<Digest>>;
  /// Goes on to the tree of `to` entries with that root, in which each of `leaves` (by its index)
  /// is. Untrusted if the proof does not show it: nothing changes.
  Result<Proofs> follow(std::uint64_t to, const Digest& root,
                        const std::map<std::uint64_t, Digest>& leaves,
                        std::span<const Digest> proof);

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> subtrees_;
};

}  // namespace liaison::audit
