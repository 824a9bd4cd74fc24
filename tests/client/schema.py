"""Where the fields of every struct of schemas/ lie, as the `capnp` tool lays them out."""

import dataclasses
import pathlib
import re
import subprocess

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"

_FILE = re.compile(r"# (\w+)\.capnp")
_STRUCT = re.compile(r"struct (\w+) @\w+ \{  # (\d+) bytes, (\d+) ptrs")
_ENUM = re.compile(r"enum (\w+) @\w+ \{")
_VALUE = re.compile(r"(\w+) @\d+;")
_GROUP = re.compile(r"(\w+) :group \{")
_UNION = re.compile(r"(?:(\w+) :)?union \{  # tag bits \[(\d+), \d+\)")
_FIELD = re.compile(r"(\w+) @\d+ :([\w()]+)(?: = (-?\d+))?;"
                    r"  # (?:ptr\[(\d+)\]|bits\[(\d+), \d+\))(?:, union tag = (\d+))?")


@dataclasses.dataclass
class Field:
    """One field. `at` counts bits of the data section, or pointers; a group has a shape instead."""
    kind: str
    at: int = 0
    tag: int | None = None      # of a union's member: its number
    shape: "Shape | None" = None
    default: int = 0            # of a number: what stands there is exclusive-or this


@dataclasses.dataclass
class Shape:
    """A struct: its size in words and pointers, its fields, and where its union's number lies."""
    words: int
    pointers: int
    fields: dict = dataclasses.field(default_factory=dict)
    tag_at: int | None = None   # bits


def _read(text):
    """{"link.Frame": Shape} and {"link.Meaning": [names]}"""
    structs, enums, file = {}, {}, ""
    shapes, values = [], None
    for line in (line.strip() for line in text.split("\n")):
        if found := _FILE.fullmatch(line):
            file = found[1]
        elif found := _STRUCT.fullmatch(line):
            shapes = [Shape(int(found[2]) // 8, int(found[3]))]
            structs[f"{file}.{found[1]}"] = shapes[0]
        elif found := _ENUM.fullmatch(line):
            values = enums[f"{file}.{found[1]}"] = []
        elif found := _VALUE.fullmatch(line):
            values.append(found[1])
        elif found := _GROUP.fullmatch(line):
            group = Shape(shapes[-1].words, shapes[-1].pointers)
            shapes[-1].fields[found[1]] = Field("group", shape=group)
            shapes.append(group)
        elif found := _UNION.fullmatch(line):
            shapes[-1].tag_at = int(found[2])
            shapes.append(shapes[-1])
        elif line == "}" and shapes:
            shapes.pop()
        elif found := _FIELD.fullmatch(line):
            name, kind, default, pointer, bit, tag = found.groups()
            shapes[-1].fields[name] = Field(kind, int(pointer or bit or 0),
                                            int(tag) if tag else None, default=int(default or 0))
        elif " @" in line and not line.startswith("@"):
            raise ValueError(f"the capnp tool wrote what is not understood: {line}")
    return structs, enums


def _layout():
    files = sorted(file.name for file in SCHEMAS.glob("*.capnp"))
    done = subprocess.run(["capnp", "compile", "-ocapnp", *files], cwd=SCHEMAS, text=True,
                          capture_output=True, check=True)
    return _read(done.stdout)


STRUCTS, ENUMS = _layout()
