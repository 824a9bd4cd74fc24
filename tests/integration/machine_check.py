"""The machine fails: one line, exit status 1, no damage; it starts again when the cause is gone."""

import os
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile

import invented
from base import Machine, WithExchange
from processes import run, wait_until


class WhenTheMachineFails(WithExchange):

    def refuses_to_serve(self, party, *words, before=(), limits=None):
        """`serve` ends with status 1 and one line that holds the words."""
        ended = run([*before, party.program, "serve", "--dir", party.dir], seconds=30,
                    limits=limits)
        self.assertEqual(ended.status, 1, ended.err)
        return self.one_line(ended.err.split("\n")[-2] if ended.err.count("\n") > 1 else ended.err,
                             *words)

    def test_two_daemons(self):
        """two daemons on one directory: the second says so, the first goes on"""
        for party in (self.broker, self.leeds):
            self.refuses_to_serve(party)
            party.daemon.ready()

    def test_port_in_use(self):
        """a port in use is named, and serving works once it is free"""
        for party in (self.broker, self.leeds):
            party.stop()
            with socket.create_server(("127.0.0.1", party.port)):
                self.refuses_to_serve(party, str(party.port))
            party.start()

    def test_exchange_port_in_use(self):
        """the exchange's own port in use is named, and serving works once it is free"""
        self.broker.stop()
        with socket.create_server(("127.0.0.1", self.broker.exchange_port)):
            self.refuses_to_serve(self.broker, str(self.broker.exchange_port))
        self.broker.start()

    def test_key_file(self):
        """a key file that cannot be read is named, stays as it is, and serving works once mended"""
        for party in (self.broker, self.leeds):
            party.stop()
            # All but those that nothing reads any more, or not yet: of joining, of the witness.
            keys = sorted(path for path in (party.dir / "keys").iterdir()
                          if path.stem not in ("joining", "witness"))
            self.assertTrue(keys, f"no key files in {party.dir}")
            for key in keys:
                with Machine.replaced(key, b"-----BEGIN PRIVATE KEY-----\nnothing\n"):
                    self.refuses_to_serve(party, key.name)
                    self.assertIn(b"nothing", key.read_bytes())
            party.start()

    def test_newer_store(self):
        """a store of a newer version is refused untouched"""
        for party in (self.broker, self.leeds):
            party.stop()
            store = store_of(party)
            version = pragma(store, "user_version")
            pragma(store, "user_version = 9999")
            self.refuses_to_serve(party, "newer")
            self.assertEqual(pragma(store, "user_version"), 9999)
            pragma(store, f"user_version = {version}")
            party.start()

    def test_not_a_store(self):
        """a file that is no store of ours is refused untouched"""
        self.leeds.stop()
        store = store_of(self.leeds)
        with Machine.replaced(store, b"this is no database at all" * 100):
            before = store.read_bytes()
            self.refuses_to_serve(self.leeds)
            self.assertEqual(store.read_bytes(), before)
        self.leeds.start()

    def test_clock_behind(self):
        """a certificate that is not yet valid, because the clock is behind, is said so"""
        self.leeds.stop()
        self.refuses_to_serve(self.leeds, "not yet valid",
                              before=["faketime", "-f", "-400d"])
        self.leeds.start()

    def test_configuration(self):
        """an unknown setting names the nearest known one"""
        for party in (self.broker, self.leeds):
            party.stop()
            toml = party.dir / "liaison.toml"
            with Machine.replaced(toml, toml.read_bytes() + b"\n[unheard_of]\nthing = 1\n"):
                self.refuses_to_serve(party, "unheard_of")
            party.start()

    def test_disk_full(self):
        """a full disk at a node: what was told stays, and it starts again when there is room"""
        self.disk_full(self.leeds, self.write_until_refused)

    def disk_full(self, party, write):
        """Moves a directory to a small file system and fills it."""
        party.stop()
        small = pathlib.Path(tempfile.mkdtemp(prefix="liaison-small-"))
        used = sum(f.stat().st_size for f in party.dir.rglob("*") if f.is_file())
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o",
                                  f"size={used // 1024 + 1536}k", "none", str(small)],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            small.rmdir()
            self.skipTest("no file system can be mounted here")
        home = party.dir
        try:
            shutil.copytree(home, small / "dir", symlinks=True)
            party.move_to(small / "dir")
            party.start()
            kept = write()
            wait_until(lambda: not party.daemon.running, "it ends", 30)
            self.assertEqual(party.daemon.process.returncode, 1, party.daemon.last_lines())
            (small / "dir" / "filler").unlink(missing_ok=True)
            subprocess.run(["mount", "-o", "remount,size=256m", str(small)], check=True)
            party.start()
            self.check_kept(kept)
            party.stop()
            shutil.rmtree(home)
            shutil.copytree(small / "dir", home, symlinks=True)
        finally:
            party.kill()
            subprocess.run(["umount", str(small)], check=False)
            small.rmdir()
            party.move_to(home)
            party.start()

    def test_disk_full_at_the_broker(self):
        """a full disk at the broker: it ends, and all that was sent arrives when there is room"""
        self.aire.stop()
        self.disk_full(self.broker, self.refer_until_the_broker_ends)
        self.aire.start()
        def there():
            return {r["id"] for r in self.at_aire("referral", "list")} >= self.sent
        wait_until(there, "every referral is at Aire Valley", 120)

    def refer_until_the_broker_ends(self):
        """Refers clients with documents of a megabyte until the broker's disk is full."""
        document = self.file("big.pdf", invented.pdf("x") + os.urandom(1 << 20))
        answers = {"gp_name": "Dr E", "daily_life": "Sits badly"}
        referral = self.file("referral.json", invented.referral(answers=answers))
        self.sent = set()
        for number in range(60):
            client = self.at_leeds("client", "add", "--file", self.file(
                "client.json", invented.client(f"Full{number}", "Person")))["id"]
            self.sent.add(self.at_leeds("refer", client, "--service", self.service, "--route",
                                        "formal", "--file", referral, "--attach", document)["id"])
            if not self.broker.daemon.running:
                break
        return []

    def write_until_refused(self):
        """Adds clients until the disk is full; the ids that were told."""
        kept = []
        for number in range(5000):
            added = self.leeds.try_as(
                "dana", "client", "add", "--json", "--file",
                self.file("filler.json", invented.client(f"Filler{number}", "Person",
                                                         travel="x" * 1500)))
            if added.status != 0:
                self.assertEqual(added.status, 1)
                return kept
            kept.append(added.json()["id"])
        self.fail("the disk never filled")

    def check_kept(self, kept):
        there = {c["id"] for c in self.at_leeds("client", "list")}
        self.assertLessEqual(set(kept), there, "a client that was told is gone")

    def test_descriptors(self):
        """too few open files: one line, or it serves all the same"""
        self.leeds.stop()
        import resource
        ended = run([self.leeds.program, "serve", "--dir", self.leeds.dir, "--check"], seconds=30,
                    limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)))
        self.assertIn(ended.status, (0, 1))
        self.assertNotEqual(ended.status, -signal.SIGABRT)
        self.leeds.start()


def store_of(party):
    """The SQLite file of a party."""
    found = [path for path in party.dir.iterdir() if path.is_file()
             and path.read_bytes()[:15] == b"SQLite format 3"]
    assert len(found) == 1, f"{party.dir} has {len(found)} stores"
    return found[0]


def pragma(store, words):
    """Reads or sets a pragma of a store that nobody serves."""
    connection = sqlite3.connect(store)
    try:
        row = connection.execute(f"PRAGMA {words}").fetchone()
        connection.commit()
        return row[0] if row else None
    finally:
        connection.close()


