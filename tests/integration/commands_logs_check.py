"""The logs over the years: their key is replaced, and their older part moves to an archive."""

import contextlib
import shutil
import sqlite3
from datetime import datetime, timedelta, timezone

from audited import Audited
from commands import runs
from processes import must, wait_until


class OldLogs(Audited):

    def lengthen(self, size):
        """Makes the message log as long as it would be after years: its entries once more, and once
        more. They are signed when the broker serves again; no repeat of them is to be answered."""
        self.broker.stop()
        with contextlib.closing(sqlite3.connect(self.broker.dir / "broker.db")) as database:
            with database:
                count, = database.execute("SELECT count(*) FROM log").fetchone()
                for first in range(count, size, count):
                    database.execute("INSERT INTO log SELECT leaf + ?, NULL, entry FROM log "
                                     "WHERE leaf < ?", (first, count))
                database.execute("INSERT OR REPLACE INTO setting VALUES ('repeats_from', ?)",
                                 (size,))
        self.broker.start()

    @runs("broker archive", "audit export", "audit verify", "audit log", "audit prove",
          refused=("broker archive", "audit verify", "audit prove"))
    def test_archive(self):
        """old entries move to an archive, and the log is listed, proved and verified as before"""
        self.received("Archibald")
        self.signed()
        self.lengthen(2000)
        self.addCleanup(self.broker.start)
        self.signed()
        archive, away = self.exchange.dir / "archive", self.exchange.dir / "away"
        self.assertEqual(must(self.broker.run("archive", archive, "--json")).json()["moved"], 0)
        self.assertFalse(archive.exists())
        listed = self.entries()
        letter = next(one["letter"] for one in listed if one["kind"] == "accepted")
        before = self.exported("before-archive")

        # All that there is by now, once that time has passed.
        until = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=1)
        wait_until(lambda: datetime.now(timezone.utc) > until, "the next second")
        until = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        told = must(self.broker.run("archive", archive, "--before", until, "--json")).json()
        self.assertGreaterEqual(told["moved"], 1024)
        self.assertEqual((told["moved"], told["moved"] % 256), (told["archived"], 0))
        self.assertEqual(self.broker.json("status")["log_archived"], told["archived"])
        self.broker.kill()
        self.broker.start()
        again = must(self.broker.run("archive", archive, "--before", until, "--json")).json()
        self.assertLess(again["moved"], 256 + len(listed) - told["moved"])
        self.assertEqual(self.entries()[:len(listed)], listed)
        must(self.asked("prove", letter))
        self.received("Ariadne")
        self.signed()
        whole = self.exported("with-archive")
        must(self.audit("verify", whole, "--since", before / "message" / "checkpoint"))
        must(self.second("export", whole))

        archive.rename(away)
        self.refused(self.asked("prove", letter), str(archive))
        self.refused(self.asked("prove", "00" * 16), "no letter of that id")
        part = self.exchange.dir / "without-archive"
        outcome = must(self.asked("export", part))
        self.assertIn(f"archived in {archive}", outcome.err)
        self.assertIn(f"archived in {archive}", must(self.asked("log", "--json")).err)
        self.refused(self.audit("verify", part), "entries 0 to 255 are not here")
        must(self.audit("verify", part, "--archive", away, "--since",
                        before / "message" / "checkpoint"))
        bundle = away / "message" / "tile" / "entries" / "001"
        octets = bytearray(bundle.read_bytes())
        octets[70] ^= 1
        bundle.write_bytes(octets)
        self.refused(self.audit("verify", part, "--archive", away),
                     "entry 256 is not the one that the log signed")
        octets[70] ^= 1
        bundle.write_bytes(octets)
        shutil.copytree(away, part, dirs_exist_ok=True)
        must(self.audit("verify", part))
        # A place that has not all of it does not become the archive.
        copy = self.exchange.dir / "copied-archive"
        shutil.copytree(away, copy)
        away.rename(archive)
        (copy / "message" / "tile" / "entries" / "001").unlink()
        self.refused(self.broker.run("archive", copy), "has not all")
        bundle = archive / "message" / "tile" / "entries" / "001"
        whole_bundle = bundle.read_bytes()
        for damaged in (whole_bundle[:-9], b"!" * 9, whole_bundle[:60] + b"!" + whole_bundle[61:]):
            bundle.write_bytes(damaged)
            self.refused(self.asked("export", self.exchange.dir / "damaged"), str(bundle))
        bundle.unlink()
        outcome = must(self.asked("export", self.exchange.dir / "one-missing"))
        self.assertIn("256 entries of the message log are archived", outcome.err)
        bundle.write_bytes(whole_bundle)

        self.broker.stop()   # the store is opened by the command then
        must(self.broker.run("archive", archive, "--json"))
        self.refused(self.broker.run("archive", self.exchange.dir), "copy that to")
        self.refused(self.broker.run("archive", archive, "--before", "2999-01-01T00:00:00Z"),
                     "to come")
        self.broker.start()
        self.received("Arthur")
        for node in (self.leeds, self.aire):
            said = [one["kind"] for one in node.json("alarms")]
            self.assertFalse([one for one in said if one.startswith("log_")], said)

    @runs("broker rotate-log-key", "audit export", "audit verify", "audit prove",
          "audit check-proof", refused=("broker rotate-log-key", "audit verify"))
    def test_changed_key(self):
        """whoever has the logs' first key is led to the one that signs after it was replaced"""
        self.received("Verity")
        self.signed()
        first = self.exported("before-change")
        key, other = [line for line in (first / "keys").read_text(encoding="utf-8").split("\n")
                      if "/message/" in line or "/registry/" in line]
        letter = self.entries("--kind", "accepted")[0]["letter"]
        old = self.exchange.dir / "old.tlog-proof"
        old.write_text(must(self.asked("prove", letter)).out, encoding="utf-8")

        changed = must(self.broker.run("rotate-log-key", "--json")).json()
        self.assertTrue(changed["former_destroyed"])
        self.broker.kill()
        self.broker.start()
        self.addCleanup(self.broker.start)
        self.received("Vivian")
        self.signed()
        self.broker.stop()   # the store is opened by the command then
        again = must(self.broker.run("rotate-log-key", "--json")).json()
        self.assertEqual((again["change"], again["former"]),
                         (changed["change"] + 1, changed["key"]))
        self.broker.start()
        self.received("Viola")
        self.signed()

        second = self.exported("after-change")
        for log in ("registry", "message"):
            shown = must(self.audit("verify", second, "--key", key, "--json", "--since",
                                    first / log / "checkpoint")).json()
            self.assertEqual([one["key"] for one in shown["key_changes"]],
                             [changed["key"], again["key"]])
        self.assertIn("signed by the former key", must(self.audit("verify", second)).out)
        must(self.second("export", second))
        stranger = other.split("+")[0] + "+00000000+" + other.split("+")[2]
        self.refused(self.audit("verify", second, "--key", stranger), "--key")
        acts = must(self.audit("report", second, "--json")).json()["acts"]
        self.assertEqual([one["act"] for one in acts].count("rotate-log-key"), 2)

        proof = self.exchange.dir / "new.tlog-proof"
        proof.write_text(must(self.asked("prove", letter)).out, encoding="utf-8")
        must(self.audit("check-proof", old, "--keys", first / "keys"))
        must(self.audit("check-proof", old, "--keys", second / "keys"))
        self.refused(self.audit("check-proof", proof, "--keys", first / "keys"), "no known key")
        must(self.audit("check-proof", proof, "--keys", first / "keys", "--export", second))
        # Who trusts the last key alone believes a former one what the export has as its beginning.
        newest = must(self.audit("verify", second, "--json")).json()["logs"][1]["key"]
        must(self.audit("verify", second, "--key", newest, "--since", first / "message/checkpoint"))
        must(self.audit("check-proof", proof, "--key", newest))
        self.refused(self.audit("check-proof", old, "--key", newest), "no known key")
        must(self.audit("check-proof", old, "--key", newest, "--export", second))
        altered = self.exchange.dir / "altered-after-change"
        shutil.copytree(second, altered)
        bundle = sorted((altered / "message" / "tile" / "entries").glob("**/*"))[-1]
        content = bytearray(bundle.read_bytes())
        content[-1] ^= 1
        bundle.write_bytes(content)
        self.refused(self.audit("check-proof", old, "--key", newest, "--export", altered),
                     "the export")
        for node in (self.leeds, self.aire):
            said = [one["kind"] for one in node.json("alarms")]
            self.assertFalse([one for one in said if one.startswith("log_")], said)
        self.refused(self.alone("liaison-broker", "rotate-log-key", "--dir",
                                self.exchange.dir / "nowhere"), "nowhere")
