"""Keys, signatures and ciphers, all by Debian's `openssl` command.

Private keys are PEM octets, public keys DER SubjectPublicKeyInfo.
"""

import base64
import contextlib
import functools
import hashlib
import pathlib
import subprocess
import tempfile

import der


class Failed(Exception):
    """The openssl command refused: a wrong key, signature or ciphertext."""


def openssl(*words, given=b""):
    done = subprocess.run(["openssl", *map(str, words)], input=given, capture_output=True)
    if done.returncode:
        raise Failed(f"openssl {words[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


@contextlib.contextmanager
def files(**contents):
    """The paths of files with these contents, for as long as they are needed."""
    with tempfile.TemporaryDirectory(prefix="liaison-client-") as folder:
        paths = []
        for name, octets in contents.items():
            paths.append(pathlib.Path(folder, name))
            paths[-1].write_bytes(octets)
        yield paths


def pem(certificate):
    """A certificate as the command reads it."""
    body = base64.encodebytes(certificate)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- Keys

def new_p256():
    return openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")


def new_raw(algorithm):
    """(private, public) of X25519 or Ed25519: 32 octets each."""
    private = openssl("genpkey", "-algorithm", algorithm, "-outform", "DER")
    public = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", given=private)
    return private[-32:], public[-32:]


@functools.cache
def public_of(private):
    return openssl("pkey", "-pubout", "-outform", "DER", given=private)


def point(public):
    """The 65 octets of a P-256 public key."""
    if len(public) != 91 or public[26] != 4:
        raise der.Malformed("not a P-256 key with named curve and uncompressed point")
    return public[26:]


# What stands before the 65 octets in a SubjectPublicKeyInfo.
P256 = der.item(der.SEQUENCE, der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7"))


def public_from(octets):
    return der.item(der.SEQUENCE, P256, der.item(der.BITS, b"\0", octets))


def key_id(public):
    """SKI: the first 20 octets of SHA-256 of the point (RFC 7093, method 1)."""
    return sha256(point(public))[:20]


# ---- Signatures: ECDSA with SHA-256, DER

def sign(private, message):
    with files(key=private) as (key,):
        return openssl("dgst", "-sha256", "-sign", key, given=message)


@functools.cache   # several clients of one process check the same registry
def verified(public, signature, message):
    with files(key=public, signature=signature) as (key, file):
        try:
            openssl("dgst", "-sha256", "-verify", key, "-keyform", "DER", "-signature", file,
                    given=message)
            return True
        except Failed:
            return False


# ---- Ciphers

def agreed(private, public):
    """The shared secret: the 32 octets of the x coordinate."""
    with files(key=private, peer=public) as (key, peer):
        return openssl("pkeyutl", "-derive", "-inkey", key, "-peerkey", peer, "-peerform", "DER")


def _wrap(direction, wrapping, octets):
    return openssl("enc", direction, "-id-aes256-wrap", "-nopad", "-K", wrapping.hex(),
                   "-iv", "A6" * 8, given=octets)


def wrap(wrapping, key):
    return _wrap("-e", wrapping, key)


def unwrap(wrapping, octets):
    return _wrap("-d", wrapping, octets)


def _times_h(hash_key):
    """Multiplication by H in GF(2^128), four bits at a time (NIST SP 800-38D)."""
    def times_x(value):
        return value >> 1 ^ (0xE1 << 120 if value & 1 else 0)
    powers = [hash_key]
    for _ in range(127):
        powers.append(times_x(powers[-1]))
    tables = []
    for first in range(0, 128, 8):
        table = [0] * 256
        for octet in range(256):
            for bit in range(8):
                if octet >> 7 - bit & 1:
                    table[octet] ^= powers[first + bit]
        tables.append(table)

    def multiply(value):
        product = 0
        for table, octet in zip(tables, value.to_bytes(16, "big")):
            product ^= table[octet]
        return product
    return multiply


def gcm(key, nonce, plain):
    """(ciphertext, tag) of AES-256-GCM without further data. The openssl command has no GCM, but
    counter mode, which is half of it."""
    first = nonce + b"\0\0\0\1"
    stream = openssl("enc", "-aes-256-ctr", "-K", key.hex(), "-iv", first.hex(),
                     given=bytes(16) + plain)
    hash_key = openssl("enc", "-aes-256-ecb", "-nopad", "-K", key.hex(), given=bytes(16))
    mask, cipher = stream[:16], stream[16:]
    multiply, total = _times_h(int.from_bytes(hash_key, "big")), 0
    for at in range(0, len(cipher), 16):
        total = multiply(total ^ int.from_bytes(cipher[at:at + 16].ljust(16, b"\0"), "big"))
    total = multiply(total ^ 8 * len(cipher))
    return cipher, bytes(a ^ b for a, b in zip(total.to_bytes(16, "big"), mask))
