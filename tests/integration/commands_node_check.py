"""Each command for a node's operator is run, at an office and at a provider, and has its effect."""

import contextlib
import sqlite3

import invented
from commands import Commands, both, connected, runs
from exchange import Node
from processes import must, wait_until

ANOTHER = "another horse, another staple"


class NodeCommands(Commands):

    @runs(*both("status", "alarms", "settings show"))
    def test_standing(self):
        """a node says how it stands, what needs a person, and every setting"""
        for node in (self.leeds, self.aire):
            connected(node)
            status = self.record(node.run, "status", lines=["node", "organisation", "role", "link"])
            self.assertEqual((status["node"], status["role"]), (node.id, node.role))
            alarms = self.listing(node.run, "alarms", ALARM="kind", WHAT="text")
            self.assertIn("keys_unprotected", [one["kind"] for one in alarms])
            self.assertEqual(status["warnings"], [one["text"] for one in alarms])
            settings = self.listing(node.run, "settings", "show", SETTING="id", VALUE="value")
            values = {one["id"]: one["value"] for one in settings}
            self.assertEqual(values["listen"], f"127.0.0.1:{node.port}")
            self.assertTrue(all(one["about"] for one in settings))

    @runs(*both("alarm show", "alarm acknowledge"))
    def test_alarms(self):
        """what the exchange signed and cannot be is shown, and acknowledged by a person"""
        for node in (self.leeds, self.aire):
            node.stop()
            # As a node finds it that is shown two logs (tests/scenarios/logs_test.cpp).
            with contextlib.closing(sqlite3.connect(node.dir / "node.db")) as database, database:
                database.execute("INSERT INTO log_finding(kind, text, evidence, at) VALUES "
                                 "('log_fork', 'two logs (invented)', 'note one\n\nnote two\n', 1)")
            node.start()
            found = self.listing(node.run, "alarms", ALARM="kind", ID="id", WHAT="text")
            name, = [one["id"] for one in found if one["kind"] == "log_fork"]
            self.assertEqual(node.must("alarm", "show", name).out, "note one\n\nnote two\n")
            self.assertEqual(node.json("alarm", "show", name)["id"], name)
            self.refused(node.run("alarm", "acknowledge", "log-77"), "alarms")
            node.must("alarm", "acknowledge", name)
            self.refused(node.run("alarm", "show", name), "alarms")
            self.assertNotIn("log_fork", [one["kind"] for one in node.json("alarms")])

    @runs(*both("user add", "user list", "user disable", "user enable", "user password"))
    def test_people(self):
        """a person signs in until disabled, again when enabled, and by the last password given"""
        for node, role in ((self.leeds, "specialist"), (self.aire, "practitioner")):
            node.must("user", "add", "wilfred", "--role", role, "--name", "Wilfred Ashgrove",
                      given=invented.PASSWORD + "\n")
            def people(node=node):
                listed = self.listing(node.run, "user", "list", NAME="id", CALLED="name",
                                      ROLE="role", PASSWORD="password", DISABLED="disabled")
                return {one["id"]: (one["name"], one["role"], one["disabled"]) for one in listed}
            self.assertEqual(people()["wilfred"], ("Wilfred Ashgrove", role, False))
            def signs_in(password, node=node):
                return node.run("find", "--as", "wilfred", given=password + "\n").status == 0
            node.must("user", "password", "wilfred", given=ANOTHER + "\n")
            self.assertFalse(signs_in(invented.PASSWORD))
            self.assertTrue(signs_in(ANOTHER))
            node.must("user", "disable", "wilfred")
            self.assertFalse(signs_in(ANOTHER))
            self.assertEqual(people()["wilfred"], ("Wilfred Ashgrove", role, True))
            node.must("user", "enable", "wilfred")
            self.assertTrue(signs_in(ANOTHER))
            self.refused(node.run("user", "enable", "nobody"), "nobody")

    @runs(*both("user token"))
    def test_tokens(self):
        """a token is listed, allows what its scope says, and nothing once withdrawn"""
        for node, user, change in (
                (self.leeds, "dana", ["client", "add", "--file",
                                      self.file("client.json", invented.client())]),
                (self.aire, "morwenna", ["service", "publish", "--file", self.file(
                    "service.json", invented.SERVICES["aire-valley"])])):
            file = self.exchange.dir / "tokens" / f"{node.id}-reader"
            made = node.json("user", "token", user, "--token-file", file, "--scope", "read",
                             "--valid", "1d")
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            listed = self.listing(node.run, "user", "token", user, "--list", ID="id",
                                  SCOPE="scope", EXPIRES="expires_at", WITHDRAWN="withdrawn")
            mine = next(one for one in listed if one["id"] == made["id"])
            self.assertEqual((mine["scope"], mine["expires_at"], mine["withdrawn"]),
                             ("read", made["expires_at"], False))
            must(node.run("referral", "list", "--token-file", file))
            self.refused(node.run(*change, "--token-file", file), "read")
            node.must("user", "token", user, "--withdraw", made["id"])
            self.refused(node.run("referral", "list", "--token-file", file), "token")
            left = {one["id"]: one["withdrawn"] for one in node.json("user", "token", user,
                                                                     "--list")}
            self.assertTrue(left[made["id"]])
            self.assertFalse(all(left.values()), "another token went with it")

    @runs(*both("undelivered list", "undelivered again", "undelivered seen"))
    def test_undelivered(self):
        """what the policy kept back is listed, sent again once it may go, or taken off as seen"""
        client, referral = self.received("Nell")
        def gives(phone):
            self.at_leeds("client", "edit", client, "--file",
                          self.file("changes.json", {"phone": phone}))
            self.at_leeds("referral", "details", referral, "--items", "phone")
        self.kept_back(self.leeds, self.aire, gives, ["07700 900001", "07700 900002"])
        wait_until(lambda: "07700 900001" in str(self.at_aire("referral", "show", referral)),
                   "what was sent again is at Aire Valley")
        def asks(question):
            self.at_aire("referral", "ask", referral, "--file", self.text(question))
        self.kept_back(self.aire, self.leeds, asks, ["Can she manage stairs?", "Is she well?"])
        wait_until(lambda: "stairs" in str(self.at_leeds("referral", "show", referral)),
                   "what was sent again is at Leeds")

    def kept_back(self, node, other, act, texts):
        """Says each text while it may not go; sends the first again, has seen the second."""
        def events():
            return [one["event"] for one in node.json("undelivered", "list")]
        with self.forbidden(node, other):
            act(texts[0])
            first, = wait_until(events, "the first is not delivered")
            act(texts[1])
            wait_until(lambda: len(events()) == 2, "the second is not delivered")
            second, = set(events()) - {first}
        listed = self.listing(node.run, "undelivered", "list", EVENT="event", TO="to", KIND="kind",
                              WHY="sentence")
        self.assertEqual([(one["to"], one["reason"]) for one in listed],
                         [(other.id, "not_permitted")] * 2)
        self.assertIn("undelivered", [one["kind"] for one in node.json("alarms")])
        node.must("undelivered", "again", first, other.id)
        self.assertEqual(events(), [second])
        node.must("undelivered", "seen", second, other.id)
        self.assertEqual(events(), [])
        self.assertNotIn("undelivered", [one["kind"] for one in node.json("alarms")])
        self.refused(node.run("undelivered", "seen", second, other.id), "undelivered")

    @runs(*both("backup"))
    def test_backup(self):
        """a backup is one file that only its owner reads, and is not written over another"""
        for node in (self.leeds, self.aire):
            file = self.exchange.dir / f"{node.id}.backup"
            self.assertEqual(node.json("backup", file)["file"], str(file))
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            self.refused(node.run("backup", file), file.name)

    @runs(*both("join", "confirm-key"))
    def test_joined_again(self):
        """who lost its keys and joins again is followed once a person has confirmed the new one"""
        for node, role, watcher in (("armley-debt-desk", "provider", self.leeds),
                                    ("jcp-bradford", "adviser", self.aire)):
            organisation = {**invented.OFFICES, **invented.PROVIDERS}[node]
            self.exchange.add(node, role, organisation).stop()
            again = Node(self.exchange, node, role, organisation)
            again.move_to(self.exchange.dir / f"{node}-again")
            self.exchange.nodes[node] = again
            again.join(self.broker.invite(node, organisation, role, "--rejoin")).start()
            connected(again)
            key = {one["id"]: one["certificate_fingerprint"]
                   for one in self.broker.json("nodes")}[node]
            def alarms(watcher=watcher, node=node):
                return [one["text"] for one in watcher.json("alarms")
                        if one["kind"] == "key_changed" and node in one["text"]]
            said = wait_until(alarms, f"{watcher.name} is told of the change")
            self.assertIn(f"confirm-key {node} {key}", said[0])
            self.refused(watcher.run("confirm-key", node, "0" * 64), "certificate")
            self.assertEqual(alarms(), said)
            watcher.must("confirm-key", node, key)
            self.assertEqual(alarms(), [])


