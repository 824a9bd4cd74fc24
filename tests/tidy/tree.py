"""The files of the house as the rules read them."""

import os
import re

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
SKIPPED_FOLDERS = {".git", "build", "node_modules", "fuzz_corpus", "__pycache__"}


class Tree:
    """Every text file of a checkout, by its path from the root."""

    def __init__(self, files):
        self.files = files

    @classmethod
    def read(cls, root):
        files = {}
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
            for name in sorted(names):
                path = os.path.join(folder, name)
                try:
                    with open(path, encoding="utf-8") as file:
                        files[os.path.relpath(path, root)] = file.read()
                except UnicodeDecodeError:
                    continue
        return cls(files)

    def sources(self, *endings):
        """Files whose name ends so, e.g. ".h"."""
        return {p: t for p, t in self.files.items() if p.endswith(endings)}

    def cpp(self):
        return self.sources(".h", ".cpp")

    def includes(self, path):
        """[(quote, name, line)] of a file; the quote is '"' or '<'."""
        text = self.files[path]
        return [(m[1], m[2], text.count("\n", 0, m.start()) + 1) for m in INCLUDE.finditer(text)]

    def resolve(self, path, name):
        """The file of the house that `#include "name"` in `path` means, or None: named from the
        root, from lib, from beside the file, or (in tests and bench) from a folder above it. The
        template of a file that the build makes counts as that file."""
        folders = ["", "lib", os.path.dirname(path)]
        if path.startswith(("tests/", "bench/")):
            folder = os.path.dirname(os.path.dirname(path))
            while folder:
                folders.append(folder)
                folder = os.path.dirname(folder)
        for folder in folders:
            candidate = os.path.normpath(os.path.join(folder, name))
            if candidate in self.files:
                return candidate
            if f"{candidate}.in" in self.files:
                return f"{candidate}.in"
        return None


def without_comments(text):
    """C++ with comments and string literals blanked, line numbers kept."""
    def blank(match):
        found = match[0]
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[-1]
        return re.sub(r"[^\n]", " ", found)
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)
