"""Cap'n Proto messages as docs/PROTOCOL.md, section 3, wants them, written and read by hand.

A struct is a dict of its fields; of a union only the member that is set is in it, and none if the
reader does not know it. Data is bytes, an enum the name of its value (a number when the value is
not known), Void is None.
"""

import struct

from schema import ENUMS, STRUCTS

NESTING = 16
FRAME_MAX = 1 << 20

PLAIN = {"Int64": "q", "UInt64": "Q", "UInt32": "I", "UInt16": "H"}
OCTETS, WORDS, POINTERS, COMPOSITE = 2, 5, 6, 7   # sizes of elements in the pointer to a list


class Unreadable(Exception):
    """These octets are no message of that kind."""


def _named(kind, file, among):
    """A type by the name that the schema file `file` uses for it, or None."""
    return among.get(f"{file}.{kind}")


# ---- Writing

class _Writer:
    def __init__(self, file):
        self.file = file
        self.octets = bytearray()

    def room(self, words):
        """Index of so many new words of zeros."""
        at = len(self.octets) // 8
        self.octets += bytes(8 * words)
        return at

    def struct(self, pointer, shape, value):
        size = shape.words + shape.pointers
        at = self.room(size)
        # A struct of no words points at itself: all zeros would be a null pointer.
        offset = at - pointer - 1 if size else -1
        struct.pack_into("<IHH", self.octets, 8 * pointer, offset << 2 & 0xFFFFFFFF,
                         shape.words, shape.pointers)
        self.fields(at, shape, value)

    def fields(self, at, shape, value):
        for name, what in value.items():
            field = shape.fields[name]
            if field.tag is not None:
                struct.pack_into("<H", self.octets, 8 * at + shape.tag_at // 8, field.tag)
            if field.kind == "group":
                self.fields(at, field.shape, what)
            else:
                self.field(at, shape, field, what)

    def field(self, at, shape, field, what):
        place = 8 * at + field.at // 8
        values = _named(field.kind, self.file, ENUMS)
        if field.kind == "Bool":
            self.octets[place] |= bool(what) << field.at % 8
        elif values:
            number = values.index(what) if isinstance(what, str) else what
            struct.pack_into("<H", self.octets, place, number)
        elif field.kind in PLAIN:
            struct.pack_into("<" + PLAIN[field.kind], self.octets, place, what ^ field.default)
        elif field.kind != "Void":
            self.pointed(at + shape.words + field.at, field.kind, what)

    def pointed(self, pointer, kind, what):
        if kind.startswith("List("):
            self.list(pointer, kind[5:-1], what)
        elif kind in ("Text", "Data"):
            octets = what.encode() + b"\0" if kind == "Text" else what
            at = self.room(-(-len(octets) // 8))
            self.octets[8 * at:8 * at + len(octets)] = octets
            self.point(pointer, at, OCTETS, len(octets))
        else:
            self.struct(pointer, _named(kind, self.file, STRUCTS), what)

    def list(self, pointer, kind, values):
        shape = _named(kind, self.file, STRUCTS)
        if kind == "UInt64":
            at = self.room(len(values))
            self.point(pointer, at, WORDS, len(values))
            struct.pack_into(f"<{len(values)}Q", self.octets, 8 * at, *values)
            return
        if not shape:
            at = self.room(len(values))
            self.point(pointer, at, POINTERS, len(values))
            for index, value in enumerate(values):
                self.pointed(at + index, kind, value)
            return
        size = shape.words + shape.pointers
        at = self.room(1 + len(values) * size)
        self.point(pointer, at, COMPOSITE, len(values) * size)
        struct.pack_into("<IHH", self.octets, 8 * at, len(values) << 2, shape.words, shape.pointers)
        for index, value in enumerate(values):
            self.fields(at + 1 + index * size, shape, value)

    def point(self, pointer, at, size, count):
        struct.pack_into("<II", self.octets, 8 * pointer,
                         (at - pointer - 1 << 2 | 1) & 0xFFFFFFFF, count << 3 | size)


def encode(name, value):
    """One message: `name` is FILE.STRUCT, e.g. "link.Frame"."""
    writer = _Writer(name.partition(".")[0])
    writer.struct(writer.room(1), STRUCTS[name], value)
    return struct.pack("<II", 0, len(writer.octets) // 8) + bytes(writer.octets)


# ---- Reading

class _Reader:
    def __init__(self, file, octets):
        self.file = file
        self.octets = octets
        self.left = 4 * len(octets)

    def place(self, word, length):
        """The octet index of a word that so many octets follow: within the message and the
        traversal limit."""
        self.left -= length
        if word < 0 or 8 * word + length > len(self.octets) or self.left < 0:
            raise Unreadable("a pointer leads out of the message, or too much is pointed at")
        return 8 * word

    def pointer(self, index, kind):
        """(word pointed at, upper half) of a pointer of that kind; None if it is null."""
        low, high = struct.unpack_from("<Ii", self.octets, 8 * index)
        if not low and not high:
            return None
        if low & 3 != kind:
            raise Unreadable("another kind of pointer than expected")
        offset = low >> 2
        return index + 1 + (offset - (1 << 30) if offset >> 29 else offset), high & 0xFFFFFFFF

    def struct(self, index, shape, nesting):
        """The struct that the pointer at `index` leads to; all defaults if it is null."""
        at, sizes = self.pointer(index, 0) or (0, 0)
        words, pointers = sizes & 0xFFFF, sizes >> 16
        self.place(at, 8 * (words + pointers))
        return self.fields((at, words, pointers), shape, nesting)

    def fields(self, where, shape, nesting):
        if nesting > NESTING:
            raise Unreadable("nested too deeply")
        tag = None if shape.tag_at is None else self.number(where, "H", shape.tag_at)
        return {name: self.fields(where, field.shape, nesting) if field.kind == "group"
                else self.field(where, field, nesting)
                for name, field in shape.fields.items() if field.tag in (None, tag)}

    def number(self, where, code, bit):
        at, words, _ = where
        if bit + 8 * struct.calcsize(code) > 64 * words:
            return 0   # its writer did not know this field yet
        return struct.unpack_from("<" + code, self.octets, 8 * at + bit // 8)[0]

    def field(self, where, field, nesting):
        values = _named(field.kind, self.file, ENUMS)
        if field.kind == "Void":
            return None
        if field.kind == "Bool":
            return bool(self.number(where, "B", field.at & ~7) >> field.at % 8 & 1)
        if values:
            number = self.number(where, "H", field.at)
            return values[number] if number < len(values) else number
        if field.kind in PLAIN:
            return self.number(where, PLAIN[field.kind], field.at) ^ field.default
        at, words, pointers = where
        # A pointer past those that its writer knew is null; so is none of a message's own words.
        return self.pointed(at + words + field.at if field.at < pointers else None, field.kind,
                            nesting + 1)

    def pointed(self, index, kind, nesting):
        shape = _named(kind, self.file, STRUCTS)
        if index is None:
            return {"Text": "", "Data": b""}.get(kind, {} if shape else [])
        if shape:
            return self.struct(index, shape, nesting)
        if kind.startswith("List("):
            return self.list(index, kind[5:-1], nesting)
        at, many = self.pointer(index, 1) or (0, OCTETS)
        if many & 7 != OCTETS:
            raise Unreadable("octets were expected")
        at = self.place(at, many >> 3)
        octets = bytes(self.octets[at:at + (many >> 3)])
        return octets if kind == "Data" else self.text(octets)

    @staticmethod
    def text(octets):
        try:
            if octets and octets[-1]:
                raise Unreadable("a text without its end")
            return octets[:-1].decode()
        except UnicodeDecodeError as problem:
            raise Unreadable("a text that is not UTF-8") from problem

    def list(self, index, kind, nesting):
        shape = _named(kind, self.file, STRUCTS)
        wanted = COMPOSITE if shape else WORDS if kind == "UInt64" else POINTERS
        at, many = self.pointer(index, 1) or (0, wanted)
        size, count = many & 7, many >> 3
        if many == size:
            return []
        if size != wanted:
            raise Unreadable("a list of another kind was expected")
        if kind == "UInt64":
            return [*struct.unpack_from(f"<{count}Q", self.octets, self.place(at, 8 * count))]
        if not shape:
            self.place(at, 8 * count)
            return [self.pointed(at + each, kind, nesting) for each in range(count)]
        tag, words, pointers = struct.unpack_from("<IHH", self.octets,
                                                  self.place(at, 8 * (1 + count)))
        length = tag >> 2
        if length * max(1, words + pointers) > count:
            raise Unreadable("a list longer than its place")
        return [self.fields((at + 1 + each * (words + pointers), words, pointers), shape, nesting)
                for each in range(length)]


def decode(name, octets):
    """The struct in a message; Unreadable if it is not one of section 3."""
    if len(octets) < 16 or struct.unpack_from("<II", octets) != (0, len(octets) // 8 - 1) \
            or len(octets) % 8:
        raise Unreadable("not one segment of the length it says")
    return _Reader(name.partition(".")[0], memoryview(octets)[8:]).struct(0, STRUCTS[name], 1)
