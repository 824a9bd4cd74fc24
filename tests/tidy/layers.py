"""Who may include whom.

Arrows point one way:
  base <- wire, crypto (<- web), store, net, cli <- certs, audit, casework <- broker, node
       <- adviser_node, provider_node, auditor
"""

import re

from tree import without_comments

LOW = {"base"}
LIBRARIES = {"wire", "crypto", "store", "net", "web", "cli"}
MIDDLE = {"certs", "audit", "casework"}

# Folder -> the other folders that it may include.
MAY_INCLUDE = {
    "base": set(),
    "wire": LOW,
    "crypto": LOW,
    "store": LOW,
    "net": LOW,
    "web": LOW | {"crypto"},
    "cli": LOW,
    "certs": LOW | LIBRARIES,
    "audit": LOW | LIBRARIES,
    "casework": LOW | {"wire"},
    "broker": LOW | LIBRARIES | MIDDLE,
    "node": LOW | LIBRARIES | MIDDLE,
    "auditor": LOW | LIBRARIES | MIDDLE | {"broker", "node"},
    "adviser_node": LOW | LIBRARIES | MIDDLE | {"node"},
    "provider_node": LOW | LIBRARIES | MIDDLE | {"node"},
}

# Foreign headers with a single home: the pattern, the folder, what they are.
HOMES = [
    (re.compile(r"^openssl/|^argon2\.h$"), "crypto"),
    (re.compile(r"^sqlite3"), "store"),
    (re.compile(r"^zmq"), "net"),
    (re.compile(r"^capnp/|^kj/|\.capnp\.h$"), "wire"),
    (re.compile(r"^httplib\.h$|^kainjow/"), "web"),
    (re.compile(r"^spdlog/"), "base"),
]

# A pure folder decides; it has no clock, randomness, thread, lock, file or log.
IMPURE_HEADERS = re.compile(
    r"^(thread|mutex|shared_mutex|atomic|condition_variable|future|random|fstream|filesystem|"
    r"iostream|cstdio|stdio\.h|unistd\.h|fcntl\.h|poll\.h|sys/.*|netinet/.*|arpa/.*|"
    r"signal\.h|csignal|pthread\.h|time\.h)$")
IMPURE_CALLS = re.compile(
    r"\b(?:system|steady|high_resolution)_clock\b|\bstd::time\s*\(|\brandom_device\b|\bgetenv\b|"
    r"\bstd::rand\b|\bthread_local\b|\bsleep_for\b")
IMPURE_FOLDERS = {"store", "net", "web", "cli", "certs"}


def folder_of(path):
    """The house's folder that a file lies in, e.g. "wire"; None for tests and bench."""
    parts = path.split("/")
    if parts[0] == "lib":
        return parts[1] if len(parts) > 2 else None
    return parts[0] if parts[0] in MAY_INCLUDE else None


def is_pure(path):
    parts = path.split("/")
    return parts[0] == "casework" or (parts[0] in ("broker", "node") and parts[1] == "core")


def arrows(tree):
    """Includes follow the arrows between folders."""
    problems = []
    for path in tree.cpp():
        folder = folder_of(path)
        if folder is None:
            continue
        for quote, name, line in tree.includes(path):
            target = tree.resolve(path, name)
            if target is None:
                continue
            other = folder_of(target)
            if other is None and target.startswith(("tests/", "bench/")):
                problems.append(f"{path}:{line}: {name}: the house does not include its tests")
            elif other and other != folder and other not in MAY_INCLUDE[folder]:
                problems.append(f"{path}:{line}: {folder} may not include {other} ({name})")
    return problems


def known_includes(tree):
    """An include in quotes names a file of the house, from its root."""
    problems = []
    for path in tree.cpp():
        for quote, name, line in tree.includes(path):
            unknown = tree.resolve(path, name) is None and not name.endswith(".capnp.h")
            if quote == '"' and unknown:
                problems.append(f"{path}:{line}: {name} is no file of the house (libraries: <>)")
            if quote == '"' and "../" in name:
                problems.append(f"{path}:{line}: {name}: name it from the root")
    return problems


