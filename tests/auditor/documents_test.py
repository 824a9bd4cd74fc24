#!/usr/bin/python3
"""What the verifier reads and computes, against the documents' own examples and definitions.

usage: documents_test.py
"""

import unittest

import merkle
import notes
import tiles
import verifier
from built import DASH, base64d, mth, path, sha256, subproof
from strict import Refused


class Documents(unittest.TestCase):
    """What the documents themselves say of an input."""

    VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    NOTE = f"This is an example message.\n\n{DASH} example.com/foo " \
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72" \
        "IneyaQM=\n"
    POEM = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n" \
        "ed \N{LATIN SMALL LETTER E WITH GRAVE} subito sera.\n"
    POET = f"{DASH} quasimodo.example/salvatore " \
        "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3Ze" \
        "kRwNtIc=\n"
    TREE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    SOFA = f"{DASH} example.com/behind-the-sofa " \
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeM" \
        "cTOAYQ8=\n"
    W1 = f"{DASH} witness.example.com/w1 " \
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0" \
        "xUe+mbIUBkBIfZ+qnA==\n"

    def test_verifier_key(self):
        """signed-note: the example's verifier key verifies the example's note, and no other"""
        keys = notes.trusted([self.VKEY])
        text, signers = notes.opened(self.NOTE.encode(), keys, "note")
        self.assertEqual(text, "This is an example message.\n")
        self.assertEqual([key.name for key in signers], ["example.com/foo"])
        with self.assertRaisesRegex(Refused, "signature of example.com/foo.* is bad"):
            notes.opened(self.NOTE.replace("an", "no").encode(), keys, "note")

    def test_text_with_an_empty_line(self):
        """signed-note: the last empty line parts text and signatures, an earlier one is text"""
        text, signatures = notes.parse_note(f"{self.POEM}\n{self.POET}".encode(), "note")
        self.assertEqual(text, self.POEM)
        self.assertEqual([s.name for s in signatures], ["quasimodo.example/salvatore"])
        self.assertEqual(len(signatures[0].octets), 64)

    def test_checkpoint(self):
        """tlog-checkpoint: the example's origin, size and root"""
        text, _ = notes.parse_note(f"{self.TREE}\n{self.SOFA}".encode(), "note")
        origin, size, root = notes.parse_tree(text, "checkpoint")
        self.assertEqual((origin, size), ("example.com/behind-the-sofa", 20852163))
        self.assertEqual(root.hex()[:8], "0ac5186a")

    def test_cosignature(self):
        """tlog-cosignature: the example's signed message, with its time"""
        text, signatures = notes.parse_note(f"{self.TREE}\n{self.SOFA}{self.W1}".encode(), "note")
        key = notes.Key("witness.example.com/w1", signatures[1].id, notes.WITNESS, bytes(32))
        message, signature = notes.signed_message(key, text, signatures[1].octets)
        self.assertEqual(message.decode(), f"cosignature/v1\ntime 1679315147\n{self.TREE}")
        self.assertEqual(len(signature), 64)

    def test_paths(self):
        """tlog-tiles: index 1234067 lies at x001/x234/067"""
        self.assertEqual(tiles.place(0, 1234067), "tile/0/x001/x234/067")
        for good in [(0, 0, 256), (3, 999, 1), ("entries", 1000, 255), (63, 1234067, 256)]:
            self.assertEqual(tiles.placed(tiles.place(*good)), good)
        for bad in ["tile/00/000", "tile/64/000", "tile/0/0", "tile/0/x000/001", "tile/0/1000",
                    "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/07", "tile/0/x000",
                    "tile/0/000.p/", "tile/-1/000", "tile/data/000", "tile/0/000/000"]:
            self.assertIsNone(tiles.placed(bad), bad)

    def test_widths(self):
        """tlog-tiles: which tiles stand for 70,000 entries, and which for 256"""
        widths = [list(tiles.tile_widths(70000, level)) for level in range(4)]
        self.assertEqual(widths, [[256] * 273 + [112], [256, 17], [1], []])
        self.assertEqual([list(tiles.tile_widths(256, level)) for level in range(3)],
                         [[256], [1], []])

    def test_proof(self):
        """tlog-proof: the example's parts; its extra data and signatures are elided there"""
        hashes = ["gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=",
                  "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA="]
        lines = ["c2sp.org/tlog-proof@v1", "extra YWdl", "index 73894", *hashes, "", "rest", ""]
        index, found, rest = verifier.parse_proof("\n".join(lines).encode(), "proof")
        self.assertEqual((index, [base64d(h) for h in found], rest), (73894, hashes, b"rest\n"))
        for at, line in [(0, "c2sp.org/tlog-proof@v2"), (1, "extra "), (1, "extra YWdlLXY"),
                         (2, "index 073894"), (2, "index"), (2, "Index 1"), (2, "index +1"),
                         (3, hashes[0][:-1]), (3, "AAAA"), (5, "AAAA")]:
            with self.assertRaises(Refused, msg=line):
                spoilt = [*lines[:at], line, *lines[at + 1:]]
                verifier.parse_proof("\n".join(spoilt).encode(), "proof")


