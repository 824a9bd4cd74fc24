"""Words that may not stand in the house, and comments that must."""

import re

from tree import without_comments

# Put together from halves, so that this file does not break its own rule.
UNFINISHED = re.compile(
    r"\b(" + "|".join(a + b for a, b in [
        ("TO", "DO"), ("FIX", "ME"), ("X", "XX"), ("for ", "now"), ("not ", "implemented"),
        ("place", "holder"), ("st", "ub")]) + r")\b")
ELSEWHERE = re.compile(r"\.\./" + r"shared|/wo" + r"rk/|/ho" + r"me/\w|(?<![\w./])/ro" + r"ot/\w")
READ = (".h", ".cpp", ".capnp", ".md", ".py", ".cmake", "CMakeLists.txt", ".toml", ".mustache",
        ".html", ".js", ".css", ".json", ".sh", "scripts/build", "scripts/test", "scripts/demo",
        "scripts/bench", ".ci/run")
FIELD = re.compile(r"^\s*(\w+)\s+@\d+\s*(:|;|\$)")


def lines_matching(tree, pattern, endings, what):
    problems = []
    for path, text in tree.files.items():
        if not path.endswith(endings):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if found := pattern.search(line):
                problems.append(f"{path}:{number}: {what.format(found[0])}")
    return problems


def nothing_unfinished(tree):
    """No text says that it is unfinished."""
    return lines_matching(tree, UNFINISHED, READ, "says «{}»")


def no_foreign_paths(tree):
    """No text names a path of somebody's machine or a file outside the house."""
    return lines_matching(tree, ELSEWHERE, READ, "names «{}»")


def one_width(tree):
    """No line of code is longer than 100 columns."""
    problems = []
    for path, text in tree.files.items():
        if not path.endswith((".h", ".cpp", ".py", ".capnp", ".cmake")):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > 100 and "http" not in line and 'R"' not in line:
                problems.append(f"{path}:{number}: {len(line)} columns")
    return problems


def clean_ends(tree):
    """No line ends in a blank, no file without a line's end, no tab in C++."""
    problems = []
    for path, text in tree.files.items():
        if not path.endswith(READ) or not text:
            continue
        if not text.endswith("\n"):
            problems.append(f"{path}: the last line has no end")
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                problems.append(f"{path}:{number}: ends in a blank")
            elif "\t" in line and path.endswith((".h", ".cpp", ".capnp", ".py")):
                problems.append(f"{path}:{number}: a tab")
    return problems


def schema_fields(tree):
    """Every field of a schema has a comment, or a type of ours that says it."""
    problems = []
    for path, text in tree.sources(".capnp").items():
        lines = text.split("\n")
        ours = set(re.findall(r"^\s*(?:struct|enum) (\w+)", text, re.M))
        block = ""
        for index, line in enumerate(lines):
            if opened := re.match(r"^\s*(struct|enum|union|\w+ :union)\b", line):
                block = opened[1]
            field = FIELD.match(line)
            if not field or "#" in line or lines[index + 1].strip().startswith("#"):
                continue
            if block == "enum" or re.search(r":(?:List\()?(\w+)", line)[1] in ours:
                continue
            problems.append(f"{path}:{index + 1}: {field[1]} has no comment")
    return problems


def tests_do_not_wait(tree):
    """No test sleeps or reads the real time."""
    waits = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|system_clock::now|"
                       r"steady_clock::now)\b")
    problems = []
    for path, text in tree.sources("_test.cpp").items():
        for number, line in enumerate(without_comments(text).split("\n"), 1):
            if found := waits.search(line):
                problems.append(f"{path}:{number}: {found[0]}")
    return problems


RULES = [nothing_unfinished, no_foreign_paths, one_width, clean_ends, schema_fields,
         tests_do_not_wait]
