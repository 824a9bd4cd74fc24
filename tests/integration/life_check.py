"""An exchange lives: organisations are shut out, lose their keys or their disk, and come back."""

import json
import pathlib
import shutil

import invented
from base import WithExchange
from exchange import Node
from processes import must, run, wait_until


class Life(WithExchange):

    def refer(self, name):
        """A new client, referred to Aire Valley; the referral's id."""
        client = self.at_leeds("client", "add", "--file",
                               self.file("client.json", invented.client(name, "Person")))["id"]
        wait_until(lambda: self.at_leeds("find"), "a listing is at Leeds")
        return self.at_leeds("refer", client, "--service", self.service, "--route", "formal",
                             "--file", self.file("referral.json", invented.referral(
                                 answers={"gp_name": "Dr E", "daily_life": "Sits badly"})))["id"]

    def shows(self, act, referral, state):
        return wait_until(lambda: (shown := act("referral", "show", referral))["state"] == state
                          and shown, f"{referral} is {state}")

    def test_1_provider_restored(self):
        """a provider restored from an old backup catches up from the office before it decides"""
        first = self.refer("Before")
        self.shows(self.at_aire, first, "received")
        backup = self.exchange.dir / "aire.backup"
        self.aire.must("backup", backup)
        second = self.refer("After")
        self.shows(self.at_aire, second, "received")
        self.at_aire("referral", "accept", first, "--worker", "Morwenna Fennimore")
        self.shows(self.at_leeds, first, "accepted")
        self.aire.kill()
        self.aire.restore(backup, self.exchange.dir / "aire-restored")
        self.aire.start()
        self.shows(self.at_aire, first, "accepted")
        self.shows(self.at_aire, second, "received")
        def started():
            return self.aire.try_as("morwenna", "referral", "start", first).status == 0
        wait_until(started, "it may decide again")
        self.shows(self.at_leeds, first, "started")

    def test_2_office_restored(self):
        """an office restored from an old backup shows again what the provider has said since"""
        referral = self.refer("Office")
        self.shows(self.at_aire, referral, "received")
        backup = self.exchange.dir / "leeds.backup"
        self.leeds.must("backup", backup)
        of_then = shutil.copy(self.leeds.token("dana"), self.files / "dana.token")
        self.at_aire("referral", "accept", referral, "--worker", "Morwenna Fennimore")
        self.shows(self.at_leeds, referral, "accepted")
        self.leeds.kill()
        self.leeds.restore(backup, self.exchange.dir / "leeds-restored")
        self.leeds.start()
        refused = self.leeds.run("client", "list", "--token-file", of_then)
        self.assertEqual(refused.status, 1)
        self.one_line(refused.err, "token")
        self.shows(self.at_leeds, referral, "accepted")
        again = self.refer("Later")
        self.shows(self.at_aire, again, "received")

    def test_3_people(self):
        """a person whose access was taken away is refused from then on"""
        self.leeds.add_user("temporary", "adviser", invented.PASSWORD)
        self.assertEqual(self.leeds.try_as("temporary", "client", "list").status, 0)
        self.leeds.must("user", "disable", "temporary")
        refused = self.leeds.try_as("temporary", "client", "list")
        self.assertEqual(refused.status, 1)
        self.one_line(refused.err)

    def test_4_policy(self):
        """what the policy forbids is refused, and the sender told why"""
        before = self.broker.must("policy", "show").json()
        rules = {"otherwise": "allow",
                 "rules": [{"from": "node:jcp-leeds", "to": "node:aire-valley",
                            "verdict": "deny"}]}
        self.broker.must("policy", "set", "-", given=json.dumps(rules))
        try:
            referral = self.refer("Forbidden")
            def told():
                delivery = self.at_leeds("referral", "show", referral)["delivery"]
                return delivery if delivery["refused"] else None
            delivery = wait_until(told, "Leeds is told of the refusal")
            self.assertIn("ermit", delivery["refused"])
        finally:
            self.broker.must("policy", "set", "-", given=json.dumps(before))

    def test_5_revoked(self):
        """a revoked organisation is cut off at once; what waits for it is returned and said"""
        self.aire.stop()
        referral = self.refer("Waiting")
        wait_until(lambda: self.at_leeds("referral", "show", referral)["delivery"]["step"]
                   == "accepted", "the letter waits")
        self.broker.must("revoke", "aire-valley", "--reason", "its contract ended")
        def told():
            return self.at_leeds("referral", "show", referral)["delivery"]["refused"]
        self.assertTrue(wait_until(told, "Leeds is told of the return"))
        self.aire.daemon.start()
        states = {n["id"]: n for n in self.broker.json("nodes")}
        self.assertEqual(states["aire-valley"]["state"], "revoked")
        self.assertFalse(states["aire-valley"]["connected"])
        client = self.at_leeds("client", "add", "--file",
                               self.file("client.json", invented.client("Late", "Person")))["id"]
        refused = self.leeds.try_as("dana", "refer", client, "--service", self.service,
                                    "--route", "formal", "--file", self.files / "referral.json")
        self.assertEqual(refused.status, 1, refused.out)
        self.one_line(refused.err, "aire-valley", "left the exchange")

    def test_6_invitations(self):
        """an invitation serves once; joining again with the same keys is answered alike"""
        invitation = self.broker.invite("armley-debt-desk", "Armley Debt Desk (invented)",
                                        "provider")
        member = Node(self.exchange, "armley-debt-desk", "provider", "Armley Debt Desk (invented)")
        member.join(invitation)
        member.join(invitation)
        thief = run([member.program, "join", "--dir", self.exchange.dir / "thief",
                     *self.exchange.key_options, "-"], given=invitation + "\n")
        self.assertEqual(thief.status, 1, thief.out)
        self.one_line(thief.err)

    def test_6_joined_again(self):
        """joining again leaves the administrator as they are, disabled or with their token away"""
        member = Node(self.exchange, "spen-surgery", "provider", "Spen Surgery (invented)")
        invitation = self.broker.invite("spen-surgery", member.organisation, "provider")
        member.join(invitation)
        def tokens():
            return member.json("user", "token", "administrator", "--list")
        made = tokens()
        self.assertEqual([one["withdrawn"] for one in made], [False])
        member.administrator.unlink()
        member.join(invitation)
        self.assertEqual(tokens(), made)
        self.assertFalse(member.administrator.exists())
        member.must("user", "disable", "administrator")
        member.join(invitation)
        self.assertEqual([one["withdrawn"] for one in tokens()], [True])

    def test_7_rejoined(self):
        """an office that lost its disk and its keys comes back by a new invitation"""
        refused = self.broker.run("invite", "--node", "jcp-leeds", "--organisation",
                                  self.leeds.organisation, "--role", "adviser")
        self.assertEqual(refused.status, 1, "a second invitation without --rejoin")
        self.leeds.kill()
        invitation = self.broker.invite("jcp-leeds", self.leeds.organisation, "adviser",
                                        "--rejoin")
        again = Node(self.exchange, "jcp-leeds", "adviser", self.leeds.organisation)
        again.move_to(self.exchange.dir / "leeds-again")
        again.join(invitation)
        again.start()
        try:
            wait_until(lambda: again.json("status")["link"] == "ready", "it is connected")
        finally:
            again.kill()


