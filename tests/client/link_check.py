"""The link: docs/PROTOCOL.md, sections 2, 3, 7.1 and 7.4."""

import threading

import certificates
import crypto
import link
import wire
from arranged import WithBroker


class Link(WithBroker):
    @classmethod
    def arrange(cls):
        cls.leeds = cls.member("jcp-leeds")

    def tearDown(self):
        self.leeds.leave()
        self.leeds.enter()

    def test_welcome(self):
        """a hello is answered with a welcome: the clock, the limits, the certificate"""
        welcome = self.leeds.welcome
        self.assertEqual(welcome["version"], 1)
        self.assertEqual(welcome["letterBytesMax"], 512 * 1024)
        self.assertEqual(welcome["certificate"], self.leeds.certificate.octets)
        self.assertFalse(welcome["recovering"])

    def test_incarnation(self):
        """an incarnation is given at the first start, confirmed later, and anew after a restore"""
        york = self.invited("jcp-york").join().enter()
        first = york.incarnation
        self.assertGreater(first, 0)
        york.leave()
        self.assertEqual(york.enter().incarnation, first)
        york.leave()
        self.assertGreater(york.enter(incarnation=0).incarnation, first)

    def test_another_name(self):
        """a hello under another's name is answered with goodbye wrongNode"""
        self.leeds.leave()
        self.leeds.connect().hello(node="jcp-york")
        self.assertEqual(self.leeds.until_ended()["reason"], "wrongNode")

    def test_another_version(self):
        """a client of another version only is told goodbye version"""
        self.leeds.leave()
        self.leeds.connect().hello(versionMin=2, versionMax=7)
        self.assertEqual(self.leeds.until_ended()["reason"], "version")

    def test_a_later_version_too(self):
        """a client that speaks later versions as well is welcomed in version 1"""
        self.leeds.leave()
        self.leeds.connect().hello(versionMin=1, versionMax=7)
        self.assertEqual(self.leeds.until(lambda: self.leeds.welcome, "a welcome")["version"], 1)

    def test_the_newest_wins(self):
        """of two connections the newer stays, and the older is told goodbye replaced"""
        older, self.leeds.link = self.leeds.link, None
        self.leeds.enter()
        newer, self.leeds.link = self.leeds.link, older
        self.assertEqual(self.leeds.until_ended()["reason"], "replaced")
        older.close()
        self.leeds.link = newer
        self.leeds.send(since={"index": 0})
        self.leeds.welcome = None
        self.leeds.hello()
        self.leeds.until(lambda: self.leeds.welcome, "a second welcome on the connection")

    def test_before_the_hello(self):
        """who sends anything before the hello is hung up on"""
        self.leeds.leave()
        self.leeds.connect()
        self.leeds.send(since={"index": 0})
        self.assertIsNone(self.leeds.until_ended())
        self.leeds.leave()
        self.leeds.connect()
        self.leeds.link.send(b"this is no frame")
        self.assertIsNone(self.leeds.until_ended())

    def test_strikes(self):
        """frames that cannot be read are passed over; the tenth within a minute is the last"""
        hull = self.invited("jcp-hull").join().enter()
        for octets in (b"this is no frame", b"", b"x" * 17, bytes(wire.FRAME_MAX), b"short",
                       wire.encode("link.Frame", {"taken": [{"letter": b"short"}]}),
                       wire.encode("link.Frame", {"accepted": []}),
                       wire.encode("link.Frame", {"hello": {}})[:-8],
                       wire.encode("link.Frame", {"publish": [{}] * 65})):
            hull.link.send(octets)
        hull.publish_sealing()
        hull.link.send(b"this is no frame either")
        self.assertEqual(hull.until_ended()["reason"], "strikes")
        hull.leave()
        hull.connect().hello()
        self.assertEqual(hull.until_ended()["reason"], "strikes")   # they are the node's
        self.leeds.publish_sealing()                                # and no other's

    def test_more_parts(self):
        """the third message of more than one part ends the connection"""
        for _ in range(2):
            self.leeds.link.send(b"two", b"parts")
        self.leeds.publish_sealing()
        self.leeds.link.send(b"two", b"parts")
        self.assertIsNone(self.leeds.until_ended())

    def test_too_long(self):
        """a message above 1 MiB ends the connection"""
        self.leeds.link.send(bytes(wire.FRAME_MAX + 1024))
        self.assertIsNone(self.leeds.until_ended())

    def test_an_unknown_member(self):
        """a member of the union that the broker does not know is no strike"""
        octets = bytearray(wire.encode("link.Frame", {"since": {"index": 0}}))
        octets[16:18] = (999).to_bytes(2, "little")
        for _ in range(15):
            self.leeds.link.send(bytes(octets))
        self.leeds.welcome = None
        self.leeds.hello()
        self.leeds.until(lambda: self.leeds.welcome, "a welcome")

    def test_a_routing_id(self):
        """a client that sets a routing id is not heard"""
        self.leeds.leave()
        with self.assertRaises((link.Refused, link.Silent)):
            self.leeds.connect(routing_id=b"jcp-leeds").hello()
            self.leeds.until(lambda: self.leeds.welcome, "a welcome", seconds=3)

    def test_the_broker_stops(self):
        """a broker that stops says goodbye stopping, and knows the client again when it is back"""
        stopping = threading.Thread(target=self.broker.stop)
        stopping.start()
        try:
            self.assertEqual(self.leeds.until_ended()["reason"], "stopping")
        finally:
            stopping.join()
            self.broker.start()
            self.leeds.leave()
        epoch = self.leeds.epoch
        self.assertEqual(self.leeds.enter().epoch, epoch)


