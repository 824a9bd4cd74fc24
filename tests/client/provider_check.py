"""The client as a provider to which a real office refers: docs/PROTOCOL.md, section 8."""


import crypto
import invented
from client import now
from exchange import wait_until
from with_nodes import WithNodes


class AsAProvider(WithNodes):
    """The client is a provider; the office is the real one."""

    @classmethod
    def arrange(cls):
        cls.arrange_office()
        cls.aire = cls.member("aire-valley", "provider")
        cls.aire.until(lambda: "jcp-leeds" in cls.aire.registry.sealing, "the office's key")

    def decides(self, number, body):
        """An event by the decider of the referral, to the office."""
        event = self.aire.event(self.case, "referral", body, strand=self.strand, number=number,
                                user="morwenna", userName="Morwenna", userRole="caseworker")
        return self.sends(self.aire, "jcp-leeds", event)

    def state(self, wanted):
        """Waits until the office shows the referral in that state."""
        wait_until(lambda: self.at_leeds("referral", "show", self.strand.hex())["state"] == wanted,
                   f"the office shows {wanted}")

    def step(self, wanted):
        wait_until(lambda: self.at_leeds("referral", "show", self.strand.hex())
                   ["delivery"]["step"] == wanted, f"the office shows {wanted}")

    def test_a_referral(self):
        """a service that the client publishes is found, referred to with a letter, and answers"""
        answer, service = self.publishes(self.aire)
        self.assertIn("index", answer)
        wait_until(lambda: self.at_leeds("find", "pain"), "the office finds the service")
        client = self.at_leeds("client", "add", "--file", self.file("client", invented.client()))
        self.at_leeds("share", client["id"], "--to", "aire-valley", "--basis", "agreed", "--items",
                      "name,phone,needs", "--how", "in person", "--purpose", "this referral")
        document = invented.pdf("What the surgery wrote")
        answers = {"gp_name": "Dr Inventado", "daily_life": "cannot sit for long"}
        referred = self.at_leeds(
            "refer", client["id"], "--service", service["id"], "--file",
            self.file("referral", invented.referral(answers=answers)), "--attach",
            invented.as_file(self.exchange.dir, "letter.pdf", document))
        self.strand = bytes.fromhex(referred["id"])
        self.case = bytes.fromhex(referred["case"])
        requested = self.takes_event(self.aire, "requested")
        self.assertEqual((requested["author"], requested["strand"], requested["number"]),
                         ("jcp-leeds", self.strand, 0))
        asked = requested["body"]["requested"]
        self.assertEqual(asked["service"], service["id"])
        self.assertIn(["Perpetua Quimblethwaite"], [item["values"] for item in asked["items"]])
        self.the_document(asked["attachments"][0], document)
        self.step("stored")
        self.decides(1, {"received": {}})
        self.state("received")
        self.decides(2, {"accepted": {"worker": {"node": "aire-valley", "user": "morwenna",
                                                 "name": "Morwenna"}}})
        self.state("accepted")
        opened = {"letter": self.letter_of(requested), "stage": "opened", "at": now()}
        self.aire.submit(self.aire.seal(self.aire.content("jcp-leeds", receipts=[opened])))
        self.step("opened")

    def letter_of(self, event):
        """Id of the letter that brought an event."""
        return next(content["letter"] for content in self.aire.contents
                    if event in content.get("verified", []))

    def the_document(self, attachment, document):
        """Every part of it comes, and together they are the document."""
        def parts():
            return {content["part"]["index"]: content["part"] for content in self.aire.contents
                    if content.get("part", {}).get("attachment") == attachment["digest"]}
        self.takes(self.aire, lambda _: len(parts()) == len(attachment["parts"]), "its parts")
        found = [parts()[index]["bytes"] for index in range(len(attachment["parts"]))]
        self.assertEqual([crypto.sha256(part) for part in found], attachment["parts"])
        self.assertEqual(b"".join(found), document)
        self.assertEqual((crypto.sha256(document), attachment["kind"]),
                         (attachment["digest"], "pdf"))
