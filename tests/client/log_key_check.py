"""Another key for the broker's logs: docs/PROTOCOL.md, section 7.7."""

import json

from logs import Broker, Refused
from with_logs import WithLogs, broker_of, signed

LOGS = ("registry", "message")


class Changed(WithLogs):
    def change(self):
        """The key that signs from now on, once the client's copy of the registry says so."""
        told = json.loads(self.broker.must("rotate-log-key", "--json").out)
        self.leeds.until(lambda: len(self.leeds.registry.log_keys) == told["change"], "the change")
        return told["key"]

    def by(self, *keys):
        return Broker(self.leeds.invited["authority"], list(keys), self.leeds.epoch)

    def test_followed(self):
        """the invitation's key leads to each that follows, and both sign once"""
        self.follow(*self.submitted(2))
        for _ in range(2):
            former, = broker_of(self.leeds).keys
            key = self.change()
            self.assertEqual(self.leeds.registry.doubted, [])
            self.assertEqual(broker_of(self.leeds).keys, [key])
            size = len(self.leeds.registry.entries)
            answer = self.leeds.proven(
                lambda answer: self.by(key).checkpoint("registry", answer["registryCheckpoint"])[0]
                >= size)
            for log in LOGS:
                # Nothing came since: it is the checkpoint of the change.
                note = answer[log + "Checkpoint"]
                self.assertEqual(self.by(former).checkpoint(log, note),
                                 self.by(key).checkpoint(log, note))
            place, = self.submitted(1)
            self.follow(place)
            later = self.leeds.shown(place, **{"from": self.stages[-1].size})
            with self.assertRaises(Refused):
                self.by(former).checkpoint("message", later["messageCheckpoint"])
            signed(self.leeds, "message", later)
        # Who joins now knows the last key, and the row of keys from any of them.
        york = self.member("jcp-york")
        self.assertEqual(york.invited["log_keys"], broker_of(self.leeds).keys)
        self.assertEqual(broker_of(york).keys, broker_of(self.leeds).keys)
        york.invited["log_keys"] = self.leeds.invited["log_keys"]
        self.assertEqual(broker_of(york).keys, broker_of(self.leeds).keys)
