"""Merkle trees: RFC 6962, 2.1, and the verifications of RFC 9162, 2.1.3.2 and 2.1.4.2."""

import hashlib


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


EMPTY = hashlib.sha256(b"").digest()


def fold(hashes):
    """The root of a complete subtree."""
    while len(hashes) > 1:
        hashes = [node_hash(*hashes[i:i + 2]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def split_at(width):
    """The largest power of two smaller than the width."""
    return 1 << ((width - 1).bit_length() - 1)


def up_the_right_edge(first, last):
    """Both indices after the levels at which the last node has no sibling."""
    while first and not first & 1:
        first, last = first >> 1, last >> 1
    return first, last


def included(leaf, index, size, proof, root):
    """Whether the proof leads from that leaf to that root."""
    if index >= size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            at, last = up_the_right_edge(at, last)
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(old_size, old_root, size, root, proof):
    """Whether the proof leads from the older tree to the newer; the empty tree leads to any."""
    if old_size == 0:
        return old_root == EMPTY and not proof
    if old_size >= size:
        return old_size == size and old_root == root and not proof
    if not proof:
        return False
    path = [old_root] * (old_size & (old_size - 1) == 0) + list(proof)
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            at, last = up_the_right_edge(at, last)
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == root
