"""DER, as much of it as certificates and sealed letters need. Definite lengths of the shortest
form only."""

SEQUENCE, SET, INTEGER, OCTETS, BITS, NULL, OID = 0x30, 0x31, 0x02, 0x04, 0x03, 0x05, 0x06
UTF8, UTC_TIME, LATER_TIME, BOOLEAN = 0x0C, 0x17, 0x18, 0x01


class Malformed(Exception):
    """These octets are not the DER that was expected."""


def length(count):
    if count < 0x80:
        return bytes([count])
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def item(tag, *parts):
    content = b"".join(parts)
    return bytes([tag]) + length(len(content)) + content


def integer(number):
    return item(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(text):
    first, second, *rest = (int(part) for part in text.split("."))
    content = b""
    for number in (40 * first + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.insert(0, number & 0x7F | 0x80)
        content += bytes(septets)
    return item(OID, content)


class Item:
    """One element: its tag, its content, and all its octets."""

    def __init__(self, octets, at=0):
        self.start = at
        try:
            self.tag, first, at = octets[at], octets[at + 1], at + 2
            count = first
            if first >= 0x80:
                size = first & 0x7F
                count = int.from_bytes(octets[at:at + size], "big")
                at += size
                if length(count) != octets[at - size - 1:at]:
                    raise Malformed("a length that is not the shortest, or indefinite")
        except IndexError as problem:
            raise Malformed("it ends early") from problem
        self.end = at + count
        if self.end > len(octets):
            raise Malformed("it ends early")
        self.content = octets[at:self.end]
        self.octets = octets[self.start:self.end]

    def children(self):
        found, at = [], 0
        while at < len(self.content):
            child = Item(self.content, at)
            found.append(child)
            at = child.end
        return found

    def expect(self, tag):
        if self.tag != tag:
            raise Malformed(f"tag {self.tag:#x} where {tag:#x} was expected")
        return self

    def number(self):
        return int.from_bytes(self.expect(INTEGER).content, "big", signed=True)


def whole(octets):
    """The one element that the octets are."""
    found = Item(octets)
    if found.end != len(octets):
        raise Malformed("something follows it")
    return found


def parts(element, *tags):
    """The children of a SEQUENCE, which have exactly these tags."""
    found = element.children()
    if [child.tag for child in found] != list(tags):
        raise Malformed("other members than expected")
    return found
