"""Certificates, requests and revocation lists of an exchange: docs/PROTOCOL.md, section 6."""

import datetime
import secrets

import crypto
import der
from der import BITS, BOOLEAN, INTEGER, OCTETS, OID, SEQUENCE, SET, UTF8

OURS = "2.25.123123243068363528692881065145607952453"
CN, O = der.oid("2.5.4.3"), der.oid("2.5.4.10")
ECDSA = der.item(SEQUENCE, der.oid("1.2.840.10045.4.3.2"))
SKI, AKI = "2.5.29.14", "2.5.29.35"
BASIC, USAGE, EXTENDED, NAMES = "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17"
ROLE, CAPABILITIES, WITNESS = f"{OURS}.1", f"{OURS}.2", f"{OURS}.3"
CRL_NUMBER, REASON, INVALIDITY = "2.5.29.20", "2.5.29.21", "2.5.29.24"
EMPTY = der.item(SEQUENCE)
SUPERSEDED = bytes.fromhex("0a0104")
HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8


class Unfit(Exception):
    """A certificate or list that must not be believed, and why."""


# ---- What a node makes

def _extension(name, value, critical=False):
    return der.item(SEQUENCE, der.oid(name),
                    der.item(BOOLEAN, b"\xff") if critical else b"", der.item(OCTETS, value))


def _uris(*uris):
    return der.item(SEQUENCE, *(der.item(0x86, uri.encode()) for uri in uris))


def name_of(*attributes):
    return der.item(SEQUENCE, *(
        der.item(SET, der.item(SEQUENCE, kind, der.item(UTF8, text.encode())))
        for kind, text in attributes))


def node_uri(node):
    return f"urn:liaison:node:{node}"


def _signed(private, body):
    return der.item(SEQUENCE, body, ECDSA, der.item(BITS, b"\0", crypto.sign(private, body)))


def is_low(signature):
    """Whether a certificate may carry it: section 6."""
    numbers = der.parts(der.whole(signature), INTEGER, INTEGER)
    return all(each.number() > 0 and der.integer(each.number()) == each.octets
               for each in numbers) and numbers[1].number() <= HALF_ORDER


def until_low(make):
    """The first certificate of `make` whose signature is low: every other one is."""
    for _ in range(128):
        made = make()
        if is_low(signature_of(made)):
            return made
    raise Unfit("128 signatures, and not one of them low")


def twin(certificate):
    """It with the other signature, which anybody can write."""
    body, algorithm, _ = der.parts(der.whole(certificate), SEQUENCE, SEQUENCE, BITS)
    r, s = der.parts(der.whole(signature_of(certificate)), INTEGER, INTEGER)
    other = der.item(SEQUENCE, r.octets, der.integer(2 * HALF_ORDER + 1 - s.number()))
    return der.item(SEQUENCE, body.octets, algorithm.octets, der.item(BITS, b"\0", other))


def signature_of(certificate):
    return der.parts(der.whole(certificate), SEQUENCE, SEQUENCE, BITS)[2].content[1:]


def request(signing, node, curve, witness):
    """The PKCS#10 of 6.1."""
    asked = der.item(SEQUENCE,
                     _extension(NAMES, _uris(node_uri(node), f"urn:liaison:curve:{curve.hex()}")),
                     _extension(WITNESS, der.item(OCTETS, witness)))
    attribute = der.item(SEQUENCE, der.oid("1.2.840.113549.1.9.14"), der.item(SET, asked))
    return _signed(signing, der.item(SEQUENCE, der.integer(0), name_of((CN, node)),
                                     crypto.public_of(signing), der.item(0xA0, attribute)))


def time_of(when):
    """UTCTime until 2049."""
    return der.item(der.UTC_TIME, when.strftime("%y%m%d%H%M%SZ").encode())


