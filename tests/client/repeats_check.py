"""What is said twice, or about another's letter: docs/PROTOCOL.md, sections 7.2, 7.3 and 8.3."""

import secrets

import invented
from arranged import WithBroker
from client import mark, now
from exchange import wait_until
from with_nodes import WithNodes
from with_office import WithOffice


class Repeats(WithOffice):
    """At a real provider. Leeds is its office, York a member that has gone bad."""

    @classmethod
    def arrange(cls):
        super().arrange()
        cls.york = cls.member("jcp-york")
        cls.york.until(lambda: "aire-valley" in cls.york.registry.sealing, "the provider's key")

    def listed(self):
        return [each["id"] for each in self.at_aire("referral", "list")]

    def history(self):
        return [each["kind"] for each in
                self.at_aire("referral", "show", self.strand.hex())["history"]]

    def test_other_octets(self):
        """other content under the id of a letter that was taken is refused, and never arrives"""
        first = self.refers()
        strand = self.strand.hex()
        content = self.leeds.content("aire-valley",
                                     events=[event for event, _ in self.referral()])
        self.leeds.accepted.clear()
        self.leeds.submit(self.leeds.seal({**content, "letter": first}))
        refused = self.leeds.refused.pop(first)
        self.assertEqual((refused["reason"], refused["meaning"]), ("idReused", "final"))
        self.assertNotIn(first, self.leeds.accepted)
        self.answered(self.leeds, ("aire-valley", {"whole": self.case}))   # comes after it
        self.assertIn(strand, self.listed())
        self.assertNotIn(self.strand.hex(), self.listed())
        # It was for its id alone that it was refused.
        self.leeds.submit(self.leeds.seal(content))
        self.receipt(self.leeds, content["letter"], "stored")
        self.assertIn(self.strand.hex(), self.listed())

    def test_anothers_id(self):
        """a letter under the id of another sender's is set aside, and takes nothing away"""
        first = self.refers()
        before = self.listed(), self.history()
        self.case, strand = (secrets.token_bytes(8) + mark("jcp-york") for _ in range(2))
        person = {"node": "jcp-york", "name": "Y"}
        events = [self.york.event(self.case, "core", {"caseOpened": {
            "leadAdviser": person, "leadNumber": 1}}, number=1)[0],
                  self.york.event(self.case, "referral", {"requested": {
                      "provider": "aire-valley", "service": "any", "route": "formal",
                      "urgency": "routine", "need": "none"}}, strand=strand)[0]]
        content = self.york.content("aire-valley", events=events)
        letter = self.york.seal({**content, "letter": first})
        self.york.submit(letter)
        self.assertEqual(self.reported(self.york, letter), "unopenable")
        self.assertEqual(self.answered(self.york, ("aire-valley", {"whole": self.case})), [])
        self.assertEqual((self.listed(), self.history()), before)

    def test_one_event_twice(self):
        """an event that stands twice in a letter, and comes in a second one, is there once"""
        opened, joined, requested = self.referral()
        for letter in ((opened, joined, requested, requested, opened), (requested, opened)):
            self.receipt(self.leeds, self.sends(self.leeds, "aire-valley", *letter), "stored")
        self.assertEqual(self.history(), ["requested", "received"])
        self.assertEqual(len(self.listed()), len(set(self.listed())))

    def test_passed_on_by_a_stranger(self):
        """another's events, passed on by a stranger, change nothing and bring it nothing"""
        events = self.referral()
        self.receipt(self.leeds, self.sends(self.leeds, "aire-valley", *events), "stored")
        received = self.takes_event(self.leeds, "received")
        theirs = next(event for content in self.leeds.contents
                      for event, read in zip(content.get("events", []),
                                             content.get("verified", []))
                      if read["id"] == received["id"])
        passed_on = self.sends(self.york, "aire-valley", *events, (theirs, received["id"]))
        self.receipt(self.york, passed_on, "stored")
        self.assertEqual(self.history(), ["requested", "received"])
        self.assertEqual(self.answered(self.york, ("aire-valley", {"whole": self.case})), [])


