"""Each command of the broker and of the authority is run and has its effect; and no command of the
five programs is run by no check at all.

The commands of the nodes are in commands_node_check.py and commands_desk_check.py, those of
liaison-audit in commands_audit_check.py.
"""

import datetime
import importlib
import json
import pathlib
import shutil
import unittest

import invented
from base import Machine
from commands import Commands, declared, leaves, runs, to_full_device
from exchange import Node
from processes import http_get, must, wait_until

HERE = pathlib.Path(__file__).parent

# Run by another file, where more is seen of them: the file, and the words there that run them.
ELSEWHERE = {
    "broker restore": ("story.py", "broker.restore(backup, restored)"),
    "adviser referral answer": ("story.py", '"referral", "answer"'),
    "adviser referral withdraw": ("story.py", '"referral", "withdraw"'),
    "provider referral ask": ("story.py", '"referral", "ask"'),
    "provider referral complete": ("story.py", '"referral", "complete"'),
    "provider referral decline": ("story.py", '"referral", "decline"'),
    "provider referral progress": ("story.py", '"referral", "progress"'),
    "provider referral withdraw": ("story.py", '"spen-surgery"]("referral", "withdraw"'),
}


class EveryCommand(unittest.TestCase):

    def test_none_is_forgotten(self):
        """every command that --help tells of is run by a check"""
        told = {leaf for program in ("audit", "broker", "ca", "adviser", "provider")
                for leaf in leaves(program)}
        checked = set()
        for path in HERE.glob("commands*_check.py"):
            for case in vars(importlib.import_module(path.stem)).values():
                if isinstance(case, type) and issubclass(case, Commands):
                    checked |= declared(case)
        self.assertEqual(told - checked - set(ELSEWHERE), set(), "no check runs these")
        self.assertEqual((checked | set(ELSEWHERE)) - told, set(), "there are no such commands")
        self.assertEqual(checked & set(ELSEWHERE), set(), "these are checked here: strike them off")

    def test_elsewhere(self):
        """what another file is said to run stands in it"""
        for command, (file, words) in ELSEWHERE.items():
            with self.subTest(command=command):
                self.assertIn(words, (HERE / file).read_text(encoding="utf-8"))


