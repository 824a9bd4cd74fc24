#pragma once

#include "audit/tree.h"

namespace liaison::audit {

/// What someone who knows the tree of `from` entries needs to follow it to `to`, and to see that
/// the entries `wanted` (sorted) are in it: one list of hashes for all of them, where a proof for
/// each would repeat most of its hashes. Of each complete subtree of the larger tree, left to
/// right: nothing if it is one of those that the smaller tree falls into and nothing wanted lies in
/// it, or if it is a wanted leaf; its root if nothing wanted lies in it and no entry of it is
/// known, or it lies within one of those; else what its two halves need. Malformed: from > to, a
/// wanted entry not below `to`, or not sorted.
Result<std::vector<Digest>> prove_growth(std::uint64_t from, std::uint64_t to,
                                         const std::vector<std::uint64_t>& wanted,
                                         const SubtreeRoot& subtree);

}  // namespace liaison::audit
