"""Keys under a passphrase: encrypted wherever they lie, and of no use without the right words."""

import hashlib
import os
import re
import subprocess

import invented
import planted
from base import Machine, WithExchange
from exchange import Node
from ports import free_ports
from processes import must, run, wait_until

PASSPHRASE = "seven invented otters keep this key"
# How a key begins that anybody can read, in PEM.
PLAIN = re.compile(rb"BEGIN (RSA |EC |DSA |OPENSSH )?PRIVATE KEY")


class ProtectedKeys(WithExchange):
    """Broker and nodes take the passphrase from files of their owner's."""

    @classmethod
    def arrange(cls):
        cls.words = words_file(cls.exchange.dir / "passphrase", PASSPHRASE)
        cls.wrong = words_file(cls.exchange.dir / "wrong", "not these words")
        cls.exchange.key_options = ("--passphrase-file", cls.words)
        super().arrange()

    def refused(self, outcome, *words, status=1):
        self.assertEqual(outcome.status, status, outcome.out + outcome.err)
        self.assertEqual(outcome.out, "")
        self.one_line(outcome.err, *words)

    def refers(self, name):
        """A referral reaches Aire Valley: every key of every party is in use for that."""
        client = self.at_leeds("client", "add", "--file", self.file(
            "client.json", invented.client(name, "Person")))["id"]
        wait_until(lambda: self.at_leeds("find"), "the listing is at Leeds")
        referral = self.at_leeds(
            "refer", client, "--service", self.service, "--route", "formal", "--file",
            self.file("referral.json", invented.referral(
                answers={"gp_name": "Dr E", "daily_life": "Sits badly"})))["id"]
        wait_until(lambda: any(r["id"] == referral for r in self.at_aire("referral", "list")),
                   f"{name}'s referral is at Aire Valley")

    def test_1_encrypted(self):
        """every private key is encrypted PKCS#8; neither key nor passphrase lies anywhere plain"""
        for party in (self.broker, self.leeds, self.aire):
            nowhere_plain(self, party.dir)
        self.assertEqual(planted.search_files([PASSPHRASE], self.exchange.dir / "logs"), [])

    def test_2_wrong_passphrase(self):
        """with other words, none, or open to others, nothing starts and nothing is changed"""
        for party in (self.broker, self.leeds):
            party.stop()
            before = content_of(party.dir)
            serve = [party.program, "serve", "--dir", party.dir]
            with Machine.replaced(self.words, self.wrong.read_bytes()):
                self.refused(run(serve), "passphrase", str(party.dir / "keys"))
                self.refused(run([*serve, "--check"]), "passphrase")
            with Machine.replaced(self.words, b"\n"):
                self.refused(run(serve), "no passphrase", str(self.words))
            away = self.words.rename(self.words.with_suffix(".away"))
            self.refused(run(serve), str(self.words))
            away.rename(self.words)
            self.words.chmod(0o644)
            self.refused(run(serve), str(self.words), "chmod 600")
            self.words.chmod(0o600)
            self.assertEqual(content_of(party.dir), before)
            party.start()
        self.refers("Wrong")

    def test_3_restored(self):
        """a backup holds the keys as they lie; what it restores wants the same words"""
        # Before anybody else joins: a restored broker waits for all its nodes.
        for party, more in ((self.broker, []), (self.leeds, ["--passphrase-file", self.words])):
            backup = self.exchange.dir / f"{party.name}.backup"
            party.must("backup", backup)
            found = backup.read_bytes()
            self.assertIsNone(PLAIN.search(found))
            for piece in planted.unpacked(found):
                self.assertEqual(planted.search([PASSPHRASE], piece, str(backup)), [])
                self.assertEqual(readable(secrets_of(party.dir), piece, str(backup)), [])
            party.kill()
            party.restore(backup, self.exchange.dir / f"{party.name}-restored", *more)
            before = content_of(party.dir)
            with Machine.replaced(self.words, self.wrong.read_bytes()):
                self.refused(run([party.program, "serve", "--dir", party.dir]), "passphrase")
            self.assertEqual(content_of(party.dir), before)
            party.start()
            nowhere_plain(self, party.dir)
        self.refers("Restored")

    def test_4_joining(self):
        """joining again wants the same words; without any, a new node makes no keys"""
        invitation = self.broker.invite("armley-debt-desk", "Armley Debt Desk (invented)",
                                        "provider")
        member = Node(self.exchange, "armley-debt-desk", "provider", "Armley Debt Desk (invented)")

        def join(*options):
            return run([member.program, "join", "--dir", member.dir, "--desk",
                        f"127.0.0.1:{member.port}", *options, "-"], given=invitation + "\n")
        absent = self.exchange.dir / "absent"
        self.refused(join("--passphrase-file", absent), str(absent))
        self.refused(join("--passphrase-file", self.words, "--unprotected"), "--unprotected",
                     status=2)
        self.assertFalse((member.dir / "keys").exists())
        must(join("--passphrase-file", self.words))
        before = content_of(member.dir)
        self.refused(join("--passphrase-file", self.wrong), "passphrase")
        self.assertEqual(content_of(member.dir), before)
        must(join("--passphrase-file", self.words))
        nowhere_plain(self, member.dir)

    def test_5_nobody_to_ask(self):
        """with no terminal to ask at, what to give instead is said, and nothing is made"""
        folder = self.exchange.dir / "unasked"
        invitation = self.broker.invite("unasked", "Unasked (invented)", "adviser")
        for words in ([self.broker.program, "init", folder, "--name", "Unasked (invented)",
                       "--listen", f"tcp://127.0.0.1:{free_ports(2)}"],
                      [self.exchange.programs / "liaison-ca", "init", folder, "--name",
                       "Unasked (invented)"],
                      [self.leeds.program, "join", "--dir", folder, "-"]):
            with self.subTest(program=words[0].name):
                # A session of its own has no terminal, whoever started the tests.
                self.refused(run(words, given=invitation + "\n", limits=os.setsid), "passphrase",
                             "file")
                self.assertFalse(folder.exists())


