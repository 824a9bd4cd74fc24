"""What is refused is counted and logged: docs/OPERATING.md, what the metrics and the log say."""

import json
import re
import secrets

import crypto
import link
import wire
from arranged import WithBroker
from processes import http_get, wait_until


class CountedAndLogged(WithBroker):
    @classmethod
    def arrange(cls):
        cls.leeds = cls.member("jcp-leeds")

    def metrics(self):
        """{name with its labels: value} of the broker's /metrics."""
        status, body = http_get(self.broker.url + "/metrics")
        self.assertEqual(status, 200)
        return {name: int(value) for name, value in
                re.findall(r"^(liaison_broker_\S+) (\d+)$", body, re.MULTILINE)}

    def logged(self, **wanted):
        """The lines about refusals that say all this; every line of the log is one of JSON."""
        lines = [json.loads(line) for line in
                 self.broker.daemon.log.read_text(encoding="utf-8").splitlines()]
        for line in lines:
            self.assertLessEqual({"time", "level", "program", "what"}, line.keys())
        return [line for line in lines if line["what"] == "refused"
                and wanted.items() <= line.items()]

    def refused(self, act, count, kind, reason, node, **wanted):
        """What `act` does is counted so many times under this kind and reason, and the log names
        kind, reason and peer of each, or of the first five a minute."""
        counter = f'liaison_broker_refusals_total{{kind="{kind}",reason="{reason}"}}'
        wanted = {"kind": kind, "reason": reason, "node": node, "level": "warning", **wanted}
        before, told = self.metrics().get(counter, 0), len(self.logged(**wanted))
        act()
        wait_until(lambda: self.metrics().get(counter, 0) >= before + count, counter, 10)
        self.assertEqual(self.metrics()[counter], before + count)
        wait_until(lambda: len(self.logged(**wanted)) > told, f"the log says {wanted}", 10)
        self.assertLessEqual(len(self.logged(**wanted)), told + count)

    def test_frames(self):
        """frames that cannot be read: as many strikes as frames, and of whom"""
        hull = self.invited("jcp-hull").join().enter()
        strikes = self.metrics()["liaison_broker_strikes_total"]

        def strike():
            for octets in (b"this is no frame", b"", b"x" * 17,
                           wire.encode("link.Frame", {"taken": [{"letter": b"short"}]})):
                hull.link.send(octets)
            hull.publish_sealing()    # answered after them
        self.refused(strike, 4, "frame", "unreadable", "jcp-hull", key="-")
        self.assertEqual(self.metrics()["liaison_broker_strikes_total"], strikes + 4)

        def strike_out():
            for _ in range(6):
                hull.link.send(b"nor is this")
            self.assertEqual(hull.until_ended()["reason"], "strikes")
        self.refused(strike_out, 6, "frame", "unreadable", "jcp-hull")
        self.refused(lambda: hull.connect().hello(), 1, "handshake", "strikes", "jcp-hull")

    def test_unknown_key(self):
        """a key that no node has, at the handshake: the key is named, since nobody else can be"""
        pair = crypto.new_raw("X25519")

        def knock():
            with self.assertRaises(link.Refused):
                link.Connection(self.leeds.invited["exchange"][0], self.leeds.broker, pair)
        self.refused(knock, 1, "handshake", "unknown_key", "-", key=pair[1].hex())

    def test_guessed_secret(self):
        """a guessed invitation where nodes join"""
        hull = self.invited("jcp-selby")
        self.refused(lambda: hull.ask_to_join(secret=secrets.token_bytes(32)), 1, "joining",
                     "no_such_invitation", "-")

    def test_publications(self):
        """what a node may not publish"""
        body = self.leeds.registry.authority.octets
        self.refused(lambda: self.leeds.publish("authority", body), 1, "publication",
                     "forbidden", "jcp-leeds")

    def test_letters(self):
        """a letter to somebody who is not of the exchange"""
        york = self.member("jcp-york")
        self.leeds.until(lambda: self.leeds.registry.sealing.get("jcp-york"), "York's key")
        letter = self.leeds.seal(self.leeds.content(york.node))
        self.refused(lambda: self.leeds.submit({**letter, "recipient": "jcp-nowhere"}), 1,
                     "letter", "unknown_recipient", "jcp-leeds")
