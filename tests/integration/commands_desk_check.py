"""Each command of the desks, at an office and at a provider, is run and has its effect."""

import datetime
import functools

import invented
from commands import Commands, both, runs, to_full_device
from processes import must, wait_until


def in_a_month():
    return (datetime.date.today() + datetime.timedelta(days=30)).isoformat()


class ClientCommands(Commands):

    @runs("adviser client add", "adviser client list", "adviser client show",
          "adviser client edit", "adviser client note", *both("case list", "case show"))
    def test_record(self):
        """a client's record is shown, changed and noted; the provider sees what was shared"""
        client, _ = self.received("Rosalind")
        made = self.record(self.dana, "client", "show", client,
                           lines=["given_name", "phone", "date_of_birth"])
        self.assertEqual((made["given_name"], made["phone"]), ("Rosalind", "07700 900461"))
        listed = self.listing(self.dana, "client", "list", CLIENT="id", NAME="name",
                              CASE_MANAGER="case_manager.name", CHANGED="changed_at")
        self.assertIn(client, [one["id"] for one in listed])
        self.at_leeds("client", "edit", client[:12], "--file", self.file(
            "changes.json", {"phone": "07700 900999", "email": None}))
        edited = self.at_leeds("client", "show", client)
        self.assertEqual((edited["phone"], edited["email"]), ("07700 900999", ""))
        self.assertEqual(edited["family_name"], made["family_name"])
        first, second = (["client", "edit", client, "--idempotency-key", f"edit-{phone}", "--file",
                          self.file(f"{phone}.json", {"phone": f"07700 9009{phone}"})]
                         for phone in (11, 22))
        for edit in (first, second, first):   # the last repeats the first, which is done
            last = self.at_leeds(*edit)
        self.assertEqual(last["phone"], "07700 900922")
        self.at_leeds("client", "note", client, "--file", self.text("Prefers mornings"))
        for act in (self.dana, self.morwenna):
            cases = self.listing(act, "case", "list", CASE="id", CLIENT="name",
                                 OFFICE="lead_office", CHANGED="changed_at")
            self.assertIn(client, [one["id"] for one in cases])
        notes = self.record(self.dana, "case", "show", client, lines=["id", "name"])["notes"]
        self.assertEqual([(one["text"], one["by"]["name"]) for one in notes],
                         [("Prefers mornings", "dana")])
        seen = self.record(self.morwenna, "case", "show", client, lines=["id", "lead_office"])
        self.assertNotIn("Prefers mornings", str(seen))
        self.assertEqual({one["to"] for one in seen["shares"]}, {"aire-valley"})

    @runs("adviser client viewings", "provider case viewings")
    def test_viewings(self):
        """managers see who looked at a record, or at a list with it; others do not"""
        client, referral = self.received("Vera")
        for node, command, user, what, looked_at in (
                (self.leeds, ["client", "viewings", client], "dana", "client", client),
                (self.aire, ["case", "viewings", client[:12]], "morwenna", "referral", referral)):
            node.add_user("bertha", "manager", invented.PASSWORD)
            must(node.try_as(user, what, "show", looked_at))
            must(node.try_as(user, "referral", "list"))
            bertha = functools.partial(node.try_as, "bertha")
            seen, lists = (
                [(one["user"], one["what"]) for one in self.listing(
                    bertha, *command, *more, AT="at", WHO="user", WHAT="what")]
                for more in ([], ["--lists"]))
            self.assertIn((user, what), seen)
            self.assertIn((user, "list of referrals"), lists)
            self.assertNotIn((user, "list of referrals"), seen)
            self.assertEqual(must(bertha(*command, "--before", "2020-01-01T00:00:00Z")).out, "")
            self.refused(bertha(*command, "--before", "yesterday"), "before")
            self.refused(node.try_as(user, *command), "role")

    @runs("adviser client handling", "adviser client close")
    def test_safe_contact(self):
        """under safe contact whereabouts are forgotten; a closed case takes nothing more"""
        client = self.add_client("Ismay")
        safe = ["client", "handling", client, "--set", "safe_contact"]
        self.refused(self.dana(*safe), "safe_contact")
        self.at_leeds("client", "edit", client, "--file", self.file(
            "changes.json", {"safe_contact": {"channel": "through her sister"}}))
        self.at_leeds(*safe)
        shown = self.at_leeds("client", "show", client)
        self.assertEqual([shown[key] for key in ("handling", "phone", "email", "address",
                                                 "postcode")], ["safe_contact", "", "", [], ""])
        self.at_leeds("client", "close", client, "--file", self.text("She has moved away"))
        self.assertTrue(self.at_leeds("client", "show", client)["closed_at"])
        self.assertEqual(self.at_leeds("case", "show", client)["history"][-1]["reason"],
                         "She has moved away")
        self.refused(self.dana("client", "note", client, "--file", self.text("Later")), "closed")

    @runs("adviser client close")
    def test_open_referral(self):
        """a case is not closed while a referral of it goes on"""
        client, referral = self.received("Oona")
        self.refused(self.dana("client", "close", client, "--file", self.text("Done")), referral)
        self.at_leeds("referral", "withdraw", referral)
        self.shows(self.at_leeds, referral, "withdrawn")
        self.at_leeds("client", "close", client, "--file", self.text("Done"))
        self.assertFalse(self.at_leeds("case", "show", client)["open"])

    @runs("adviser share", "adviser unshare", "adviser referral details")
    def test_sharing(self):
        """what is shared goes to the referral's provider, changes only when sent, and ends"""
        client, referral = self.received("Sheila")
        def there(item):
            return [one["values"] for one in self.at_aire("referral", "show", referral)["items"]
                    if one["item"] == item]
        self.assertEqual(there("postcode"), [])
        share = ["share", client, "--to", "aire-valley", "--basis", "agreed", "--how", "in person"]
        self.at_leeds(*share, "--items", "postcode,travel")
        wait_until(lambda: there("postcode"), "the postcode is at Aire Valley")
        self.at_leeds("client", "edit", client, "--file", self.file(
            "changes.json", {"postcode": "LS2 7AA"}))
        self.at_leeds("referral", "details", referral, "--items", "postcode")
        wait_until(lambda: ["LS2 7AA"] in there("postcode"), "the new one is at Aire Valley")
        self.at_leeds("unshare", client, "--to", "aire-valley", "--items", "postcode", "--file",
                      self.text("She asked"))
        held = {one["item"]: one for one in self.at_leeds("client", "show", client)["shares"]
                if one["basis"] == "agreed"}
        self.assertTrue(held["postcode"]["ended"])
        self.assertFalse(held["travel"]["ended"])
        self.refused(self.dana("unshare", client, "--to", "aire-valley", "--items", "postcode"),
                     "postcode", "not shared")
        self.refused(self.dana("referral", "details", referral, "--items", "postcode"), "postcode")