class Trees(unittest.TestCase):
    """Proofs over lists by RFC 6962's definitions, verified by RFC 9162's algorithms."""

    # The entries of the reference tree that the Certificate Transparency programs test with.
    REFERENCE = [bytes.fromhex(e) for e in [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f"]]
    ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"

    def setUp(self):
        self.hashes = [merkle.leaf_hash(e) for e in self.REFERENCE]

    def test_reference_tree(self):
        """the reference tree of eight entries has the root that is known of it"""
        self.assertEqual(merkle.fold(self.hashes).hex(), self.ROOT)
        self.assertEqual(mth(self.hashes).hex(), self.ROOT)
        self.assertEqual(self.hashes[0], sha256(b"\0"))

    def test_example_of_the_document(self):
        """RFC 6962, 2.1.3: the paths and proofs of its tree of seven entries"""
        a, b, c, d, e, f, j = self.hashes[:7]
        g, h, i = mth([a, b]), mth([c, d]), mth([e, f])
        k, m = mth([a, b, c, d]), mth([e, f, j])
        root = mth(self.hashes[:7])
        for index, proof in {0: [b, h, m], 3: [c, g, m], 4: [f, j, k], 6: [i, k]}.items():
            self.assertTrue(merkle.included(self.hashes[index], index, 7, proof, root))
        for size, proof in {3: [c, d, g, m], 4: [m], 6: [i, j, k]}.items():
            old = mth(self.hashes[:size])
            self.assertTrue(merkle.consistent(size, old, 7, root, proof))

    def test_every_inclusion(self):
        """every inclusion proof up to 40 entries verifies, and for no other index, size or leaf"""
        hashes = [sha256(bytes([i])) for i in range(40)]
        roots = [mth(hashes[:n]) for n in range(41)]
        for size in range(1, 41):
            for index in range(size):
                proof, root = path(index, hashes[:size]), roots[size]
                self.assertTrue(merkle.included(hashes[index], index, size, proof, root))
                self.assertFalse(merkle.included(root, index, size, proof, root) and size > 1)
                self.assertFalse(merkle.included(hashes[index], index, 4 * size, proof, root))
                for wrong in {index ^ 1, index + 1, index + size}:
                    self.assertFalse(merkle.included(hashes[index], wrong, size, proof, root))
                for spoilt in (proof[:-1], proof + [root], [root] + proof):
                    if spoilt != proof:
                        self.assertFalse(merkle.included(hashes[index], index, size, spoilt, root))

    def test_every_consistency(self):
        """every consistency proof up to 40 entries verifies, and between no other roots"""
        hashes = [sha256(bytes([i])) for i in range(40)]
        roots = [mth(hashes[:n]) for n in range(41)]
        for size in range(1, 41):
            for old in range(1, size + 1):
                proof, both = subproof(old, hashes[:size]), (roots[old], roots[size])
                self.assertTrue(merkle.consistent(old, both[0], size, both[1], proof))
                self.assertFalse(merkle.consistent(old, roots[old - 1], size, both[1], proof))
                self.assertFalse(merkle.consistent(old, both[0], size, roots[size - 1], proof))
                self.assertFalse(merkle.consistent(old, both[0], 4 * size, both[1], proof))
                for spoilt in (proof[:-1], proof + [both[0]], proof[::-1]):
                    if spoilt != proof:
                        self.assertFalse(merkle.consistent(old, both[0], size, both[1], spoilt))

    def test_the_empty_tree(self):
        """the empty tree has the hash of nothing as its root, and leads to every tree"""
        root = mth(self.hashes)
        self.assertTrue(merkle.consistent(0, sha256(b""), 8, root, []))
        self.assertFalse(merkle.consistent(0, root, 8, root, []))
        self.assertFalse(merkle.consistent(8, root, 0, sha256(b""), []))


class Keys(unittest.TestCase):
    def test_other_spellings(self):
        """a verifier key has one spelling, and an id that is its own"""
        good = Documents.VKEY
        for bad in ["", "example.com/foo", good.replace("530d903a", "530D903A"),
                    good.replace("530d903a", "530d903b"), good.replace("530d903a", "30d903a"),
                    good.replace("foo", "fo o"), good.replace("foo", "fo\N{NO-BREAK SPACE}o"),
                    good[15:], good + "=", good[:-4], good[:-1] + "l", good.replace("+Ae", "+Au"),
                    good + "\n"]:
            with self.assertRaises(Refused, msg=bad):
                notes.trusted([bad])
        with self.assertRaisesRegex(Refused, "twice"):
            notes.trusted([good, good])
        with self.assertRaisesRegex(Refused, "no key"):
            notes.trusted([])


if __name__ == "__main__":
    unittest.main()
