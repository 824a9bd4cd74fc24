"""What the integration tests share: an exchange a test class, with one office and one provider."""

import os
import pathlib
import sys
import tempfile
import unittest

import invented
from exchange import Exchange
from processes import wait_until


class WithExchange(unittest.TestCase):
    """An exchange of a broker, jcp-leeds (user dana) and aire-valley (user morwenna), its service
    published and a client added at Leeds."""

    @classmethod
    def setUpClass(cls):
        cls.exchange = Exchange(os.environ["LIAISON_PROGRAMS"],
                                tempfile.mkdtemp(prefix="liaison-test-"))
        cls.failed_any = False
        try:
            cls.arrange()
        except BaseException:
            cls.exchange.end(keep=True)
            print(f"  kept: {cls.exchange.dir}", file=sys.stderr)
            raise

    @classmethod
    def arrange(cls):
        exchange = cls.exchange
        cls.files = exchange.dir / "files"
        cls.files.mkdir()
        cls.broker = exchange.begin().broker
        cls.leeds = exchange.add("jcp-leeds", "adviser", invented.OFFICES["jcp-leeds"])
        cls.leeds.add_user("dana", "adviser", invented.PASSWORD)
        cls.aire = exchange.add("aire-valley", "provider", invented.PROVIDERS["aire-valley"])
        cls.aire.add_user("morwenna", "caseworker", invented.PASSWORD)
        cls.at_leeds = staticmethod(cls.leeds.as_user("dana"))
        cls.at_aire = staticmethod(cls.aire.as_user("morwenna"))
        cls.at_aire("service", "publish", "--file",
                    cls.file("service.json", invented.SERVICES["aire-valley"]))
        cls.service = invented.SERVICES["aire-valley"]["id"]
        wait_until(lambda: cls.at_leeds("find"), "the listing is at Leeds")

    @classmethod
    def file(cls, name, value):
        return invented.as_file(cls.files, name, value)

    @classmethod
    def tearDownClass(cls):
        keep = bool(os.environ.get("LIAISON_KEEP")) and cls.failed_any
        cls.exchange.end(keep=keep)
        if keep:
            print(f"  kept: {cls.exchange.dir}", file=sys.stderr)

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        type(self).failed_any |= len(result.failures) + len(result.errors) > before

    def one_line(self, text, *words):
        """The text is one line that holds the words, and no trace of a crash."""
        lines = [line for line in text.strip().split("\n") if line]
        self.assertEqual(len(lines), 1, f"one line was expected:\n{text}")
        for word in words:
            self.assertIn(word.lower(), lines[0].lower())
        return lines[0]


class Machine:
    """Arrangements of the machine that a test makes and undoes."""

    @staticmethod
    def replaced(path, content):
        """Replaces a file's content for a while."""
        return _Replaced(pathlib.Path(path), content)


class _Replaced:
    def __init__(self, path, content):
        self.path, self.content = path, content

    def __enter__(self):
        self.before = self.path.read_bytes()
        self.path.write_bytes(self.content)

    def __exit__(self, *problem):
        self.path.write_bytes(self.before)