class ReferralCommands(Commands):

    @runs("adviser refer", "adviser referral attach", "provider referral acknowledge",
          "provider referral wait", *both("referral list", "referral show", "referral attachment"))
    def test_received(self):
        """a referral and its documents are at the provider, which reacts; the office reads it"""
        letter = invented.pdf("To whom it may concern")
        _, referral = self.received("Leonora", "--attach", self.file("letter.pdf", letter))
        self.at_leeds("referral", "attach", referral, "--attach", self.file("more.pdf", letter[:-1]
                                                                            + b"\n\n"))
        wait_until(lambda: len(self.at_aire("referral", "show", referral)["attachments"]) == 2,
                   "the second document is announced at Aire Valley")
        for act in (self.dana, self.morwenna):
            listed = self.listing(act, "referral", "list", REFERRAL="id", STATE="state",
                                  CLIENT="client", SERVICE="service_name", DUE="due")
            self.assertIn(referral, [one["id"] for one in listed])
            self.assertEqual(must(act("referral", "list", "--state", "completed")).out, "")
            shown = self.record(act, "referral", "show", referral[:10], lines=["id", "state"])
            digest = {one["name"]: one["sha256"] for one in shown["attachments"]}["letter.pdf"]
            saved = self.files / "saved.pdf"
            wait_until(lambda act=act, digest=digest, saved=saved: act(
                "referral", "attachment", referral, digest[:8], "--out", saved).status == 0,
                       "the document is here")
            self.assertEqual(saved.read_bytes(), letter)
            self.assertEqual(saved.stat().st_mode & 0o777, 0o600)
        document = ["referral", "attachment", referral, digest[:8], "--out"]
        self.refused(self.dana(*document, "/dev/null"), "/dev/null", "no file")
        self.refused(self.leeds.try_as("dana", *document, "-", limits=to_full_device),
                     "standard output")
        self.at_aire("referral", "acknowledge", referral, "--file", self.text("Thank you"))
        self.at_aire("referral", "wait", referral, "--expected", in_a_month())
        wait_until(lambda: self.at_leeds("referral", "show", referral)["waiting_until"]
                   == in_a_month(), "Leeds reads of the waiting list")
        kinds = [one["kind"] for one in self.at_leeds("referral", "show", referral)["history"]]
        self.assertIn("acknowledged", kinds)

    @runs("provider referral accept", "provider referral worker", "provider referral start",
          "provider referral end", "adviser refer", *both("referral pause", "referral resume"))
    def test_paused(self):
        """either side pauses and resumes; it ends early, and the client is referred again"""
        client, referral = self.received("Penelope")
        self.at_aire("referral", "accept", referral, "--worker", "Morwenna Fennimore")
        self.at_aire("referral", "worker", referral, "--worker", "Tobias Ashgrove", "--phone",
                     "07700 900111")
        shown = wait_until(lambda: (now := self.at_leeds("referral", "show", referral))["worker"]
                           and now["worker"]["name"] == "Tobias Ashgrove" and now,
                           "Leeds reads of the other worker")
        self.assertEqual((shown["state"], shown["worker_phone"]), ("accepted", "07700 900111"))
        twice = ["referral", "pause", referral, "--reason", "ill", "--file", self.text("caring")]
        self.refused(self.dana(*twice), "--reason", "--file", "one of them")
        self.not_taken(self.morwenna("referral", "worker", referral, "--worker", "Morwenna",
                                     "--file", self.text("She is back")))
        self.at_leeds("referral", "pause", referral, "--reason", "in hospital", "--return",
                      "2027-06-01")
        paused = self.shows(self.at_leeds, referral, "paused")["history"][-1]
        self.assertEqual((paused["by"]["node"], paused["reason"], paused["expected_return"]),
                         ("aire-valley", "in hospital", "2027-06-01"))
        self.at_leeds("referral", "resume", referral, "--file", self.text("She is back"))
        self.shows(self.at_leeds, referral, "accepted")
        self.at_aire("referral", "start", referral)
        self.at_aire("referral", "pause", referral, "--reason", "caring for her mother")
        self.shows(self.at_leeds, referral, "paused")
        self.at_aire("referral", "resume", referral)
        self.shows(self.at_leeds, referral, "started")
        self.at_aire("referral", "end", referral, "--reason", "client_left", "--text", "Moved",
                     "--file", self.text("Two sessions"))
        outcome = self.shows(self.at_leeds, referral, "ended_early")["outcome"]
        self.assertEqual((outcome["reason"], outcome["text"], outcome["report"]["what_was_done"]),
                         ("client_left", "Moved", "Two sessions"))
        again = self.refer(client, "--again-of", referral)
        request = self.shows(self.at_aire, again, "received")["request"]
        self.assertEqual(request["again_of"], referral)

    def not_taken(self, outcome):
        """A file that would be lost is wrong usage."""
        self.assertEqual(outcome.status, 2)
        self.one_line(outcome.err, "--file")

    @runs(*both("referral error"))
    def test_error(self):
        """what should never have been is marked so by the office, and confirmed by the provider"""
        _, referral = self.received("Edwina")
        self.at_aire("referral", "accept", referral, "--worker", "Morwenna Fennimore")
        self.refused(self.morwenna("referral", "error", referral), "error")
        self.shows(self.at_leeds, referral, "accepted")
        self.at_leeds("referral", "error", referral, "--file", self.text("The wrong person"))
        wait_until(lambda: "error" in self.at_aire("referral", "show", referral)["allowed_actions"],
                   "a person at Aire Valley is asked to confirm")
        self.not_taken(self.morwenna("referral", "error", referral, "--file", self.text("Yes")))
        self.at_aire("referral", "error", referral)
        self.shows(self.at_leeds, referral, "entered_in_error")


