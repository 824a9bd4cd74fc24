"""Letters between two clients: docs/PROTOCOL.md, sections 7.2, 7.3 and 8.2."""

import secrets

import certificates
import crypto
import letters
import wire
from arranged import WithBroker
from client import HOUR, now


class Letters(WithBroker):
    @classmethod
    def arrange(cls):
        cls.leeds = cls.member("jcp-leeds")
        cls.aire = cls.member("aire-valley", "provider")
        cls.leeds.until(lambda: "aire-valley" in cls.leeds.registry.sealing, "the other's key")

    def letter(self, **content):
        """A letter from Leeds to Aire that asks for a case."""
        what = content or {"ask": {"whole": secrets.token_bytes(16)}}
        return self.leeds.seal(self.leeds.content("aire-valley", **what))

    def delivered(self, letter):
        """The item in which it arrives."""
        return self.aire.until(lambda: next(
            (item for item in self.aire.inbox if item.get("letter", {}).get("id") == letter["id"]),
            None), "a delivery")

    def carried(self, letter):
        """Submits it and returns the item in which it arrives."""
        self.leeds.submit(letter)
        self.assertIn(letter["id"], self.leeds.accepted, self.leeds.refused)
        return self.delivered(letter)

    def reported(self, letter):
        """The report about it."""
        item = self.leeds.until(lambda: next(
            (item for item in self.leeds.inbox
             if item.get("report", {}).get("letter") == letter["id"]), None), "a report")
        self.leeds.take(item)
        return item["report"]

    def refusal(self, letter, **changed):
        letter = {**letter, **changed}
        self.leeds.submit(letter)
        self.assertNotIn(letter["id"], self.leeds.accepted)
        refused = self.leeds.refused[letter["id"]]
        return refused["reason"], refused["meaning"]

    def test_a_letter_arrives(self):
        """a letter arrives as it was sent, opens, and is taken: it is not delivered again"""
        letter = self.letter()
        item = self.carried(letter)
        self.assertEqual(item["letter"], letter)
        self.assertEqual(item["acceptedAt"], self.leeds.accepted[letter["id"]]["at"])
        self.assertIn("ask", self.aire.open(item))
        self.aire.take(item)
        self.aire.leave()
        self.aire.enter()
        self.aire.take(self.carried(self.letter()))   # it would have come before this one
        self.assertNotIn(letter["id"], [item["letter"]["id"] for item in self.aire.inbox])

    def test_delivered_again(self):
        """what was neither taken nor set aside comes again after the next hello, in its order"""
        items = [self.carried(self.letter()) for _ in range(3)]
        self.aire.leave()
        self.aire.enter()
        again = [self.delivered(item["letter"]) for item in items]
        self.assertEqual(again, items)
        self.assertEqual(sorted(items, key=lambda item: item["sequence"]), items)
        for item in again:
            self.aire.take(item)

    def test_credit(self):
        """no more is delivered than was allowed, in letters and in octets"""
        self.aire.leave()
        self.aire.enter(creditLetters=1)
        first, second, third = (self.letter() for _ in range(3))
        self.leeds.submit(first, second, third)
        self.aire.send(taken=[{"sequence": self.delivered(first)["sequence"],
                               "letter": first["id"]}])
        self.aire.publish_sealing()   # whatever else waited would have come before the answer
        self.assertEqual(len(self.aire.inbox), 1)
        self.aire.send(credit={"letters": 1, "bytes": 0})
        item = self.delivered(second)
        self.assertEqual(len(self.aire.inbox), 2)
        self.aire.leave()
        self.aire.enter(creditBytes=len(second["sealed"]))
        self.assertEqual(self.delivered(second), item)
        self.aire.take(item)
        self.aire.take(self.delivered(third))
        self.aire.leave()
        self.aire.enter()

    def test_a_repeat(self):
        """the same octets again get the same answer; other octets under the id are refused"""
        letter = self.letter()
        item = self.carried(letter)
        answer = self.leeds.accepted.pop(letter["id"])
        self.leeds.submit(letter)
        self.assertEqual(self.leeds.accepted.pop(letter["id"]), answer)
        other = self.letter()
        self.assertEqual(self.refusal(other, id=letter["id"]), ("idReused", "final"))
        self.aire.take(item)

    def test_refusals(self):
        """what cannot be carried is refused, each with its reason and what to do"""
        for expected, changed in (
                (("unknownRecipient", "final"), {"recipient": "nobody-here"}),
                (("wrongSender", "final"), {"sender": "aire-valley"}),
                (("keyUnknown", "retry"), {"sealingKey": secrets.token_bytes(32)}),
                (("malformed", "final"), {"sealed": b""}),
                (("expired", "final"), {"expires": now() - 1000}),
                (("expiryTooFar", "reseal"),
                 {"expires": now() + self.leeds.welcome["expiryMax"] + 2 * HOUR})):
            with self.subTest(expected=expected):
                self.assertEqual(self.refusal(self.letter(), **changed), expected)

    def test_policy(self):
        """what the exchange's policy forbids is refused as notPermitted"""
        self.broker.must("policy", "set", "-", given='{"otherwise": "deny", "rules": []}')
        try:
            self.assertEqual(self.refusal(self.letter()), ("notPermitted", "final"))
        finally:
            self.broker.must("policy", "set", "-", given='{"otherwise": "allow", "rules": []}')

    def test_set_aside(self):
        """a letter set aside is reported to its sender, with the reason and what to do"""
        for reason, meaning in (("unopenable", "final"), ("noSuchKey", "reseal")):
            with self.subTest(reason=reason):
                letter = self.letter()
                self.aire.set_aside(self.carried(letter), reason)
                report = self.reported(letter)
                self.assertEqual((report["recipient"], report["reason"], report["meaning"]),
                                 ("aire-valley", reason, meaning))

    def test_expired(self):
        """a letter that nobody took in time is reported as expired"""
        self.aire.leave()
        letter = self.letter()
        letter["expires"] = now() + 3000
        try:
            self.leeds.submit(letter)
            self.assertEqual(self.reported(letter)["reason"], "expired")
        finally:
            self.aire.enter()

    def test_sizes(self):
        """a letter of every size up to the longest arrives and opens"""
        for size in (1, 1100, 60_000, 384 * 1024):
            with self.subTest(size=size):
                part = {"case": bytes(16), "attachment": bytes(32), "count": 1,
                        "bytes": secrets.token_bytes(size)}
                item = self.carried(self.letter(part=part))
                self.assertEqual(self.aire.open(item)["part"]["bytes"], part["bytes"])
                self.aire.take(item)

    def test_a_signer_not_known_yet(self):
        """a letter whose signer is not in the registry here yet waits, and opens when it is"""
        item = self.carried(self.letter())
        known = self.aire.registry.signing.pop("jcp-leeds")
        with self.assertRaises(letters.NotYet):
            self.aire.open(item)
        self.aire.registry.signing["jcp-leeds"] = known
        self.assertIn("ask", self.aire.open(item))
        self.aire.take(item)

    # ---- Forgeries

    def unopenable(self, letter):
        """It arrives, and the client will not open it."""
        item = self.carried(letter)
        with self.assertRaises(letters.Unopenable) as why:
            self.aire.open(item)
        self.aire.set_aside(item, "unopenable")
        self.assertEqual(self.reported(letter)["reason"], "unopenable")
        return str(why.exception)

    def test_a_wrong_commitment(self):
        """a letter whose key is not the one committed to is refused"""
        self.assertIn("committed", self.unopenable(
            {**self.letter(), "commitment": secrets.token_bytes(32)}))

    def test_a_changed_id(self):
        """a letter passed on under another id is refused"""
        self.assertIn("envelope", self.unopenable({**self.letter(), "id": secrets.token_bytes(16)}))

    def test_meant_for_another(self):
        """a letter whose content names another recipient or sender is refused"""
        for other in ({"recipient": "jcp-york"}, {"sender": "jcp-york"}):
            with self.subTest(other=other):
                content = self.leeds.content("aire-valley", ask={"whole": bytes(16)})
                letter = self.leeds.seal(content)
                wrong = wire.encode("letter.Content", {**content, **other})
                sealed, key = letters.enveloped(
                    letters.padded(letters.signed(wrong, self.leeds.signing_key,
                                                  self.leeds.certificate.octets)),
                    self.leeds.registry.recipient("aire-valley"))
                self.assertIn("envelope", self.unopenable(
                    {**letter, "sealed": sealed, "commitment": letters.commitment_to(key)}))

    def test_a_changed_ciphertext(self):
        """a letter of which one bit changed on the way is refused"""
        letter = self.letter()
        sealed = bytearray(letter["sealed"])
        sealed[len(sealed) // 2] ^= 1
        self.unopenable({**letter, "sealed": bytes(sealed)})

    def test_another_signer(self):
        """a letter that somebody else signed in the sender's name is refused"""
        key = crypto.new_p256()
        content = self.leeds.content("aire-valley", ask={"whole": bytes(16)})
        for private, certificate in ((self.aire.signing_key, self.aire.certificate.octets),
                                     (key, certificates.sealing_certificate(
                                         key, self.leeds.certificate, key))):
            with self.subTest(signer=len(certificate)):
                letter = letters.seal(content, private, certificates.Certificate(certificate),
                                      self.leeds.registry.recipient("aire-valley"), now() + 60_000)
                content["letter"] = secrets.token_bytes(16)
                self.unopenable(letter)

    def test_padding(self):
        """padding that is not zeros is refused; another number of zeros is not"""
        content = self.leeds.content("aire-valley", ask={"whole": bytes(16)})
        letter = self.leeds.seal(content)
        octets = letters.signed(wire.encode("letter.Content", content), self.leeds.signing_key,
                                self.leeds.certificate.octets)
        recipient = self.leeds.registry.recipient("aire-valley")
        sealed, key = letters.enveloped(octets + bytes(100) + b"x", recipient)
        self.assertIn("padding", self.unopenable(
            {**letter, "sealed": sealed, "commitment": letters.commitment_to(key)}))
        again = self.leeds.content("aire-valley", ask={"whole": bytes(16)})
        octets = letters.signed(wire.encode("letter.Content", again), self.leeds.signing_key,
                                self.leeds.certificate.octets)
        sealed, key = letters.enveloped(octets + bytes(7), recipient)
        item = self.carried({**letter, "id": again["letter"], "sealed": sealed,
                             "commitment": letters.commitment_to(key)})
        self.assertIn("ask", self.aire.open(item))
        self.aire.take(item)
