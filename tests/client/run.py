#!/usr/bin/python3
"""Runs the checks of a client that was written from docs/PROTOCOL.md and schemas/ alone, in
Python, against the real programs on loopback.

usage: run.py --programs BUILD/bin [--keep] [NAME...]

NAME chooses files, e.g. "joining" for joining_check.py. Each check is a sentence; the last line is
"N passed, N failed", with ", N skipped" behind it if any were. With --keep, the directories stay.
"""

import argparse
import importlib
import importlib.util
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
INTEGRATION = HERE.parent / "integration"
AUDITOR = HERE.parent / "auditor"


def sentences():
    """How the integration tests print their results."""
    spec = importlib.util.spec_from_file_location("integration_run", INTEGRATION / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Sentences()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--programs", required=True)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    os.environ["LIAISON_PROGRAMS"] = str(pathlib.Path(options.programs).resolve())
    os.environ["LIAISON_KEEP"] = "yes" if options.keep else ""
    sys.path += [str(INTEGRATION), str(AUDITOR)]
    names = [f"{n}_check" for n in options.names] or sorted(p.stem for p in HERE.glob("*_check.py"))
    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name))
        for name in names)
    result = sentences()
    suite.run(result)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
