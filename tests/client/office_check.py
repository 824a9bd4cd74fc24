"""The client as an office that refers to a real provider: docs/PROTOCOL.md, section 8."""

import secrets

import crypto
import invented
import letters
import wire
from client import now
from with_office import WithOffice


class AsAnOffice(WithOffice):
    def test_listing(self):
        """the provider's service is in the registry, signed by the provider"""
        (publisher, service), listing = next(iter(self.leeds.registry.listings.items()))
        self.assertEqual((publisher, service),
                         ("aire-valley", invented.SERVICES["aire-valley"]["id"]))
        self.assertEqual(listing["service_json"]["name"], "Condition management")
        self.assertEqual(self.leeds.registry.doubted, [])

    def test_a_referral(self):
        """a referral is accepted, taken and receipted by the provider, who then shows it"""
        self.refers()
        self.takes_event(self.leeds, "received")
        shown = self.at_aire("referral", "show", self.strand.hex())
        self.assertEqual(shown["client"]["name"], "Perpetua Quimblethwaite")
        self.assertEqual((shown["office"], shown["state"]), ("jcp-leeds", "received"))
        self.assertTrue(shown["whole"])

    def test_a_conversation(self):
        """the provider asks, the client answers, and the provider takes the answer in"""
        self.refers()
        self.at_aire("referral", "acknowledge", self.strand.hex())
        self.takes_event(self.leeds, "acknowledged")
        self.at_aire("referral", "ask", self.strand.hex(), "--file",
                     invented.as_file(self.exchange.dir, "question", b"Which mornings are free?"))
        asked = self.takes_event(self.leeds, "asked")
        self.assertEqual(asked["body"]["asked"]["text"], "Which mornings are free?")
        self.assertEqual((asked["strand"], asked["case"], asked["userName"]),
                         (self.strand, self.case, "morwenna"))
        answer = self.by_dana("referral", {"answered": {"text": "Tuesdays"}}, strand=self.strand,
                              answers=asked["id"])
        self.sends(self.leeds, "aire-valley", answer)
        self.assertEqual(self.takes_event(self.leeds, "taken")["cites"], [answer[1]])
        question, = self.at_aire("referral", "show", self.strand.hex())["questions"]
        self.assertIn("Tuesdays", str(question))

    def test_opened(self):
        """when a person at the provider has been shown it, a second receipt says so"""
        letter = self.refers()
        self.at_aire("referral", "show", self.strand.hex())
        self.receipt(self.leeds, letter, "opened")

    def test_twice(self):
        """the same events in a second letter are receipted and change nothing"""
        events = self.referral()
        for _ in range(2):
            self.receipt(self.leeds, self.sends(self.leeds, "aire-valley", *events), "stored")
        history = self.at_aire("referral", "show", self.strand.hex())["history"]
        self.assertEqual([each["kind"] for each in history], ["requested", "received"])

    def test_what_is_missing(self):
        """asked for a case, or for one event, the provider sends it, and says when it has"""
        self.refers()
        self.takes_event(self.leeds, "received")
        opening = {"case": self.case, "strandKind": 2, "strand": self.strand}
        for wanted, kind in (({"whole": self.case}, "received"),
                             ({"gap": {**opening, "first": 1, "last": 1}}, "received"),
                             ({"gap": opening}, "requested")):
            with self.subTest(wanted=list(wanted), kind=kind):
                self.leeds.contents.clear()
                ask = self.leeds.content("aire-valley", ask=wanted)
                self.leeds.submit(self.leeds.seal(ask))
                self.takes(self.leeds, lambda content: content.get("answered", {}).get("ask")
                           == ask["letter"], "answered")
                self.takes_event(self.leeds, kind)

    def test_by_the_tool(self):
        """what the openssl tool sealed opens at the provider: it is of the profile"""
        # The commitment takes the recipient's own key: possible in a check only.
        content = self.leeds.content("aire-valley", events=[e for e, _ in self.referral()])
        octets = letters.padded(letters.signed(wire.encode("letter.Content", content),
                                               self.leeds.signing_key,
                                               self.leeds.certificate.octets))
        to = self.leeds.registry.recipient("aire-valley")
        pem = crypto.pem(to.octets)
        with crypto.files(recipient=pem, octets=octets) as (recipient, file):
            sealed = crypto.openssl("cms", "-encrypt", "-binary", "-aes-256-gcm", "-aes256-wrap",
                                    "-recip", recipient, "-keyopt", "ecdh_kdf_md:sha256", "-keyid",
                                    "-in", file, "-outform", "DER")
        private = next((self.aire.dir / "keys").glob("sealing-*.pem")).read_bytes()
        letter = {"id": content["letter"], "sender": "jcp-leeds", "recipient": "aire-valley",
                  "sealingKey": to.fingerprint, "expires": now() + 60_000, "sealed": sealed,
                  "commitment": letters.commitment_to(letters.content_key(sealed, private))}
        self.leeds.submit(letter)
        self.receipt(self.leeds, letter["id"], "stored")

    def test_a_bad_event(self):
        """one event that is not its author's, or not signed by it, makes a letter unopenable"""
        for what in ("id", "signature", "body"):
            with self.subTest(what=what):
                events = [event for event, _ in self.referral()]
                event = dict(events[2])
                if what == "id":
                    body = wire.decode("casework.Event", event["body"])
                    body["id"] = secrets.token_bytes(16)
                    event["body"] = wire.encode("casework.Event", body)
                    event["signature"] = crypto.sign(self.leeds.signing_key,
                                                     b"liaison event" + event["body"])
                else:
                    event[what] = events[1]["signature"]
                letter = self.leeds.seal(self.leeds.content("aire-valley",
                                                            events=[*events[:2], event]))
                self.leeds.submit(letter)
                self.assertEqual(self.reported(self.leeds, letter), "unopenable")

    def test_what_came_before(self):
        """events that come before those that they rest on wait for them"""
        case_opened, joined, requested = self.referral()
        self.receipt(self.leeds, self.sends(self.leeds, "aire-valley", requested), "stored")
        self.sends(self.leeds, "aire-valley", joined, case_opened)
        self.takes_event(self.leeds, "received")

    def test_forgeries(self):
        """the provider sets forged letters aside, and the broker reports them as unopenable"""
        def forged(inside=(), outside=()):
            content = self.leeds.content("aire-valley", events=[e for e, _ in self.referral()])
            octets = letters.signed(wire.encode("letter.Content", {**content, **dict(inside)}),
                                    self.leeds.signing_key, self.leeds.certificate.octets)
            sealed, key = letters.enveloped(letters.padded(octets),
                                            self.leeds.registry.recipient("aire-valley"))
            return {**self.leeds.seal(content), "sealed": sealed,
                    "commitment": letters.commitment_to(key), **dict(outside)}
        changed = forged()
        changed["sealed"] = changed["sealed"][:-1] + bytes([changed["sealed"][-1] ^ 1])
        for what, letter in (
                ("commitment", forged(outside={"commitment": secrets.token_bytes(32)})),
                ("another recipient inside", forged(inside={"recipient": "jcp-york"})),
                ("another sender inside", forged(inside={"sender": "jcp-york"})),
                ("another id inside", forged(inside={"letter": secrets.token_bytes(16)})),
                ("a changed tag", changed)):
            with self.subTest(what=what):
                self.leeds.submit(letter)
                self.assertEqual(self.reported(self.leeds, letter), "unopenable")
                self.assertIn(letter["id"].hex(), [each["letter"] for each in self.aside()])

    def test_renewed(self):
        """after a renewal the provider believes letters by the new key, and those of before"""
        before = self.leeds.seal(self.leeds.content("aire-valley",
                                                    events=[e for e, _ in self.referral()]))
        self.leeds.renew()
        self.leeds.submit(before)
        self.receipt(self.leeds, before["id"], "stored")
        self.refers()
