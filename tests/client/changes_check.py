"""Keys that change, nodes that leave, and a broker that was restored: docs/PROTOCOL.md, sections
6.4, 7.5 and 7.6."""

import secrets

import certificates
import crypto
import letters
import link
from arranged import WithBroker


class Renewing(WithBroker):
    @classmethod
    def arrange(cls):
        cls.leeds = cls.member("jcp-leeds")
        cls.aire = cls.member("aire-valley", "provider")
        cls.leeds.until(lambda: "aire-valley" in cls.leeds.registry.sealing, "the other's key")

    def test_renewing(self):
        """a certificate is renewed over the link, and the others believe the new key at once"""
        york = self.member("jcp-york")
        keys, asked = york.renewal()
        york.send(renew=asked)
        answer = york.until(lambda: york.renewed, "an answer")[0]
        york.send(renew=asked)
        york.until(lambda: len(york.renewed) == 2, "an answer to the repeat")
        self.assertEqual(york.renewed, [answer, answer])
        before = york.certificate
        york.signing_key, york.curve, york.witness = keys
        york.certificate = certificates.signing(answer["certificate"], york.registry.authority)
        self.assertEqual((york.certificate.public, york.certificate.curve),
                         (crypto.public_of(keys[0]), keys[1][1]))
        york.leave()
        york.enter()
        self.assertEqual(york.welcome["certificate"], york.certificate.octets)
        self.leeds.until(lambda: len(self.leeds.registry.signing.get("jcp-york", [])) == 2,
                         "the new certificate")
        self.assertEqual(self.leeds.registry.signer_of("jcp-york").octets, york.certificate.octets)
        self.assertEqual(self.leeds.registry.doubted, [])
        # Sealed to the key that the old signing key had certified, by the new one.
        york.publish_sealing()
        letter = york.seal(york.content("jcp-leeds", ask={"whole": bytes(16)}))
        york.submit(letter)
        item = self.leeds.until(lambda: self.leeds.inbox and self.leeds.inbox[-1], "the letter")
        self.assertIn("ask", self.leeds.open(item))
        self.leeds.take(item)
        self.assertNotEqual(before.public, york.certificate.public)

    def test_without_continuity(self):
        """a renewal that the previous key did not sign is refused"""
        _, asked = self.leeds.renewal(signer=crypto.new_p256())
        self.leeds.renewed.clear()
        self.leeds.send(renew=asked)
        answer, = self.leeds.until(lambda: self.leeds.renewed, "an answer")
        self.assertEqual(list(answer), ["refused"])

    def test_joined_again(self):
        """a node that joined again with other keys is believed when a person has confirmed them"""
        before = self.member("jcp-ripon")
        self.leeds.until(lambda: "jcp-ripon" in self.leeds.registry.sealing, "the first keys")
        after = self.invited("jcp-ripon", "adviser", "--rejoin").join()
        before.until_ended()
        with self.assertRaises(link.Refused):
            before.connect()
        after.enter()
        after.publish_sealing()
        letter = after.seal(after.content("jcp-leeds", ask={"whole": bytes(16)}))
        after.submit(letter)
        item = self.leeds.until(lambda: self.leeds.inbox and self.leeds.inbox[-1], "the letter")
        self.leeds.until(lambda: len(self.leeds.registry.signing["jcp-ripon"]) == 2, "the new key")
        with self.assertRaises(letters.NotYet):
            self.leeds.open(item)
        self.leeds.registry.confirm("jcp-ripon", after.certificate.fingerprint)
        self.assertIn("ask", self.leeds.open(item))
        self.leeds.take(item)

    def test_revoked(self):
        """a revoked node is told goodbye; the others learn it and get back what waits for it"""
        hull = self.member("jcp-hull")
        self.aire.until(lambda: "jcp-hull" in self.aire.registry.sealing, "the key")
        letter = self.aire.seal(self.aire.content("jcp-hull", ask={"whole": bytes(16)}))
        self.aire.submit(letter)
        self.broker.must("revoke", "jcp-hull", "--reason", "its contract ended")
        self.assertEqual(hull.until_ended()["reason"], "revoked")
        item = self.aire.until(lambda: self.aire.inbox and self.aire.inbox[-1], "the report")
        self.assertEqual((item["report"]["letter"], item["report"]["reason"]),
                         (letter["id"], "recipientRevoked"))
        self.aire.take(item)

        def doubted():
            try:
                return not self.aire.registry.signer_of("jcp-hull")
            except certificates.Unfit:
                return True
        self.aire.until(doubted, "the revocation list")
        again = {**letter, "id": secrets.token_bytes(16)}
        self.aire.submit(again)
        self.assertEqual(self.aire.refused[again["id"]]["reason"], "recipientRevoked")
        with self.assertRaises(link.Refused):
            hull.connect()


class Restored(WithBroker):
    def test_a_restored_broker(self):
        """a broker restored from a backup is told what it lost, and then carries again"""
        leeds, aire = self.member("jcp-leeds"), self.member("aire-valley", "provider")
        self.broker.must("backup", self.exchange.dir / "backup")
        york = self.member("jcp-york")
        leeds.until(lambda: "jcp-york" in leeds.registry.sealing, "what the backup lacks")
        letter = leeds.seal(leeds.content("aire-valley", ask={"whole": bytes(16)}))
        leeds.submit(letter)
        for client in (leeds, aire, york):
            client.leave()
        self.broker.stop()
        self.broker.restore(self.exchange.dir / "backup", self.exchange.dir / "restored")
        self.broker.start()
        with self.assertRaises(link.Refused):
            york.connect()
        epoch = leeds.epoch
        held = leeds.registry.entries
        leeds.connect().hello()
        leeds.until(lambda: leeds.welcome, "a welcome")
        self.assertGreater(leeds.epoch, epoch)
        self.assertTrue(leeds.welcome["recovering"])
        leeds.submit(letter)
        self.assertEqual(leeds.refused.pop(letter["id"])["reason"], "recovering")
        for entry in held:
            if entry["kind"] not in ("authority", "act"):
                self.assertIn("index", leeds.publish(entry["kind"], entry["body"]))
        leeds.send(since={"index": 0})
        self.assertFalse(aire.enter().welcome is None)
        york.enter()
        for client in (leeds, aire, york):
            client.until(lambda: not client.welcome["recovering"], "the second welcome")
        leeds.submit(letter)
        self.assertIn(letter["id"], leeds.accepted)
        item = aire.until(lambda: aire.inbox and aire.inbox[0], "the letter")
        self.assertEqual(item["letter"], letter)
        self.assertIn("ask", aire.open(item))
