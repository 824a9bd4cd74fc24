"""Every octet of a log against the next that vouches for it, up to the signed checkpoint."""

import notes
from merkle import fold, leaf_hash
from strict import Refused, read
from tiles import HASH, TILE, Log, entries_of, placed


def check_entries(log):
    """Each entry against its hash at level 0."""
    for number in range(-(-log.size // TILE)):
        hashes = log.tile(0, number)
        for index, entry in log.entries(number):
            found, told = leaf_hash(entry), hashes[index % TILE]
            if found == told:
                continue
            wrong = "the entry is wrong" if log.contains(index, told) else \
                "the tile is wrong" if log.contains(index, found) else "more is wrong"
            raise Refused(f"entry {index}: its hash is not the one in {log.place(0, number)} "
                          f"({wrong}, by the checkpoint)")


def check_levels(log):
    """Each hash above level 0 against the whole tile below of which it is the root."""
    level = 1
    while log.size >> 8 * level:
        for index in range(log.size >> 8 * level):
            above, below = index // TILE, log.tile(level - 1, index)
            if log.tile(level, above)[index % TILE] != fold(below):
                span = TILE ** level
                raise Refused(
                    f"{log.place(level, above)}: its hash {index % TILE} is not the root of "
                    f"{log.place(level - 1, index)} (entries {index * span} to "
                    f"{(index + 1) * span - 1})")
        level += 1


def check_root(log):
    found = log.mth(0, log.size)
    if found != log.root:
        raise Refused(f"checkpoint: its root {log.root.hex()} is not that of the tiles, "
                      f"{found.hex()}")


def check_older(log, name, level, index, width):
    """A partial tile of an earlier checkpoint, which a log may keep, is how the later one began."""
    now = log.bundle(index) if level == "entries" else b"".join(log.tile(level, index))
    then = read(log.folder / name, name, len(now))
    if level == "entries":
        for _ in entries_of(then, index * TILE, width, name):
            pass
    elif len(then) != width * HASH:
        raise Refused(f"{name} has {len(then)} octets, not {width * HASH}")
    if not now.startswith(then):
        raise Refused(f"{name} is not how {log.place(level, index)} begins")


def check_others(log):
    """No file under tile/ is without a place in a tree of this size: none would vouch for it."""
    for path in sorted((log.folder / "tile").rglob("*")):
        name = path.relative_to(log.folder).as_posix()
        if path.is_dir():
            continue
        at = placed(name)
        if not at or at[2] > log.width(at[0], at[1]):
            raise Refused(f"{name!r} has no place in a log of {log.size} entries")
        if at[2] < log.width(at[0], at[1]):
            check_older(log, name, *at)


def older_checkpoints(log, keys):
    """Those that lie beside the newest, in cosigned/ under their sizes: each is what the log was
    then, or the log has signed two histories."""
    found = []
    for path in sorted(log.folder.glob("cosigned/*"), key=lambda path: (len(path.name), path.name)):
        name = path.relative_to(log.folder).as_posix()
        older = notes.open_checkpoint(read(path, name, notes.LONGEST), keys, name)
        origin = log.checkpoint.origin
        if older.origin != origin or older.size > log.size:
            raise Refused(f"{name} is of {older.origin!r} with {older.size} entries, and this is "
                          f"{origin!r} with {log.size}")
        if older.root != log.mth(0, older.size):
            raise Refused(f"{name}: its root is not that of the first {older.size} entries, and "
                          f"the log signed both")
        found.append(older)
    return found


def check_log(folder, keys):
    """(its checkpoint, older ones that witnesses cosigned)"""
    log = Log(folder, keys)
    for check in (check_entries, check_levels, check_root, check_others):
        check(log)
    return log.checkpoint, older_checkpoints(log, keys)