def sealing_certificate(signing, certificate, sealing, days=30):
    """The certificate of 6.3, signed with the node's own signing key."""
    now = datetime.datetime.now(datetime.timezone.utc)
    public = crypto.public_of(sealing)
    extensions = der.item(
        SEQUENCE, _extension(BASIC, EMPTY, True),
        _extension(USAGE, bytes.fromhex("03020308"), True),
        _extension(SKI, der.item(OCTETS, crypto.key_id(public))),
        _extension(AKI, der.item(SEQUENCE, der.item(0x80, certificate.key_id))),
        _extension(NAMES, _uris(node_uri(certificate.node))))
    serial = der.integer(secrets.randbits(126) | 1 << 126)
    body = der.item(SEQUENCE, der.item(0xA0, der.integer(2)), serial, ECDSA, certificate.subject,
                    der.item(SEQUENCE, time_of(now - datetime.timedelta(minutes=5)),
                             time_of(now + datetime.timedelta(days=days))),
                    name_of((CN, certificate.node)), public, der.item(0xA3, extensions))
    return until_low(lambda: _signed(signing, body))


# ---- What others made

def moment(ms):
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)


def present():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def _when(item):
    if item.tag == der.UTC_TIME:
        return datetime.datetime.strptime("20" + item.content.decode(), "%Y%m%d%H%M%SZ")
    return datetime.datetime.strptime(item.expect(der.LATER_TIME).content.decode(), "%Y%m%d%H%M%SZ")


def _extensions(item):
    """[(OID, critical, value)] in their order."""
    found = []
    for each in item.children():
        members = each.children()
        critical = len(members) == 3
        if critical and members[1].octets != der.item(BOOLEAN, b"\xff"):
            raise der.Malformed("an extension's second member")
        found.append((members[0].expect(OID).octets, critical, members[-1].expect(OCTETS).content))
    return found


def _texts(name):
    return [(kind.octets, text.expect(UTF8).content.decode()) for part in name.children()
            for kind, text in [part.expect(SET).children()[0].children()]]


class Certificate:
    """A certificate taken apart. What it is fit for is said by `signing`, `sealing`."""

    def __init__(self, octets):
        self.octets = octets
        self.fingerprint = crypto.sha256(octets)
        body, algorithm, signature = der.parts(der.whole(octets), SEQUENCE, SEQUENCE, BITS)
        version, serial, inner, issuer, life, subject, key, extensions = der.parts(
            body, 0xA0, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, 0xA3)
        if version.content != der.integer(2) or {algorithm.octets, inner.octets} != {ECDSA}:
            raise Unfit("another version or signature than the profile's")
        self.body, self.signature = body.octets, signature.content[1:]
        if not is_low(self.signature):
            raise Unfit("its signature has a twin's form")
        self.serial, self.issuer, self.subject = serial.content, issuer.octets, subject.octets
        self.begins, self.ends = (_when(time) for time in life.children())
        self.public = key.octets
        self.key_id = crypto.key_id(self.public)
        self.texts = _texts(subject)
        self.node = self.texts[-1][1]
        self.extensions = _extensions(der.whole(extensions.content).expect(SEQUENCE))

    def signed_by(self, issuer):
        if self.issuer != issuer.subject \
                or not crypto.verified(issuer.public, self.signature, self.body):
            raise Unfit("not signed by the one it names")

    def holds(self):
        if not self.begins <= present() <= self.ends:
            raise Unfit(f"out of its time: {self.begins} to {self.ends}")

    def lasts(self, **most):
        if self.ends - self.begins > datetime.timedelta(**most):
            raise Unfit("it lasts longer than it may")

    def profile(self, *expected):
        """The extensions are exactly these, in this order; a value of None may be any."""
        if len(expected) != len(self.extensions):
            raise Unfit("other extensions than the profile's")
        values = []
        for (name, critical, value), (oid, must, octets) in zip(self.extensions, expected):
            if name != der.oid(oid) or critical != must or octets not in (None, value):
                raise Unfit(f"extension {oid} is not as the profile has it")
            values.append(value)
        return values

    def ids(self, issuer):
        return ((SKI, False, der.item(OCTETS, self.key_id)),
                (AKI, False, der.item(SEQUENCE, der.item(0x80, issuer.key_id))))