class UndeliveredDocument(Commands):

    @runs("adviser undelivered list", "adviser undelivered again")
    def test_undelivered_document(self):
        """an undelivered document goes again, event and parts, by its event's id"""
        _, referral = self.received("Dorothea")
        with self.forbidden(self.leeds, self.aire):
            self.at_leeds("referral", "attach", referral, "--attach",
                          self.file("letter.pdf", invented.pdf("A letter")))
            wait_until(lambda: self.leeds.json("undelivered", "list") and
                       self.leeds.json("status")["outbox"] == 0,
                       "neither the document's event nor its part is delivered")
        [one] = self.leeds.json("undelivered", "list")
        self.leeds.must("undelivered", "again", one["event"], one["to"])
        shown = wait_until(lambda: self.at_aire("referral", "show", referral)["attachments"],
                           "the document is described at Aire Valley")
        wait_until(lambda: self.aire.try_as(
            "morwenna", "referral", "attachment", referral, shown[0]["sha256"][:8], "--out",
            self.exchange.dir / "fetched").status == 0, "the document is at Aire Valley")
        self.assertEqual(self.leeds.json("undelivered", "list"), [])


class RestoredNodes(Commands):

    @runs(*both("restore", "serve", "override", "aside list", "aside show", "aside drop"),
          refused=both("override", "aside retry", "aside drop"))
    def test_restored(self):
        """a restored node sets aside what it cannot open, and goes on without who is away"""
        _, referral = self.received("Millicent")
        self.refused(self.leeds.run("override", "aire-valley"), "not catching up")
        self.restored(self.leeds, self.aire, lambda: self.at_aire(
            "referral", "ask", referral, "--file", self.text("Can she manage stairs?")))
        self.restored(self.aire, self.leeds, lambda: self.at_leeds(
            "referral", "attach", referral, "--attach",
            self.file("letter.pdf", invented.pdf("A letter"))))
        self.leeds.start()
        wait_until(lambda: self.at_leeds("referral", "show", referral)["questions"],
                   "the question is at Leeds")
        wait_until(lambda: self.at_aire("referral", "show", referral)["attachments"],
                   "the document is at Aire Valley")

    def restored(self, node, other, write):
        """A letter waits for a node that lost its sealing keys, while its sender is away."""
        file = self.exchange.dir / f"{node.id}.backup"
        node.must("backup", file)
        node.stop()
        write()
        def letters():
            return self.broker.json("mailboxes", "--node", node.id)[0]["letters"]
        wait_until(letters, f"a letter waits for {node.id}")
        other.stop()
        node.restore(file, self.exchange.dir / f"{node.id}-restored")
        must(node.run("serve", "--check"))
        node.start()
        connected(node)
        wait_until(lambda: not letters(), "the letter has arrived")
        aside = wait_until(lambda: node.json("aside", "list"), "the letter is set aside")
        listed = self.listing(node.run, "aside", "list", LETTER="letter", FROM="from",
                              RECEIVED="received_at", REASON="reason", WHY="why")
        self.assertEqual(listed[0]["from"], other.id)
        self.assertEqual(listed, aside)
        shown = self.record(node.run, "aside", "show", aside[0]["letter"],
                            lines=["letter", "reason", "why"])
        self.assertEqual(shown, aside[0])
        # Its key is gone for good; a missing certificate, after which a retry succeeds, cannot be
        # made with real programs: the broker has every certificate before a letter signed by it.
        self.refused(node.run("aside", "retry", aside[0]["letter"]), "send it again")
        self.assertEqual(node.json("aside", "list"), aside)
        unsaid = node.run("aside", "drop")
        self.assertEqual(unsaid.status, 2)
        self.one_line(unsaid.err, "--all")
        self.assertEqual(node.json("aside", "drop", aside[0]["letter"])["dropped"], 1)
        self.assertEqual(node.json("aside", "list"), aside[1:])
        self.refused(node.run("aside", "drop", aside[0]["letter"]), "no letter of that id")
        self.assertEqual(node.json("aside", "drop", "--all")["dropped"], len(aside) - 1)
        self.assertEqual(node.json("aside", "list"), [])
        self.assertEqual(node.json("status")["catching_up_from"], [other.id])
        self.assertIn("catching_up", [one["kind"] for one in node.json("alarms")])
        node.must("override", other.id)
        self.assertEqual(node.json("status")["catching_up_from"], [])
        self.refused(node.run("override", other.id), "not catching up")
