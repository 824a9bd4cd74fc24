"""One letter, disclosed by a party to it: it is the one that was logged, for whoever has an export
of the logs, and nobody else's letters are in it."""

import json
import os
import pty
import stat
import subprocess

import invented
from audited import Audited
from commands import runs
from processes import must, wait_until


class DisclosureCommands(Audited):

    def disclose(self, node, letter, name, *more):
        return self.audit("disclose", letter, self.exchange.dir / name, "--dir", node.dir, *more)

    def sent_with(self, kind, out):
        """The letter from Leeds that brought an event of that kind, and what it says."""
        for entry in reversed(self.entries("--kind", "accepted")):
            if entry["sender"] != "jcp-leeds" or entry["recipient"] != "aire-valley":
                continue
            name = f"looked-at-{entry['letter']}"
            if not (self.exchange.dir / name).exists():
                must(self.disclose(self.leeds, entry["letter"], name, "--yes"))
            told = must(self.audit("check-disclosure", self.exchange.dir / name, out,
                                   "--json")).json()
            if any(one["kind"] == kind for one in told["content"].get("events", [])):
                return entry, told
        self.fail(f"no letter brought {kind}")

    @runs("audit disclose", "audit check-disclosure",
          refused=("audit disclose", "audit check-disclosure"))
    def test_disclosure(self):
        """a letter that either party discloses is the one that was logged, and says what it says"""
        client = self.add_client("Barnaby")
        self.shows(self.at_leeds, self.refer(client, need="a quieter place to work"), "received")
        self.signed()
        out = self.exported("for-disclosure")
        entry, told = self.sent_with("requested", out)
        letter = entry["letter"]
        self.assertEqual((told["sender"], told["recipient"]), ("jcp-leeds", "aire-valley"))
        for member in ("sha256", "commitment", "letter"):
            self.assertEqual(told[member], entry[member])
        self.assertEqual(told["message_entry"], entry["index"])
        self.assertEqual(told["signed_by"]["organisation"], self.leeds.organisation)
        self.assertIn("taken", [one["kind"] for one in told["became"]])
        self.assertTrue(all(one["holds"] for one in told["content"]["events"]))
        self.assertIn("a quieter place to work", json.dumps(told["content"]))

        must(self.disclose(self.aire, letter, "by-aire", "--yes"))
        file = self.exchange.dir / "by-aire"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(file.read_bytes(),
                         (self.exchange.dir / f"looked-at-{letter}").read_bytes())
        shown = must(self.audit("check-disclosure", file, out, "--keys", out / "keys")).out
        self.assertIn("a quieter place to work", shown)
        self.assertIn("It is the letter that was logged", shown)

        self.refused(self.disclose(self.aire, letter, "by-aire", "--yes"), "is there already")
        self.refused(self.disclose(self.aire, "00" * 16, "none", "--yes"), "nothing of a letter")
        self.refused(self.disclose(self.aire, "0" * 5, "none", "--yes"), "32 hexadecimal digits")
        self.refused(self.disclose(self.broker, letter, "none", "--yes"), "not a node's directory")
        unasked = self.disclose(self.aire, letter, "none")
        self.assertEqual(unasked.status, 2, unasked.err)
        self.one_line(unasked.err, "--yes")
        self.assertFalse((self.exchange.dir / "none").exists())

        content = file.read_text(encoding="utf-8")
        key = next(line for line in content.split("\n") if line.startswith("key "))
        other = "key " + ("B" if key[4] == "A" else "A") + key[5:]
        for altered, why in ((content.replace(key, other), "second key"),
                             (content.replace(letter, "0" * 32), "no letter of that id"),
                             (content[:-200], "no disclosure"), ("", "no disclosure")):
            file.write_text(altered, encoding="utf-8")
            self.refused(self.audit("check-disclosure", file, out), why)
        self.refused(self.audit("check-disclosure", self.exchange.dir / "nowhere", out), "nowhere")
        file.write_text(content, encoding="utf-8")
        self.refused(self.audit("check-disclosure", file, self.exchange.dir), "no export")

        self.leeds.add_user("bertha", "manager", invented.PASSWORD)
        seen = must(self.leeds.try_as("bertha", "client", "viewings", client, "--json")).json()
        self.assertIn(("(operator)", f"disclosure of letter {letter}"),
                      [(one["user"], one["what"]) for one in seen])

    @runs("audit disclose", "audit prove", "audit check-proof", refused=("audit prove",))
    def test_at_rest(self):
        """a node that does not serve gives out its letters and their proofs all the same"""
        self.received("Leopold")
        self.signed()
        out = self.exported("for-proofs")
        entry = self.entries("--kind", "accepted")[-1]
        node = self.aire if entry["recipient"] == "aire-valley" else self.leeds
        proof = self.exchange.dir / "kept.tlog-proof"

        def proved():
            told = self.audit("prove", entry["letter"], "--dir", node.dir)
            return told.status == 0 and told.out
        proof.write_text(wait_until(proved, "the node has the proof"), encoding="utf-8")
        shown = must(self.audit("check-proof", proof, "--keys", out / "keys", "--json")).json()
        for member in ("letter", "sender", "recipient", "sha256", "commitment", "index", "at"):
            self.assertEqual(shown[member], entry[member])
        self.refused(self.audit("prove", "00" * 16, "--dir", node.dir), "no place of such a letter")

        node.stop()
        self.addCleanup(node.start)
        again = must(self.audit("prove", entry["letter"], "--dir", node.dir)).out
        self.assertEqual(again, proof.read_text(encoding="utf-8"))
        must(self.disclose(node, entry["letter"], "at-rest", "--yes", "--json"))
        must(self.audit("check-disclosure", self.exchange.dir / "at-rest", out))

    def test_at_a_terminal(self):
        """a person is told whose letter it is and asked; without a yes nothing is written"""
        self.received("Clementina")
        self.signed()
        out = self.exported("for-terminal")
        entry, _ = self.sent_with("requested", out)
        file = self.exchange.dir / "asked"
        for said, status in (("no", 1), ("yes", 0)):
            keyboard, screen = pty.openpty()
            with subprocess.Popen(
                    [self.exchange.programs / "liaison-audit", "disclose", entry["letter"], file,
                     "--dir", self.leeds.dir], stdin=screen, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE, text=True) as asking:
                os.write(keyboard, f"{said}\n".encode())
                told, asked = asking.communicate()
            os.close(keyboard)
            os.close(screen)
            self.assertEqual(asking.returncode, status, asked)
            self.assertEqual(file.exists(), said == "yes")
            for part in ("Clementina", "aire-valley", "requested", "Disclose it?"):
                self.assertIn(part, asked)
            self.assertNotIn("Clementina", told)
