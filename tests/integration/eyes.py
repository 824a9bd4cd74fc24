"""What somebody sees who holds the broker's disk: its files are copied and read as they lie.

This is the one place that does not go through public commands, on purpose: it takes the part of a
thief, or of an operator who looks where there is no command for it.
"""

import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import time

import invented
import planted

LOG_SCHEMA = pathlib.Path(__file__).parents[2] / "schemas" / "log.capnp"


class Eyes:
    """Tells what the broker's disk shows that it did not show at the last look."""

    def __init__(self, narrator, exchange):
        self.tell = narrator
        self.exchange = exchange
        self.leaves = 0
        self.shown = set()

    def forget(self):
        """After a restore the log goes on from an earlier place: only what follows is new."""
        with tempfile.TemporaryDirectory(dir=self.exchange.dir) as folder:
            store = self._copied(pathlib.Path(folder))
            self.leaves = store.execute("SELECT ifnull(max(leaf), -1) + 1 FROM log").fetchone()[0]
            store.close()

    def look(self):
        with tempfile.TemporaryDirectory(dir=self.exchange.dir) as folder:
            store = self._copied(pathlib.Path(folder))
            try:
                self._passed(store)
                self._waiting(store)
            finally:
                store.close()

    def _copied(self, folder):
        """The broker's store, copied from under it; a SQLite file like any other."""
        for _ in range(20):
            for path in self.exchange.broker.dir.iterdir():
                if path.is_file() and path.name.endswith((".db", ".db-wal")):
                    shutil.copy2(path, folder / path.name)
            store = sqlite3.connect(next(folder.glob("*.db")))
            try:
                store.execute("SELECT count(*) FROM log").fetchone()
                return store
            except sqlite3.DatabaseError:  # a checkpoint ran while it was copied: once more
                store.close()
                for path in folder.iterdir():
                    path.unlink()
        raise AssertionError("the broker's store could not be copied")

    def _passed(self, store):
        """The entries of the message log since the last look."""
        rows = store.execute("SELECT leaf, entry FROM log WHERE leaf >= ? ORDER BY leaf",
                             (self.leaves,)).fetchall()
        if not rows:
            return
        self.leaves = rows[-1][0] + 1
        counts = {}
        for entry in decoded([row[1] for row in rows]):
            if entry["kind"] != "accepted":
                continue
            pair = (entry["sender"], entry["recipient"])
            letters, octets, last = counts.get(pair, (0, 0, 0))
            counts[pair] = (letters + 1, octets + int(entry["size"]), int(entry["at"]))
        told = [f"{sender} to {recipient}: {letters} letter{'s' if letters > 1 else ''}, "
                f"{octets:,} octets, the last at {clock(last)}"
                for (sender, recipient), (letters, octets, last) in sorted(counts.items())]
        if told:
            self.tell.sees("The broker", "; ".join(told))

    def _waiting(self, store):
        """The first octets of a letter that waits, if one does that was not shown yet."""
        rows = store.execute(
            "SELECT w.letter, r.id, w.size, substr(p.sealed, 1, 24), substr(p.sealed, -24) "
            "FROM waiting w JOIN payload p USING (sequence) JOIN node r ON r.number = w.recipient "
            "WHERE w.reason IS NULL ORDER BY sequence").fetchall()
        for letter, recipient, size, head, tail in rows:
            if letter in self.shown:
                continue
            self.shown.add(letter)
            self.tell.sees("The broker", f"waiting for {recipient}: {size:,} octets that begin "
                           f"{head.hex(' ')} (a sealed CMS envelope) and "
                           f"end {tail.hex(' ')}")
            return

    def search_everything(self):
        """Every planted name found in the broker's files, and in all logs."""
        return (planted.search_files(invented.PLANTED, self.exchange.broker.dir)
                + planted.search_files(invented.PLANTED, self.exchange.dir / "logs"))


def decoded(entries):
    """LogEntry values, by the capnp tool and the schema."""
    run = subprocess.run(["capnp", "convert", "binary:json", str(LOG_SCHEMA), "LogEntry"],
                         input=b"".join(entries), capture_output=True, check=True)
    decoder, text, out = json.JSONDecoder(), run.stdout.decode(), []
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        out.append(value)
        text = text[end:]
    return out


def clock(milliseconds):
    return time.strftime("%H:%M:%S", time.localtime(milliseconds / 1000))
