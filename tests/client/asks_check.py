"""What a member that has gone bad is told when it asks, whatever it has said before:
docs/PROTOCOL.md, section 8.4."""

import secrets

import crypto
import invented
from client import mark
from exchange import wait_until
from with_nodes import WithNodes

BOTH = ("jcp-leeds", "aire-valley")
NOTHING = {node: set() for node in BOTH}
LAST = 4096   # above any number of these cases


class ForeignAsks(WithNodes):
    """Office and first provider are the real ones. The clients are a second provider of the same
    case, and an office that is no party to it; both know every id and digest there is, as if one
    who knows them had told them."""

    @classmethod
    def arrange(cls):
        cls.arrange_office()
        cls.arrange_provider()
        cls.armley = cls.member("armley-debt-desk", "provider")
        cls.york = cls.member("jcp-york")
        cls.publishes(cls.armley)
        wait_until(lambda: len(cls.at_leeds("find")) == 2, "the office finds both services")
        person = cls.at_leeds("client", "add", "--file", cls.file("client", invented.client()))
        cls.case = bytes.fromhex(person["id"])
        cls.first, cls.first_digest = cls.refers(
            "aire-valley", answers={"gp_name": "Dr Invented", "daily_life": "cannot sit long"})
        cls.second, cls.second_digest = cls.refers("armley-debt-desk")
        for client in (cls.armley, cls.york):
            client.until(lambda client=client: client.registry.sealing.keys() >= set(BOTH), "keys")
        # What the office sent by itself has all come before an answer, and is none.
        cls.answered(cls.armley, ("jcp-leeds", {"everything": 0}))
        received, _ = cls.armley.event(cls.case, "referral", {"received": {}}, strand=cls.second,
                                       number=1)
        cls.armley.submit(cls.armley.seal(cls.armley.content("jcp-leeds", events=[received])))
        for strand in (cls.first, cls.second):
            wait_until(lambda strand=strand: cls.at_leeds("referral", "show", strand.hex())["state"]
                       == "received", "the office has its answer")

    @classmethod
    def refers(cls, provider, **more):
        """A referral of the client, with a document of its own: its strand, the document's
        digest."""
        cls.at_leeds("share", cls.case.hex(), "--to", provider, "--basis", "agreed", "--items",
                     "name,phone", "--how", "in person", "--purpose", "this referral")
        document = invented.pdf(f"What is only for {provider}")
        made = cls.at_leeds(
            "refer", cls.case.hex(), "--service", invented.SERVICES[provider]["id"], "--file",
            cls.file("referral", invented.referral(**more)), "--attach",
            cls.file("letter.pdf", document))
        return bytes.fromhex(made["id"]), crypto.sha256(document)

    def gap(self, kind, strand=bytes(16), last=LAST):
        return {"gap": {"case": self.case, "strandKind": kind, "strand": strand,
                        "first": 1 if last else 0, "last": last}}

    def of_the_case(self):
        """Every ask for what is in the case, but in no referral."""
        return [{"whole": self.case}, {"everything": 0}, self.gap(0), self.gap(1)]

    def of_a_referral(self, strand, digest):
        return [self.gap(2, strand), self.gap(2, strand, last=0), self.gap(3, strand),
                {"part": {"case": self.case, "attachment": digest}}]

    def asked(self, client, asks, nodes=BOTH):
        """What nodes send for these asks: of each, (kind, strand) of every event, and digests of
        what the parts are of."""
        found = {node: set() for node in nodes}
        for content in self.answered(client, *((node, ask) for ask in asks for node in nodes)):
            self.assertTrue("verified" in content or "part" in content, content)
            came = found[content["sender"]]
            came |= {(kind, event["strand"]) for event in content.get("verified", [])
                     for kind in event["body"]}
            if "part" in content:
                came.add(("part", content["part"]["attachment"]))
        return found

    def test_a_stranger(self):
        """who is no party to a case gets no event and no part of it, however it asks"""
        self.assertEqual(self.asked(self.york, [
            *self.of_the_case(), *self.of_a_referral(self.first, self.first_digest)]), NOTHING)

    def test_another_provider(self):
        """a provider gets nothing of another's referral of its client, not even with the case"""
        self.assertEqual(self.asked(
            self.armley, self.of_a_referral(self.first, self.first_digest)), NOTHING)
        for node, came in self.asked(self.armley, self.of_the_case()).items():
            with self.subTest(node=node):
                self.assertIn(("caseOpened", b""), came)
                self.assertLessEqual({where for _, where in came},
                                     {b"", self.second, self.second_digest})

    def test_the_entitled(self):
        """who may have a referral gets its events and its document, asking in the same way"""
        requested, received = ("requested", self.second), ("received", self.second)
        opened, part = ("caseOpened", b""), ("part", self.second_digest)
        numbers, opening, _, document = self.of_a_referral(self.second, self.second_digest)
        everything = {opened, requested, received, part}
        for wanted, expected in ((numbers, {received}), (opening, {requested, part}),
                                 (document, {part}), ({"whole": self.case}, everything),
                                 ({"everything": 0}, everything)):
            with self.subTest(wanted=wanted):
                came = self.asked(self.armley, [wanted], ["jcp-leeds"])["jcp-leeds"]
                self.assertLessEqual(expected, came)

    def test_who_says_itself_in(self):
        """who says that it opened a case, or takes part in it, gets nothing of it either"""
        york = {"node": "jcp-york", "name": "Y"}
        said = [(n, {"participantJoined": {"who": york, "purpose": "to read"}}) for n in range(12)]
        said += [(1, {"caseOpened": {"leadAdviser": york, "leadNumber": 9}}),
                 (9, {"leadMoved": {"successor": "jcp-york", "leadNumber": 9}})]
        events = [self.york.event(self.case, "core", body, number=number) for number, body in said]
        events.append(self.york.event(self.case, "referral", {"received": {}}, strand=self.first,
                                      number=1))
        for node in BOTH:
            self.receipt(self.york, self.sends(self.york, node, *events), "stored")
        self.assertEqual(self.asked(self.york, [{"whole": self.case}, *self.of_a_referral(
            self.first, self.first_digest)]), NOTHING)
        case = self.at_leeds("case", "show", self.case.hex())
        self.assertEqual((case["lead_office"],
                          {each["who"]["node"] for each in case["participants"]}),
                         ("jcp-leeds", {"aire-valley", "armley-debt-desk"}))

    def test_who_decides_for_another(self):
        """what a provider decides in another's referral is not applied, and brings it nothing"""
        worker = {"worker": {"node": "armley-debt-desk", "name": "Tobias"}}
        accepted = self.armley.event(self.case, "referral", {"accepted": worker},
                                     strand=self.first, number=2)
        for node, at in zip(BOTH, (self.at_leeds, self.at_aire)):
            with self.subTest(node=node):
                self.receipt(self.armley, self.sends(self.armley, node, accepted), "stored")
                shown = at("referral", "show", self.first.hex())
                self.assertEqual((shown["state"], shown["worker"]), ("received", None))
                self.assertEqual([each["verdict"] for each in shown["history"]
                                  if each["event"] == accepted[1].hex()], ["not_applied"])
        self.assertEqual(self.asked(
            self.armley, self.of_a_referral(self.first, self.first_digest)), NOTHING)

    def test_one_id_in_two_strands(self):
        """a participant that signs its proposals' ids elsewhere before keeps nobody from what is
        decided on them"""
        own, proposed, declined = (dict(id=secrets.token_bytes(8) + mark("armley-debt-desk"))
                                   for _ in range(3))
        junk = [self.armley.event(self.case, "own", {"noteWritten": {"text": "-"}}, **each)
                for each in (own, proposed, declined)]
        self.receipt(self.armley, self.sends(self.armley, "aire-valley", *junk), "stored")
        holder = {"holder": {"node": "armley-debt-desk", "name": "Tobias"}, "reason": "-"}
        events = [self.armley.event(self.case, "core", {"managerProposed": holder}, **proposed),
                  self.armley.event(self.case, "core", {"managerDeclined": {"text": "-"}},
                                    answers=proposed["id"], **declined)]
        self.receipt(self.armley, self.sends(self.armley, "jcp-leeds", *events), "stored")
        self.at_leeds("share", self.case.hex(), "--to", "aire-valley", "--basis", "agreed",
                      "--items", "language", "--how", "in person", "--purpose", "this referral")
        def followed():
            shown = self.at_aire("case", "show", self.case.hex())
            return "language" in {each["item"] for each in shown["shares"]} and not shown["missing"]
        wait_until(followed, "the provider has what the office decided since")

    def test_who_names_another_document(self):
        """a provider that says of its own referral that another's document belongs to it does not
        get it, by whatever it asks for"""
        about = {"name": "letter.pdf", "kind": "pdf", "size": 1, "partSize": 1,
                 "digest": self.first_digest, "parts": [self.first_digest]}
        added = self.armley.event(self.case, "referral", {"attachmentAdded": about},
                                  strand=self.second)
        for node in BOTH:
            self.receipt(self.armley, self.sends(self.armley, node, added), "stored")
        asks = [*self.of_the_case(), *self.of_a_referral(self.second, self.first_digest)]
        for node, came in self.asked(self.armley, asks).items():
            self.assertNotIn(("part", self.first_digest), came, node)

    def test_who_cites_another_referral(self):
        """what a provider's decision cites of another's referral does not come to it"""
        cited = [bytes.fromhex(each["event"]) for each
                 in self.at_leeds("referral", "show", self.first.hex())["history"]]
        self.assertTrue(cited)
        decided = self.armley.event(self.case, "referral", {"taken": {}}, strand=self.second,
                                    number=2, cites=cited)
        self.receipt(self.armley, self.sends(self.armley, "jcp-leeds", decided), "stored")
        asks = [*self.of_the_case(), *self.of_a_referral(self.second, self.second_digest)]
        for _, where in self.asked(self.armley, asks, ["jcp-leeds"])["jcp-leeds"]:
            self.assertIn(where, (b"", self.second, self.second_digest))

    def test_who_takes_no_answer(self):
        """who asks without end, and never says that it has what came, has few answers waiting"""
        selby = self.member("jcp-selby")
        selby.until(lambda: "jcp-leeds" in selby.registry.sealing, "its key")
        before = self.at_leeds("status")["outbox"]
        letters = [selby.seal(selby.content("jcp-leeds", ask=self.gap(0))) for _ in range(120)]
        selby.submit(*letters)
        receipted = set()
        def all_are_receipted():
            for item in [each for each in selby.inbox if "letter" in each]:
                selby.inbox.remove(item)
                content = selby.open(item)
                selby.take(item)
                receipted.update(each["letter"] for each in content.get("receipts", []))
            return receipted >= {each["id"] for each in letters}
        selby.until(all_are_receipted, "the office has all the questions")
        self.assertLess(self.at_leeds("status")["outbox"] - before, 80)

    def test_who_asks_without_end(self):
        """what is asked for again and again comes some times a day, and not each time"""
        document = ("jcp-leeds", {"part": {"case": self.case, "attachment": self.second_digest}})
        came = [bool(self.answered(self.armley, document)) for _ in range(12)]
        self.assertTrue(came[0])
        self.assertFalse(came[-1])
