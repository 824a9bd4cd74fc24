"""A prompt hides what is typed; a signal that ends it leaves the terminal as it was."""

import fcntl
import os
import pty
import signal
import subprocess
import tempfile
import termios
import unittest

from exchange import Exchange
from processes import wait_until

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Prompts(unittest.TestCase):

    def setUp(self):
        self.exchange = Exchange(os.environ["LIAISON_PROGRAMS"],
                                 tempfile.mkdtemp(prefix="liaison-test-"))
        self.addCleanup(self.exchange.end)
        # The terminal's two ends, both held here: it stays when the command has ended.
        self.keyboard, self.screen = pty.openpty()
        self.addCleanup(os.close, self.keyboard)
        self.addCleanup(os.close, self.screen)

    def shows_what_is_typed(self):
        return bool(termios.tcgetattr(self.screen)[3] & termios.ECHO)

    def asking(self, program, *words):
        """A command at the terminal, which waits for what must not be seen."""
        def take_terminal():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            # Whoever runs the tests in the background has them ignored, and so had the command.
            for number in ENDING:
                signal.signal(number, signal.SIG_DFL)
        started = subprocess.Popen(
            [str(self.exchange.programs / program), *map(str, words)], stdin=self.screen,
            stdout=self.screen, stderr=self.screen, start_new_session=True,
            preexec_fn=take_terminal)
        self.addCleanup(started.wait)
        self.addCleanup(started.kill)
        wait_until(lambda: not self.shows_what_is_typed(), f"{words} asks")
        return started

    def left_as_it_was(self, program, *words):
        for number in ENDING:
            with self.subTest(words=words, signal=number.name):
                self.assertTrue(self.shows_what_is_typed())
                started = self.asking(program, *words)
                if number == signal.SIGINT:
                    os.write(self.keyboard, b"\x03")   # as Ctrl-C does
                else:
                    started.send_signal(number)
                self.assertEqual(started.wait(60), -number)
                self.assertTrue(self.shows_what_is_typed())

    def test_password(self):
        """a signal at a password leaves the terminal as it was"""
        self.left_as_it_was("liaison-adviser", "user", "add", "wilfred", "--role", "specialist",
                            "--dir", self.exchange.dir / "nowhere")

    def test_passphrase(self):
        """so does one at the passphrase of a broker's keys, or a node's"""
        self.left_as_it_was("liaison-broker", "init", self.exchange.dir / "asking", "--name",
                            "An invented exchange")
        broker = self.exchange.begin().broker
        invitation = broker.invite("jcp-leeds", "Leeds (invented)", "adviser")
        self.left_as_it_was("liaison-adviser", "join", "--dir", self.exchange.dir / "jcp-leeds",
                            invitation)
