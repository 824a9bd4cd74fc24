"""The checkpoints in letters between a client and a real node: docs/PROTOCOL.md, sections 7.7 and
8.1."""

import base64

import crypto
from processes import wait_until
from with_logs import broker_of, continues, signed
from with_nodes import WithNodes

LOGS = ("message", "registry")


class Letters(WithNodes):
    @classmethod
    def arrange(cls):
        cls.leeds = cls.member("jcp-leeds")
        cls.arrange_provider()
        cls.leeds.until(lambda: "aire-valley" in cls.leeds.registry.sealing, "the provider's key")

    def receipted(self, **carried):
        """The place of a letter to the node, and the content that brings the receipt for it."""
        letter = self.leeds.seal(self.leeds.content("aire-valley", ask={"whole": bytes(16)},
                                                    **carried))
        self.leeds.submit(letter)
        content = self.takes(self.leeds, lambda content: any(
            each["letter"] == letter["id"] for each in content.get("receipts", [])), "the receipt")
        return self.leeds.accepted[letter["id"]]["leaf"], content

    def test_what_a_node_carries(self):
        """a node's letters carry checkpoints of what it verified, which the log continues"""
        first, content = self.receipted()
        for _ in range(20):
            if signed(self.leeds, "message", content)[0] > first:
                break
            # Until the last is shown here: the node asks for its own proofs meanwhile.
            self.leeds.shown(self.receipted()[0])
            _, content = self.receipted()
        known = {log: signed(self.leeds, log, content) for log in LOGS}
        self.assertGreater(known["message"][0], first)
        self.publish_and_send()
        answer = self.leeds.proven(
            lambda answer: all(signed(self.leeds, log, answer)[0] > known[log][0] for log in LOGS),
            olderMessage=[known["message"][0]], olderRegistry=[known["registry"][0]])
        for log in LOGS:
            beginning, = answer["older" + log.capitalize()]
            self.assertEqual(beginning["size"], known[log][0])
            self.assertTrue(continues(beginning, known[log][1], signed(self.leeds, log, answer)))

    def publish_and_send(self):
        """Both logs grow."""
        self.leeds.publish_sealing()
        self.receipted()

    def test_what_a_client_carries(self):
        """a node takes letters that carry checkpoints, older than its own and newer"""
        older = self.leeds.proven()
        leaf, _ = self.receipted()
        for answer in (older, self.leeds.shown(leaf)):
            self.receipted(**{log + "Checkpoint": answer[log + "Checkpoint"].encode()
                              for log in LOGS})

    def test_two_histories(self):
        """a node that is shown another log than who writes to it says so"""
        leaf, _ = self.receipted()
        size, _ = signed(self.leeds, "message", self.leeds.shown(leaf))
        # What only the operator can do: the same key, another root.
        key, = broker_of(self.leeds).keys_of("message")
        text = f"{key.name}\n{size}\n{base64.b64encode(bytes(32)).decode()}\n"
        with crypto.files(text=text.encode()) as (file,):
            signature = crypto.openssl("pkeyutl", "-sign", "-rawin", "-in", file, "-inkey",
                                       self.broker.dir / "keys" / "log.pem")
        line = base64.b64encode(key.id + signature).decode()
        forged = {"messageCheckpoint": f"{text}\n\N{EM DASH} {key.name} {line}\n".encode()}
        self.assertEqual(signed(self.leeds, "message", forged), (size, bytes(32)))
        self.assertNotIn("another message log", self.aire.run("status").out)
        self.receipted(**forged)
        wait_until(lambda: "jcp-leeds another message log" in self.aire.run("status").out,
                   "a warning")
