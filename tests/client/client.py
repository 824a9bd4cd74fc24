"""A small client of an exchange, written from docs/PROTOCOL.md and schemas/ alone, with python3-zmq
and the `capnp` and `openssl` tools. It keeps nothing on disk but its keys, so it is no node; it
shows that the two documents are enough to write one."""

import base64
import hashlib
import json
import secrets
import time

import zmq
import zmq.utils.z85 as z85

import sealing
from keys import Keys
from tool import data, decode, encode, openssl

DAY = 24 * 3600 * 1000


class Refused(Exception):
    pass


def read_invitation(line):
    """Section 4."""
    text = "".join(line.split())
    head, body, checksum = text.rsplit(".", 2)
    if head != "liaison-invitation-1":
        raise ValueError("not an invitation")
    if hashlib.sha256(f"{head}.{body}".encode()).hexdigest()[:8] != checksum:
        raise ValueError("the invitation is damaged")
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


class Client:
    def __init__(self, directory, invitation):
        self.invitation = read_invitation(invitation)
        self.node = self.invitation["node"]
        self.keys = Keys(directory, self.node)
        self.context = zmq.Context()
        self.socket = None
        self.incarnation = "0"
        self.epoch = "0"
        self.entries = []
        self.delivered = []
        self.frames = []

    # ---- the transport, section 2 ----------------------------------------------------------

    def _dial(self, address):
        socket = self.context.socket(zmq.DEALER)
        socket.linger = 1000
        socket.immediate = True
        socket.heartbeat_ivl = 10_000
        socket.heartbeat_timeout = 30_000
        socket.curve_serverkey = z85.encode(bytes.fromhex(self.invitation["broker"]))
        socket.curve_publickey = z85.encode(self.keys.curve_public)
        socket.curve_secretkey = z85.encode(self.keys.curve_secret)
        socket.connect(address)
        return socket

    def send(self, **member):
        self.socket.send(encode("link", "Frame", member))

    def receive(self, kind, seconds=10):
        """The next frame of that kind; what else comes is kept or answered on the way."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for index, frame in enumerate(self.frames):
                if kind in frame:
                    return self.frames.pop(index)[kind]
            if not self.socket.poll(200):
                continue
            frame = decode("link", "Frame", self.socket.recv())
            if "entries" in frame:
                self._keep_entries(frame["entries"])
            self.frames.append(frame)
        raise TimeoutError(f"no {kind} within {seconds} s; had {[list(f) for f in self.frames]}")

    def close(self):
        if self.socket:
            self.send(goodbye={"reason": "stopping", "text": "the client ends"})
            self.socket.close()
            self.socket = None

    # ---- joining, section 5 ----------------------------------------------------------------

    def join(self):
        socket = self._dial(self.invitation["joining"][0])
        socket.send(encode("join", "JoinRequest", {
            "version": 1, "node": self.node,
            "secret": data(bytes.fromhex(self.invitation["secret"])),
            "request": data(self.keys.request()), "curveKey": data(self.keys.curve_public),
            "witnessKey": data(self.keys.witness)}))
        if not socket.poll(10_000):
            raise TimeoutError("no answer to the joining request")
        answer = decode("join", "JoinAnswer", socket.recv())
        socket.close()
        if "joined" not in answer:
            raise Refused(str(answer))
        authority = bytes(answer["joined"]["authority"])
        if hashlib.sha256(authority).hexdigest() != self.invitation["authority"]:
            raise Refused("the authority is not the invitation's")
        self.keys.keep_certificates(authority, bytes(answer["joined"]["certificate"]))

    # ---- the link, section 7 ---------------------------------------------------------------

    def connect(self):
        """Hello, and the registry; the welcome."""
        self.socket = self._dial(self.invitation["exchange"][0])
        self.send(hello={"versionMin": 1, "versionMax": 1, "node": self.node,
                         "incarnation": self.incarnation, "epoch": self.epoch,
                         "registrySize": str(len(self.entries)), "clock": str(now()),
                         "software": "python client", "creditLetters": 100,
                         "creditBytes": str(16 << 20)})
        welcome = self.receive("welcome")
        self.incarnation, self.epoch = welcome["incarnation"], welcome["epoch"]
        return welcome

    def publish(self, kind, body):
        """Its index in the registry."""
        self.send(publish=[{"kind": kind, "body": data(body)}])
        answer = self.receive("published")[0]
        if bytes(answer["digest"]) != hashlib.sha256(body).digest() or "refused" in answer:
            raise Refused(str(answer))
        return int(answer["index"])

    def fetch_registry(self):
        self.send(since={"index": str(len(self.entries))})
        size = len(self.entries) + 1
        while len(self.entries) < size:
            size = int(self.receive("entries")["size"])
            if len(self.entries) < size and not self.socket.poll(200):
                self.send(since={"index": str(len(self.entries))})

    def _keep_entries(self, entries):
        first = int(entries["first"])
        for offset, entry in enumerate(entries.get("entries", [])):
            if first + offset == len(self.entries):
                self.entries.append((entry["kind"], bytes(entry["body"])))

    def sealing_certificate_of(self, node):
        """(PEM file, fingerprint) of a node's newest sealing certificate."""
        for kind, body in reversed(self.entries):
            if kind != "sealingCertificate":
                continue
            subject = openssl("x509", "-inform", "DER", "-noout", "-subject", "-nameopt",
                              "multiline,-esc_msb", given=body).decode()
            if subject.strip().endswith(f"= {node}"):
                path = self.keys.path(f"sealing-of-{node}.pem")
                openssl("x509", "-inform", "DER", "-out", path, given=body)
                return path, hashlib.sha256(body).digest()
        raise KeyError(f"{node} has no sealing certificate in the registry")

    def publish_listing(self, service, open_referral):
        body = encode("registry", "Listing", {
            "publisher": self.node, "service": service, "version": 1, "publishedAt": str(now()),
            "closed": False, "openReferral": json.dumps(open_referral)})
        certificate = openssl("x509", "-in", self.keys.path("signing.pem"), "-outform", "DER")
        return self.publish("listing", encode("registry", "SignedListing", {
            "body": data(body), "signature": data(self.keys.sign(b"liaison listing" + body)),
            "certificate": data(hashlib.sha256(certificate).digest())}))

    # ---- letters, sections 7.2, 7.3 and 8 --------------------------------------------------

    def letter(self, recipient, matter, by_openssl=None):
        """A sealed letter; `by_openssl`: the recipient's own key, to seal with the tool alone."""
        pem, fingerprint = self.sealing_certificate_of(recipient)
        letter = secrets.token_bytes(16)
        content = encode("letter", "Content", {
            "version": 1, "letter": data(letter), "sender": self.node, "recipient": recipient,
            "sealedAt": str(now()), "incarnation": self.incarnation, **matter})
        if by_openssl:
            sealed, commitment = sealing.seal_by_openssl(content, self.keys, pem, by_openssl)
        else:
            sealed, commitment = sealing.seal(content, self.keys, pem)
        return {"id": data(letter), "sender": self.node, "recipient": recipient,
                "sealingKey": data(fingerprint), "commitment": data(commitment),
                "expires": str(now() + 7 * DAY), "sealed": data(sealed)}

    def submit(self, letter):
        """The broker's answer: ("accepted", ...) or ("refused", ...)."""
        self.send(submit=[letter])
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for kind in ("accepted", "refused"):
                try:
                    return kind, self.receive(kind, 0.3)[0]
                except TimeoutError:
                    continue
        raise TimeoutError("the letter was not answered")

    def take(self, seconds=20):
        """The next thing delivered: its letter opened and taken, or the report."""
        if not self.delivered:
            self.delivered = self.receive("deliver", seconds)
        item = self.delivered.pop(0)
        if "report" in item:
            self.send(taken=[{"sequence": item["sequence"], "letter": item["report"]["letter"]}])
            return {"report": item["report"]}
        letter = item["letter"]
        content = decode("letter", "Content", sealing.unseal(
            bytes(letter["sealed"]), bytes(letter["commitment"]), self.keys))
        for name, inside in (("id", "letter"), ("sender", "sender"), ("recipient", "recipient")):
            if letter[name] != content[inside]:
                raise ValueError(f"the envelope's {name} is not the content's")
        self.send(taken=[{"sequence": item["sequence"], "letter": letter["id"]}])
        self.send(credit={"letters": 1, "bytes": str(len(letter["sealed"]))})
        return content

    def receipt(self, recipient, letter, stage, by_openssl=None):
        return self.letter(recipient, {"receipts": [{"letter": letter, "stage": stage,
                                                     "at": str(now())}]}, by_openssl)


def now():
    return int(time.time() * 1000)
