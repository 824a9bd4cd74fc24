"""Tiles and entry bundles: c2sp.org/tlog-tiles."""

import functools
import pathlib
import re

import notes
from merkle import EMPTY, fold, included, node_hash, split_at
from strict import Refused, read

TILE = 256                       # hashes in a full tile, entries in a full bundle
HASH = 32
LONGEST_BUNDLE = TILE * (2 + 0xffff)
PLACE = re.compile("tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:[.]p/([0-9]{1,3}))?")


def place(level, index, width=TILE):
    """Where a tile lies; level "entries" for an entry bundle."""
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    number = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{number}" + (f".p/{width}" if width < TILE else "")


def placed(path):
    """(level, index, width) of such a path, or None if it is none."""
    match = PLACE.fullmatch(path)
    if not match:
        return None
    level = match[1] if match[1] == "entries" else int(match[1])
    width = int(match[3]) if match[3] else TILE
    found = level, int(match[2].replace("x", "").replace("/", "")), width
    good = level == "entries" or level < 64
    return found if good and width and place(*found) == path else None


def tile_widths(size, level):
    """How wide each tile of a level is."""
    hashes = size >> 8 * level
    for start in range(0, hashes, TILE):
        yield min(TILE, hashes - start)


def entries_of(bundle, first, count, what):
    """(index, entry) of each; nothing may follow the last."""
    at = 0
    for index in range(first, first + count):
        end = at + 2 + int.from_bytes(bundle[at:at + 2], "big")
        if end > len(bundle):
            raise Refused(f"entry {index}: {what} ends within it or before it")
        yield index, bundle[at + 2:end]
        at = end
    if at != len(bundle):
        raise Refused(f"{what} goes on after entry {first + count - 1}, its last")


class Log:
    """One log: its checkpoint, opened with trusted keys, and hashes read from its tiles."""

    def __init__(self, folder, keys):
        self.folder = pathlib.Path(folder)
        octets = read(self.folder / "checkpoint", "checkpoint", notes.LONGEST)
        self.checkpoint = notes.open_checkpoint(octets, keys)
        self.size, self.root = self.checkpoint.size, self.checkpoint.root
        self.tile = functools.lru_cache(maxsize=64)(self._tile)

    def place(self, level, index):
        """Where the tile lies in a tree of the checkpoint's size."""
        return place(level, index, min(TILE, self.width(level, index)))

    def width(self, level, index):
        """How many hashes or entries the tile has; none if there is no such tile."""
        hashes = self.size >> (0 if level == "entries" else 8 * level)
        return max(0, min(TILE, hashes - index * TILE))

    def _tile(self, level, index):
        what, width = self.place(level, index), self.width(level, index)
        octets = read(self.folder / what, what, TILE * HASH)
        if len(octets) != width * HASH:
            raise Refused(f"{what} has {len(octets)} octets, not {width * HASH}")
        return [octets[i:i + HASH] for i in range(0, len(octets), HASH)]

    def bundle(self, index):
        what = self.place("entries", index)
        return read(self.folder / what, what, LONGEST_BUNDLE)

    def entries(self, index):
        """(index, entry) of each entry in one bundle."""
        what, width = self.place("entries", index), self.width("entries", index)
        return entries_of(self.bundle(index), index * TILE, width, what)

    def mth(self, start, end):
        """The Merkle Tree Hash of D[start:end]; start is a multiple of a power of two that is not
        smaller than the width, as it is wherever RFC 6962 divides a tree."""
        width = end - start
        if width == 0:
            return EMPTY
        if width & (width - 1):
            middle = start + split_at(width)
            return node_hash(self.mth(start, middle), self.mth(middle, end))
        level, rest = divmod(width.bit_length() - 1, 8)
        index, at = divmod(start >> 8 * level, TILE)
        return fold(self.tile(level, index)[at:at + (1 << rest)])

    def inclusion_proof(self, index, size):
        """PATH(index, D[size]) of RFC 6962, 2.1.1."""
        start, end, proof = 0, size, []
        while end - start > 1:
            middle = start + split_at(end - start)
            if index < middle:
                proof.append(self.mth(middle, end))
                end = middle
            else:
                proof.append(self.mth(start, middle))
                start = middle
        return proof[::-1]

    def consistency_proof(self, old, size):
        """PROOF(old, D[size]) of RFC 6962, 2.1.2; nothing is to be proved of the empty tree."""
        start, end, proof = 0, size, []
        while old and old != end:
            middle = start + split_at(end - start)
            if old <= middle:
                proof.append(self.mth(middle, end))
                end = middle
            else:
                proof.append(self.mth(start, middle))
                start = middle
        if start:
            proof.append(self.mth(start, end))
        return proof[::-1]

    def contains(self, index, leaf):
        """Whether the leaf's hash leads to the signed root by what the other tiles say."""
        try:
            proof = self.inclusion_proof(index, self.size)
        except Refused:
            return False
        return included(leaf, index, self.size, proof, self.root)
