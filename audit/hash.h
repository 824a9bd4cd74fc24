#pragma once

#include "base/id.h"

/// Logs that anyone can verify: formats of C2SP (c2sp.org) unchanged, over the Merkle tree of
/// RFC 9162, 2.1. What writes a tree (tree.h) and what checks one (proof.h) share these hashes and
/// nothing else, so that a mistake in one is found by the other.
namespace liaison::audit {

/// SHA-256(00 || entry): RFC 9162, 2.1.1.
Digest leaf_hash(ByteView entry);
/// SHA-256(01 || left || right).
Digest node_hash(const Digest& left, const Digest& right);
/// SHA-256 of nothing: the root of the empty tree.
Digest empty_root();

}  // namespace liaison::audit