class BrokerCommands(Commands):

    @runs("broker users add", "broker users list", "broker users disable")
    def test_users(self):
        """administrators are added, listed and disabled; a name is taken once"""
        must(self.broker.run("users", "add", "ann", given=invented.PASSWORD + "\n"))
        self.refused(self.broker.run("users", "add", "ann", given=invented.PASSWORD + "\n"),
                     "already")
        self.refused(self.broker.run("users", "add", "eve", given="short\n"), "password")
        self.refused(self.broker.run("users", "disable", "nobody"), "nobody")
        def users():
            return self.listing(self.broker.run, "users", "list", name="name", state="state",
                                created_at="created_at")
        self.assertEqual([(one["name"], one["state"]) for one in users()], [("ann", "active")])
        self.assertEqual(self.broker.json("users", "disable", "ann"), {"name": "ann"})
        self.assertEqual([(one["name"], one["state"]) for one in users()], [("ann", "disabled")])

    @runs("broker quota show", "broker quota set", "broker mailboxes")
    def test_quota(self):
        """a letter beyond a node's quota is not taken; once it is, it waits for all to see"""
        everybody = self.record(self.broker.run, "quota", "show", lines=["mailbox_letters"])
        referral = self.received("Quentin")[1]
        self.aire.stop()
        self.addCleanup(self.aire.start)
        none = self.broker.json("quota", "set", "--node", "aire-valley", "--mailbox-letters", "0")
        self.assertEqual(none, {**everybody, "node": "aire-valley", "mailbox_letters": 0})
        before = self.mailbox()["letters"]   # a receipt may have come
        self.at_leeds("referral", "attach", referral, "--attach",
                      self.file("letter.pdf", invented.pdf("A letter")))
        wait_until(lambda: 'reason="mailbox_full"' in http_get(self.broker.url + "/metrics")[1],
                   "a letter is refused because the mailbox is full")
        self.assertEqual(self.mailbox()["letters"], before)
        self.broker.must("quota", "set", "--node", "aire-valley", "--default")
        shown = self.record(self.broker.run, "quota", "show", "--node", "aire-valley",
                            lines=["mailbox_letters", "node"])
        self.assertEqual(shown, {**everybody, "node": "aire-valley"})
        self.leeds.stop()   # started again, it tries at once rather than when it is due
        self.leeds.start()
        item = wait_until(lambda: (found := self.mailbox())["letters"] > before and found,
                          "it waits for Aire Valley")["items"][-1]
        self.assertEqual((item["sender"], item["recipient"]), ("jcp-leeds", "aire-valley"))
        told = self.broker.must("mailboxes").out
        self.assertIn(f"{item['letter']} from jcp-leeds, {item['size_bytes']} octets, "
                      f"{item['first_octets']}...", told)
        self.assertRegex(told, r"(?m)^node +letters +bytes +reports$")
        self.assertNotIn("jcp-leeds: letter", told)

    def mailbox(self, node="aire-valley"):
        return self.broker.json("mailboxes", "--node", node)[0]

    @runs("broker status", "broker nodes", "broker alarms", "broker serve")
    def test_standing(self):
        """who is here and how the broker stands, by its commands; serve --check while it serves"""
        nodes = self.listing(self.broker.run, "nodes", id="id", role="role", state="state",
                             organisation="organisation", connected="connected",
                             certificate_expires="certificate_expires")
        self.assertLessEqual({"jcp-leeds", "aire-valley"}, {one["id"] for one in nodes})
        status = self.record(self.broker.run, "status", lines=["name", "authority", "store"])
        self.assertEqual((status["nodes"], status["authority"]), (len(nodes), "online"))
        # The one alarm there is, of a damaged store, is raised in store_watch_test.cpp.
        self.assertEqual(self.broker.json("alarms"), [])
        self.assertEqual(self.broker.must("alarms").line.split(), ["node", "raised_at", "what"])
        self.assertIn("in order", self.broker.must("serve", "--check").line)
        settings = self.broker.dir / "liaison.toml"
        with Machine.replaced(settings, settings.read_bytes() + b"\n[unheard_of]\nthing = 1\n"):
            self.refused(self.broker.run("serve", "--check"), "unheard_of")

    def test_not_written(self):
        """what could not be printed is no success"""
        for words in (["nodes"], ["status", "--json"], ["policy", "show"], ["serve", "--check"]):
            with self.subTest(words=words):
                self.refused(self.broker.run(*words, limits=to_full_device), "standard output")

    @runs("broker policy show", "broker policy set")
    def test_policy(self):
        """the policy is shown as it was set; one that is none changes nothing"""
        before = self.broker.json("policy", "show")
        rules = {"otherwise": "allow", "rules": [{"from": "role:provider", "to": "role:provider",
                                                  "verdict": "deny"}]}
        self.broker.must("policy", "set", "-", given=json.dumps(rules))
        try:
            self.assertEqual(self.broker.json("policy", "show"), rules)
            self.refused(self.broker.run("policy", "set", "-", given='{"otherwise": "maybe"}'))
            self.assertEqual(self.broker.must("policy", "show").json(), rules)
        finally:
            self.broker.must("policy", "set", "-", given=json.dumps(before))

    @runs("broker backup")
    def test_backup(self):
        """a backup is one file that only its owner reads, and is not written over another"""
        file = self.exchange.dir / "broker.backup"
        self.broker.must("backup", file)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        before = file.read_bytes()
        self.refused(self.broker.run("backup", file), file.name)
        self.assertEqual(file.read_bytes(), before)

    @runs("broker invite", "broker revoke", "adviser referral take-over")
    def test_revoked(self):
        """a referral whose provider was shut out is taken over by its office, and withdrawn"""
        told = self.broker.json("invite", "--node", "armley-debt-desk", "--role", "provider",
                                "--organisation", "To be replaced")
        self.assertEqual(set(told), {"node", "invitation", "expires"})
        referral = self.referred_to("armley-debt-desk")
        self.refused(self.dana("referral", "take-over", referral, "--file",
                               self.text("They do not answer")), "still on the exchange")
        told = self.broker.must("revoke", "armley-debt-desk", "--reason", "its contract ended")
        self.assertIn("armley-debt-desk is shut out", told.line)
        wait_until(lambda: self.dana("referral", "take-over", referral, "--file",
                                     self.text("They left the exchange")).status == 0,
                   "Leeds has heard of it, and takes the referral over")
        self.assertTrue(self.at_leeds("referral", "show", referral)["taken_over"])
        self.at_leeds("referral", "withdraw", referral)
        self.shows(self.at_leeds, referral, "withdrawn")

    @runs("broker revoke")
    def test_as_of(self):
        """what a node shut out as of before has under way is not believed where it arrives"""
        referral = self.referred_to("spen-surgery")
        self.leeds.stop()
        self.addCleanup(self.leeds.start)
        self.exchange.nodes["spen-surgery"].as_user("tobias")("referral", "accept", referral)
        wait_until(lambda: self.mailbox("jcp-leeds")["letters"], "the acceptance waits for Leeds")
        ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        revoke = ["revoke", "spen-surgery", "--reason", "its keys were stolen", "--as-of"]
        self.refused(self.broker.run(*revoke, "yesterday"), "--as-of")
        self.assertEqual(self.broker.json(*revoke, ago.strftime("%Y-%m-%dT%H:%M:%SZ"))["node"],
                         "spen-surgery")
        states = {one["id"]: one["state"] for one in self.broker.json("nodes")}
        self.assertEqual(states["spen-surgery"], "revoked")
        self.leeds.start()
        wait_until(lambda: not self.mailbox("jcp-leeds")["letters"], "Leeds has taken everything")
        self.assertEqual(self.at_leeds("referral", "show", referral)["state"], "received")

    def referred_to(self, node):
        """A provider joins, publishes its service, and receives a referral; that."""
        member = self.exchange.add(node, "provider", invented.PROVIDERS[node])
        member.add_user("tobias", "caseworker", invented.PASSWORD)
        listing = invented.SERVICES[node]
        member.as_user("tobias")("service", "publish", "--file",
                                 self.file("service.json", listing))
        client = self.add_client("Tamsin")
        self.at_leeds("share", client, "--to", node, "--basis", "agreed", "--items", "name")
        referral = self.refer(client, service=listing["id"])
        self.shows(self.at_leeds, referral, "received")
        return referral


