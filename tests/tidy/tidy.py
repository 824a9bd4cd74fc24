#!/usr/bin/python3
"""The house's rules that a machine can check: who may include whom, which words may not stand.

usage: tidy.py [ROOT]

Prints each rule with what breaks it, then one line "N passed, N failed". docs/HACKING.md says why
the rules are as they are.
"""

import os
import sys

import breaks
import layers
import prose
import sizes
from tree import Tree


RULES = layers.RULES + prose.RULES + sizes.RULES


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(here))
    tree = Tree.read(root)
    passed = failed = 0
    for rule in RULES + [breaks.found]:
        problems = rule(tree)
        sentence = rule.__doc__.split("\n")[0].rstrip(".")
        if problems:
            failed += 1
            print(f"FAILED  {sentence}")
            for problem in problems:
                print(f"          {problem}")
        else:
            passed += 1
            print(f"ok      {sentence}")
    for note in sizes.notes(tree):
        print(f"note    {note}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
