"""For each rule a tree that breaks it: a rule that finds nothing there finds nothing at all."""

import layers
import prose
import sizes
from tree import Tree

GUARD = "#pragma once\n"

BREAKS = {
    layers.arrows: {"lib/wire/a.h": '#include "store/b.h"\n', "lib/store/b.h": GUARD},
    layers.known_includes: {"lib/wire/a.h": '#include "wire/none.h"\n'},
    layers.single_homes: {"broker/shell/a.cpp": "#include <openssl/evp.h>\n"},
    layers.hidden_foreign_headers: {"lib/wire/a.h": "#include <capnp/message.h>\n",
                                    "broker/core/b.h": '#include "wire/a.h"\n'},
    layers.pure_includes: {"broker/core/a.cpp": "#include <thread>\n"},
    layers.pure_calls: {"casework/a.cpp": "auto t = std::chrono::system_clock::now();\n"},
    layers.no_cycles: {"lib/base/a.h": '#include "base/b.h"\n',
                       "lib/base/b.h": '#include "base/a.h"\n'},
    layers.guarded: {"lib/base/a.h": "int a;\n"},
    layers.built: {"lib/base/a.cpp": "", "lib/base/CMakeLists.txt": "liaison_library(base)\n"},
    prose.nothing_unfinished: {"lib/base/a.h": "// TO" + "DO: more\n"},
    prose.no_foreign_paths: {"docs/A.md": "See .." + "/shared/a.md\n"},
    prose.one_width: {"lib/base/a.h": "x" * 101 + "\n"},
    prose.clean_ends: {"lib/base/a.h": "int a; \n"},
    prose.schema_fields: {"schemas/a.capnp": "struct A {\n  b @0 :Data;\n}\n"},
    prose.tests_do_not_wait: {"lib/net/a_test.cpp": "std::this_thread::sleep_for(1s);\n"},
    sizes.no_long_file: {"lib/base/a.cpp": "\n" * 501},
}


def found(_):
    """Each of these rules finds the break made for it."""
    problems = [f"{rule.__name__} did not see its break"
                for rule, files in BREAKS.items() if not rule(Tree(files))]
    return problems + [f"{rule.__name__} has no break of its own"
                       for rule in layers.RULES + prose.RULES + sizes.RULES if rule not in BREAKS]