def authority(octets):
    """The authority's certificate, if it is one."""
    found = Certificate(octets)
    found.signed_by(found)
    found.holds()
    found.lasts(days=3660)
    found.profile((BASIC, True, der.item(SEQUENCE, der.item(BOOLEAN, b"\xff"), der.integer(0))),
                  (USAGE, True, bytes.fromhex("03020106")), *found.ids(found))
    return found


def signing(octets, issuer):
    """A node's signing certificate, if the authority's and of the profile of 6.2."""
    found = Certificate(octets)
    found.signed_by(issuer)
    found.lasts(days=90, hours=1)
    if [kind for kind, _ in found.texts] != [O, CN]:
        raise Unfit("its subject is not O and CN")
    values = found.profile(
        (BASIC, True, EMPTY), (USAGE, True, bytes.fromhex("03020780")),
        (EXTENDED, False, der.item(SEQUENCE, der.oid("1.3.6.1.5.5.7.3.4"))), *found.ids(issuer),
        (NAMES, False, None), (ROLE, False, None), (CAPABILITIES, False, None),
        (WITNESS, False, None))
    uris = [uri.content.decode() for uri in der.whole(values[5]).children()]
    if len(uris) != 2 or uris[0] != node_uri(found.node) \
            or not uris[1].startswith("urn:liaison:curve:"):
        raise Unfit("its names are not the two URIs")
    found.curve = bytes.fromhex(uris[1].rpartition(":")[2])
    found.role = der.whole(values[6]).expect(UTF8).content.decode()
    found.witness = der.whole(values[8]).expect(OCTETS).content
    return found


def sealing(octets, issuer):
    """A node's sealing certificate, if its signing certificate `issuer` made it: 6.3."""
    found = Certificate(octets)
    found.signed_by(issuer)
    if found.texts != [(CN, issuer.node)]:
        raise Unfit("it names another node than its signer")
    found.profile((BASIC, True, EMPTY), (USAGE, True, bytes.fromhex("03020308")),
                  *found.ids(issuer), (NAMES, False, _uris(node_uri(issuer.node))))
    found.issued_by = issuer
    return found


class RevocationList:
    """A list of the authority: 6.4."""

    def __init__(self, octets, issuer):
        body, algorithm, signature = der.parts(der.whole(octets), SEQUENCE, SEQUENCE, BITS)
        members = body.children()
        if members[0].number() != 1 or members[2].octets != issuer.subject \
                or algorithm.octets != ECDSA \
                or not crypto.verified(issuer.public, signature.content[1:], body.octets):
            raise Unfit("not a list of the authority")
        extensions = _extensions(der.whole(members[-1].expect(0xA0).content))
        if [name for name, _, _ in extensions] != [der.oid(AKI), der.oid(CRL_NUMBER)]:
            raise Unfit("other extensions than a list's")
        self.number = der.whole(extensions[1][2]).number()
        self.listed = {}   # serial: (whether it was only replaced, since when it is not believed)
        for entry in members[5].children() if len(members) == 7 else []:
            serial, revoked, *more = entry.children()
            said = {name: value for name, _, value in _extensions(more[0])} if more else {}
            invalid = said.get(der.oid(INVALIDITY))
            self.listed[serial.content] = (said.get(der.oid(REASON)) == SUPERSEDED,
                                           _when(der.whole(invalid) if invalid else revoked))

    def denies(self, serial, time):
        """Whether a letter that the broker accepted at that time rests on a listed certificate. One
        that was only replaced, by a node that joined again, still counts for what came before."""
        superseded, since = self.listed.get(serial, (True, None))
        return since is not None and not (superseded and time < since)


def continuity(previous, public, curve, witness):
    """What the previous signing key signs of the keys that come after it: 7.5."""
    return b"liaison continuity 1\0" + previous + crypto.sha256(public) + curve + witness
