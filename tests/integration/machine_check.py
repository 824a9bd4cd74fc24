"""The machine fails: one line, exit status 1, no damage; it starts again when the cause is gone."""

import contextlib
import fcntl
import pathlib
import re
import resource
import socket
import sqlite3
import struct
import subprocess
import tempfile

import invented
from base import Machine, WithExchange
from commands import connected
from exchange import Node, set_setting
from processes import http_get, run, wait_until


class WhenTheMachineFails(WithExchange):

    def refuses_to_serve(self, party, *words, before=(), limits=None):
        """`serve` ends with status 1, and all that a person at a terminal sees is one line that
        holds the words: it ends before it logs anything."""
        ended = run([*before, party.program, "serve", "--dir", party.dir], seconds=30,
                    limits=limits)
        self.assertEqual(ended.status, 1, ended.err)
        self.assertEqual(ended.out, "")
        return self.one_line(ended.err, party.program.name + ": ", *words)

    def answers(self, party):
        """It answers at admin.sock and at its desk, or the broker's console: as the daemon, for
        of the broker who is connected is known to nobody else."""
        def stands():
            status = party.json("status")
            return status["connected"] == 2 if party is self.broker else status["link"] == "ready"
        wait_until(stands, f"{party.name} is connected")
        self.assertEqual(http_get(party.url + "/healthz")[0], 200)
        if party is self.leeds:
            self.assertIsInstance(self.at_leeds("client", "list"), list)

    def test_two_daemons(self):
        """two daemons on one directory: the second says so, the first goes on"""
        for party in (self.broker, self.leeds):
            first = party.daemon.pid
            self.refuses_to_serve(party, f"{party.dir} is in use by process {first}",
                                  "stop that one first")
            self.assertTrue(party.daemon.running)
            self.answers(party)

    def test_port_in_use(self):
        """a port in use is named, and serving works once it is free"""
        for party in (self.broker, self.leeds):
            self.refuses_while_in_use(party, party.port)

    def test_exchange_port_in_use(self):
        """so is the exchange's own port, and the one where nodes join"""
        for port in (self.broker.exchange_port, self.broker.exchange_port + 1):
            self.refuses_while_in_use(self.broker, port)

    def refuses_while_in_use(self, party, port):
        party.stop()
        with socket.create_server(("127.0.0.1", port)):
            self.refuses_to_serve(party, f"127.0.0.1:{port}", "in use")
        party.start()

    def test_sign_of_a_kill(self):
        """that a node was killed is known until it serves again, starts in vain notwithstanding"""
        sign = self.leeds.dir / "serving.json"
        self.leeds.kill()
        self.assertTrue(sign.exists())
        with socket.create_server(("127.0.0.1", self.leeds.port)):
            self.refuses_to_serve(self.leeds, "in use")
        self.assertTrue(sign.exists())
        self.leeds.start()
        self.refuses_to_serve(self.leeds, "is in use by process")
        self.assertIn(self.leeds.url.split("//")[1], sign.read_text())
        self.leeds.stop()
        self.assertFalse(sign.exists())
        self.leeds.start()

    def test_stranger_at_the_port(self):
        """a command gives its token to nobody who listens where a killed node did"""
        sign = self.leeds.dir / "serving.json"
        self.leeds.kill()
        with socket.create_server(("127.0.0.1", self.leeds.port)) as stranger:
            self.is_not_running(self.leeds)
            self.leeds.must("status")   # has the directory for a moment
            self.assertEqual(sign.read_bytes(), b"")
            with taken(self.leeds.dir):   # by a command that takes its time
                self.is_not_running(self.leeds)
            stranger.setblocking(False)
            self.assertRaises(BlockingIOError, stranger.accept)
        self.leeds.start()

    def is_not_running(self, party):
        outcome = party.try_as("dana", "client", "list")
        self.assertEqual(outcome.status, 1)
        self.one_line(outcome.err, "is not running")

    def test_killed_while_joining(self):
        """an empty store that a killed join left is no node yet, and the next join makes one"""
        bradford = Node(self.exchange, "jcp-bradford", "adviser", invented.OFFICES["jcp-bradford"])
        bradford.dir.mkdir(mode=0o700)
        (bradford.dir / "node.db").touch(mode=0o600)
        for words in (["serve", "--check"], ["status"], ["user", "list"], ["client", "list"]):
            with self.subTest(words=words):
                outcome = bradford.run(*words)
                self.assertEqual(outcome.status, 1)
                self.one_line(outcome.err, "has not joined", "join --dir")
        self.assertEqual((bradford.dir / "node.db").read_bytes(), b"")
        invitation = self.broker.invite(bradford.id, bradford.organisation, bradford.role)
        bradford.join(invitation)
        bradford.must("serve", "--check")
        self.joins_again(bradford, invitation)
        self.checks_where_it_listens(bradford)

    def joins_again(self, node, invitation):
        """Once more by the same invitation, after it has served: all stays as it is."""
        self.exchange.nodes[node.id] = node
        node.start()
        connected(node)
        node.stop()
        def keys():
            return {path.name: path.read_bytes() for path in (node.dir / "keys").iterdir()}
        before = keys()
        node.join(invitation)
        self.assertEqual(keys(), before)
        node.start()
        connected(node)
        node.stop()

    def checks_where_it_listens(self, node):
        """What serve would refuse, serve --check refuses."""
        set_setting(node.dir / "liaison.toml", "listen", "0.0.0.0:0")
        for words in (["serve", "--check"], ["serve"]):
            outcome = node.run(*words)
            self.assertEqual(outcome.status, 1)
            self.one_line(outcome.err, "only with TLS", "certificate")

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
            self.refuses_to_serve(party, str(store), "9999", "nothing was changed", "newer")
            self.assertEqual(pragma(store, "user_version"), 9999)
            pragma(store, f"user_version = {version}")
            party.start()

    def test_not_a_store(self):
        """a file that is no store of ours is refused untouched, another program's SQLite too"""
        foreign = self.files / "foreign.db"
        connection = sqlite3.connect(foreign)
        connection.execute("CREATE TABLE recipe (name TEXT)")
        connection.commit()
        connection.close()
        for party in (self.broker, self.leeds):
            party.stop()
            store = store_of(party)
            for content in (b"this is no database at all" * 100, foreign.read_bytes()):
                with self.subTest(party=party.name, content=content[:15]):
                    with Machine.replaced(store, content):
                        self.refuses_to_serve(party, str(store), "nothing was changed")
                        self.assertEqual(store.read_bytes(), content)
            party.start()

    def test_clock_behind(self):
        """a clock behind all certificates is said so, and nothing is done by it"""
        for party, words in ((self.broker, ["clock", "before this exchange's authority began"]),
                             (self.leeds, ["not yet valid"])):
            party.stop()
            self.refuses_to_serve(party, *words, before=["faketime", "-f", "-400d"])
            party.start()

    def test_configuration(self):
        """an unknown setting names the nearest known one"""
        for party in (self.broker, self.leeds):
            party.stop()
            toml = party.dir / "liaison.toml"
            with Machine.replaced(toml, toml.read_bytes() + b"\n[unheard_of]\nthing = 1\n"):
                self.refuses_to_serve(party, "unheard_of")
            party.start()

    def test_two_slashes(self):
        """after a kill a store is checked by whatever name its directory is given"""
        for party in (self.broker, self.leeds):
            home = party.dir
            party.kill()
            party.move_to(f"/{home}")
            self.addCleanup(back_at, party, home)
            party.start()
            wait_until(lambda party=party: was_checked(party), f"{party.name}'s store is sound")
            self.assertTrue(party.daemon.running, party.daemon.last_lines())

    def test_no_hard_links(self):
        """a backup is not begun onto a file system that could not give it its name at the end"""
        with without_hard_links(self) as folder:
            for party in (self.broker, self.leeds):
                outcome = party.run("backup", folder / "backup")
                self.assertEqual(outcome.status, 1)
                self.one_line(outcome.err, str(folder / "backup"), "hard link", "copy it there")
                self.assertEqual(list(folder.iterdir()), [])

    def test_descriptors(self):
        """a low limit of open files is raised as far as it may be; a lower one does to serve"""
        for party in (self.broker, self.leeds):
            party.stop()
            for soft, hard in ((64, 4096), (64, 64)):
                limit_descriptors(party, soft, hard)
                try:
                    party.start()
                    limits = pathlib.Path(f"/proc/{party.daemon.pid}/limits").read_text("ascii")
                    given = int(re.search(r"Max open files +(\d+)", limits)[1])
                    # A node wants no more than 1024. Who is privileged may raise the hard one too.
                    self.assertGreaterEqual(given, min(hard, 1024), party.name)
                    self.answers(party)
                finally:
                    self.assertEqual(party.stop(), 0)
            party.limits = None
            party.move_to(party.dir)
            party.start()

    def test_hardly_any_descriptors(self):
        """with too few open files to begin with, one line says so, and nothing is changed"""
        # A node opens its store first; with a few more, the messaging library would end the
        # process.
        for party in (self.broker, self.leeds):
            party.stop()
            for few in (7, 11, 14, 63):
                self.refuses_to_serve(
                    party, "files",
                    limits=lambda few=few: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)))
            party.start()


@contextlib.contextmanager
def taken(directory):
    """Has a directory as a command has it that nothing else may disturb."""
    with open(directory / "lock", "rb+") as lock:
        whole_file = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
        fcntl.fcntl(lock, fcntl.F_OFD_SETLK, whole_file)
        yield


@contextlib.contextmanager
def without_hard_links(test):
    """A directory on a file system that makes none."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="liaison-without-links-"))
    mounted = subprocess.run(["mount", "-t", "mqueue", "none", str(folder)], capture_output=True,
                             check=False)
    try:
        if mounted.returncode != 0:
            test.skipTest("no file system can be mounted here")
        yield folder
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def was_checked(party):
    status = party.json("status")
    if "store" in status:
        return status["store"] == "sound"
    return not any("not closed in order" in warning for warning in status["warnings"])


def back_at(party, home):
    party.stop()
    party.move_to(home)
    party.start()


def limit_descriptors(party, soft, hard):
    """From now on it is started with these limits of open files."""
    party.limits = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    party.move_to(party.dir)


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
