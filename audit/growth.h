#pragma once

#include "audit/tree.h"

namespace liaison::audit {

/// What someone who knows the tree of `from` entries needs to follow it to `to`, and to see that
/// the entries `wanted` (sorted, from `from` on) are in it: one list of hashes for all of them,
/// where a proof for each would repeat most of its hashes. Of each complete subtree of the larger
/// tree, left to right: nothing if it lies in what is known or is a wanted leaf; its root if
/// nothing wanted lies in it; else what its two halves need. Malformed: from > to, a wanted entry
/// outside [from, to), or not sorted.
Result<std::vector<Digest>> prove_growth(std::uint64_t from, std::uint64_t to,
                                         const std::vector<std::uint64_t>& wanted,
                                         const SubtreeRoot& subtree);

}  // namespace liaison::audit
