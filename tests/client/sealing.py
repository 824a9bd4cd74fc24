"""Sealing and opening letters (docs/PROTOCOL.md, section 8.2): the openssl tool signs, derives and
verifies; the envelope is put together here, because the tool does not give the content key."""

import hashlib
import secrets
import tempfile
import pathlib

import gcm
from tool import openssl

OID_AUTH_ENVELOPED = bytes.fromhex("060b2a864886f70d0109100117")
OID_DATA = bytes.fromhex("06092a864886f70d010701")
OID_EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
OID_ECDH_SHA256 = bytes.fromhex("06062b8104010b01")  # dhSinglePass-stdDH-sha256kdf-scheme
OID_AES256_WRAP = bytes.fromhex("060960864801650304012d")
OID_AES256_GCM = bytes.fromhex("060960864801650304012e")
SHARED_INFO = bytes.fromhex("3015300b060960864801650304012da206040400000100")


def tlv(tag, *parts):
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def parse(der):
    """[(tag, body, rest after it)] of the elements that lie one after another."""
    out, at = [], 0
    while at < len(der):
        tag, length, head = der[at], der[at + 1], 2
        if length & 0x80:
            head += length & 0x7F
            length = int.from_bytes(der[at + 2:at + head], "big")
        out.append((tag, der[at + head:at + head + length]))
        at += head + length
    return out


def bucket(size):
    """The padded length of a SignedData of `size` octets."""
    for limit in (2048, 4096):
        if size <= limit:
            return limit
    base = 4096
    while True:
        for quarter in range(1, 5):
            if size <= base + base * quarter // 4:
                return base + base * quarter // 4
        base *= 2


def commitment(content_key):
    return hashlib.sha256(b"liaison cek" + content_key).digest()


def signed(content, keys):
    """SignedData of `content`, padded."""
    with tempfile.NamedTemporaryFile(dir=keys.dir) as file:
        file.write(content)
        file.flush()
        der = openssl("cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-nosmimecap",
                      "-signer", keys.path("signing.pem"), "-inkey", keys.path("signing.key"),
                      "-in", file.name, "-outform", "DER")
    return der + bytes(bucket(len(der)) - len(der))


def public_point(certificate_pem):
    public = openssl("x509", "-in", certificate_pem, "-noout", "-pubkey")
    return openssl("pkey", "-pubin", "-outform", "DER", given=public)[-65:]


def seal(content, keys, recipient_pem):
    """(sealed octets, commitment)."""
    ephemeral = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    point = openssl("pkey", "-pubout", "-outform", "DER", given=ephemeral)[-65:]
    with tempfile.TemporaryDirectory(dir=keys.dir) as folder:
        folder = pathlib.Path(folder)
        (folder / "ephemeral.key").write_bytes(ephemeral)
        (folder / "peer.pub").write_bytes(
            openssl("x509", "-in", recipient_pem, "-noout", "-pubkey"))
        shared = openssl("pkeyutl", "-derive", "-inkey", folder / "ephemeral.key", "-peerkey",
                         folder / "peer.pub")
    wrapping = hashlib.sha256(shared + b"\0\0\0\1" + SHARED_INFO).digest()
    content_key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    ciphertext, mac = gcm.seal(content_key, nonce, signed(content, keys))
    identifier = hashlib.sha256(public_point(recipient_pem)).digest()[:20]
    recipient = tlv(0xA1, tlv(0x02, b"\3"),
                    tlv(0xA0, tlv(0xA1, tlv(0x30, OID_EC_PUBLIC_KEY), tlv(0x03, b"\0", point))),
                    tlv(0x30, OID_ECDH_SHA256, tlv(0x30, OID_AES256_WRAP)),
                    tlv(0x30, tlv(0x30, tlv(0xA0, tlv(0x04, identifier)),
                                  tlv(0x04, gcm.wrap(wrapping, content_key)))))
    encrypted = tlv(0x30, OID_DATA,
                    tlv(0x30, OID_AES256_GCM, tlv(0x30, tlv(0x04, nonce), tlv(0x02, b"\x10"))),
                    tlv(0x80, ciphertext))
    sealed = tlv(0x30, OID_AUTH_ENVELOPED,
                 tlv(0xA0, tlv(0x30, tlv(0x02, b"\0"), tlv(0x31, recipient), encrypted,
                               tlv(0x04, mac))))
    return sealed, commitment(content_key)


def content_key_of(sealed, sealing_key):
    """The content key of a letter in the profile, by its recipient's key."""
    enveloped = parse(parse(parse(parse(sealed)[0][1])[1][1])[0][1])
    recipient = parse(parse(enveloped[1][1])[0][1])
    point = parse(parse(recipient[1][1])[0][1])[1][1][1:]
    wrapped = parse(parse(recipient[3][1])[0][1])[1][1]
    public = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + point
    with tempfile.NamedTemporaryFile() as peer:
        peer.write(openssl("pkey", "-pubin", "-inform", "DER", given=public))
        peer.flush()
        shared = openssl("pkeyutl", "-derive", "-inkey", sealing_key, "-peerkey", peer.name)
    return gcm.unwrap(hashlib.sha256(shared + b"\0\0\0\1" + SHARED_INFO).digest(), wrapped)


def seal_by_openssl(content, keys, recipient_pem, recipient_key):
    """The same by `openssl cms -encrypt` alone. The tool does not give the content key, so the
    commitment takes the recipient's own key: possible in a test only."""
    sealed = openssl("cms", "-encrypt", "-binary", "-aes-256-gcm", "-aes256-wrap", "-recip",
                     recipient_pem, "-keyopt", "ecdh_kdf_md:sha256", "-keyid", "-outform", "DER",
                     given=signed(content, keys))
    return sealed, commitment(content_key_of(sealed, recipient_key))


def unseal(sealed, expected, keys):
    """The content of a letter to us, signature verified; ValueError if anything is not right."""
    if commitment(content_key_of(sealed, keys.path("sealing.key"))) != expected:
        raise ValueError("the commitment is to another content key")
    inside = openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey",
                     keys.path("sealing.key"), "-recip", keys.path("sealing.pem"), given=sealed)
    return openssl("cms", "-verify", "-binary", "-inform", "DER", "-CAfile",
                   keys.path("authority.pem"), "-x509_strict", given=inside)
