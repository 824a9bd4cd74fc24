#!/usr/bin/python3
"""Every C++ file is as clang-format 14 would write it.

usage: format.py [ROOT]

Names each file that is not, then one line "N passed, N failed".
"""

import os
import subprocess
import sys

from tree import Tree


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(here))
    files = sorted(Tree.read(root).cpp())
    run = subprocess.run(["clang-format-14", "--dry-run", "--Werror", "--ferror-limit=1", *files],
                         cwd=root, stderr=subprocess.PIPE, text=True)
    bad = sorted({line.split(":", 1)[0] for line in run.stderr.split("\n")
                  if "[-Wclang-format-violations]" in line})
    for path in bad:
        print(f"{path}: run clang-format-14 -i {path}")
    print(f"{len(files) - len(bad)} passed, {len(bad)} failed")
    return 1 if bad or run.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
