"""Numbers, base64, text and files: one spelling each, and no guess at what was meant."""

import base64
import re

DECIMAL = re.compile("0|[1-9][0-9]{0,19}")


class Refused(Exception):
    """What is wrong, and where."""


def decimal(text, what):
    """An ASCII decimal without leading zeros that a uint64 can hold."""
    if not DECIMAL.fullmatch(text) or int(text) >= 1 << 64:
        raise Refused(f"{what} is no decimal number: {text[:80]!r}")
    return int(text)


def unbase64(text, what, length=None):
    """Octets from the only base64 that stands for them: python would let some others pass."""
    try:
        octets = base64.b64decode(text, validate=True)
    except ValueError:
        octets = None
    if octets is None or base64.b64encode(octets).decode() != text:
        raise Refused(f"{what} is not canonical base64: {text[:80]!r}")
    if length is not None and len(octets) != length:
        raise Refused(f"{what} has {len(octets)} octets, not {length}")
    return octets


def read(path, what, limit):
    """A file's octets; what stands beyond the limit is not read."""
    try:
        with open(path, "rb") as file:
            octets = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(f"{what} is missing") from None
    except OSError as problem:
        raise Refused(f"{what} cannot be read: {problem.strerror}") from None
    if len(octets) > limit:
        raise Refused(f"{what} is longer than {limit} octets")
    return octets


def lines_of(octets, what):
    """Lines of UTF-8, each with its end, without any other control character."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Refused(f"{what} is not UTF-8 at octet {problem.start}") from None
    if any(c < " " and c != "\n" for c in text):
        raise Refused(f"{what} has a control character")
    if not text.endswith("\n"):
        raise Refused(f"{what} does not end in a newline")
    return text[:-1].split("\n")
