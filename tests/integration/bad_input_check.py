"""What people give wrongly: one line that names the field and the remedy, exit status 1,
and nothing half done."""

import json

import invented
from processes import run, wait_until
from refusing import WithRefusals


class WhenPeopleErr(WithRefusals):

    @classmethod
    def arrange(cls):
        super().arrange()
        cls.debt = cls.exchange.add("armley-debt-desk", "provider",
                                    invented.PROVIDERS["armley-debt-desk"])
        cls.debt.add_user("tobias", "caseworker", invented.PASSWORD)
        cls.debt.as_user("tobias")("service", "publish", "--file", cls.file(
            "debt.json", invented.SERVICES["armley-debt-desk"]))
        wait_until(lambda: len(cls.at_leeds("find")) == 2, "both listings are at Leeds")

    def add(self, **fields):
        return ["client", "add", "--json", "--file",
                self.file("wrong.json", invented.client(**fields))]

    def test_dates(self):
        """a date that is none"""
        for date in ("1969-02-30", "12.4.1969", "1850-01-01", "2099-01-01", "yesterday",
                     19690412):
            with self.subTest(date=date):
                self.refused(self.add(date_of_birth=date), "date_of_birth")

    def test_client_fields(self):
        """an unknown field, a wrong type, a number that is none, a text too long"""
        self.refused(self.add(surname="Person"), "surname")
        self.refused(self.add(given_name=7), "given_name")
        self.refused(self.add(given_name="", family_name=""), "name")
        self.refused(self.add(national_insurance_number="12"), "national_insurance_number")
        self.refused(self.add(given_name="x" * 5000), "given_name")
        self.refused(self.add(given_name="x" * 100_000), "64 KiB")
        self.refused(self.add(needs=7), "needs")
        self.refused(self.add(language="xx"), "language")
        self.refused(self.add(given_name="two\nlines"), "given_name", "U+000A")
        twice = json.dumps(invented.client())[:-1] + ', "given_name": "Other"}'
        self.refused(["client", "add", "--file", self.file("twice.json", twice.encode())],
                     "given_name", "twice")

    def test_no_json(self):
        """a file that is no JSON, an empty one, a list, one nested too deep, one far too large"""
        for content in (b"{", b"", b"[]", b"[" * 100_000, b"\xff\xfe\x00",
                        b'{"a":"' + b"x" * 2_000_000):
            with self.subTest(content=content[:12]):
                self.refused(["client", "add", "--file", self.file("wrong.json", content)])

    def test_unreadable_file(self):
        """a file that is not there, or is a directory, is named"""
        self.refused(["client", "add", "--file", self.files / "absent.json"], "absent.json")
        self.refused(["client", "add", "--file", self.files], self.files.name)

    def test_unknown_things(self):
        """a service, client or referral that is not there"""
        self.refused(self.refer(service="no-such-service"), "no-such-service")
        self.refused(["client", "show", "0" * 32], "client")
        self.refused(["referral", "show", "0" * 32], "referral")
        self.refused(["referral", "show", "not an id"], "referral")

    def test_referral_fields(self):
        """a referral without its need, with an unknown urgency, without a required answer"""
        self.refused(self.refer(need=""), "need")
        self.refused(self.refer(urgency="at once"), "urgency")
        self.refused(self.refer(answers={}), "gp_name")
        self.refused(self.refer(hoped_for=7), "hoped_for")

    def test_basis(self):
        """an item shared without a basis, an unknown basis or item, an item that goes to nobody"""
        share = ["share", self.client, "--to", "aire-valley"]
        self.refused([*share, "--items", "name"], status=2)
        self.refused([*share, "--basis", "because", "--items", "name"], "basis")
        self.refused([*share, "--basis", "agreed", "--items", "horoscope"], "horoscope")
        self.refused([*share, "--basis", "agreed", "--items", "criminal_history"])
        self.refused(["share", self.client, "--to", "nobody-here", "--basis", "agreed", "--items",
                      "name"], "nobody-here")

    def test_until(self):
        """an end of sharing that is no date, or has passed"""
        share = ["share", self.client, "--to", "aire-valley", "--basis", "agreed", "--items",
                 "name,phone", "--until"]
        for date in ("yesterday", "2026-02-30", "12.5.2027"):
            with self.subTest(date=date):
                self.refused([*share, date], "until", "2026-05-06")
        self.refused([*share, "2020-01-01"], "until", "has passed")

    def test_basis_in_a_referral(self):
        """the same in a referral's own list: which one, which field, and what may stand there"""
        for share, names in (([{"items": ["phone"]}], ["share[0].basis", "agreed"]),
                             ([{"items": ["phone"], "basis": "because"}],
                              ["share[0].basis", "agreed"]),
                             ([{"items": ["name"], "basis": "agreed"}, {"items": ["phone"]}],
                              ["share[1].basis", "agreed"]),
                             ([{"basis": "agreed"}], ["share[0].items", "name"]),
                             ([{"items": ["name"], "basis": "agreed", "until": "soon"}],
                              ["share[0].until", "2026-05-06"]),
                             ({"basis": "agreed"}, ["share", "list"])):
            with self.subTest(share=share):
                self.refused(self.refer(share=share), *names)

    def test_not_contracted(self):
        """a provider without a contract gets nothing without a basis, and some items never"""
        at_debt = {"service": invented.SERVICES["armley-debt-desk"]["id"], "answers": {}}
        self.refused(self.refer(**at_debt), "no basis", "armley-debt-desk", "share")
        number = {"items": ["national_insurance_number"], "basis": "agreed"}
        self.refused(self.refer(**at_debt, share=[{"items": ["name"], "basis": "agreed"}, number]),
                     "national_insurance_number", "contracted", "leave it out")
        self.refused(["share", self.client, "--to", "armley-debt-desk", "--basis", "agreed",
                      "--items", "national_insurance_number"], "contracted", "leave it out")

    def test_edits(self):
        """a record is edited whole or not at all"""
        def edit(content, client=self.client):
            return ["client", "edit", client, "--file", self.file("edit.json", content)]
        for content, names in (({"date_of_birth": "1969-02-30"}, ["date_of_birth", "2026-05-06"]),
                               ({"phone": "0113 496 0000", "surname": "Other"}, ["surname"]),
                               ({"phone": "0113 496 0000", "needs": 7}, ["needs", "list"]),
                               ({"given_name": None, "family_name": None}, ["given_name"]),
                               ({"language": "xx"}, ["language"]), (b"{", ["JSON"])):
            with self.subTest(content=content):
                self.refused(edit(content), *names)
        self.refused(edit({"phone": "0113 496 0000"}, client="ffffffff"), "client")

    def test_one_of_two_attachments(self):
        """of a good and a bad attachment neither is sent, and no referral is made"""
        good = self.file("good.pdf", invented.pdf("x"))
        bad = self.file("bad.pdf", b"\x7fELF" + b"\0" * 100)
        self.refused(self.refer("--attach", good, "--attach", bad), "bad.pdf", "PDF")
        self.refused(self.refer("--attach", bad, "--attach", good), "bad.pdf", "PDF")
        self.assertEqual(self.leeds.json("status")["outbox"], 0)

    def test_attaching_later(self):
        """what goes after a referral is looked at like what goes with it"""
        attach = ["referral", "attach", self.referred(), "--attach"]
        bad = self.file("bad.pdf", b"\x7fELF" + b"\0" * 100)
        self.refused([*attach, bad], "bad.pdf", "PDF")
        self.refused([*attach, self.files / "absent.pdf"], "absent.pdf")
        self.refused(attach[:-1], "--attach", status=2)
        self.refused(["referral", "attach", "ffffffff", "--attach",
                      self.file("good.pdf", invented.pdf("x"))], "referral list")

    def test_attachments(self):
        """an attachment too large, of a kind not taken whatever its name, or not there"""
        big = self.file("big.pdf", invented.pdf("x") + b"\0" * (5 * 1024 * 1024))
        self.refused(self.refer("--attach", big), "big.pdf", "5 MiB")
        program = self.file("letter.pdf", b"\x7fELF" + b"\0" * 100)
        self.refused(self.refer("--attach", program), "letter.pdf")
        self.refused(self.refer("--attach", self.files / "absent.pdf"), "absent.pdf")
        for name in ("l.exe", "no ending", "a\u202efdp.pdf", "two\nlines.pdf", ".pdf"):
            with self.subTest(name=name):
                self.refused(self.refer("--attach", self.file(name, invented.pdf("x"))),
                             "attachment")
        empty = self.file("empty.pdf", b"")
        self.refused(self.refer("--attach", empty), "empty.pdf")

    def test_double_submit(self):
        """a second open referral of the same client to the same service"""
        other = self.at_leeds("client", "add", "--file",
                              self.file("other.json", invented.client("Other", "Person")))["id"]
        words = self.refer()
        words[1] = other
        made = self.leeds.try_as("dana", *words)
        self.assertEqual(made.status, 0, made.err)
        self.settles(made.json()["id"], "received")
        self.refused(words, "already")

    def test_service(self):
        """a service that is no Open Referral"""
        at = (self.aire, "morwenna")
        def publish(value):
            return ["service", "publish", "--file", self.file("wrong.json", value)]
        listing = invented.SERVICES["aire-valley"]
        self.refused(publish({**listing, "name": ""}), "name", at=at)
        self.refused(publish({k: v for k, v in listing.items() if k != "status"}), "status", at=at)
        self.refused(publish({**listing, "description": "x" * 200_000}), at=at)
        self.refused(publish({**listing, "liaison": {"contractd": True}}), "contracted", at=at)

    def test_who(self):
        """no token, a wrong token, another user's role"""
        outcome = self.leeds.run("client", "list")
        self.assertEqual(outcome.status, 1)
        self.one_line(outcome.err, "token")
        forged = self.files / "forged.token"
        forged.write_text("x" * 43 + "\n", encoding="utf-8")
        forged.chmod(0o600)
        outcome = self.leeds.run("client", "list", "--token-file", forged)
        self.assertEqual(outcome.status, 1)
        self.one_line(outcome.err)
        self.refused(["user", "add", "eve", "--role", "administrator", "--token-file",
                      self.files / "eve.token"], given="a long password\n")

    def test_usage(self):
        """wrong usage ends with status 2, and one line that says what there is or where"""
        for words, help_ in ((["refer"], "--help"), (["referral"], "withdraw"),
                             (["frobnicate"], "refer"), (["client", "list", "--colour"], "--help")):
            with self.subTest(words=words):
                outcome = self.leeds.try_as("dana", *words)
                self.assertEqual(outcome.status, 2)
                self.one_line(outcome.err, help_)

    def test_help(self):
        """every command explains itself with an example"""
        for words in (["client", "add"], ["refer"], ["referral", "show"], ["join"], ["serve"]):
            with self.subTest(words=words):
                outcome = self.leeds.run(*words, "--help")
                self.assertEqual(outcome.status, 0)
                self.assertIn("xample", outcome.out)

    def test_not_running(self):
        """with the node stopped, a desk command says so and what to do"""
        self.leeds.stop()
        try:
            outcome = self.leeds.try_as("dana", "client", "list")
            self.assertEqual(outcome.status, 1)
            self.one_line(outcome.err, "nothing was done", "serve")
        finally:
            self.leeds.start()

    def test_invitations(self):
        """an invitation that is damaged, of another node, or used twice"""
        invitation = self.broker.invite("nowhere-office", "Nowhere (invented)", "adviser")
        for text in (invitation[:-3], invitation[:20] + "x" + invitation[21:], "", "hello"):
            with self.subTest(text=text[:12]):
                self.join_refused(text)
        self.join_refused(invitation, program="liaison-provider")

    def join_refused(self, invitation, program="liaison-adviser"):
        folder = self.exchange.dir / "joining"
        outcome = run([self.exchange.programs / program, "join", "--dir", folder,
                       *self.exchange.key_options, "-"], given=invitation + "\n")
        self.assertEqual(outcome.status, 1, outcome.out + outcome.err)
        self.one_line(outcome.err)

    def test_lists_are_json(self):
        """every listing takes --json and prints an array of objects"""
        for words in (["client", "list"], ["referral", "list"], ["find"], ["aside", "list"]):
            with self.subTest(words=words):
                found = self.at_leeds(*words)
                self.assertIsInstance(found, list)
                self.assertTrue(all(isinstance(one, dict) for one in found), json.dumps(found))
