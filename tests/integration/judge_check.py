"""The judge of the kill rounds sees what it must: a judge that always nods proves nothing."""

import argparse
import copy
import json
import unittest

import judge

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
