"""AES-256-GCM and AES key wrap by the `openssl` tool, which has no GCM of its own: counter mode is
its, the tag is computed here (NIST SP 800-38D, RFC 3394). Independent of Liaison's code; slow."""

import hmac
import subprocess

WRAP_IV = "A6A6A6A6A6A6A6A6"


def _enc(cipher, key, data, *more):
    return subprocess.run(["openssl", "enc", f"-{cipher}", "-K", key.hex(), "-nopad", *more],
                          input=data, capture_output=True, check=True).stdout


def _times(x, y):
    """The product in GF(2^128) with the bit order of GCM."""
    z = 0
    for bit in range(127, -1, -1):
        if y >> bit & 1:
            z ^= x
        x = x >> 1 ^ (0xE1 << 120 if x & 1 else 0)
    return z


def _tag(key, nonce, data, aad):
    h = int.from_bytes(_enc("aes-256-ecb", key, bytes(16)), "big")
    def padded(part):
        return part + bytes(-len(part) % 16)
    blocks = padded(aad) + padded(data) + (8 * len(aad)).to_bytes(8, "big") \
        + (8 * len(data)).to_bytes(8, "big")
    y = 0
    for at in range(0, len(blocks), 16):
        y = _times(y ^ int.from_bytes(blocks[at:at + 16], "big"), h)
    mask = _enc("aes-256-ecb", key, nonce + b"\0\0\0\1")
    return (y ^ int.from_bytes(mask, "big")).to_bytes(16, "big")


def _counter(key, nonce, data):
    return _enc("aes-256-ctr", key, data, "-iv", (nonce + b"\0\0\0\2").hex()) if data else b""


def seal(key, nonce, plain, aad=b""):
    """(ciphertext, 16 octets of tag)."""
    data = _counter(key, nonce, plain)
    return data, _tag(key, nonce, data, aad)


def open_sealed(key, nonce, data, tag, aad=b""):
    """The plain text; ValueError if it is not what was sealed."""
    if not hmac.compare_digest(_tag(key, nonce, data, aad), tag):
        raise ValueError("the tag does not fit")
    return _counter(key, nonce, data)


def wrap(key, secret):
    """RFC 3394."""
    return _enc("id-aes256-wrap", key, secret, "-iv", WRAP_IV)


def unwrap(key, wrapped):
    return _enc("id-aes256-wrap", key, wrapped, "-iv", WRAP_IV, "-d")