def single_homes(tree):
    """Each foreign library is included in its one home only."""
    problems = []
    for path in tree.cpp():
        folder = folder_of(path)
        if folder is None:
            continue
        for _, name, line in tree.includes(path):
            for pattern, home in HOMES:
                if pattern.search(name) and folder != home:
                    problems.append(f"{path}:{line}: {name} belongs to lib/{home} alone")
    return problems


def hidden_foreign_headers(tree):
    """No foreign library is seen outside its home, through headers of ours either."""
    direct, reached = {}, {}
    for path in tree.cpp():
        includes = tree.includes(path)
        direct[path] = ([tree.resolve(path, name) for _, name, _ in includes],
                        {home for _, name, _ in includes for pattern, home in HOMES
                         if pattern.search(name)})

    def homes_reached(path, trail=()):
        if path not in reached and path not in trail:
            targets, homes = direct[path]
            reached[path] = homes.union(*(homes_reached(t, (*trail, path)) for t in targets
                                          if t in direct))
        return reached.get(path, set())

    problems = []
    for path, (targets, _) in direct.items():
        folder = folder_of(path)
        for target in targets if folder else ():
            for home in homes_reached(target) - {folder} if target in direct else ():
                if folder_of(target) == home:
                    problems.append(f"{path}: {target} shows it the library of lib/{home}")
    return problems


def pure_includes(tree):
    """The cores and casework include nothing impure."""
    problems = []
    for path in tree.cpp():
        if not is_pure(path):
            continue
        test = path.endswith("_test.cpp")
        for quote, name, line in tree.includes(path):
            if quote == "<" and IMPURE_HEADERS.match(name) and not test:
                problems.append(f"{path}:{line}: <{name}> is impure")
            target = tree.resolve(path, name)
            if target is None:
                continue
            if folder_of(target) in IMPURE_FOLDERS or "/shell/" in target or "/desk/" in target:
                problems.append(f"{path}:{line}: a pure folder includes {target}")
    return problems


def pure_calls(tree):
    """The cores and casework read no clock, randomness or environment."""
    problems = []
    for path, text in tree.cpp().items():
        if not is_pure(path):
            continue
        for number, line in enumerate(without_comments(text).split("\n"), 1):
            if found := IMPURE_CALLS.search(line):
                problems.append(f"{path}:{number}: {found[0].strip()} in a pure folder")
    return problems


def no_cycles(tree):
    """No file includes itself through others."""
    graph = {}
    for path in tree.cpp():
        targets = (tree.resolve(path, name) for _, name, _ in tree.includes(path))
        graph[path] = sorted({t for t in targets if t and not t.endswith(".in")})
    state, problems = {}, []

    def visit(path, trail):
        state[path] = "open"
        for target in graph.get(path, []):
            if state.get(target) == "open":
                problems.append(" -> ".join(trail[trail.index(target):] + [target]))
            elif target not in state:
                visit(target, trail + [target])
        state[path] = "done"

    for path in sorted(graph):
        if path not in state:
            visit(path, [path])
    return problems


def guarded(tree):
    """Every header is guarded by #pragma once."""
    return [f"{path}: no #pragma once" for path, text in tree.sources(".h").items()
            if "#pragma once" not in text]


def built(tree):
    """Every source file is named in a CMakeLists.txt."""
    named = {}
    for path, text in tree.files.items():
        if path.endswith("CMakeLists.txt"):
            named[path[:-len("CMakeLists.txt")]] = text
    problems = []
    for path in tree.sources(".cpp"):
        folder = path
        while "/" in folder:
            folder = folder.rsplit("/", 1)[0]
            text = named.get(folder + "/")
            if text is not None and path[len(folder) + 1:] in text:
                break
        else:
            if path != "tests/test_main.cpp":
                problems.append(f"{path}: named in no CMakeLists.txt, so never built")
    return problems


RULES = [arrows, known_includes, single_homes, hidden_foreign_headers, pure_includes, pure_calls,
         no_cycles, guarded, built]