class AnothersReceipt(WithNodes):
    """At a real office, which refers to a client; York is no party to it."""

    @classmethod
    def arrange(cls):
        cls.arrange_office()
        cls.aire = cls.member("aire-valley", "provider")
        cls.york = cls.member("jcp-york")
        cls.publishes(cls.aire)
        for client in (cls.aire, cls.york):
            client.until(lambda client=client: "jcp-leeds" in client.registry.sealing, "the key")

    def says(self, client, letter, stage):
        """A receipt, and when this returns the office has dealt with it."""
        receipt = {"letter": letter, "stage": stage, "at": now()}
        client.submit(client.seal(client.content("jcp-leeds", receipts=[receipt])))
        self.answered(client, ("jcp-leeds", {"whole": bytes(16)}))

    def requests(self, item):
        """The id of a letter that brings a request."""
        content = self.aire.open(item)
        if any("requested" in event["body"]
               for event in self.aire.events_of({"events": content.get("events", [])})):
            return content["letter"]
        return None

    def test_receipts(self):
        """a receipt counts from the letter's recipient alone"""
        wait_until(lambda: self.at_leeds("find", "pain"), "the office finds the service")
        person = self.at_leeds("client", "add", "--file", self.file("client", invented.client()))
        referred = self.at_leeds(
            "refer", person["id"], "--service", invented.SERVICES["aire-valley"]["id"], "--file",
            self.file("referral", invented.referral(
                answers={"gp_name": "Dr Invented", "daily_life": "cannot sit long"})))

        def step():
            return self.at_leeds("referral", "show", referred["id"])["delivery"]["step"]
        wait_until(lambda: step() == "accepted", "the letter is with the exchange")
        letter = self.aire.until(lambda: next(filter(None, map(self.requests, self.aire.inbox)),
                                              None), "the letter that brings the request")
        for stage, before in (("stored", "accepted"), ("opened", "stored")):
            with self.subTest(stage=stage):
                self.says(self.york, letter, stage)
                self.assertEqual(step(), before)
                self.says(self.aire, letter, stage)
                self.assertEqual(step(), stage)


class AnothersMail(WithBroker):
    """At the broker, between clients."""

    @classmethod
    def arrange(cls):
        cls.leeds = cls.member("jcp-leeds")
        cls.aire = cls.member("aire-valley", "provider")
        cls.york = cls.member("jcp-york")
        cls.leeds.until(lambda: "aire-valley" in cls.leeds.registry.sealing, "the other's key")

    def delivered(self):
        """The letter as the provider gets it after its next hello."""
        self.aire.leave()
        self.aire.enter()
        return self.aire.until(lambda: self.aire.inbox, "a delivery")

    def test_taken(self):
        """what another says of a letter, or its recipient under a wrong number, is passed over"""
        letter = self.leeds.seal(self.leeds.content("aire-valley", ask={"whole": bytes(16)}))
        self.leeds.submit(letter)
        item, = self.aire.until(lambda: self.aire.inbox, "the letter")
        right = {"sequence": item["sequence"], "letter": letter["id"]}
        wrong = [{**right, "sequence": right["sequence"] + 1}, {**right, "sequence": 0},
                 {**right, "sequence": (1 << 64) - 1}, {**right, "letter": secrets.token_bytes(16)}]
        for client, said in ((self.york, [right, *wrong]), (self.aire, wrong)):
            # More frames than there are strikes: none of them is one.
            for each in said * 3:
                client.send(taken=[each])
                client.send(setAside=[{**each, "reason": "unopenable"}])
            client.publish_sealing()   # whose answer comes when they have been dealt with
            self.assertIsNone(client.goodbye)
            self.assertEqual(self.delivered(), [item])
        self.leeds.publish_sealing()
        self.assertEqual(self.leeds.inbox, [])   # nothing was reported of it
        self.aire.take(item)
        after = self.leeds.seal(self.leeds.content("aire-valley", ask={"whole": bytes(16)}))
        self.leeds.submit(after)
        self.assertEqual([each["letter"] for each in self.delivered()], [after])
