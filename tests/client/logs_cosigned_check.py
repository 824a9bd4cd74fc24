"""How a client witnesses the broker's logs: docs/PROTOCOL.md, section 7.7."""

import base64
import hashlib
import time

import crypto
import notes
from processes import must, run, wait_until
from with_logs import WithLogs, broker_of, signed

# What stands before an Ed25519 key in PKCS#8.
PRIVATE = bytes.fromhex("302e020100300506032b657004220420")


def ed25519(private, message):
    with crypto.files(key=PRIVATE + private, message=message) as (key, file):
        return crypto.openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key,
                              "-in", file)


class Cosigned(WithLogs):
    def name(self, client):
        return f"liaison/{client.invited['authority'][:16]}/witness/{client.node}"

    def line(self, client, note, at=None):
        """The client's cosignature of a checkpoint that it has verified."""
        text, _ = notes.parse_note(note.encode(), "the checkpoint")
        at = int(time.time()) if at is None else at
        private, public = client.witness
        name = self.name(client)
        key_id = hashlib.sha256(name.encode() + b"\n\4" + public).digest()[:4]
        made = ed25519(private, f"cosignature/v1\ntime {at}\n{text}".encode())
        octets = key_id + at.to_bytes(8, "big") + made
        return f"\N{EM DASH} {name} {base64.b64encode(octets).decode()}\n"

    def cosign(self, client, answer, **changed):
        client.send(cosigned={"epoch": client.epoch, **{
            log + "Size": signed(client, log, answer)[0] for log in ("registry", "message")}, **{
            log: self.line(client, answer[log + "Checkpoint"]) for log in ("registry", "message")},
            **changed})

    def cosigners(self):
        """Whose cosignatures the broker gives out, of those of these clients, on either log."""
        told = must(run([self.exchange.programs / "liaison-audit", "checkpoint", "--json", "--dir",
                         self.broker.dir])).json()
        keys = {}
        for client in (self.leeds, self.aire):
            name, public = self.name(client), client.witness[1]
            key_id = hashlib.sha256(name.encode() + b"\n\4" + public).digest()[:4]
            keys[name, key_id] = notes.Key(name, key_id, notes.WITNESS, public)
        found = set()
        for log in ("registry", "message"):
            if told[f"cosigned_{log}"]:
                _, by = notes.opened(told[f"cosigned_{log}"].encode(), keys, log)
                found |= {(log, key.name.split("/")[-1]) for key in by}
        return found

    def test_cosigned(self):
        """a client cosigns what it was asked to, once a minute; what is none costs a strike"""
        self.submitted(1)
        answer = self.leeds.proven(lambda answer: answer["cosign"])
        self.assertTrue(broker_of(self.leeds).checkpoint("message", answer["messageCheckpoint"]))
        self.cosign(self.leeds, answer)
        both = {("registry", "jcp-leeds"), ("message", "jcp-leeds")}
        wait_until(lambda: self.cosigners() >= both, "the broker has both cosignatures")
        self.assertFalse(self.leeds.proven()["cosign"])

        answer = self.aire.proven(lambda answer: answer["cosign"])
        wrong = self.line(self.leeds, answer["messageCheckpoint"])
        self.cosign(self.aire, answer, message=wrong)
        self.cosign(self.aire, answer)     # nobody asked for a second one
        answer = self.aire.proven(lambda answer: answer["cosign"])
        self.assertNotIn(("message", "aire-valley"), self.cosigners())
        self.cosign(self.aire, answer)
        wait_until(lambda: ("message", "aire-valley") in self.cosigners(), "the right one is kept")
