"""Sealed letters: docs/PROTOCOL.md, section 8."""

import secrets

import crypto
import der
import wire
from certificates import Unfit
from der import INTEGER, OCTETS, OID, SEQUENCE, SET

DATA = der.oid("1.2.840.113549.1.7.1")
SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
AUTH_ENVELOPED = der.oid("1.2.840.113549.1.9.16.1.23")
EC_KEY = der.item(SEQUENCE, der.oid("1.2.840.10045.2.1"))
AGREEMENT = der.item(SEQUENCE, der.oid("1.3.132.1.11.1"),
                     der.item(SEQUENCE, der.oid("2.16.840.1.101.3.4.1.45")))
AES_GCM = der.oid("2.16.840.1.101.3.4.1.46")
SHARED_INFO = bytes.fromhex("3015300b060960864801650304012da206040400000100")
ATTRIBUTES = [der.oid("1.2.840.113549.1.9." + last) for last in ("3", "5", "4")]
SEALED_MAX, PADDED_MAX, CONTENT_MAX = 512 * 1024, 523_264, 436 * 1024


class Unopenable(Exception):
    """A letter that must not be believed, and why (which is told to nobody)."""


class NoSuchKey(Exception):
    """A letter to a sealing key that is not here."""


class NotYet(Exception):
    """A letter whose signer is not in the registry here, or not followed, yet: left for later."""


def padded(octets):
    """With zeros up to a bucket: 2048, 4096, then four steps to each doubling."""
    size = 2048
    while size < len(octets):
        size += max(1024, 1 << size.bit_length() - 3) if size >= 4096 else 2048
    return octets.ljust(min(size, PADDED_MAX), b"\0")


def commitment_to(key):
    return crypto.sha256(b"liaison cek", key)


def _wrapping_key(private, public):
    return crypto.sha256(crypto.agreed(private, public), b"\0\0\0\1", SHARED_INFO)


# ---- Sealing

def signed(content, private, certificate):
    """The SignedData of 8.2, 1."""
    pem = crypto.pem(certificate)
    with crypto.files(signer=pem, key=private) as (signer, key):
        return crypto.openssl("cms", "-sign", "-binary", "-nodetach", "-md", "sha256",
                              "-nosmimecap", "-signer", signer, "-inkey", key, "-outform", "DER",
                              given=content)


def enveloped(octets, sealing):
    """(AuthEnvelopedData, content key) of 8.2, 3, to that sealing certificate."""
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    ephemeral = crypto.new_p256()
    originator = der.item(0xA0, der.item(0xA1, EC_KEY, der.item(
        der.BITS, b"\0", crypto.point(crypto.public_of(ephemeral)))))
    wrapped = crypto.wrap(_wrapping_key(ephemeral, sealing.public), key)
    recipient = der.item(SEQUENCE, der.item(0xA0, der.item(OCTETS, sealing.key_id)),
                         der.item(OCTETS, wrapped))
    agreement = der.item(0xA1, der.integer(3), originator, AGREEMENT,
                         der.item(SEQUENCE, recipient))
    cipher, mac = crypto.gcm(key, nonce, octets)
    algorithm = der.item(SEQUENCE, AES_GCM,
                         der.item(SEQUENCE, der.item(OCTETS, nonce), der.integer(16)))
    body = der.item(SEQUENCE, der.integer(0), der.item(SET, agreement),
                    der.item(SEQUENCE, DATA, algorithm, der.item(0x80, cipher)),
                    der.item(OCTETS, mac))
    return der.item(SEQUENCE, AUTH_ENVELOPED, der.item(0xA0, body)), key


def seal(content, private, certificate, sealing, expires):
    """A Letter that carries a Content, signed by its sender and sealed to a certificate."""
    octets = padded(signed(wire.encode("letter.Content", content), private, certificate.octets))
    sealed, key = enveloped(octets, sealing)
    return {"id": content["letter"], "sender": content["sender"],
            "recipient": content["recipient"], "sealingKey": sealing.fingerprint,
            "commitment": commitment_to(key), "expires": expires, "sealed": sealed}


# ---- Opening

