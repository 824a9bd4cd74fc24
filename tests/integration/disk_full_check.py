"""The disk is full: one line and exit status 1, at the daemon and at the command; what was told
stays, and all goes on when there is room."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import invented
from base import WithExchange
from processes import wait_until


class DiskFull(WithExchange):
    sent = set()

    def test_1_node(self):
        """a full disk at a node: what was told stays, and it starts again when there is room"""
        self.disk_full(self.leeds, self.write_until_refused)

    def test_2_broker(self):
        """a full disk at the broker: it ends, and all that was sent arrives when there is room"""
        # After the node's: what is sent here makes more work for the next start of the node than
        # fits the small file system.
        self.aire.stop()
        self.disk_full(self.broker, self.refer_until_the_broker_ends)
        self.aire.start()
        wait_until(self.all_there, "every referral is at Aire Valley", 120)

    def test_3_letters(self):
        """letters that find no room at many starts of a node are not given up for it"""
        with self.on_small_disk(self.aire, room=400 << 10) as grow:
            self.aire.stop()
            self.refer()
            for _ in range(6):
                self.aire.daemon.start(wait=False)
                wait_until(lambda: not self.aire.daemon.running, "it ends", 30)
                self.assertEqual(self.aire.daemon.process.returncode, 1)
                self.assertIn("disk is full while using", self.aire.daemon.last_lines(1))
            grow(256 << 20)
            self.aire.start()
            wait_until(self.all_there, "the referral is at Aire Valley")
            self.assertEqual(self.at_aire("aside", "list"), [])
            self.assertEqual(self.at_leeds("undelivered", "list"), [])

    def all_there(self):
        return {r["id"] for r in self.at_aire("referral", "list")} >= self.sent

    def disk_full(self, party, write):
        """Fills the small file system that its directory is moved to."""
        with self.on_small_disk(party) as grow:
            said_before = party.daemon.log.stat().st_size
            kept = write()
            wait_until(lambda: not party.daemon.running, "it ends", 30)
            self.assertEqual(party.daemon.process.returncode, 1, party.daemon.last_lines())
            self.says_why(party, said_before)
            grow(256 << 20)
            party.start()
            self.check_kept(kept)

    @contextlib.contextmanager
    def on_small_disk(self, party, room=1536 << 10):
        """Moves a directory to a small file system, serves it there, and moves it back after."""
        party.stop()
        small = pathlib.Path(tempfile.mkdtemp(prefix="liaison-small-"))
        size = sum(f.stat().st_size for f in party.dir.rglob("*") if f.is_file()) + room
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(small)],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            small.rmdir()
            party.start()
            self.skipTest("no file system can be mounted here")
        home = party.dir

        def grow(octets):
            nonlocal size
            size += octets
            subprocess.run(["mount", "-o", f"remount,size={size}", str(small)], check=True)

        try:
            shutil.copytree(home, small / "dir", symlinks=True)
            party.move_to(small / "dir")
            party.start()
            yield grow
            party.stop()
            shutil.rmtree(home)
            shutil.copytree(small / "dir", home, symlinks=True)
        finally:
            party.kill()
            subprocess.run(["umount", str(small)], check=False)
            small.rmdir()
            party.move_to(home)
            party.start()

    def says_why(self, party, since):
        """Beside what it logs, a daemon says one line: which disk, and that it can go on."""
        said = party.daemon.log.read_bytes()[since:].decode()
        plain = [line for line in said.split("\n") if line and not line.startswith("{")]
        self.one_line("\n".join(plain), party.program.name, str(party.dir), "full")

    def refer_until_the_broker_ends(self):
        for number in range(60):
            self.refer(number)
            if not self.broker.daemon.running:
                break
        return []

    def refer(self, number=0):
        """Refers another client, with a document of a megabyte."""
        document = self.file("big.pdf", invented.pdf("x") + os.urandom(1 << 20))
        answers = {"gp_name": "Dr E", "daily_life": "Sits badly"}
        client = self.at_leeds("client", "add", "--file", self.file(
            "client.json", invented.client(f"Full{number}", "Person")))["id"]
        self.sent.add(self.at_leeds(
            "refer", client, "--service", self.service, "--route", "formal", "--file",
            self.file("referral.json", invented.referral(answers=answers)),
            "--attach", document)["id"])

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
                self.assertEqual(added.out, "")
                # Why it stops is said by the daemon; here, that it was not done and when to repeat.
                self.one_line(added.err, self.leeds.program.name + ": ", "try again")
                return kept
            kept.append(added.json()["id"])
        self.fail("the disk never filled")

    def check_kept(self, kept):
        there = {c["id"] for c in self.at_leeds("client", "list")}
        self.assertLessEqual(set(kept), there, "a client that was told is gone")
