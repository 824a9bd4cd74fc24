"""The search for planted names finds what it should: a search that finds nothing proves nothing."""

import base64
import json
import unittest

import planted

NAME = "Quimblethwaite"


class Forms(unittest.TestCase):
    def found(self, data):
        return bool(planted.search([NAME], data, "here"))

    def test_plain(self):
        """a name is found in plain text, in any case"""
        self.assertTrue(self.found(b"..." + NAME.upper().encode() + b"..."))

    def test_base64(self):
        """a name is found in base64 at each of its three alignments, inside other text"""
        for shift in range(3):
            for url in (False, True):
                encode = base64.urlsafe_b64encode if url else base64.b64encode
                self.assertTrue(self.found(encode(b"x" * shift + NAME.encode() + b"tail")), shift)

    def test_others(self):
        """a name is found in hexadecimal, UTF-16 and JSON escapes"""
        self.assertTrue(self.found(NAME.encode().hex().encode()))
        self.assertTrue(self.found(NAME.encode("utf-16-le")))
        self.assertTrue(self.found(NAME.encode("utf-16-be")))
        self.assertTrue(self.found("".join(f"\\u{ord(c):04x}" for c in NAME).encode()))
        self.assertTrue(planted.search(["Zoë Ångström"],
                                       json.dumps("Zoë Ångström").encode(), "here"))

    def test_absent(self):
        """other bytes are not taken for it"""
        self.assertFalse(self.found(bytes(range(256)) * 64))
