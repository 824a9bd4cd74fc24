#!/usr/bin/python3
"""Runs the integration tests: real processes on loopback, by public commands only.

usage: run.py --programs BUILD/bin [--keep] [NAME...]

NAME chooses files, e.g. "planted" for planted_check.py. Each test is a sentence; the last line is
"N passed, N failed", with ", N skipped" behind it if any were. With --keep, the directories of
failed tests stay.
"""

import argparse
import importlib
import os
import pathlib
import sys
import time
import traceback
import unittest

HERE = pathlib.Path(__file__).parent


class Sentences(unittest.TestResult):
    """Prints each test's sentence with its time."""

    def __init__(self):
        super().__init__()
        self.passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.begun = time.monotonic()

    def _line(self, word, test):
        took = time.monotonic() - self.begun if hasattr(self, "begun") else 0
        sentence = test.shortDescription() if hasattr(test, "shortDescription") else None
        print(f"{word:7} {took:6.1f} s  {sentence or test}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self._line("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line("skipped", test)
        print(f"                  {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line("FAILED", test)
        traceback.print_exception(*err)

    def addError(self, test, err):
        super().addError(test, err)
        self._line("FAILED", test)
        traceback.print_exception(*err)

    def close(self):
        """Prints the closing line; the exit status."""
        failed = len(self.failures) + len(self.errors)
        skipped = f", {len(self.skipped)} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {failed} failed{skipped}")
        return 1 if failed else 0

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._line("FAILED", subtest)
            traceback.print_exception(*err)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--programs", required=True)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.environ["LIAISON_PROGRAMS"] = str(pathlib.Path(options.programs).resolve())
    os.environ["LIAISON_KEEP"] = "yes" if options.keep else ""
    names = [f"{n}_check" for n in options.names] or sorted(p.stem for p in HERE.glob("*_check.py"))
    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name))
        for name in names)
    result = Sentences()
    suite.run(result)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
