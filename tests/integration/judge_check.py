"""The judge of the kill rounds sees what it must: a judge that always nods proves nothing."""

import argparse
import copy
import json
import pathlib
import tempfile
import unittest

import judge
from judge_logs import Logs

from built import Built, Signer, base64d, path   # beside the second verifier

OPTIONS = argparse.Namespace(kills=3, unacknowledged=20)


def round_of(count):
    """A round in which all went well."""
    history = [{"label": f"client-{n}", "what": "refer", "status": 0,
                "out": json.dumps({"id": f"r{n}"})} for n in range(count)]
    def shown(n):
        return {"id": f"r{n}", "state": "received",
                "history": [{"event": "e", "verdict": "applied"}],
                "client": {"name": f"client-{n} Person"}}
    side = {"listed": [{"id": f"r{n}"} for n in range(count)],
            "shown": [shown(n) for n in range(count)]}
    kills = [{"who": "broker", "unacknowledged": 21}] * 3
    return history, {"office": side, "provider": copy.deepcopy(side)}, kills


class Judging(unittest.TestCase):
    def judged(self, change=lambda history, views, kills: None):
        history, views, kills = round_of(4)
        change(history, views, kills)
        return list(judge.problems(history, views, kills, OPTIONS))

    def test_good(self):
        """a good round passes"""
        self.assertEqual(self.judged(), [])

    def test_lost(self):
        """a referral that a command promised and the provider does not have is seen"""
        def lose(_, views, __):
            for side in views.values():
                del side["listed"][0], side["shown"][0]
        self.assertTrue(self.judged(lose))

    def test_twice(self):
        """a referral that arrived twice is seen, under one id or two"""
        def same(_, views, __):
            views["provider"]["listed"].append(views["provider"]["listed"][0])
        def other(_, views, __):
            for side in views.values():
                side["listed"].append({"id": "r9"})
                side["shown"].append({**side["shown"][0], "id": "r9"})
        self.assertTrue(self.judged(same))
        self.assertTrue(self.judged(other))

    def test_views_differ(self):
        """views that differ are seen"""
        def change(_, views, __):
            views["provider"]["shown"][1]["state"] = "accepted"
        self.assertTrue(self.judged(change))

    def test_too_gentle(self):
        """a round with too few kills, or too little under way, does not count"""
        self.assertTrue(self.judged(lambda _, __, kills: kills.pop()))
        def idle(_, __, kills):
            kills[0] = {"who": "broker", "unacknowledged": 3}
        self.assertTrue(self.judged(idle))


class JudgingLogs(unittest.TestCase):
    LETTERS = [f"{n:032x}" for n in range(1, 41)]

    @classmethod
    def setUpClass(cls):
        cls.signers = {name: Signer(f"invented.example/{name}/1")
                       for name in ("registry", "message")}

    def setUp(self):
        """What was recorded of a round in which all went well."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.logs = {name: self.built(name, 80, self.folder / "export" / name)
                     for name in self.signers}
        self.write("keys", "".join(f"{one.vkey}\n" for one in self.signers.values()))
        self.recorded = {
            "seen": {name: [self.built(name, size).note for size in (1, 7, 80)]
                     for name in self.signers},
            "entries": [{"letter": letter, "kind": kind}
                        for kind in ("accepted", "taken") for letter in self.LETTERS],
            "proofs": [{"letter": self.LETTERS[at], "node": "leeds", "proof": self.proof(at)}
                       for at in (0, 6)],
            "alarms": {"leeds": [{"kind": "keys_unprotected", "text": ""}]}}

    def built(self, name, size, folder=None, more=b""):
        folder = folder or pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        return Built(folder, self.signers[name].name, size, [self.signers[name]],
                     lambda at: bytes.fromhex(self.LETTERS[at % 40]) + more)

    def proof(self, at, size=7):
        then = self.built("message", size)
        hashes = "".join(f"{base64d(one)}\n" for one in path(at, then.hashes))
        return f"c2sp.org/tlog-proof@v1\nindex {at}\n{hashes}\n{then.note}"

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def judged(self):
        for name, what in self.recorded.items():
            self.write(f"{name}.json", json.dumps(what))
        logs = Logs(self.folder)
        return list(logs.problems()), logs

    def objects(self, *words):
        problems, _ = self.judged()
        self.assertEqual(len(problems), 1, problems)
        for word in words:
            self.assertIn(word, problems[0])

    def test_good(self):
        """good logs pass, and each checkpoint is counted once"""
        problems, logs = self.judged()
        self.assertEqual(problems, [])
        self.assertEqual(len(logs.stood), 6)

    def test_another_history(self):
        """a checkpoint that was seen, and is not how the log began, is found"""
        self.recorded["seen"]["message"].append(self.built("message", 7, more=b"!").note)
        self.objects("first 7 entries")

    def test_cut_off(self):
        """a checkpoint of more entries than there are in the end is found"""
        self.recorded["seen"]["registry"].append(self.built("registry", 81).note)
        self.objects("81 entries", "has 80")

    def test_another_log(self):
        """a checkpoint of the other log is none of this one's; nor is a stranger's, or none"""
        self.recorded["seen"]["registry"].append(self.recorded["seen"]["message"][0])
        self.objects("/message/")
        self.signers = {name: Signer(one.name) for name, one in self.signers.items()}
        self.recorded["seen"]["registry"][-1] = self.built("registry", 7).note
        self.objects("no trusted key")
        self.recorded["seen"]["registry"] = []
        self.objects("no checkpoint of the registry log")

    def test_altered(self):
        """an altered entry is found"""
        self.logs["registry"].entries[3] += b"!"
        self.logs["registry"].write_tiles()
        self.objects("registry", "entry 3")

    def test_letters(self):
        """a letter that is logged twice, or was never taken, is found; so is a log without any"""
        self.recorded["entries"].append(self.recorded["entries"][3])
        self.objects(self.LETTERS[3])
        self.recorded["entries"][-2:] = []
        self.objects(self.LETTERS[39])
        self.recorded["entries"] = []
        self.objects("no letter")

    def test_proofs(self):
        """a proof of another entry, of another place, or by another history is found"""
        kept = self.recorded["proofs"][0]
        good = kept["proof"]
        kept["letter"] = self.LETTERS[1]
        self.objects("another entry")
        kept["letter"] = self.LETTERS[0]
        kept["proof"] = good.replace("index 0\n", "index 7\n")
        self.objects("another entry")
        hashes_of_another, _, _ = self.proof(0, 5).partition("\n\n")
        _, _, note = good.partition("\n\n")
        kept["proof"] = f"{hashes_of_another}\n\n{note}"
        self.objects("does not lead")

    def test_alarm(self):
        """a node that raises something about the logs is heard"""
        self.recorded["alarms"]["leeds"].append({"kind": "log_fork", "text": "two histories"})
        self.objects("two histories")