class TheRegistry(WithBroker):
    @classmethod
    def arrange(cls):
        cls.leeds = cls.member("jcp-leeds")

    def test_whole(self):
        """the registry comes whole: the authority first, and every entry can be believed"""
        self.assertEqual(self.leeds.registry.entries[0]["kind"], "authority")
        self.assertEqual(self.leeds.registry.doubted, [])
        self.assertEqual(self.leeds.registry.signer_of("jcp-leeds").octets,
                         self.leeds.certificate.octets)

    def test_pushed(self):
        """an entry that another publishes comes without being asked for"""
        aire = self.member("aire-valley", "provider")
        self.leeds.until(lambda: self.leeds.registry.sealing.get("aire-valley"), "the entry")
        self.assertEqual(self.leeds.registry.recipient("aire-valley").fingerprint,
                         *aire.sealing_keys)

    def test_in_parts(self):
        """a since brings the entries from that index on, and says how many there are"""
        seen, keep = [], self.leeds.on_entries
        self.leeds.on_entries = lambda entries: (seen.append(entries), keep(entries))
        try:
            self.leeds.send(since={"index": 2})
            answer, = self.leeds.until(lambda: [each for each in seen if each["first"] == 2],
                                       "entries")
        finally:
            self.leeds.on_entries = keep
        self.assertEqual(answer["size"], len(self.leeds.registry.entries))
        self.assertEqual(answer["entries"], self.leeds.registry.entries[2:])

    def test_published_twice(self):
        """what is published twice stands once"""
        body = self.leeds.registry.recipient("jcp-leeds").octets
        index = self.leeds.publish("sealingCertificate", body)["index"]
        self.leeds.published.clear()
        self.assertEqual(self.leeds.publish("sealingCertificate", body)["index"], index)
        self.assertEqual(self.leeds.registry.entries[index]["body"], body)

    def test_a_twin(self):
        """a certificate with the other signature, which anybody can write, is refused"""
        self.leeds.publish_sealing()
        made, _ = list(self.leeds.sealing_keys.values())[-1]
        twin = certificates.twin(made.octets)
        self.assertTrue(crypto.verified(self.leeds.certificate.public,
                                        certificates.signature_of(twin), made.body))
        self.assertIn("refused", self.leeds.publish("sealingCertificate", twin))

    def test_not_from_a_node(self):
        """authorities, acts, and another's certificates are not taken from a node"""
        other = self.member("jcp-york")
        forged = certificates.sealing_certificate(self.leeds.signing_key, other.certificate,
                                                  crypto.new_p256())
        for kind, body in (("authority", self.leeds.registry.authority.octets + b""),
                           ("act", wire.encode("registry.AdministratorAct", {"act": "revoke"})),
                           ("sealingCertificate", forged)):
            with self.subTest(kind=kind):
                self.assertIn("refused", self.leeds.publish(kind, body))
