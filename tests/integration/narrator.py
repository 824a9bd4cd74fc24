"""Tells a story in plain words while checking it."""

import sys
import textwrap
import time


class Untrue(AssertionError):
    """The story said something that was not so."""


class Narrator:
    """Prints chapters and what each side does and sees; counts what was checked."""

    def __init__(self, out=sys.stdout):
        self.out = out
        self.chapters = 0
        self.checks = 0
        self.begun = time.monotonic()

    def _print(self, text=""):
        print(text, file=self.out, flush=True)

    def chapter(self, title):
        self.chapters += 1
        self._print()
        self._print(f"{self.chapters:2}. {title}  [{time.monotonic() - self.begun:.0f} s]")

    def _wrapped(self, label, text):
        self._print(textwrap.fill(text, 100, initial_indent=f"    {label:26} ",
                                  subsequent_indent=" " * 31))

    def does(self, who, what):
        self._wrapped(who, what)

    def sees(self, who, what):
        self._wrapped(f"{who} sees", what)

    def note(self, what):
        self._wrapped("", what)

    def check(self, condition, sentence):
        """What was just told is checked here; a story that is not true ends."""
        self.checks += 1
        if not condition:
            raise Untrue(sentence)
        self._wrapped("  checked", sentence)