class OtherSources(WithExchange):
    """What else keeps keys: the authority on its own machine, the service manager's credential."""

    @classmethod
    def arrange(cls):
        cls.words = words_file(cls.exchange.dir / "passphrase", PASSPHRASE)
        cls.wrong = words_file(cls.exchange.dir / "wrong", "not these words")

    def refused(self, words, *names, environment=None):
        outcome = run(words, environment=environment)
        self.assertEqual(outcome.status, 1, outcome.out + outcome.err)
        self.one_line(outcome.err, *names)

    def test_authority(self):
        """an authority kept offline signs and revokes with the right words only"""
        program = self.exchange.programs / "liaison-ca"
        folder = self.exchange.dir / "authority"
        requests = self.exchange.dir / "requests"
        requests.mkdir()
        must(run([program, "init", folder, "--name", "Offline (invented)", "--passphrase-file",
                  self.words]))
        nowhere_plain(self, folder)
        before = content_of(folder)
        sign = [program, "sign", "--dir", folder, requests, "--passphrase-file"]
        self.refused([*sign, self.wrong], "passphrase")
        self.refused([*sign, folder / "absent"], "absent")
        self.refused([program, "revoke", "--dir", folder, "jcp-leeds", "--reason", "key_compromise",
                      "--passphrase-file", self.wrong], "passphrase")
        self.assertEqual(content_of(folder), before)
        must(run([*sign, self.words]))

    def test_credential(self):
        """a broker takes its passphrase from the service manager, and says when it has none"""
        manager = self.exchange.dir / "credentials"
        manager.mkdir(mode=0o700)
        name = words_file(manager / "broker-keys", PASSPHRASE).name
        given = {"CREDENTIALS_DIRECTORY": str(manager)}
        broker = self.exchange.broker
        init = [broker.program, "init", broker.dir, "--name", "Credential (invented)", "--listen",
                f"tcp://127.0.0.1:{broker.exchange_port}", "--credential", name]
        self.refused(init, "CREDENTIALS_DIRECTORY")
        self.assertFalse(broker.dir.exists())
        must(run(init, environment=given))
        broker.configure()
        nowhere_plain(self, broker.dir)
        before = content_of(broker.dir)
        serve = [broker.program, "serve", "--dir", broker.dir]
        self.refused(serve, "CREDENTIALS_DIRECTORY", name)
        with Machine.replaced(manager / name, b"not these words\n"):
            self.refused(serve, "passphrase", environment=given)
        self.assertEqual(content_of(broker.dir), before)
        broker.daemon.environment |= given
        broker.start()


# ---- What lies where -----------------------------------------------------------------------

def words_file(path, words):
    """A file whose first line are these words, for its owner alone."""
    path.write_text(words + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def content_of(folder):
    """{file: digest of its content} of everything under a folder, for before and after. Without
    the lock: who tried last has left its process id there."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock"}


def key_files(folder):
    return [path for path in sorted(folder.rglob("*.pem"))
            if b"PRIVATE KEY" in path.read_bytes()]


def secrets_of(folder):
    """{key file: the octets of its secret}, opened by openssl with the passphrase."""
    found = {}
    for path in key_files(folder):
        shown = subprocess.run(
            ["openssl", "pkey", "-in", path, "-passin", "env:WORDS", "-noout", "-text"],
            env={**os.environ, "WORDS": PASSPHRASE}, capture_output=True, text=True, check=False)
        if listed := re.search(r"priv:\s+([0-9a-f:\s]+)", shown.stdout):
            found[path] = bytes.fromhex(re.sub(r"[:\s]", "", listed[1])).lstrip(b"\0")
    return found


def readable(secrets, data, where):
    """["where: which secret"] of every secret that lies there as it is, or in hexadecimal."""
    lower = data.lower()
    return [f"{where}: the secret of {path.name}" for path, secret in secrets.items()
            if secret in data or secret.hex().encode() in lower]


def nowhere_plain(test, folder):
    """Every key under the folder is encrypted under PASSPHRASE; neither its secret nor the
    passphrase can be read anywhere there."""
    keys, secrets = key_files(folder), secrets_of(folder)
    test.assertTrue(keys, f"no keys in {folder}")
    test.assertEqual(sorted(secrets), keys, "openssl cannot open them all")
    for path in keys:
        test.assertIn(b"-----BEGIN ENCRYPTED PRIVATE KEY-----", path.read_bytes(), path)
        test.assertEqual(path.stat().st_mode & 0o777, 0o600, path)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            test.assertIsNone(PLAIN.search(data), path)
            test.assertEqual(readable(secrets, data, str(path)), [])
    test.assertEqual(planted.search_files([PASSPHRASE], folder), [])
