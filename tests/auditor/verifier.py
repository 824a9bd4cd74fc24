#!/usr/bin/python3
"""Verifies an exported transparency log, from public documents alone.

usage: verifier.py log DIR [--keys FILE | --key VKEY...]
       verifier.py export OUT [--keys FILE | --key VKEY...]
       verifier.py inclusion DIR INDEX [--size N] [--keys FILE | --key VKEY...]
       verifier.py consistency DIR FROM_SIZE FROM_ROOT [--keys FILE | --key VKEY...]
       verifier.py proof FILE --entry ENTRYFILE (--keys FILE | --key VKEY...)

DIR holds a log as c2sp.org/tlog-tiles lays it out; OUT holds two of them, registry and message,
and the trusted verifier keys in OUT/keys; --witness VKEY trusts a witness besides. Exit 0 if all is
as the signed checkpoint says, else 1 and one line on standard error that says what is wrong and
where.

Written from c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof and
from RFC 6962 and RFC 9162, and from no code that writes such logs: were the two to share a
mistake, neither would find it.
"""

import argparse
import base64
import os
import pathlib
import sys

import notes
from merkle import consistent, included, leaf_hash
from strict import Refused, decimal, lines_of, read, unbase64
from tiles import HASH, TILE, Log
from whole import check_log


# ---- Proofs in a file: c2sp.org/tlog-proof

def parse_proof(octets, what):
    """(index, hashes, checkpoint's octets)."""
    head, parted, checkpoint = octets.partition(b"\n\n")
    lines = lines_of(head + b"\n", what)
    if not parted or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Refused(f"{what} is no c2sp.org/tlog-proof@v1")
    if lines and lines[0].startswith("extra "):
        if not unbase64(lines.pop(0)[6:], f"{what}: its extra data"):
            raise Refused(f"{what} has a line for extra data, and no data")
    if not lines or not lines[0].startswith("index "):
        raise Refused(f"{what} has no index where it should")
    index = decimal(lines.pop(0)[6:], f"{what}: its index")
    hashes = [unbase64(line, f"{what}: hash {at}", HASH) for at, line in enumerate(lines)]
    return index, hashes, checkpoint


# ---- Commands

def keys_for(options, otherwise=None):
    """The trusted keys: those named, or those of the file, one a line; and those of witnesses."""
    if options.key:
        return notes.trusted([*options.key, *options.witness])
    path = pathlib.Path(options.keys or otherwise)
    lines = lines_of(read(path, str(path), notes.LONGEST), str(path))
    return notes.trusted([*lines, *options.witness])


def keys_beside(options):
    return keys_for(options, os.path.join(os.path.dirname(os.path.abspath(options.dir)), "keys"))


def tell_checked(found, older):
    print(f"{found.origin}: {found.size} entries, {found}")
    for each in older:
        print(f"{each.origin}: its first {each.size} entries, {each}")


def tell_log(options):
    tell_checked(*check_log(options.dir, keys_beside(options)))


def tell_export(options):
    keys, origins = keys_for(options, pathlib.Path(options.dir, "keys")), set()
    for name in ("registry", "message"):
        try:
            found, older = check_log(pathlib.Path(options.dir, name), keys)
            if found.origin in origins:
                raise Refused(f"it is again the log {found.origin!r}")
        except Refused as problem:
            raise Refused(f"{name}: {problem}") from None
        origins.add(found.origin)
        tell_checked(found, older)


def tell_hashes(proof):
    for octets in proof:
        print(base64.b64encode(octets).decode())


def tell_inclusion(options):
    """For a smaller tree, its root has to lead to the signed one."""
    log = Log(options.dir, keys_beside(options))
    index, size = options.index, log.size if options.size is None else options.size
    if not index < size <= log.size:
        raise Refused(f"entry {index} is not in a tree of {size} entries within {log.size}")
    entry = dict(log.entries(index // TILE))[index]
    root = log.root if size == log.size else log.mth(0, size)
    if not consistent(size, root, log.size, log.root, log.consistency_proof(size, log.size)):
        raise Refused(f"the tree of {size} entries does not lead to the checkpoint")
    proof = log.inclusion_proof(index, size)
    if not included(leaf_hash(entry), index, size, proof, root):
        raise Refused(f"entry {index}: no inclusion proof by the tiles leads to the root")
    tell_hashes(proof)


def tell_consistency(options):
    log = Log(options.dir, keys_beside(options))
    old, root = options.from_size, unbase64(options.from_root, "FROM_ROOT", HASH)
    if old > log.size:
        raise Refused(f"the checkpoint has only {log.size} entries, not {old}")
    proof = log.consistency_proof(old, log.size)
    if not consistent(old, root, log.size, log.root, proof):
        raise Refused(f"no consistency proof by the tiles leads from that root of {old} entries to "
                      f"the checkpoint of {log.size}")
    tell_hashes(proof)


def tell_proof(options):
    octets = read(options.file, options.file, notes.LONGEST)
    index, proof, signed = parse_proof(octets, options.file)
    found = notes.open_checkpoint(signed, keys_for(options), f"{options.file}: checkpoint")
    with open(options.entry, "rb") as file:
        leaf = leaf_hash(file.read())
    if not included(leaf, index, found.size, proof, found.root):
        raise Refused(f"{options.file}: its hashes do not lead from entry {index} to the root")
    print(f"{found.origin}: entry {index} of {found.size} entries, {found}")


def number(text):
    try:
        return decimal(text, "this")
    except Refused as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, takes in [
            ("log", tell_log, {"dir": {}}),
            ("export", tell_export, {"dir": {"metavar": "OUT"}}),
            ("inclusion", tell_inclusion,
             {"dir": {}, "index": {"type": number}, "--size": {"type": number}}),
            ("consistency", tell_consistency,
             {"dir": {}, "from_size": {"type": number}, "from_root": {}}),
            ("proof", tell_proof, {"file": {}, "--entry": {"required": True}})]:
        command = commands.add_parser(name)
        for what, how in takes.items():
            command.add_argument(what, **how)
        keys = command.add_mutually_exclusive_group(required=name == "proof")
        keys.add_argument("--keys", metavar="FILE", help="trusted keys, one a line")
        keys.add_argument("--key", metavar="VKEY", action="append", help="a trusted key")
        command.add_argument("--witness", metavar="VKEY", action="append", default=[],
                             help="a trusted witness's key besides")
        command.set_defaults(run=run)
    return parser


def main(words=None):
    options = arguments().parse_args(words)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        options.run(options)
    except (Refused, OSError) as problem:
        where = f"{options.dir}: " if hasattr(options, "dir") else ""
        print(f"{where}{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
