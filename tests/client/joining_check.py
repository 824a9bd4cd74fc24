"""Joining: docs/PROTOCOL.md, sections 4 to 6."""

import copy
import json
import secrets
import subprocess
import time

import certificates
import crypto
import invitation
import link
from arranged import WithBroker
from schema import SCHEMAS

# As section 6.1 gives it.
REQUEST = """[req]
prompt = no
string_mask = utf8only
distinguished_name = name
req_extensions = asked
[name]
CN = {node}
[asked]
subjectAltName = URI:urn:liaison:node:{node}, URI:urn:liaison:curve:{curve}
2.25.123123243068363528692881065145607952453.3 = DER:0420{witness}
"""

# As section 6.3 gives it.
SEALING = """basicConstraints = critical, CA:FALSE
keyUsage = critical, keyAgreement
subjectKeyIdentifier = {ski}
authorityKeyIdentifier = keyid:always
subjectAltName = URI:urn:liaison:node:{node}
"""


class Joining(WithBroker):
    def test_a_client_joins(self):
        """a client joins with an invitation, and its certificate is of the profile"""
        client = self.invited("jcp-leeds").join()
        self.assertEqual(client.certificate.role, "adviser")
        self.assertEqual(client.certificate.texts[0][1], "jcp-leeds (invented)")
        with crypto.files(pem=crypto.pem(client.ask_to_join()["joined"]["authority"]),
                          leaf=crypto.pem(client.certificate.octets)) as (pem, leaf):
            crypto.openssl("verify", "-x509_strict", "-purpose", "smimesign", "-CAfile", pem, leaf)

    def test_joining_again(self):
        """who asks again with the same key gets the same certificate; another key is refused"""
        client = self.invited("jcp-york").join()
        self.assertEqual(client.ask_to_join()["joined"]["certificate"], client.certificate.octets)
        other = copy.copy(client)
        other.curve = crypto.new_raw("X25519")
        other.request = certificates.request(client.signing_key, client.node, other.curve[1],
                                             client.witness[1])
        self.assertIn("refused", other.ask_to_join())

    def test_a_guessed_secret(self):
        """a wrong secret, a key other than the connection's and another's name are refused"""
        client = self.invited("jcp-hull")
        for wrong in ({"secret": secrets.token_bytes(32)}, {"curveKey": secrets.token_bytes(32)},
                      {"witnessKey": secrets.token_bytes(32)}, {"node": "jcp-ripon"}):
            with self.subTest(wrong=wrong):
                self.assertEqual(list(client.ask_to_join(**wrong)), ["refused"])
        self.assertIn("joined", client.ask_to_join())

    def test_a_request_that_cannot_be_read(self):
        """a request that cannot be read closes the connection, and spoils nothing"""
        client = self.invited("jcp-selby")
        self.assertIsNone(client.ask_to_join(secret=b"short"))
        self.assertIn("joined", client.ask_to_join())

    def test_a_damaged_invitation(self):
        """an invitation that lost a character is noticed before anything is sent; spaces are not"""
        line = self.broker.invite("jcp-otley", "Otley", "adviser")
        with self.assertRaises(ValueError):
            invitation.read(line[:60] + line[61:])
        self.assertEqual(invitation.read(line[:50] + "\r\n  " + line[50:])["node"], "jcp-otley")

    def test_by_the_tool(self):
        """a request and a sealing certificate made with the openssl tool alone are taken"""
        client = self.invited("jcp-selby-2")
        with crypto.files(key=client.signing_key, config=REQUEST.format(
                node=client.node, curve=client.curve[1].hex(),
                witness=client.witness[1].hex()).encode()) as (key, config):
            client.request = crypto.openssl("req", "-new", "-key", key, "-config", config,
                                            "-outform", "DER")
        client.join().enter()
        sealing = crypto.new_p256()
        extensions = SEALING.format(ski=crypto.key_id(crypto.public_of(sealing)).hex(),
                                    node=client.node).encode()
        pem = crypto.pem(client.certificate.octets)
        with crypto.files(key=client.signing_key, signing=pem, sealing=sealing,
                          file=extensions) as (key, signing, own, file):
            asked = crypto.openssl("req", "-new", "-utf8", "-subj", f"/CN={client.node}", "-key",
                                   own)
            made = certificates.until_low(lambda: crypto.openssl(
                "x509", "-req", "-inform", "PEM", "-CA", signing, "-CAkey", key, "-set_serial",
                "0x" + secrets.token_hex(16), "-days", "30", "-sha256", "-extfile", file,
                "-outform", "DER", given=asked))
        self.assertIn("index", client.publish("sealingCertificate", made))
        certificates.sealing(made, client.certificate)

    def test_a_key_that_is_not_admitted(self):
        """a key that never joined is refused in the handshake"""
        client = self.invited("jcp-wetherby")
        with self.assertRaises(link.Refused):
            client.connect()


class ByTheCapnpTool(WithBroker):
    def test_frames_by_the_tool(self):
        """a frame that the capnp tool wrote is understood, and the tool reads the answer"""
        client = self.invited("jcp-leeds").join().connect()
        hello = b'{"hello": {"versionMin": 1, "versionMax": 1, "node": "jcp-leeds"}}'
        flat = self.converted("json:flat", hello)
        client.link.send(bytes(4) + (len(flat) // 8).to_bytes(4, "little") + flat)
        answer = client.link.receive(time.monotonic() + 30)
        self.assertEqual(json.loads(self.converted("binary:json", answer))["welcome"]["version"], 1)

    def converted(self, how, octets):
        return subprocess.run(["capnp", "convert", how, SCHEMAS / "link.capnp", "Frame"],
                              input=octets, capture_output=True, check=True).stdout