def _envelope(sealed):
    """What the sealed octets hold, if they are exactly of 8.2, 3: the originator's point, the SKI,
    the wrapped key. The profile's constant parts are compared octet for octet."""
    kind, explicit = der.parts(der.whole(sealed).expect(SEQUENCE), OID, 0xA0)
    version, recipients, content, mac = der.parts(der.whole(explicit.content), INTEGER, SET,
                                                  SEQUENCE, OCTETS)
    agreement, = der.parts(recipients, 0xA1)
    third, originator, algorithm, keys = der.parts(agreement, INTEGER, 0xA0, SEQUENCE, SEQUENCE)
    ec_key, point = der.parts(der.whole(originator.content).expect(0xA1), SEQUENCE, der.BITS)
    recipient, = der.parts(keys, SEQUENCE)
    named, wrapped = der.parts(recipient, 0xA0, OCTETS)
    key_id, = der.parts(named, OCTETS)
    inner, cipher, _ = der.parts(content, OID, SEQUENCE, 0x80)
    gcm, parameters = der.parts(cipher, OID, SEQUENCE)
    nonce, tag_length = der.parts(parameters, OCTETS, INTEGER)
    if (kind.octets, version.number(), third.number(), algorithm.octets, ec_key.octets,
            inner.octets, gcm.octets, tag_length.number()) != \
            (AUTH_ENVELOPED, 0, 3, AGREEMENT, EC_KEY, DATA, AES_GCM, 16) \
            or (len(nonce.content), len(mac.content), len(wrapped.content)) != (12, 16, 40):
        raise der.Malformed("an envelope that is not of the profile")
    return point.content[1:], key_id.content, wrapped.content


def _signed_content(octets, authority):
    """The content of a SignedData of 8.2, 1, and the certificate that signed it. Whether its time
    holds is not looked at here."""
    kind, explicit = der.parts(der.whole(octets), OID, 0xA0)
    version, _, inner, certificates, signers = der.parts(
        der.whole(explicit.content), INTEGER, SET, SEQUENCE, 0xA0, SET)
    certificate, = der.parts(certificates, SEQUENCE)
    info, = der.parts(signers, SEQUENCE)
    first, _, _, attributes, _, _ = der.parts(info, INTEGER, SEQUENCE, SEQUENCE, 0xA0, SEQUENCE,
                                              OCTETS)
    kinds = [each.children()[0].octets for each in attributes.children()]
    if kind.octets != SIGNED_DATA or (version.number(), first.number()) != (1, 1) \
            or inner.children()[0].octets != DATA or kinds[:3] != ATTRIBUTES:
        raise der.Malformed("a signature that is not of the profile")
    pem = crypto.pem(authority.octets)
    with crypto.files(authority=pem) as (file,):
        content = crypto.openssl("cms", "-verify", "-binary", "-inform", "DER", "-CAfile", file,
                                 "-x509_strict", "-no_check_time", given=octets)
    return content, certificate.octets


def content_key(sealed, private):
    """The key of a letter's content, by its recipient's private key."""
    point, _, wrapped = _envelope(sealed)
    return crypto.unwrap(_wrapping_key(private, crypto.public_from(point)), wrapped)


def _decrypted(letter, certificate, private):
    """The padded SignedData of a letter, its envelope, commitment and tag checked."""
    if _envelope(letter["sealed"])[1] != certificate.key_id:
        raise Unopenable("sealed to another key than it says")
    if commitment_to(content_key(letter["sealed"], private)) != letter["commitment"]:
        raise Unopenable("its key is not the one committed to")
    pem = crypto.pem(certificate.octets)
    with crypto.files(key=private, recipient=pem) as (file, recipient):
        return crypto.openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", file,
                              "-recip", recipient, given=letter["sealed"])


def open_letter(letter, accepted_at, keys, registry):
    """The Content of a letter. `keys`: sealing certificate and private key by fingerprint."""
    if letter["sealingKey"] not in keys:
        raise NoSuchKey()
    try:
        octets = _decrypted(letter, *keys[letter["sealingKey"]])
        end = der.Item(octets).end
        if any(octets[end:]):
            raise Unopenable("padding that is not zeros")
        inside, signer = _signed_content(octets[:end], registry.authority)
        content = wire.decode("letter.Content", inside)
    except (der.Malformed, crypto.Failed, wire.Unreadable, ValueError) as problem:
        raise Unopenable(str(problem)) from problem
    here = keys[letter["sealingKey"]][0].node
    if content["version"] != 1 or [content["letter"], content["sender"], content["recipient"]] != \
            [letter["id"], letter["sender"], here] or letter["recipient"] != here:
        raise Unopenable("its content was meant for another envelope")
    if not registry.follows(signer):
        raise NotYet()
    try:
        registry.signer_of_letter(content["sender"], signer, accepted_at)
    except Unfit as problem:
        raise Unopenable(str(problem)) from problem
    return content
