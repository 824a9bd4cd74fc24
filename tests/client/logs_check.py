"""How a client follows the broker's logs: docs/PROTOCOL.md, section 7.7."""

import random

from logs import Followed, Refused, accepted_entry, merkle, registry_root
from with_logs import WithLogs, continues, signed


class Logs(WithLogs):
    def test_the_key(self):
        """the invitation has the one key by which the logs are signed"""
        key, = self.leeds.invited["log_keys"]
        self.assertEqual(len(bytes.fromhex(key)), 32)

    def test_both_are_shown_it(self):
        """sender and recipient of a letter are told the same leaf, and shown the same entry"""
        leaf, = self.submitted(1)
        item = self.aire.until(lambda: next(
            (item for item in self.aire.inbox if item["leaf"] == leaf), None), "the delivery")
        self.assertEqual(merkle.leaf_hash(accepted_entry(item["letter"], item["acceptedAt"])),
                         self.sent[leaf])
        self.follow(leaf)
        self.verified(self.aire.shown(leaf))

    def test_growth(self):
        """the log is followed from each size to every later one, with leaves of before and after"""
        stages = [Followed()]
        for count in (1, 2, 5, 250, 9, 1):   # beyond a tile of 256
            new = self.submitted(count)
            stages.append(self.follow(new[-1]))
            self.take_until(new[-1])
        places = sorted(self.sent)
        self.assertLess(len(places), self.follow(places[0], *self.submitted(1)).size - 200)
        drawn = random.Random(7)
        for known in stages:
            for leaves in ([], places, *([leaf] for leaf in (*places[:9], *places[-9:])),
                           *(drawn.sample(places, 4) for _ in range(8))):
                with self.subTest(known=known.size, leaves=leaves):
                    self.verified(self.leeds.shown(*leaves, **{"from": known.size}), known)

    def take_until(self, leaf):
        """Aire takes what comes up to this letter: entries of which no client knows the octets."""
        def last():
            items, self.aire.inbox = self.aire.inbox, []
            for item in items:
                self.aire.take(item)
            return any(item["leaf"] == leaf for item in items)
        self.aire.until(last, "the last letter")

    def test_beginnings(self):
        """older trees, of letters and of the registry, are shown to be beginnings"""
        older = {self.follow(*self.submitted(count)).size: self.stages[-1].root
                 for count in (1, 2, 4)}
        self.follow(*self.submitted(1))
        entries = self.leeds.registry.entries
        roots = {size: registry_root(entries[:size]) for size in range(1, len(entries))}
        answer = self.leeds.proven(
            lambda answer: len(answer["olderRegistry"]) >= min(len(roots), 16),
            olderMessage=[*older], olderRegistry=[*roots][:16])
        for log, known in (("message", older), ("registry", roots)):
            beginnings = answer["older" + log.capitalize()]
            self.assertEqual([each["size"] for each in beginnings], [*known][:16])
            for each in beginnings:
                self.assertTrue(continues(each, known[each["size"]],
                                          signed(self.leeds, log, answer)), each)

    def test_the_registry(self):
        """the registry's checkpoint is of the entries that every node has a copy of"""
        index = self.aire.publish_sealing()["index"]
        entries = self.leeds.registry.entries
        self.leeds.until(lambda: len(entries) > index, "the new entry")
        answer = self.leeds.proven(
            lambda answer: signed(self.leeds, "registry", answer)[0] == len(entries))
        self.assertEqual(signed(self.leeds, "registry", answer)[1], registry_root(entries))

    def test_what_does_not_fit(self):
        """the client believes no answer in which anything was changed, left out or added"""
        places = self.submitted(5)
        known = self.follow(places[0])
        places += self.submitted(6)
        answer = self.leeds.shown(places[1], places[-1], **{"from": known.size})
        self.verified(answer, known)
        growth = answer["growth"]
        for index in range(0, len(growth), 32):
            changed = bytearray(growth)
            changed[index] ^= 1
            self.refuses({**answer, "growth": bytes(changed)}, known)
        self.refuses({**answer, "growth": growth[:-32]}, known)
        self.refuses({**answer, "growth": growth[:-1]}, known)
        self.refuses({**answer, "growth": growth + bytes(32)}, known)
        self.refuses({**answer, "leaves": answer["leaves"][:1]}, known)
        note = answer["messageCheckpoint"]
        self.refuses({**answer, "messageCheckpoint": note.replace("\n", "0\n", 1)}, known)
        self.refuses({**answer, "messageCheckpoint": answer["registryCheckpoint"]}, known)
        for place in answer["leaves"]:
            self.sent[place], right = bytes(32), self.sent[place]
            self.refuses(answer, known)
            self.sent[place] = right
        other = {each: bytes(32) for each in known.subtrees}
        self.refuses(answer, known._replace(subtrees=other))

    def refuses(self, answer, known):
        with self.assertRaises(Refused):
            self.verified(answer, known)
