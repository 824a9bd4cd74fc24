"""Events in another's name or case, at a real provider: docs/PROTOCOL.md, section 8.1."""

import secrets

import crypto
import wire
from client import mark, now
from with_office import WithOffice

YEAR_10000 = 253_402_300_800_000   # ms


class ForeignEvents(WithOffice):
    """Leeds is honest. York is a member that has gone bad; it knows every id there is."""

    @classmethod
    def arrange(cls):
        super().arrange()
        cls.york = cls.member("jcp-york")
        cls.york.until(lambda: "aire-valley" in cls.york.registry.sealing, "the provider's key")

    def signed(self, certificate, **fields):
        """An event for the referral, whatever it says of itself, by York's key."""
        body = wire.encode("casework.Event", {
            "id": secrets.token_bytes(8) + mark("jcp-york"), "case": self.case, "strandKind": 2,
            "strand": self.strand, "author": "jcp-york", "at": now(),
            "body": {"withdrawalRequested": {"by": "client", "reason": "none"}}, **fields})
        return {"body": body, "certificate": certificate.fingerprint,
                "signature": crypto.sign(self.york.signing_key, b"liaison event" + body)}

    def by_york(self, kind, body, **more):
        return self.york.event(self.case, kind, body, user="dana", userName="Dana",
                               userRole="adviser", **more)

    def shown(self):
        return self.at_aire("referral", "show", self.strand.hex())

    def kinds(self):
        return [each["kind"] for each in self.shown()["history"]]

    def is_set_aside(self, *events):
        """York's letter with these is set aside: listed, counted, and reported to York."""
        letter = self.york.seal(self.york.content("aire-valley", events=list(events)))
        before = self.aire.json("status")["set_aside"]
        self.york.submit(letter)
        self.assertEqual(self.reported(self.york, letter), "unopenable")
        self.assertEqual(self.aire.json("status")["set_aside"], before + 1)
        self.assertIn((letter["id"].hex(), "jcp-york"),
                      [(each["letter"], each["from"]) for each in self.aside()])

    def still_works(self):
        """The office withdraws: the provider's node decides upon that, and upon nothing else."""
        asked = self.by_dana("referral", {"withdrawalRequested": {
            "by": "adviser", "reason": "found work"}}, strand=self.strand)
        self.sends(self.leeds, "aire-valley", asked)
        self.assertEqual(self.takes_event(self.leeds, "withdrawn")["cites"], [asked[1]])
        self.assertEqual(self.shown()["state"], "withdrawn")

    def test_in_anothers_name(self):
        """an event by another than its author is set aside with its letter, and never shown"""
        events = self.referral()
        self.receipt(self.leeds, self.sends(self.leeds, "aire-valley", *events), "stored")
        york, leeds = self.york.certificate, self.leeds.certificate
        theirs = {"author": "jcp-leeds", "id": secrets.token_bytes(8) + mark("jcp-leeds")}
        copied = {**self.signed(leeds, **theirs), "signature": events[2][0]["signature"]}
        for what, event in (
                ("its own certificate", self.signed(york, **theirs)),
                ("the author's certificate", self.signed(leeds, **theirs)),
                ("a copied signature", copied),
                ("another's mark", self.signed(york, id=theirs["id"])),
                ("an id that is used", self.signed(york, id=events[2][1])),
                ("an unknown certificate", {**self.signed(york, author="jcp-hull"),
                                            "certificate": york.fingerprint})):
            with self.subTest(what=what):
                # What stands beside it in the letter, and is true, goes the same way.
                self.is_set_aside(self.by_york("referral", {"answered": {"text": "no"}},
                                               strand=self.strand)[0], event)
        self.assertEqual(self.kinds(), ["requested", "received"])
        # What was wrong with them was only that: the same in its own name is believed to be York's.
        self.receipt(self.york, self.sends(self.york, "aire-valley", (self.signed(york), None)),
                     "stored")
        self.assertIn("withdrawal_requested", self.kinds())
        self.still_works()

    def test_in_anothers_case(self):
        """what a stranger says in a case is on the record as not applied, and changes nothing"""
        self.refers()
        before = self.shown()
        ground = {"basis": "agreed", "recordedBy": "Dana", "how": "in person", "purpose": "none"}
        item = {"name": "phone", "values": ["07700 900999"], "ground": ground}
        worker = {"worker": {"node": "jcp-york", "name": "Nobody"}}
        said = [(0, {"withdrawalRequested": {"by": "client"}}), (0, {"pauseRequested": {}}),
                (0, {"detailsGiven": {"items": [item]}}), (0, {"errorClaimed": {"text": "no"}}),
                (0, {"answered": {"text": "no"}}), (2, {"accepted": worker}),
                (2, {"declined": {"reason": "noCapacity"}}), (1, {"received": {}})]
        events = [self.by_york("referral", body, strand=self.strand, number=number)
                  for number, body in said]
        events += [self.by_york("core", body, number=number) for number, body in (
            (3, {"participantLeft": {"node": "aire-valley"}}),
            (3, {"leadMoved": {"successor": "jcp-york", "leadNumber": 2}}),
            (3, {"caseClosed": {"text": "no"}}))]
        self.receipt(self.york, self.sends(self.york, "aire-valley", *events), "stored")
        after = self.shown()
        theirs = [each for each in after["history"] if each["by"]["node"] == "jcp-york"]
        self.assertEqual({(each["verdict"], bool(each["why_not"])) for each in theirs},
                         {("not_applied", True)})
        for each in (before, after):
            each["history"] = [one for one in each["history"] if one["by"]["node"] != "jcp-york"]
        self.assertEqual(after, before)
        case = self.at_aire("case", "show", self.case.hex())
        self.assertEqual((case["lead_office"], case["open"]), ("jcp-leeds", True))
        self.still_works()

    def test_another_office(self):
        """who takes a referral over, or requests under another's id, is set aside"""
        self.refers()
        self.is_set_aside(self.by_york("referral", {"deciderTakenOver": {"after": 1}}, number=2,
                                       strand=self.strand)[0])
        self.is_set_aside(self.by_york("referral", {"requested": {"provider": "jcp-york"}},
                                       strand=self.strand)[0])
        self.assertEqual(self.kinds(), ["requested", "received"])
        self.still_works()

    def test_a_case_of_anothers(self):
        """a case is shown only if the office whose mark it bears opened it"""
        for office, is_shown in (("jcp-leeds", False), ("jcp-york", True)):
            with self.subTest(office=office):
                self.case, self.strand = (secrets.token_bytes(8) + mark(node)
                                          for node in (office, "jcp-york"))
                york = {"node": "jcp-york", "name": "Y"}
                letter = self.sends(self.york, "aire-valley", self.by_york("core", {
                    "caseOpened": {"leadAdviser": york, "leadNumber": 1}}, number=1),
                    self.by_york("core", {"participantJoined": {"who": {"node": "aire-valley"}}},
                                 number=2),
                    self.by_york("referral", {"requested": {
                        "provider": "aire-valley", "service": "any", "route": "formal",
                        "urgency": "routine", "need": "none"}}, strand=self.strand))
                self.receipt(self.york, letter, "stored")
                self.assertEqual(self.strand.hex() in [
                    each["id"] for each in self.at_aire("referral", "list")], is_shown)

    def test_far_ahead(self):
        """a time that no calendar has is set aside; a far one decides nothing"""
        self.refers()
        self.is_set_aside(self.by_york("referral", {"answered": {"text": "no"}}, at=YEAR_10000,
                                       strand=self.strand)[0])
        case_opened, joined, requested = self.referral()
        requested = self.by_dana("referral", wire.decode(
            "casework.Event", requested[0]["body"])["body"], strand=self.strand,
            at=YEAR_10000 - 1)
        self.sends(self.leeds, "aire-valley", requested, joined, case_opened)
        self.takes_event(self.leeds, "received")
        self.assertEqual(self.kinds(), ["requested", "received"])
        self.still_works()

    def test_cases_of_no_concern(self):
        """of cases in which it has no part a node keeps some of each sender, and no more"""
        self.refers()
        person = {"node": "jcp-york", "name": "Y"}
        def many(count=250):
            # York's own cases, of which nothing is wanting: else the provider would ask for each.
            return [self.york.event(secrets.token_bytes(8) + mark("jcp-york"), "core", {
                "caseOpened": {"leadAdviser": person, "leadNumber": 1}}, number=1)
                    for _ in range(count)]
        # A thousand; the other checks speak of some as well.
        for count in (250, 250, 250, 200):
            self.receipt(self.york, self.sends(self.york, "aire-valley", *many(count)), "stored")
        self.is_set_aside(*(event for event, _ in many()))
        self.still_works()
