#!/usr/bin/python3
"""Runs the tests of the second verifier. The last line is "N passed, N failed"."""

import functools
import importlib.util
import pathlib
import sys
import unittest

import notes
import verifier_test   # with those of documents_test.py

HERE = pathlib.Path(__file__).resolve().parent


def sentences():
    """How the integration tests print their results."""
    spec = importlib.util.spec_from_file_location("integration_run",
                                                  HERE.parent / "integration" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Sentences()


def main():
    # The same signature over the same octets is asked of openssl once.
    notes.verifies = functools.cache(notes.verifies)
    suite = unittest.defaultTestLoader.loadTestsFromModule(verifier_test)
    result = sentences()
    suite.run(result)
    return result.close()


if __name__ == "__main__":
    sys.exit(main())
