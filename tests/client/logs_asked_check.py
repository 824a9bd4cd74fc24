"""What the broker answers about its logs, and when it does not: docs/PROTOCOL.md, section 7.7."""

from logs import Refused
from with_logs import WithLogs, signed

MOST = (1 << 64) - 1


class Asked(WithLogs):
    def test_beyond_the_log(self):
        """a leaf beyond the log is left out of the answer"""
        leaf, = self.submitted(1)
        size = self.follow(leaf).size
        answer = self.leeds.proven(leaves=[leaf, size + 100, MOST])
        self.assertEqual(answer["leaves"], [leaf])
        self.verified(answer)

    def test_another_epoch(self):
        """a question about another epoch's logs is not answered, and costs nothing"""
        leaf, = self.submitted(1)
        known = self.follow(leaf)
        for epoch in [0, self.leeds.epoch + 1, MOST] * 5:   # more than there are strikes
            self.leeds.send(prove={"epoch": epoch, "leaves": [leaf]})
        # Of the questions only this one is about what is known.
        answer = self.leeds.shown(leaf, **{"from": known.size})
        self.verified(answer, known)
        self.assertEqual({each["from"] for each in self.leeds.proofs}, {known.size})

    def test_unreadable(self):
        """questions with leaves unsorted, doubled or too many are strikes; the next is answered"""
        hull = self.invited("jcp-hull").join().enter()
        many = [*range(1, 514)]
        unreadable = [{"leaves": [1, 0]}, {"leaves": [0, 0]}, {"leaves": [MOST, 0]},
                      {"leaves": many}, {"leaves": [0, 1, 2, 4, 3]}, {"leaves": [5] * 512},
                      {"olderMessage": many[:17]}, {"olderRegistry": many[:17]}]
        for each in unreadable:
            hull.send(prove={"epoch": hull.epoch, "from": 7, **each})
        hull.send(proofs={})   # which only a broker sends
        answer = hull.proven(leaves=many[:512], olderMessage=many[:16], olderRegistry=many[:16])
        self.assertEqual({each["from"] for each in hull.proofs}, {0})
        signed(hull, "message", answer)
        hull.send(prove={"epoch": hull.epoch, **unreadable[0]})
        self.assertEqual(hull.until_ended()["reason"], "strikes")

    def test_started_again(self):
        """the logs of a broker that was started again continue those of before"""
        before, = self.submitted(1)
        self.follow(before)
        self.leeds.leave()
        self.aire.leave()
        self.broker.stop()
        self.broker.start()
        self.aire.enter()
        self.leeds.enter()
        after, = self.submitted(1)
        self.follow(before, after)


class Restored(WithLogs):
    def test_a_restored_broker(self):
        """a restored broker shows nothing while it recovers, and begins other logs"""
        leaf, = self.submitted(1)
        self.follow(leaf)
        before = self.leeds.shown(leaf)
        self.broker.must("backup", self.exchange.dir / "backup")
        self.leeds.leave()
        self.aire.leave()
        self.broker.stop()
        self.broker.restore(self.exchange.dir / "backup", self.exchange.dir / "restored")
        self.broker.start()
        former = self.leeds.epoch
        self.leeds.enter()
        self.assertTrue(self.leeds.welcome["recovering"])
        for epoch in (former, self.leeds.epoch):
            self.leeds.send(prove={"epoch": epoch})
        self.leeds.publish_sealing()   # whose answer comes when they have been dealt with
        self.assertEqual(self.leeds.proofs, [])
        self.aire.enter()
        self.leeds.until(lambda: not self.leeds.welcome["recovering"], "the second welcome")
        with self.assertRaises(Refused):   # another name
            signed(self.leeds, "message", before)
        leaf, = self.submitted(1)
        self.verified(self.leeds.shown(leaf))
