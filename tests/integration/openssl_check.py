"""An independent implementation agrees: openssl opens a letter as it lies at the broker."""

import pathlib
import sqlite3
import subprocess

import invented
from base import WithExchange
from machine_check import store_of
from processes import wait_until

SCHEMAS = pathlib.Path(__file__).parents[2] / "schemas"
SEALING_CERTIFICATE = 2  # EntryKind of schemas/link.capnp


class OpenSsl(WithExchange):

    @classmethod
    def arrange(cls):
        super().arrange()
        cls.aire.stop()
        client = cls.at_leeds("client", "add", "--file",
                              cls.file("client.json", invented.client()))["id"]
        cls.at_leeds("refer", client, "--service", cls.service, "--route", "formal", "--file",
                     cls.file("referral.json", invented.referral(
                         answers={"gp_name": "Dr Example", "daily_life": "Cannot sit"})))
        wait_until(lambda: any(n["id"] == "aire-valley" and n["waiting"]
                               for n in cls.broker.json("nodes")), "the letter waits")
        cls.broker.stop()
        store = sqlite3.connect(store_of(cls.broker))
        cls.sealed = store.execute("SELECT sealed FROM payload JOIN waiting USING (sequence) "
                                   "ORDER BY size DESC").fetchone()[0]
        authority = store.execute("SELECT body FROM registry WHERE position = 0").fetchone()[0]
        store.close()
        cls.letter = cls.file("letter.der", cls.sealed)
        cls.authority = cls.files / "authority.pem"
        openssl("x509", "-inform", "DER", "-in", cls.file("authority.der", authority), "-out",
                cls.authority)
        cls.broker.start()

    def opened(self):
        """The SignedData inside, with its padding."""
        for key in (self.aire.dir / "keys").glob("sealing-*.pem"):
            done = openssl("cms", "-decrypt", "-inform", "DER", "-in", self.letter, "-inkey", key,
                           "-binary", check=False)
            if done.returncode == 0:
                return done.stdout
        self.fail("openssl cms -decrypt opened the letter with none of the provider's keys")

    def test_decrypt_and_verify(self):
        """openssl cms -decrypt with the recipient's key opens it, -verify verifies the inside"""
        signed = self.file("signed.der", self.opened())
        verified = openssl("cms", "-verify", "-inform", "DER", "-in", signed, "-CAfile",
                           self.authority, "-purpose", "any", "-binary")
        shown = subprocess.run(["capnp", "convert", "binary:text", SCHEMAS / "letter.capnp",
                                "Content"], input=verified.stdout, capture_output=True, check=True)
        self.assertIn(b"jcp-leeds", shown.stdout)
        self.assertIn(b"aire-valley", shown.stdout)
        self.assertIn(b"Quimblethwaite", shown.stdout)

    def test_tampered(self):
        """one bit changed, and it does not open"""
        changed = bytearray(self.sealed)
        changed[len(changed) // 2] ^= 1
        key = next((self.aire.dir / "keys").glob("sealing-*.pem"))
        done = openssl("cms", "-decrypt", "-inform", "DER", "-in",
                       self.file("changed.der", bytes(changed)), "-inkey", key, "-binary",
                       check=False)
        self.assertNotEqual(done.returncode, 0)


def openssl(*words, check=True):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=check)
