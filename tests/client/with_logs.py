"""Two clients of which one follows the broker's logs."""

import secrets

from arranged import WithBroker
from logs import Broker, Followed, accepted_entry, hashes_of, merkle


def broker_of(client):
    known = [bytes.fromhex(key) for key in client.invited["log_keys"]]
    keys = client.registry.keys_of_logs(known)
    return Broker(client.invited["authority"], [key.hex() for key in keys], client.epoch)


def signed(client, log, answer):
    """(size, root) of a checkpoint in an answer or a content, if the invitation's key signed it."""
    return broker_of(client).checkpoint(log, answer[log + "Checkpoint"])


def continues(beginning, older_root, tree):
    """Whether a Beginning shows that the tree (size, root) continues the older one."""
    return merkle.consistent(beginning["size"], older_root, *tree,
                             hashes_of(beginning["consistency"]))


class WithLogs(WithBroker):
    """Leeds follows the message log in stages, each verified from the one before."""

    @classmethod
    def arrange(cls):
        cls.leeds = cls.member("jcp-leeds")
        cls.aire = cls.member("aire-valley", "provider")
        cls.leeds.until(lambda: "aire-valley" in cls.leeds.registry.sealing, "the other's key")
        cls.sent = {}                   # the hash of each letter's entry, by place
        cls.stages = [Followed()]

    def submitted(self, count):
        """The places of so many new letters. The broker opens none: one is enough to seal."""
        sealed = self.leeds.seal(self.leeds.content("aire-valley", ask={"whole": bytes(16)}))
        letters = [{**sealed, "id": secrets.token_bytes(16)} for _ in range(count)]
        self.leeds.submit(*letters)
        answers = [self.leeds.accepted[letter["id"]] for letter in letters]
        self.sent.update((answer["leaf"], merkle.leaf_hash(accepted_entry(letter, answer["at"])))
                         for letter, answer in zip(letters, answers))
        return [answer["leaf"] for answer in answers]

    def verified(self, answer, known=Followed()):
        """What is followed by an answer; and that each leaf has a proof by itself in it."""
        size, root = signed(self.leeds, "message", answer)
        self.assertEqual(answer["from"], known.size)
        found = known.grown(size, root, {leaf: self.sent[leaf] for leaf in answer["leaves"]},
                            answer["growth"])
        for leaf in answer["leaves"]:
            self.assertTrue(merkle.included(self.sent[leaf], leaf, size, found.proof_of(leaf),
                                            root))
        return found

    def follow(self, *leaves):
        """The next stage, in which these leaves are shown."""
        known = self.stages[-1]
        answer = self.leeds.shown(*leaves, **{"from": known.size})
        self.stages.append(self.verified(answer, known))
        return self.stages[-1]
