"""Keys, signed notes, checkpoints and cosignatures: c2sp.org/signed-note, tlog-checkpoint and
tlog-cosignature."""

import hashlib
import pathlib
import re
import subprocess
import tempfile
from typing import NamedTuple

from strict import Refused, decimal, lines_of, unbase64

LONGEST = 1 << 20                # octets; the document asks for a limit
MOST_SIGNATURES = 100            # it asks for 16 at least
LOG, WITNESS = 0x01, 0x04        # signature types
HASH = PUBLIC = 32
SIGNATURE = 64
SPKI = bytes.fromhex("302a300506032b6570032100")     # what stands before an Ed25519 key in DER


class Key(NamedTuple):
    name: str
    id: bytes
    type: int
    public: bytes


def check_name(name, what):
    if not name or "+" in name or any(c.isspace() for c in name):
        raise Refused(f"{what} has no proper key name: {name[:80]!r}")


def verifier_key(text):
    """A key from its vkey: name+id+base64(type || public key)."""
    what = f"the key {text!r}"
    parts = text.split("+", 2)
    if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise Refused(f"{what} is not name+id+key")
    name, told, rest = parts
    check_name(name, what)
    octets = unbase64(rest, what)
    if octets[:1] not in (bytes([LOG]), bytes([WITNESS])) or len(octets) != 1 + PUBLIC:
        raise Refused(f"{what} is neither an Ed25519 log's nor an Ed25519 witness's")
    made = hashlib.sha256(name.encode() + b"\n" + octets).digest()[:4]
    if made.hex() != told:
        raise Refused(f"{what} has another id: {made.hex()}")
    return Key(name, made, octets[0], octets[1:])


def trusted(texts):
    """{(name, id): key}: by this pair a signature says whose it is."""
    keys = {}
    for key in map(verifier_key, texts):
        if (key.name, key.id) in keys:
            raise Refused(f"the key {key.name}+{key.id.hex()} is named twice")
        keys[key.name, key.id] = key
    if not keys:
        raise Refused("no key is trusted")
    return keys


def verifies(public, message, signature):
    """Whether openssl finds the Ed25519 signature good. It reads files only."""
    with tempfile.TemporaryDirectory(prefix="verifier-") as folder:
        paths = [pathlib.Path(folder, name) for name in ("key", "message", "signature")]
        for path, octets in zip(paths, (SPKI + public, message, signature)):
            path.write_bytes(octets)
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER",
                   "-inkey", paths[0], "-in", paths[1], "-sigfile", paths[2]]
        try:
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
        except OSError as problem:
            raise Refused(f"openssl cannot be run: {problem.strerror}") from None
    return done.returncode == 0 and b"Signature Verified Successfully" in done.stdout


class Signature(NamedTuple):
    name: str
    id: bytes
    octets: bytes


def signature_line(line, what):
    if not line.startswith("\N{EM DASH} "):
        raise Refused(f"{what} has a line among its signatures that is none: {line[:80]!r}")
    name, _, rest = line[2:].partition(" ")
    check_name(name, what)
    octets = unbase64(rest, f"{what}: the signature of {name}")
    if len(octets) < 5:
        raise Refused(f"{what}: the signature of {name} has only {len(octets)} octets")
    return Signature(name, octets[:4], octets[4:])


def parse_note(octets, what):
    """(text, signatures): they are parted by the last empty line."""
    lines = lines_of(octets, what)
    if "" not in lines:
        raise Refused(f"{what} has no empty line before its signatures")
    parted = len(lines) - 1 - lines[::-1].index("")
    text = "".join(f"{line}\n" for line in lines[:parted])
    signatures = [signature_line(line, what) for line in lines[parted + 1:]]
    if not text or not 0 < len(signatures) <= MOST_SIGNATURES:
        raise Refused(f"{what} has no text, or {len(signatures)} signatures")
    return text, signatures


def signed_message(key, text, octets):
    """(message, Ed25519 signature), or None if the octets cannot be a signature of this type."""
    if key.type == LOG:
        return (text.encode(), octets) if len(octets) == SIGNATURE else None
    time = int.from_bytes(octets[:8], "big")
    if len(octets) != 8 + SIGNATURE or time >= 1 << 63:
        return None
    return f"cosignature/v1\ntime {time}\n{text}".encode(), octets[8:]


def opened(octets, keys, what):
    """(text, the known keys that signed it). Others' signatures count for nothing, a known key's
    bad one against the whole note."""
    text, signatures = parse_note(octets, what)
    signers = set()
    for name, key_id, signature in signatures:
        key = keys.get((name, key_id))
        if not key:
            continue
        message = signed_message(key, text, signature)
        if not message or not verifies(key.public, *message):
            raise Refused(f"{what}: the signature of {name}+{key_id.hex()} is bad")
        signers.add(key)
    return text, signers


# ---- Checkpoints

class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    signers: list
    cosigners: list

    def __str__(self):
        return f"root {self.root.hex()}, signed by {', '.join(self.signers)}, " \
            f"cosigned by {', '.join(self.cosigners) or 'nobody that is trusted'}"


def parse_tree(text, what):
    """(origin, size, root) of a checkpoint's text; extension lines say nothing to us."""
    lines = text[:-1].split("\n")
    if len(lines) < 3 or "" in lines:
        raise Refused(f"{what} has fewer than three lines, or an empty one")
    size = decimal(lines[1], f"{what}: the tree size")
    return lines[0], size, unbase64(lines[2], f"{what}: the root", HASH)


def open_checkpoint(octets, keys, what="checkpoint"):
    """A checkpoint that the log itself signed. A vkey says no more of its log than a name; so it is
    the log's own only if that name is the origin, else one log could sign for another."""
    text, signers = opened(octets, keys, what)
    origin, size, root = parse_tree(text, what)
    names = sorted({key.name for key in signers if key.type == LOG})
    if origin not in names:
        raise Refused(f"{what}: no trusted key of {origin!r} signed it")
    cosigners = sorted({key.name for key in signers if key.type == WITNESS})
    return Checkpoint(origin, size, root, names, cosigners)
