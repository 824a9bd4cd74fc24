"""The parts of a document, false and true, at a real provider: docs/PROTOCOL.md, sections 8.1 and
8.4."""

import secrets

import crypto
import invented
from client import mark
from with_office import WithOffice

PART = 500   # octets; small, so that a document of one page has several


class Parts(WithOffice):
    """Leeds refers with a document; York is no party to anything."""

    @classmethod
    def arrange(cls):
        super().arrange()
        cls.york = cls.member("jcp-york")
        cls.york.until(lambda: "aire-valley" in cls.york.registry.sealing, "the provider's key")

    def document(self):
        """A document of its own for each check: its parts, and what an event says of them."""
        octets = invented.pdf(secrets.token_hex(300))
        parts = [octets[at:at + PART] for at in range(0, len(octets), PART)]
        return parts, {"name": "letter.pdf", "kind": "pdf", "size": len(octets), "partSize": PART,
                       "digest": crypto.sha256(octets), "parts": [*map(crypto.sha256, parts)]}

    def letter_with(self, client, about, index, octets, **more):
        part = {"case": self.case, "attachment": about["digest"], "index": index,
                "count": len(about["parts"]), "bytes": octets, **more}
        return client.seal(client.content("aire-valley", part=part))

    def taken(self, client, *letters):
        """The provider says of each that it is stored."""
        client.submit(*letters)
        for letter in letters:
            self.receipt(client, letter["id"], "stored")

    def downloaded(self, about):
        """The outcome of fetching the document at the provider."""
        return self.aire.try_as("morwenna", "referral", "attachment", self.strand.hex(),
                                about["digest"].hex(), "--out", self.exchange.dir / "fetched")

    def has(self, about, held):
        """How many of its parts the provider holds, by its own word."""
        outcome = self.downloaded(about)
        self.assertNotEqual(outcome.status, 0)
        self.assertIn(f"part {held} of {len(about['parts'])} is here", outcome.err)

    def has_all(self, about, parts):
        outcome = self.downloaded(about)
        self.assertEqual(outcome.status, 0, outcome.err)
        self.assertEqual((self.exchange.dir / "fetched").read_bytes(), b"".join(parts))

    def test_before_its_event(self):
        """a part that no event speaks of yet is taken and not kept; what comes after it is"""
        parts, about = self.document()
        events = self.referral(attachments=[about])
        for client in (self.leeds, self.york):
            self.taken(client, self.letter_with(client, about, 0, parts[0]))
        self.receipt(self.leeds, self.sends(self.leeds, "aire-valley", *events), "stored")
        self.has(about, 0)
        self.taken(self.leeds, *(self.letter_with(self.leeds, about, index, part)
                                 for index, part in enumerate(parts)))
        self.has_all(about, parts)

    def test_false_parts(self):
        """a part that is not the announced one is set aside; the true ones make the document"""
        parts, about = self.document()
        self.receipt(self.leeds, self.sends(self.leeds, "aire-valley",
                                            *self.referral(attachments=[about])), "stored")
        for what, index, octets, more in (
                ("another's place", 1, parts[0], {}), ("no place", len(parts), parts[0], {}),
                ("other octets", 0, secrets.token_bytes(PART), {}), ("no octets", 0, b"", {}),
                ("too many", 0, parts[0], {"count": len(parts) + 1}),
                ("too few", 0, parts[0], {"count": 1})):
            for client in (self.leeds, self.york):
                with self.subTest(what=what, by=client.node):
                    letter = self.letter_with(client, about, index, octets, **more)
                    client.submit(letter)
                    self.assertEqual(self.reported(client, letter), "unopenable")
                    self.assertIn((letter["id"].hex(), client.node),
                                  [(each["letter"], each["from"]) for each in self.aside()])
        self.has(about, 0)
        self.taken(self.leeds, self.letter_with(self.leeds, about, 1, parts[1]))
        self.has(about, 1)
        self.taken(self.leeds, *(self.letter_with(self.leeds, about, index, part)
                                 for index, part in enumerate(parts)))
        self.has_all(about, parts)

    def test_what_others_say_of_it(self):
        """who is no office of the case cannot spoil its document by saying something else of it"""
        parts, about = self.document()
        events = self.referral(attachments=[about])
        self.receipt(self.leeds, self.sends(self.leeds, "aire-valley", *events), "stored")
        other = {**about, "partSize": 2 * PART, "parts": [secrets.token_bytes(32)
                                                          for _ in range((len(parts) + 1) // 2)]}
        said = self.york.event(self.case, "referral", {"attachmentAdded": other},
                               strand=self.strand, id=bytes(8) + mark("jcp-york"))
        self.receipt(self.york, self.sends(self.york, "aire-valley", said), "stored")
        self.taken(self.leeds, *(self.letter_with(self.leeds, about, index, part)
                                 for index, part in enumerate(parts)))
        self.has_all(about, parts)

    def test_of_another_case(self):
        """a part for another case than its event's is taken, and kept for neither"""
        self.refers()
        before = self.case
        parts, about = self.document()
        self.receipt(self.leeds, self.sends(self.leeds, "aire-valley",
                                            *self.referral(attachments=[about])), "stored")
        self.taken(self.leeds, self.letter_with(self.leeds, about, 0, parts[0], case=before),
                   self.letter_with(self.leeds, about, 0, parts[0], case=secrets.token_bytes(16)))
        self.has(about, 0)

    def test_who_may_have_it(self):
        """the office of the referral is given its document when it asks, another office is not"""
        parts, about = self.document()
        self.receipt(self.leeds, self.sends(self.leeds, "aire-valley",
                                            *self.referral(attachments=[about])), "stored")
        self.taken(self.leeds, *(self.letter_with(self.leeds, about, index, part)
                                 for index, part in enumerate(parts)))
        asks = ("aire-valley", {"part": {"case": self.case, "attachment": about["digest"]}})
        self.assertEqual(self.answered(self.york, asks), [])
        self.assertEqual(self.parts_for(self.york, self.in_its_own_case(about)), {})
        self.assertEqual(self.parts_for(self.leeds, asks), dict(enumerate(parts)))

    def parts_for(self, client, ask):
        """The parts that come in answer, by their index."""
        return {content["part"]["index"]: content["part"]["bytes"]
                for content in self.answered(client, ask) if "part" in content}

    def in_its_own_case(self, about):
        """York refers a client of its own to the provider, with a document that it does not have:
        the ask for it."""
        case, strand = (secrets.token_bytes(8) + mark("jcp-york") for _ in range(2))
        person = {"node": "jcp-york", "name": "Y"}
        self.receipt(self.york, self.sends(
            self.york, "aire-valley",
            self.york.event(case, "core", {"caseOpened": {"leadAdviser": person,
                                                          "leadNumber": 1}}, number=1),
            self.york.event(case, "referral", {"requested": {
                "provider": "aire-valley", "service": "any", "route": "formal",
                "urgency": "routine", "need": "none", "attachments": [about]}}, strand=strand)),
            "stored")
        self.takes(self.york, lambda content: any("received" in event["body"] for event
                                                  in content.get("verified", [])), "its answer")
        return "aire-valley", {"part": {"case": case, "attachment": about["digest"]}}