class OfflineAuthority(WithExchange):
    """The authority's key is on a machine of its own; certificates are carried by hand."""

    @classmethod
    def arrange(cls):
        exchange = cls.exchange
        cls.files = exchange.dir / "files"
        cls.files.mkdir()
        cls.ca = exchange.programs / "liaison-ca"
        cls.authority = exchange.dir / "authority"
        must(run([cls.ca, "init", cls.authority, "--name", "Offline (invented)", "--unprotected"]))

    def test_join(self):
        """a node joins an exchange whose authority is offline, once it has signed"""
        broker = self.exchange.broker
        must(run([broker.program, "init", broker.dir, "--name", "Offline (invented)", "--listen",
                  f"tcp://127.0.0.1:{broker.exchange_port}", "--unprotected", "--authority",
                  self.authority / "authority.pem", "--revocations",
                  next(self.authority.glob("*.crl"))]))
        broker.configure()
        broker.start()
        invitation = broker.invite("jcp-leeds", invented.OFFICES["jcp-leeds"], "adviser")
        member = Node(self.exchange, "jcp-leeds", "adviser", invented.OFFICES["jcp-leeds"])
        self.exchange.nodes["jcp-leeds"] = member
        def join(*more):
            return must(run([member.program, "join", "--dir", member.dir, "--desk",
                             f"127.0.0.1:{member.port}", "--unprotected", "-", *more],
                            given=invitation + "\n"))
        self.assertIn("again later", join().out)
        self.assertEqual(join("--json").json(), {"id": "jcp-leeds", "state": "pending",
                                                 "dir": str(member.dir)})
        self.assertEqual([p["node"] for p in broker.json("pending")], ["jcp-leeds"])
        carried = pathlib.Path(broker.dir) / "authority"
        wait_until(lambda: any((carried / "requests").glob("*.json")),
                   "the request is written out")
        must(run([self.ca, "sign", "--dir", self.authority, carried / "requests", "--out",
                  carried / "signed", "--new"]))
        wait_until(lambda: broker.json("pending") == [], "what was signed is picked up")
        joined = join("--json").json()
        self.assertEqual((joined["id"], joined["state"]), ("jcp-leeds", "joined"))
        member.start()
        wait_until(lambda: member.json("status")["link"] == "ready", "it is connected")
