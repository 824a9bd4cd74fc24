"""Small logs to verify, with keys of their own.

The trees here are the definitions of RFC 6962, 2.1, letter by letter and over lists: they share
nothing with how the verifier reads tiles.
"""

import base64
import hashlib
import pathlib
import subprocess
import tempfile

DASH = "\N{EM DASH}"


# ---- RFC 6962, 2.1

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def divided(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def mth(hashes):
    """MTH(D[n]) over the entries' hashes."""
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    k = divided(len(hashes))
    return sha256(b"\1", mth(hashes[:k]), mth(hashes[k:]))


def path(m, hashes):
    """PATH(m, D[n])"""
    if len(hashes) == 1:
        return []
    k = divided(len(hashes))
    if m < k:
        return path(m, hashes[:k]) + [mth(hashes[k:])]
    return path(m - k, hashes[k:]) + [mth(hashes[:k])]


def subproof(m, hashes, whole=True):
    """SUBPROOF(m, D[n], b); PROOF(m, D[n]) is that with b true."""
    if m == len(hashes):
        return [] if whole else [mth(hashes)]
    k = divided(len(hashes))
    if m <= k:
        return subproof(m, hashes[:k], whole) + [mth(hashes[k:])]
    return subproof(m - k, hashes[k:], False) + [mth(hashes[:k])]


# ---- Keys

def openssl(*words, given=b""):
    return subprocess.run(["openssl", *map(str, words)], input=given, check=True,
                          capture_output=True).stdout


def base64d(octets):
    return base64.b64encode(octets).decode()


class Signer:
    """An Ed25519 key of a log (type 1) or a witness (type 4)."""

    def __init__(self, name, kind=1):
        self.name, self.kind = name, kind
        self.private = openssl("genpkey", "-algorithm", "ED25519", "-outform", "DER")
        public = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER",
                         given=self.private)[-32:]
        typed = bytes([kind]) + public
        self.id = sha256(name.encode(), b"\n", typed)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64d(typed)}"

    def signature(self, message):
        with tempfile.TemporaryDirectory() as folder:
            key, given = pathlib.Path(folder, "key"), pathlib.Path(folder, "given")
            key.write_bytes(self.private)
            given.write_bytes(message)
            return openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key,
                           "-in", given)

    def line(self, text, time=1679315147, spoil=lambda octets: octets):
        """The line that signs the text, or cosigns it at a time."""
        if self.kind == 1:
            octets = self.signature(text.encode())
        else:
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
            octets = time.to_bytes(8, "big") + self.signature(message)
        return f"{DASH} {self.name} {base64d(self.id + spoil(octets))}\n"


# ---- Logs

def entry(index):
    """Entries of several lengths, some empty."""
    return b"" if index % 50 == 3 else f"entry {index} ".encode() * (1 + index % 4)


def named(number):
    return f"{number:03}" if number < 1000 else f"x{number // 1000:03}/{number % 1000:03}"


class Built:
    """A log in a folder, and what it should be."""

    def __init__(self, folder, origin, size, signers, entry_at=entry):
        self.folder, self.origin, self.size = folder, origin, size
        self.entries = [entry_at(i) for i in range(size)]
        self.hashes = [sha256(b"\0", e) for e in self.entries]
        self.root = mth(self.hashes)
        self.text = f"{origin}\n{size}\n{base64d(self.root)}\n"
        self.note = self.text + "\n" + "".join(signer.line(self.text) for signer in signers)
        self.write("checkpoint", self.note.encode())
        self.write_tiles()

    def write(self, name, octets):
        where = self.folder / name
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(octets)

    def write_tiles(self):
        bundled = [len(e).to_bytes(2, "big") + e for e in self.entries]
        self.write_level("entries", bundled)
        level, hashes = 0, self.hashes
        while hashes:
            self.write_level(level, hashes)
            whole = len(hashes) // 256
            hashes = [mth(hashes[256 * i:256 * i + 256]) for i in range(whole)]
            level += 1

    def write_level(self, level, items):
        for start in range(0, len(items), 256):
            part = items[start:start + 256]
            end = f".p/{len(part)}" if len(part) < 256 else ""
            self.write(f"tile/{level}/{named(start // 256)}{end}", b"".join(part))