class ManagerCommands(Commands):

    def proposals(self, act, client):
        return self.record(act, "manager", "show", client, lines=["case"])["proposals"]

    def proposed(self, act, there, client, node, name):
        """One side proposes, the other sees it; the proposal's id."""
        must(act("manager", "propose", client, "--node", node, "--name", name, "--reason", "why"))
        waiting = wait_until(lambda: self.proposals(there, client), "the proposal has arrived")
        self.assertEqual([(one["holder"]["node"], one["holder"]["name"]) for one in waiting],
                         [(node, name)])
        return waiting[0]["id"]

    def managed_by(self, act, client, name):
        wait_until(lambda: act("manager", "show", client)["case_manager"]["name"] == name,
                   f"{name} is case manager")

    @runs(*both("manager show", "manager propose", "manager accept"), "adviser manager confirm",
          refused=["provider manager confirm"])
    def test_accepted(self):
        """a case manager is proposed, accepts, and is confirmed by the lead office alone"""
        client, _ = self.received("Maud")
        proposal = self.proposed(self.dana, self.morwenna, client, "aire-valley", "Morwenna")
        self.refused(self.dana("manager", "confirm", client, proposal), "not accepted")
        self.at_aire("manager", "accept", client, proposal)
        wait_until(lambda: self.proposals(self.dana, client)[0]["accepted"], "Leeds reads of it")
        # Only the lead office allocates, and a provider leads no case.
        self.refused(self.morwenna("manager", "confirm", client, proposal), "office")
        self.at_leeds("manager", "confirm", client, proposal)
        self.managed_by(self.at_aire, client, "Morwenna")
        proposal = self.proposed(self.morwenna, self.dana, client, "jcp-leeds", "Bertha")
        self.at_leeds("manager", "accept", client, proposal)
        self.at_leeds("manager", "confirm", client, proposal)
        self.managed_by(self.at_aire, client, "Bertha")
        names = [one["name"] for one in self.at_leeds("manager", "show", client)["history"]]
        self.assertEqual(names, ["dana", "Morwenna", "Bertha"])

    @runs(*both("manager decline"))
    def test_declined(self):
        """a proposal that either side declines is gone on both, and the manager stays"""
        client, _ = self.received("Mabel")
        for act, there, node in ((self.dana, self.morwenna, "aire-valley"),
                                 (self.morwenna, self.dana, "jcp-leeds")):
            proposal = self.proposed(act, there, client, node, "Somebody Else")
            must(there("manager", "decline", client, proposal, "--reason", "no time"))
            wait_until(lambda act=act: not self.proposals(act, client), "it is gone there too")
            self.assertEqual(self.proposals(there, client), [])
        self.managed_by(self.at_aire, client, "dana")


