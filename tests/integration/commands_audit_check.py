"""The logs of a real exchange: listed, exported, proved and verified, by liaison-audit and by a
second verifier that was written from the public documents alone; and altered, and found out."""

import contextlib
import csv
import io
import json
import re
import shutil
import sqlite3

from audited import Audited
from commands import runs
from processes import must, wait_until


class AuditCommands(Audited):

    @runs("audit log", "audit checkpoint")
    def test_log(self):
        """the message log tells who sent to whom and when, and nothing of whom it was about"""
        self.received("Laurence")
        self.signed()
        listed = self.entries()
        self.assertEqual([one["index"] for one in listed], list(range(len(listed))))
        sent = [one for one in listed if one["kind"] == "accepted"
                and one["sender"] == "jcp-leeds" and one["recipient"] == "aire-valley"]
        self.assertTrue(sent)
        taken = {one["letter"] for one in listed if one["kind"] == "taken"}
        self.assertTrue(any(one["letter"] in taken for one in sent))
        self.assertNotIn("Laurence", json.dumps(listed))
        self.assertEqual(self.entries("--kind", "taken"),
                         [one for one in listed if one["kind"] == "taken"])
        self.assertEqual(self.entries("--node", "nobody-here"), [])
        self.assertEqual(self.entries("--to", "2020-01-01T00:00:00Z"), [])
        self.assertEqual(self.entries("--from", "2020-01-01T00:00:00Z"), listed)
        self.misused(self.asked("log", "--from", "yesterday"), "--from")
        table = must(self.asked("log")).out.strip().split("\n")
        self.assertEqual(len(table), len(listed))
        rows = list(csv.DictReader(io.StringIO(must(self.asked("log", "--csv")).out)))
        self.assertEqual([row["letter"] for row in rows],
                         [one.get("letter", "") for one in listed])
        told = must(self.asked("checkpoint")).out
        signed_by = set(re.findall(r"^\u2014 liaison/\w+/(\w+)/", told, re.M))
        self.assertEqual(signed_by - {"witness"}, {"registry", "message"})

    @runs("audit export", "audit verify", refused=("audit verify",))
    def test_export(self):
        """an export is verified without the broker, by two programs; an alteration is named"""
        self.received("Eudora")
        self.signed()
        out = self.exported("first")
        told = must(self.audit("verify", out)).out
        self.assertIn("It holds.", told)
        shown = must(self.audit("verify", out, "--json")).json()
        self.assertEqual([one["log"] for one in shown["logs"]], ["registry", "message"])
        self.assertEqual(shown["logs"][1]["entries"], len(self.entries()))
        must(self.audit("verify", out, "--keys", out / "keys", "--since",
                        out / "message" / "checkpoint"))
        must(self.second("export", out))
        self.refused(self.asked("export", out), "is there already")
        others = self.exchange.dir / "others.partial"
        others.mkdir()
        (others / "kept").write_text("kept", encoding="utf-8")
        self.refused(self.asked("export", self.exchange.dir / "others"), "others.partial")
        self.assertTrue((others / "kept").exists())
        must(self.asked("export", f"{self.exchange.dir}/slash/"))
        must(self.audit("verify", self.exchange.dir / "slash"))
        self.refused(self.asked("export", f"{self.exchange.dir}/\udcff"), "not UTF-8")
        self.refused(self.audit("verify", self.exchange.dir / "nowhere"), "nowhere", "no export")

        self.received("Esmond")
        self.signed()
        second = self.exported("second")
        for log in ("registry", "message"):
            must(self.audit("verify", second, "--since", out / log / "checkpoint"))
        self.refused(self.audit("verify", out, "--since", second / "message" / "checkpoint"),
                     "exported before, or cut short")
        checkpoint = (out / "message" / "checkpoint").read_text(encoding="utf-8").split("\n")
        must(self.second("consistency", second / "message", checkpoint[1], checkpoint[2]))

        altered = self.exchange.dir / "altered"
        shutil.copytree(second, altered)
        bundle = next((altered / "message" / "tile" / "entries").glob("000*/*"))
        octets = bytearray(bundle.read_bytes())
        at = 0
        for _ in range(4):   # four entries are passed over
            at += 2 + int.from_bytes(octets[at:at + 2], "big")
        octets[at + 50] ^= 1
        bundle.write_bytes(octets)
        self.refused(self.audit("verify", altered), "entry 4 is not the one that the log signed")
        self.assertIn("entry 4", self.second("export", altered).err)

    @runs("audit export", "audit verify", refused=("audit verify",))
    def test_cosigned(self):
        """an export shows which members cosigned the logs; two programs find the same of it"""
        self.received("Winifred")
        out = self.exchange.dir / "cosigned"

        def by_two():
            shutil.rmtree(out, ignore_errors=True)
            must(self.asked("export", out))
            return self.audit("verify", out, "--witnesses", "2").status == 0
        # Of an empty log it counts for nothing, and a node cosigns once a minute.
        wait_until(by_two, "an export has what two members cosigned of each log", seconds=150)
        shown = must(self.audit("verify", out, "--json")).json()
        told = must(self.audit("verify", out)).out
        for log in shown["logs"]:
            by = {one["witness"].split("/")[-1]: one for one in log["cosigned"]}
            self.assertEqual(by["jcp-leeds"]["organisation"], self.leeds.organisation)
            self.assertIn("aire-valley", by)
            keys = []
            for one in log["cosigned"]:
                self.assertTrue(one["counts"])
                self.assertIn(f"{one['witness']} ({one['organisation']}, by its certificate) at "
                              f"{one['at']}", told)
                keys += ["--witness", one["key"]]
            second = must(self.second("log", out / log["log"], *keys)).out
            for one in log["cosigned"]:
                self.assertIn(one["witness"], second)
        self.refused(self.audit("verify", out, "--witnesses", "9"), "9 are demanded")
        self.misused(self.audit("verify", out, "--witnesses", "many"), "--witnesses")
        self.refused(self.audit("verify", out, "--witness", "nobody"), "--witness")

    @runs("audit report", refused=("audit report",))
    def test_report(self):
        """a report tells from the logs alone who wrote to whom, and what administrators did"""
        self.received("Rosamund")
        self.signed()
        out = self.exported("for-report")
        shown = must(self.audit("report", out, "--json")).json()
        pairs = {(one["sender"], one["recipient"]): one for one in shown["pairs"]}
        sent = pairs["jcp-leeds", "aire-valley"]
        self.assertEqual(sent["kinds"]["accepted"], len(
            [one for one in self.entries("--kind", "accepted") if one["sender"] == "jcp-leeds"]))
        self.assertGreater(sent["taken_after"]["p95_ms"], 0)
        members = {one["node"]: one for one in shown["members"]}
        self.assertEqual(members["jcp-leeds"]["organisation"], self.leeds.organisation)
        self.assertTrue(members["aire-valley"]["heard"])
        self.assertIn("invite", [one["act"] for one in shown["acts"]])
        told = must(self.audit("report", out)).out
        self.assertIn("Who wrote to whom", told)
        page = self.exchange.dir / "report.html"
        must(self.audit("report", out, "--html", page))
        self.assertIn("<svg role=\"img\"", page.read_text(encoding="utf-8"))
        (out / "keys").write_bytes(b"nothing\n")
        self.refused(self.audit("report", out), "does not hold")

    @runs("audit prove", "audit check-proof", refused=("audit prove", "audit check-proof"))
    def test_proof(self):
        """one letter's proof is checked by whoever has the log's key, and shows what was logged"""
        self.received("Peregrine")
        self.signed()
        entry = self.entries("--kind", "accepted")[0]
        out = self.exported("for-proof")
        proof = self.exchange.dir / "letter.tlog-proof"
        proof.write_text(must(self.asked("prove", entry["letter"])).out, encoding="utf-8")
        shown = must(self.audit("check-proof", proof, "--keys", out / "keys", "--json")).json()
        for member in ("letter", "sender", "recipient", "sha256", "commitment", "index", "at"):
            self.assertEqual(shown[member], entry[member])
        key = [line for line in (out / "keys").read_text(encoding="utf-8").split("\n")
               if "/message/" in line][0]
        self.assertIn(entry["letter"], must(self.audit("check-proof", proof, "--key", key)).out)
        must(self.second("inclusion", out / "message", str(entry["index"])))
        content = proof.read_text(encoding="utf-8")
        proof.write_text(content.replace(f"index {entry['index']}\n",
                                         f"index {entry['index'] + 1}\n"), encoding="utf-8")
        self.refused(self.audit("check-proof", proof, "--key", key), "does not hold")
        self.misused(self.audit("check-proof", proof), "--key")
        self.refused(self.asked("prove", "00" * 16), "no letter of that id")
        of_it = self.entries("--letter", entry["letter"])
        self.assertEqual(of_it, [one for one in self.entries() if one.get("letter") ==
                                 entry["letter"]])
        self.assertIn(entry, of_it)
        self.refused(self.asked("log", "--letter", "Peregrine"), "hexadecimal")
        self.refused(self.asked("log", "--kind", "nonsense"), "refused_many")
        self.misused(self.asked("log", "--csv", "--json"), "exclude")

    @runs("audit checkpoint", "audit export", "audit verify")
    def test_killed(self):
        """what was signed before the broker was killed is the beginning of what is signed after"""
        self.received("Kit")
        self.signed()
        before = self.exported("before-kill")
        self.broker.kill()
        self.broker.start()
        self.addCleanup(self.broker.start)
        self.received("Kitty")
        self.signed()
        after = self.exported("after-kill")
        for log in ("registry", "message"):
            must(self.audit("verify", after, "--since", before / log / "checkpoint"))
        self.broker.stop()   # the store is opened by the command then
        again = self.exported("while-stopped")
        must(self.audit("verify", again, "--since", after / "message" / "checkpoint"))

    def test_altered_store(self):
        """a broker whose log was altered in its store does not serve, and says which entry"""
        self.received("Alaric")
        self.signed()
        digest = bytes.fromhex(self.entries()[2]["sha256"])
        self.broker.stop()
        self.addCleanup(self.broker.start)
        store = self.broker.dir / "broker.db"
        kept = store.read_bytes()
        self.addCleanup(lambda: store.write_bytes(kept))
        with contextlib.closing(sqlite3.connect(store)) as database, database:
            entry, = database.execute("SELECT entry FROM log WHERE leaf = 2").fetchone()
            self.assertIn(digest, entry)
            database.execute("UPDATE log SET entry = ? WHERE leaf = 2",
                             (entry.replace(digest, digest[::-1]),))
        self.refused(self.broker.run("serve"), "the message log is not what this broker has signed",
                     "an entry from 0 on was altered")
        for file in self.broker.dir.glob("broker.db-*"):
            file.unlink()
