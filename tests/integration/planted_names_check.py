"""Nothing of a client is found at the broker: not in its files, its memory, its logs, its metrics
or on the wire. The same search finds the client in a node's memory, so it can find."""

import pathlib
import subprocess

import invented
import planted
from base import WithExchange
from invented import PLANTED
from processes import http_get, wait_until
from relay import Relay


class PlantedNames(WithExchange):

    @classmethod
    def arrange(cls):
        # Everybody is invited to relays that record what passes, so that they see the joining, too.
        broker = cls.exchange.broker
        cls.relays = {"advertise": Relay(0, ("127.0.0.1", broker.exchange_port)),
                      "advertise_joining": Relay(0, ("127.0.0.1", broker.exchange_port + 1))}
        cls.addClassCleanup(lambda: [relay.close() for relay in cls.relays.values()])
        broker.settings = {key: [f"tcp://127.0.0.1:{relay.port}"]
                           for key, relay in cls.relays.items()}
        super().arrange()
        cls.client = cls.at_leeds("client", "add", "--file",
                                  cls.file("client.json", invented.client()))["id"]
        cls.referral = cls.at_leeds(
            "refer", cls.client, "--service", cls.service, "--route", "formal", "--file",
            cls.file("referral.json", invented.referral(
                answers={"gp_name": "Dr Quimblethwaite", "daily_life": "Perpetua cannot sit"})),
            "--attach", cls.file("letter.pdf", invented.pdf("Perpetua Quimblethwaite")))["id"]

        def there():
            shown = cls.at_aire("referral", "show", cls.referral)
            return "Quimblethwaite" in str(shown)
        wait_until(there, "the referral is at Aire Valley")
        cls.aire.stop()   # so that a letter lies in the broker's mailbox
        cls.at_leeds("referral", "withdraw", cls.referral, "--file",
                     cls.file("why.txt", b"Perpetua Quimblethwaite has moved"))
        wait_until(lambda: any(n["id"] == "aire-valley" and n["waiting"]
                               for n in cls.broker.json("nodes")), "a letter waits at the broker")
        for text in ("Perpetua", "Quimblethwaite", "x" * 400):  # what a careless log would keep
            cls.leeds.try_as("dana", "client", "show", text)
            cls.leeds.try_as("dana", "find", text)

    def memory_of(self, party):
        """A core dump of a running daemon, taken without ending it."""
        out = self.exchange.dir / f"core-{party.name}"
        subprocess.run(["gcore", "-a", "-o", str(out), str(party.daemon.pid)], check=True,
                       capture_output=True)
        path = pathlib.Path(f"{out}.{party.daemon.pid}")
        try:
            with open(path, "rb") as core:
                return b"".join(page for page in iter(lambda: core.read(65536), b"")
                                if page.count(0) != len(page))
        finally:
            path.unlink()

    def test_broker_files(self):
        """the broker's files, with letters waiting and letters deleted"""
        self.assertEqual(planted.search_files(PLANTED, self.broker.dir), [])

    def test_broker_memory(self):
        """the broker's memory, and the positive control in a node's"""
        self.assertEqual(planted.search(PLANTED, self.memory_of(self.broker), "broker"), [])
        hits = planted.search(PLANTED, self.memory_of(self.leeds), "jcp-leeds")
        self.assertTrue(hits, "the search finds the client in no memory at all")

    def test_logs(self):
        """every program's log"""
        self.assertEqual(planted.search_files(PLANTED, self.exchange.dir / "logs"), [])

    def test_metrics(self):
        """metrics and health of broker and node"""
        for party in (self.broker, self.leeds):
            for page in ("/metrics", "/healthz"):
                status, body = http_get(party.url + page)
                self.assertEqual(status, 200, page)
                self.assertEqual(planted.search(PLANTED, body.encode(), party.name + page), [])

    def test_wire(self):
        """the wire, from joining on: neither a client's names nor who talks to whom"""
        # The network is to learn addresses and sizes, and nothing else of who is there.
        who = [self.broker.json("status")["name"], "liaison"]
        for node in self.broker.json("nodes"):
            who += [node["id"], node["organisation"], node["role"]]
        self.assertIn("jcp-leeds", who)
        for port, relay in self.relays.items():
            # A greeting in the open shows that the recording is of this, and that it is encrypted.
            self.assertTrue(all(b"CURVE" in seen for seen in relay.seen), port)
            self.assertTrue(sum(len(seen) for seen in relay.seen) > 4096, "the relay saw nothing")
            for number, seen in enumerate(relay.seen):
                where = f"{port}, stream {number}"
                self.assertEqual(planted.search(PLANTED + who, seen, where), [])

    def test_node_files(self):
        """a node's files: records are encrypted there, and nothing lies beside them"""
        for party in (self.leeds, self.aire):
            self.assertEqual(planted.search_files(PLANTED, party.dir), [])
