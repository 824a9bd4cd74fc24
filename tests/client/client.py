"""A node of an exchange, made from docs/PROTOCOL.md and schemas/ alone."""

import secrets
import time

import certificates
import crypto
import invitation
import letters
import link
import wire
from registry import Registry

CREDIT_LETTERS, CREDIT_BYTES = 64, 8 << 20
HOUR = 3_600_000   # ms


def now():
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def mark(node):
    """FNV-1a (64 bit, big-endian) of a node id: the last half of its events' ids."""
    value = 0xCBF29CE484222325
    for octet in node.encode():
        value = (value ^ octet) * 0x100000001B3 & (1 << 64) - 1
    return value.to_bytes(8, "big")


class Client:
    """One node: its keys, its copy of the registry, its link."""

    def __init__(self, line):
        """`line`: the invitation."""
        self.invited = invitation.read(line)
        self.node = self.invited["node"]
        self.broker = bytes.fromhex(self.invited["broker"])
        self.registry = Registry(bytes.fromhex(self.invited["authority"]))
        self.signing_key = crypto.new_p256()
        self.curve = crypto.new_raw("X25519")
        self.witness = crypto.new_raw("ED25519")
        self.request = certificates.request(self.signing_key, self.node, self.curve[1],
                                            self.witness[1])
        self.certificate = None
        self.sealing_keys = {}      # by fingerprint: (certificate, private key)
        self.incarnation = self.epoch = 0
        self.contents = []          # what was opened
        self.link = None
        self.forget()

    def forget(self):
        """What was said on one connection."""
        self.welcome = self.goodbye = None
        self.published, self.accepted, self.refused, self.inbox, self.renewed = {}, {}, {}, [], []
        self.proofs = []

    # ---- Joining

    def ask_to_join(self, **other):
        """The broker's JoinAnswer; `other` replaces what would be asked."""
        return link.join(self.invited["joining"][0], self.broker, self.curve, {
            "version": 1, "node": self.node, "secret": bytes.fromhex(self.invited["secret"]),
            "request": self.request, "curveKey": self.curve[1], "witnessKey": self.witness[1],
            **other})

    def join(self):
        joined = self.ask_to_join()["joined"]
        if crypto.sha256(joined["authority"]) != self.registry.fingerprint:
            raise certificates.Unfit("not the authority of the invitation")
        found = certificates.signing(joined["certificate"],
                                     certificates.authority(joined["authority"]))
        found.holds()
        if (found.public, found.node, found.curve, found.witness) != \
                (crypto.public_of(self.signing_key), self.node, self.curve[1], self.witness[1]):
            raise certificates.Unfit("another certificate than was asked for")
        self.certificate = found
        return self

    # ---- The link

    def connect(self, **options):
        self.forget()
        self.link = link.Connection(self.invited["exchange"][0], self.broker, self.curve, **options)
        return self

    def hello(self, **other):
        self.send(hello={
            "versionMin": 1, "versionMax": 1, "node": self.node, "incarnation": self.incarnation,
            "epoch": self.epoch, "registrySize": len(self.registry.entries), "clock": now(),
            "software": "a client in Python", "creditLetters": CREDIT_LETTERS,
            "creditBytes": CREDIT_BYTES, **other})
        return self

    def enter(self, **other):
        """Connects, says hello, and has the whole registry."""
        self.connect().hello(**other)
        self.until(lambda: self.welcome, "a welcome")
        self.send(since={"index": len(self.registry.entries)})
        self.until(lambda: len(self.registry.entries) >= self.welcome["registrySize"],
                   "the whole registry")
        return self

    def leave(self):
        if self.link:
            self.link.close(wire.encode("link.Frame", {"goodbye": {"reason": "stopping"}}))
            self.link = None

    def send(self, **frame):
        self.link.send(wire.encode("link.Frame", frame))

    def until(self, condition, what, seconds=60):
        """Deals with what the broker sends until the condition holds; returns what it found."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            try:
                message = self.link.receive(end)
            except link.Silent:
                raise link.Silent(f"waited {seconds} s in vain: {what}") from None
            if message is None:
                if found := condition():
                    return found
                raise link.Refused(f"the connection ended before {what} ({self.goodbye})")
            self.handle(wire.decode("link.Frame", message))
        return found

    def until_ended(self, seconds=30):
        """Deals with what comes until the broker ends the connection; its goodbye, if any."""
        end = time.monotonic() + seconds
        while (message := self.link.receive(end)) is not None:
            self.handle(wire.decode("link.Frame", message))
        return self.goodbye

    def handle(self, frame):
        for kind, what in frame.items():
            getattr(self, "on_" + kind, lambda _: None)(what)

    def on_welcome(self, welcome):
        if self.epoch not in (0, welcome["epoch"]):
            self.registry = Registry(self.registry.fingerprint)
        self.welcome = welcome
        self.epoch, self.incarnation = welcome["epoch"], welcome["incarnation"]

    def on_entries(self, entries):
        whole = self.registry.add(entries["first"], entries["entries"])
        if not whole or len(self.registry.entries) < entries["size"]:
            self.send(since={"index": len(self.registry.entries)})

    def on_published(self, answers):
        self.published.update((each["digest"], each) for each in answers)

    def on_accepted(self, answers):
        self.accepted.update((each["letter"], each) for each in answers)

    def on_refused(self, answers):
        self.refused.update((each["letter"], each) for each in answers)

    def on_deliver(self, items):
        self.inbox += items

    def on_renewed(self, answer):
        self.renewed.append(answer)

    def on_proofs(self, proofs):
        self.proofs.append(proofs)

    def on_goodbye(self, goodbye):
        self.goodbye = goodbye

    # ---- The logs

    def proven(self, wanted=lambda answer: True, **asked):
        """The broker's answer to a question about its logs. It is asked again, after ever longer
        pauses, while there is none, or it lacks what is wanted: checkpoints come a second apart."""
        self.proofs.clear()
        for tried in range(9):
            self.send(prove={"epoch": self.epoch, **asked})
            try:
                return self.until(lambda: next(filter(wanted, self.proofs), None), "proofs",
                                  seconds=0.1 * 2 ** tried)
            except link.Silent as silent:
                last = silent
        raise last

    def shown(self, *leaves, **asked):
        """The answer that shows all of these leaves."""
        return self.proven(lambda answer: answer["leaves"] == sorted(leaves),
                           leaves=sorted(leaves), **asked)

    # ---- Publishing

    def publish(self, kind, body):
        """The broker's answer."""
        self.send(publish=[{"kind": kind, "body": body}])
        return self.until(lambda: self.published.get(crypto.sha256(body)), f"an answer: {kind}")

    def publish_sealing(self):
        private = crypto.new_p256()
        made = certificates.sealing(
            certificates.sealing_certificate(self.signing_key, self.certificate, private),
            self.certificate)
        self.sealing_keys[made.fingerprint] = (made, private)
        return self.publish("sealingCertificate", made.octets)

    # ---- Renewing

    def renewal(self, signer=None):
        """Fresh keys, and the Renewal that asks for a certificate of them."""
        key, curve, witness = crypto.new_p256(), crypto.new_raw("X25519"), crypto.new_raw("ED25519")
        previous = self.certificate.fingerprint
        return (key, curve, witness), {
            "request": certificates.request(key, self.node, curve[1], witness[1]),
            "previous": previous,
            "continuity": crypto.sign(signer or self.signing_key, certificates.continuity(
                previous, crypto.public_of(key), curve[1], witness[1]))}

    def renew(self):
        """Has a certificate of fresh keys, and uses them from now on."""
        keys, asked = self.renewal()
        self.renewed.clear()
        self.send(renew=asked)
        answer, = self.until(lambda: self.renewed, "the renewed certificate")
        self.signing_key, self.curve, self.witness = keys
        self.certificate = certificates.signing(answer["certificate"], self.registry.authority)

    # ---- Letters

    def content(self, recipient, **what):
        return {"version": 1, "letter": secrets.token_bytes(16), "sender": self.node,
                "recipient": recipient, "sealedAt": now(), "incarnation": self.incarnation, **what}

    def seal(self, content):
        return letters.seal(content, self.signing_key, self.certificate,
                            self.registry.recipient(content["recipient"]), now() + HOUR)

    def submit(self, *several):
        """Returns once the broker has answered all of them."""
        self.send(submit=list(several))
        ids = {letter["id"] for letter in several}
        self.until(lambda: ids <= self.accepted.keys() | self.refused.keys(), "the broker's answer")

    def open(self, item):
        """The content of a delivered letter."""
        return letters.open_letter(item["letter"], item["acceptedAt"], self.sealing_keys,
                                   self.registry)

    def take(self, item):
        """Says of a delivered item that it is durable here, and gives its credit back."""
        letter = item.get("letter")
        about = letter["id"] if letter else item["report"]["letter"]
        self.send(taken=[{"sequence": item["sequence"], "letter": about}])
        self.send(credit={"letters": 1, "bytes": len(letter["sealed"]) if letter else 0})

    def set_aside(self, item, reason):
        self.send(setAside=[{"sequence": item["sequence"], "letter": item["letter"]["id"],
                             "reason": reason}])

    # ---- Events

    def event(self, case, strand_kind, body, **more):
        """A SignedEvent of this node's, and its id."""
        event_id = secrets.token_bytes(8) + mark(self.node)
        octets = wire.encode("casework.Event", {
            "id": event_id, "case": case, "strandKind": strand_kind, "author": self.node,
            "incarnation": self.incarnation, "at": now(), **more, "body": body})
        return {"body": octets, "certificate": self.certificate.fingerprint,
                "signature": crypto.sign(self.signing_key, b"liaison event" + octets)}, event_id

    def events_of(self, content):
        """The events of a content, each with its author's signature verified."""
        found = []
        for signed in content["events"]:
            event = wire.decode("casework.Event", signed["body"])
            author = self.registry.certificate(event["author"], signed["certificate"])
            if not crypto.verified(author.public, signed["signature"],
                                   b"liaison event" + signed["body"]):
                raise letters.Unopenable("an event that its author did not sign")
            if event["id"][8:] != mark(event["author"]):
                raise letters.Unopenable("an event under another node's mark")
            found.append(event)
        return found
