"""The broker's logs, as a node follows them: docs/PROTOCOL.md, section 7.7.

Signed notes and the verifications of RFC 9162 are the second verifier's, which was written from
documents too.
"""

import hashlib
import struct
from typing import NamedTuple

import merkle
import notes
import wire
from schema import ENUMS
from strict import Refused

HASH = 32


# ---- Entries

def accepted_entry(letter, accepted_at):
    """The octets of the entry of a letter that was accepted. The writer puts one value behind the
    other in the order in which they stand here."""
    return wire.encode("log.LogEntry", {
        "version": 1, "kind": "accepted", "at": accepted_at, "letter": letter["id"],
        "sender": letter["sender"], "recipient": letter["recipient"],
        "size": len(letter["sealed"]), "digest": hashlib.sha256(letter["sealed"]).digest(),
        "commitment": letter["commitment"]})


def registry_root(entries):
    """The root of the registry log with these entries."""
    kinds = ENUMS["link.EntryKind"]
    return tree_root([merkle.leaf_hash(
        b"liaison registry 1\0" + struct.pack(">HQ", kinds.index(each["kind"]), each["at"])
        + hashlib.sha256(each["body"]).digest()) for each in entries])


def hashes_of(octets):
    """A list of hashes as frames carry it."""
    if len(octets) % HASH:
        raise Refused("a list of hashes that is none")
    return [octets[at:at + HASH] for at in range(0, len(octets), HASH)]


def tree_root(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else merkle.EMPTY
    middle = merkle.split_at(len(hashes))
    return merkle.node_hash(tree_root(hashes[:middle]), tree_root(hashes[middle:]))


# ---- Checkpoints

class Broker(NamedTuple):
    """Whose logs: what the invitation says, and the epoch of the welcome."""
    authority: str      # its fingerprint, in hexadecimal
    keys: list          # the public keys, in hexadecimal
    epoch: int

    def name(self, log):
        """Of a log and of its keys; `log` is "registry" or "message"."""
        return f"liaison/{self.authority[:16]}/{log}/{self.epoch}"

    def keys_of(self, log):
        name = self.name(log)
        for public in map(bytes.fromhex, self.keys):
            octets = bytes([notes.LOG]) + public
            key_id = hashlib.sha256(name.encode() + b"\n" + octets).digest()[:4]
            yield notes.Key(name, key_id, notes.LOG, public)

    def checkpoint(self, log, note):
        """(size, root) of a checkpoint, if one of the keys signed it."""
        keys = {(key.name, key.id): key for key in self.keys_of(log)}
        note = note.encode() if isinstance(note, str) else note     # in letters they are Data
        text, signers = notes.opened(note, keys, f"the {log} checkpoint")
        origin, size, root = notes.parse_tree(text, f"the {log} checkpoint")
        if not signers or origin != self.name(log) or text.count("\n") != 3:
            raise Refused(f"the {log} checkpoint is another's, or nobody's: {note!r}")
        return size, root


# ---- The message log

def complete(size):
    """The complete subtrees that a tree of this size falls into, largest first: (first, width)."""
    first = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield first, 1 << level
            first += 1 << level


class _Walk:
    """Through the subtrees of the newer tree, with the list of hashes at hand."""

    def __init__(self, known, leaves, growth):
        """`leaves`: the hashes of those shown, by place."""
        self.known, self.leaves = known, leaves
        self.hashes = iter(hashes_of(growth))
        self.met = {}       # (first, end): hash

    def subtree(self, first, width, within=False):
        asked = any(first <= leaf < first + width for leaf in self.leaves)
        known = self.known.subtrees.get((first, width))
        if known and not asked:
            found = known
        elif width == 1 and asked:
            found = self.leaves[first]
        elif not asked and (within or first >= self.known.size):
            found = next(self.hashes, None)
            if not found:
                raise Refused("the list has too few hashes")
        else:
            within, half = within or bool(known), width // 2
            found = merkle.node_hash(self.subtree(first, half, within),
                                     self.subtree(first + half, half, within))
        if known and found != known:
            raise Refused(f"the {width} entries from {first} on are not those that were known")
        self.met[first, first + width] = found
        return found


class Followed(NamedTuple):
    """The message log as far as it was verified."""
    size: int = 0
    subtrees: dict = {}         # (first, width): hash
    met: dict = {}              # (first, end): each hash met, of incomplete subtrees too

    @property
    def root(self):
        return self.met.get((0, self.size), merkle.EMPTY)

    def grown(self, size, root, leaves, growth):
        """What is followed once the list has shown that the tree of that size and root continues
        this one, and has those leaves (their hashes by place)."""
        if size < self.size or any(leaf >= size for leaf in leaves):
            raise Refused("a smaller tree than it must be")
        walk = _Walk(self, leaves, growth)
        subtrees = {each: walk.subtree(*each) for each in complete(size)}
        if next(walk.hashes, None):
            raise Refused("the list has a hash left over")
        made = None
        for (first, _), found in reversed(subtrees.items()):
            made = walk.met[first, size] = merkle.node_hash(found, made) if made else found
        found = Followed(size, subtrees, walk.met)
        if found.root != root:
            raise Refused("these make another root than the checkpoint's")
        return found

    def proof_of(self, leaf):
        """The proof of one leaf by itself, of the hashes met (RFC 9162, 2.1.3.1)."""
        first, end, found = 0, self.size, []
        while end - first > 1:
            middle = first + merkle.split_at(end - first)
            if leaf < middle:
                found, end = [self.met[middle, end], *found], middle
            else:
                found, first = [self.met[first, middle], *found], middle
        return found