class AuthorityCommands(Commands):
    """The authority is offline: what it signed, and its lists, are carried by hand."""

    @classmethod
    def arrange(cls):
        cls.broker = cls.exchange.broker
        cls.authority = cls.exchange.dir / "authority"
        cls.carried = cls.broker.dir / "authority"

    def ca(self, *words):
        return self.alone("liaison-ca", *words, "--dir", self.authority)

    def states(self, listed, key):
        return {one[key]: one["state"] for one in listed}

    @runs("ca init", "ca sign", "ca revoke", "ca list", "broker init", "broker pending",
          "broker import")
    def test_offline(self):
        """requests are signed, imported and admitted; lists shut out, imported or carried"""
        must(self.alone("liaison-ca", "init", self.authority, "--name", "Offline (invented)",
                        "--unprotected"))
        must(self.alone("liaison-broker", "init", self.broker.dir, "--name", "Offline (invented)",
                        "--listen", f"tcp://127.0.0.1:{self.broker.exchange_port}",
                        "--unprotected", "--authority", self.authority / "authority.pem",
                        "--revocations", self.authority / "revocations.crl"))
        self.broker.configure()
        self.broker.start()
        self.assertEqual(self.broker.json("status")["authority"], "offline")
        self.asked_for()
        self.signed()
        for member in self.exchange.nodes.values():
            member.join(member.invitation).start()
        self.shut_out("aire-valley", "cessation_of_operation", self.carry)
        self.shut_out("jcp-leeds", "key_compromise", lambda: must(self.broker.run(
            "import", self.authority / "revocations.crl")))

    def asked_for(self):
        """Two nodes ask to join, and are told to come again."""
        for name, role, organisation in (
                ("jcp-leeds", "adviser", invented.OFFICES["jcp-leeds"]),
                ("aire-valley", "provider", invented.PROVIDERS["aire-valley"])):
            member = Node(self.exchange, name, role, organisation)
            member.invitation = self.broker.invite(name, organisation, role)
            self.exchange.nodes[name] = member.join(member.invitation)
        pending = self.listing(self.broker.run, "pending", node="node", reason="reason",
                               asked_at="asked_at")
        self.assertEqual({one["node"]: one["reason"] for one in pending},
                         {"jcp-leeds": "joined", "aire-valley": "joined"})
        wait_until(lambda: len(list((self.carried / "requests").glob("*.json"))) == 2,
                   "the requests are written out")

    def signed(self):
        """Only who is expected is signed for; what was signed is imported, once."""
        unexpected = self.ca("sign", self.carried / "requests")
        self.assertEqual(unexpected.status, 1)
        self.one_line(unexpected.err, "2 of the requests refused")
        self.assertEqual(must(self.ca("list", "--json")).json(), [])
        self.refused(self.alone("liaison-ca", "list", "--json", "--dir", self.authority,
                                limits=to_full_device), "standard output")
        out = self.exchange.dir / "signed"
        out.mkdir()
        must(self.ca("sign", self.carried / "requests", "--out", out, "--new"))
        listed = must(self.ca("list", "--json")).json()
        self.assertEqual(self.states(listed, "node"), {"aire-valley": "valid",
                                                       "jcp-leeds": "valid"})
        told = must(self.ca("list")).line.split("\n")
        for one, line in zip(listed, told, strict=True):
            for key in ("node", "role", "state", "not_after", "serial", "organisation"):
                self.assertIn(one[key], line)
        self.assertEqual(self.broker.json("import", out / "jcp-leeds.pem"),
                         {"imported": "certificate"})
        self.assertEqual([one["node"] for one in self.broker.json("pending")], ["aire-valley"])
        must(self.broker.run("import", out / "aire-valley.pem"))
        self.assertEqual(self.broker.json("pending"), [])
        must(self.broker.run("import", out / "aire-valley.pem"))   # once more: it is taken already

    def shut_out(self, node, reason, take):
        """The authority revokes a node, and the broker takes the list."""
        member = self.exchange.nodes[node]
        wait_until(lambda: member.json("status")["link"] == "ready", f"{node} is connected")
        self.refused(self.broker.run("revoke", node, "--reason", "its contract ended"),
                     "liaison-ca revoke", "liaison-broker import")
        before = self.broker.json("status")["revocation_number"]
        must(self.ca("revoke", node, "--reason", reason, "--as-of", "2026-01-01T00:00:00Z"))
        listed = {one["node"]: one for one in must(self.ca("list", "--json")).json()}
        self.assertEqual([listed[node][key] for key in ("state", "reason", "as_of")],
                         ["revoked", reason, "2026-01-01T00:00:00Z"])
        take()
        wait_until(lambda: self.states(self.broker.json("nodes"), "id")[node] == "revoked",
                   f"{node} is shut out")
        self.assertEqual(self.broker.json("status")["revocation_number"], before + 1)
        wait_until(lambda: "shut_out" in [one["kind"] for one in member.json("alarms")],
                   f"{node} is told that it was shut out")

    def carry(self):
        """Puts the list where the broker looks, whole at once."""
        part = self.carried / "signed" / "part"
        shutil.copy(self.authority / "revocations.crl", part)
        part.rename(part.with_name("revocations.crl"))
        wait_until((self.carried / "done" / "revocations.crl").exists, "the list is taken")