class ServiceCommands(Commands):

    @runs("provider service publish", "provider service import", "provider service list",
          "provider service close", *both("find"))
    def test_services(self):
        """services are published, found by their words, and found no more once they are closed"""
        debt, clinic = (invented.SERVICES[name] for name in ("armley-debt-desk", "spen-surgery"))
        nameless = self.file("services.json", [debt, {**clinic, "name": ""}])
        keyed = ["service", "import", "--idempotency-key", "import-1", "--file"]
        self.refused(self.morwenna(*keyed, nameless), "service 2", "name",
                     "--idempotency-key import-1")
        mended = self.file("services.json", [debt, clinic])
        made = self.at_aire(*keyed, mended)
        # Each was published once: under the same key the first is not published again.
        self.assertEqual([(one["id"], one["version"]) for one in made],
                         [(debt["id"], 1), (clinic["id"], 1)])
        self.assertEqual([one["version"] for one in self.at_aire(*keyed, mended)], [1, 1])
        self.at_aire("service", "publish", "--file", self.file(
            "service.json", {**clinic, "description": "Now on Thursdays too."}))
        wait_until(lambda: all(one["replicated"] for one in self.at_aire("service", "list")),
                   "the exchange has them")
        own = self.listing(self.morwenna, "service", "list", SERVICE="id", NAME="name",
                           VERSION="version", CLOSED="closed", AT_THE_EXCHANGE="replicated")
        self.assertEqual({one["id"] for one in own}, {self.service, debt["id"], clinic["id"]})
        for act in (self.dana, self.morwenna):
            wait_until(lambda act=act: must(act("find", "thursdays", "--json")).json(),
                       "what was published last is found by its words")
            found = self.listing(act, "find", SERVICE="id", PROVIDER="provider", NAME="name")
            self.assertEqual(len(found), 3)
            self.assertEqual([one["id"] for one in must(act("find", "DEB", "budg", "--json"))
                              .json()], [debt["id"]])
            self.assertEqual(must(act("find", "thursdays", "debt")).out, "")
        self.at_aire("service", "close", clinic["id"])
        wait_until(lambda: len(self.at_leeds("find")) == 2, "Leeds finds it no more")
        self.assertEqual({one["id"]: one["closed"] for one in self.at_aire("service", "list")},
                         {self.service: False, debt["id"]: False, clinic["id"]: True})
        client = self.add_client("Cordelia")
        self.refused(self.dana("refer", client, "--service", clinic["id"], "--file", self.file(
            "referral.json", invented.referral())), "service")
