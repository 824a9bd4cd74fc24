#!/usr/bin/python3
"""The verifier against small logs, whole and spoilt; and, from documents_test.py, against the
documents' own examples.

usage: verifier_test.py
"""

import base64
import contextlib
import functools
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import notes
import tiles
import verifier
from built import DASH, Built, Signer, base64d, entry, mth, path, sha256, subproof
from documents_test import Documents, Keys, Trees

FROM_THE_DOCUMENTS = Documents, Trees, Keys         # which unittest finds by their names here
HERE = pathlib.Path(__file__).resolve().parent
ORIGIN = "registry.example/log"
OTHER = "message.example/log"
NOBODY = "nobody that is trusted"


def run(*words):
    """(exit code, standard output, standard error) of the program."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = verifier.main([str(word) for word in words])
    return code, out.getvalue(), err.getvalue()


@contextlib.contextmanager
def changed(file, octets):
    """A file with other contents, or with None without it, for as long as it is needed."""
    before = file.read_bytes() if file.exists() else None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(octets) if octets is not None else file.unlink()
    try:
        yield
    finally:
        file.write_bytes(before) if before is not None else file.unlink()


def flipped(octets, at, bit=0):
    return octets[:at] + bytes([octets[at] ^ 1 << bit]) + octets[at + 1:]


class Export(unittest.TestCase):
    """An export of 300 and 7 entries, with its keys beside it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="verifier-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.out = pathlib.Path(folder.name, "out")
        cls.log, cls.other = Signer(ORIGIN), Signer(OTHER)
        cls.witness, cls.stranger = Signer("witness.example/w", 4), Signer("stranger.example")
        cls.registry = Built(cls.out / "registry", ORIGIN, 300, [cls.log, cls.witness])
        cls.message = Built(cls.out / "message", OTHER, 7, [cls.other, cls.stranger])
        cls.keys = [cls.log.vkey, cls.other.vkey, cls.witness.vkey]
        (cls.out / "keys").write_text("".join(f"{key}\n" for key in cls.keys))

    def verified(self, *words):
        code, out, err = run(*words)
        self.assertEqual((code, err), (0, ""))
        return out

    def refused(self, pattern, *words):
        code, out, err = run(*words)
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, pattern)
        self.assertEqual(err.count("\n"), 1)

    def refused_with(self, pattern, log, name, octets):
        with changed(log.folder / name, octets):
            self.refused(pattern, "log", log.folder)

    def note_refused(self, pattern, note):
        self.refused_with(pattern, self.message, "checkpoint", note.encode())


class Whole(Export):
    """Whole logs of several sizes."""

    def test_export(self):
        """both logs of an export verify, and say how large they are and who signed"""
        self.assertEqual(self.verified("export", self.out), "".join(
            f"{log.origin}: {log.size} entries, root {log.root.hex()}, signed by {log.origin}, "
            f"cosigned by {cosigners}\n" for log, cosigners in [
                (self.registry, self.witness.name), (self.message, NOBODY)]))

    def test_older_checkpoints(self):
        """older checkpoints that witnesses cosigned are how the log began, or are refused"""
        older = Built(self.out / "older", OTHER, 5, [self.other, self.witness])
        beside = self.message.folder / "cosigned" / "5"
        with changed(beside, older.note.encode()):
            told = self.verified("log", self.message.folder)
            self.assertIn(f"its first 5 entries, root {older.root.hex()}", told)
            self.assertIn(f"cosigned by {self.witness.name}", told)
        text = f"{OTHER}\n5\n{base64d(bytes(32))}\n"
        for pattern, note in [("the log signed both", f"{text}\n{self.other.line(text)}"),
                              ("no trusted key", f"{text}\n{self.log.line(text)}"),
                              ("is of", self.registry.note),
                              ("is bad", older.note + self.witness.line(text))]:
            with changed(beside, note.encode()):
                self.refused(pattern, "log", self.message.folder)

    def test_sizes(self):
        """logs of no entry, one, and those about a tile's edge verify"""
        for size in (0, 1, 255, 256, 257, 512):
            log = Built(self.out / f"of-{size}", ORIGIN, size, [self.log])
            self.assertIn(f" {size} entries, root {mth(log.hashes).hex()},",
                          self.verified("log", log.folder))

    def test_as_a_program(self):
        """the program exits with 0 or 1, and takes the keys it is told instead of those beside"""
        for key, code in [(self.other.vkey, 0), (self.log.vkey, 1)]:
            done = subprocess.run([sys.executable, HERE / "verifier.py", "log", self.message.folder,
                                   "--key", key], capture_output=True)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(bool(done.stdout), not code)

    def test_key_file(self):
        """another file of keys may be named"""
        with changed(self.out / "others", f"{self.other.vkey}\n".encode()):
            keys = ["--keys", self.out / "others"]
            self.verified("log", self.message.folder, *keys)
            self.refused("no trusted key of", "log", self.registry.folder, *keys)
        for octets, problem in [(b"", "newline"), (b"\n", "name"), (b"\xff\n", "UTF-8"),
                                (self.log.vkey.encode(), "newline"), (None, "missing")]:
            with changed(self.out / "keys", octets):
                self.refused(problem, "export", self.out)

    def test_the_same_log_twice(self):
        """an export with the same log in both places is refused"""
        for name in ("checkpoint", "tile"):
            (self.message.folder / name).rename(self.message.folder / f"{name}-away")
            (self.message.folder / name).symlink_to(self.registry.folder / name)
        try:
            code, out, err = run("export", self.out)
        finally:
            for name in ("checkpoint", "tile"):
                (self.message.folder / name).unlink()
                (self.message.folder / f"{name}-away").rename(self.message.folder / name)
        self.assertEqual((code, out.count("\n")), (1, 1))
        self.assertIn("message: it is again the log", err)


class Spoilt(Export):
    """Logs with one thing wrong, and what the verifier says of it."""

    def test_every_octet_of_a_bundle(self):
        """an octet turned in a bundle is found, in the entry that it belongs to"""
        name, at = "tile/entries/000.p/7", 0
        bundle = (self.message.folder / name).read_bytes()
        for index, e in enumerate(self.message.entries):
            for octet in range(at, at + 2 + len(e)):
                self.refused_with(rf"message: entry {index}: ", self.message, name,
                                  flipped(bundle, octet, octet % 8))
            at += 2 + len(e)

    def test_every_octet_of_a_tile(self):
        """an octet turned in a tile of level 0 is found, with the entry of which it is the hash"""
        name = "tile/0/000.p/7"
        tile = (self.message.folder / name).read_bytes()
        for octet in range(len(tile)):
            self.refused_with(rf"entry {octet // 32}: .* in {name} \(the tile is wrong",
                              self.message, name, flipped(tile, octet, octet % 8))

    def test_every_octet_of_a_checkpoint(self):
        """an octet turned in a checkpoint is found"""
        note = self.message.note[:self.message.note.index(f"{DASH} stranger")].encode()
        for octet in range(len(note)):
            self.refused_with("checkpoint", self.message, "checkpoint",
                              flipped(note, octet, octet % 7))

    def test_which_is_wrong(self):
        """of an entry and a tile that do not agree, the checkpoint says which is wrong"""
        for name, first in [("tile/entries/000", 0), ("tile/entries/001.p/44", 256)]:
            bundle = (self.registry.folder / name).read_bytes()
            at = 2 + len(entry(first)) + 2 + len(entry(first + 1)) + 2
            self.refused_with(rf"entry {first + 2}: .*the entry is wrong", self.registry, name,
                              flipped(bundle, at))
        for name, first in [("tile/0/000", 0), ("tile/0/001.p/44", 256)]:
            tile = (self.registry.folder / name).read_bytes()
            self.refused_with(rf"entry {first + 2}: .*the tile is wrong", self.registry, name,
                              flipped(tile, 2 * 32))

    def test_levels(self):
        """a tile above level 0 is compared with the tile below it"""
        tile = (self.registry.folder / "tile/1/000.p/1").read_bytes()
        for octet in (0, 31):
            self.refused_with(r"tile/1/000.p/1: its hash 0 is not the root of tile/0/000 "
                              r"\(entries 0 to 255\)", self.registry, "tile/1/000.p/1",
                              flipped(tile, octet))

    def test_entry_and_tile_together(self):
        """an entry changed together with its hash is found one level up, or at the root"""
        for number, end, problem in [(0, "000", "hash 0 is not the root of tile/0/000"),
                                     (1, "001.p/44", "root .* is not that of the tiles")]:
            bundle, tile = ((self.registry.folder / f"tile/{kind}/{end}").read_bytes()
                            for kind in ("entries", 0))
            changed_entry = flipped(entry(256 * number), 0)
            tile = sha256(b"\0", changed_entry) + tile[32:]
            with changed(self.registry.folder / f"tile/0/{end}", tile):
                self.refused_with(problem, self.registry, f"tile/entries/{end}",
                                  flipped(bundle, 2))

    def test_lengths(self):
        """tiles have their exact width, and bundles end with their last entry"""
        for name in ("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"):
            tile = (self.registry.folder / name).read_bytes()
            for octets in (b"", tile[:-1], tile[:-32], tile + b"\0", tile + bytes(32)):
                self.refused_with(f"{name} (has|is longer)", self.registry, name, octets)
        for name, last in [("tile/entries/000", 255), ("tile/entries/001.p/44", 299)]:
            bundle = (self.registry.folder / name).read_bytes()
            for more in (b"\0", b"\0\0", bundle):
                self.refused_with(f"{name} goes on after entry {last}", self.registry, name,
                                  bundle + more)
            for less in (1, len(entry(last)), len(entry(last)) + 1, len(entry(last)) + 2):
                self.refused_with(f"entry {last}: {name} ends", self.registry, name,
                                  bundle[:-less])

    def test_missing_files(self):
        """no file of a log may be missing"""
        found = [p for p in self.registry.folder.rglob("*") if p.is_file()]
        self.assertEqual(len(found), 6)
        for file in found:
            name = file.relative_to(self.registry.folder).as_posix()
            self.refused_with(f"{name} is missing", self.registry, name, None)

    def test_truncated(self):
        """an earlier checkpoint does not do for the tiles of a later one"""
        early = Built(self.out / "early", ORIGIN, 299, [self.log])
        self.refused_with("tile/0/001.p/43 is missing", self.registry, "checkpoint",
                          early.note.encode())
        file = self.registry.folder / "tile/0/001.p/44"
        with changed(early.folder / "tile/0/001.p/44", file.read_bytes()):
            self.refused("tile/0/001.p/44' has no place", "log", early.folder)

    def test_older_partial_tiles(self):
        """a partial tile of an earlier checkpoint may stay, if it is how the later began"""
        early = Built(self.out / "earlier", ORIGIN, 260, [self.log])
        for name in ("tile/0/001.p/4", "tile/entries/001.p/4"):
            octets = (early.folder / name).read_bytes()
            with changed(self.registry.folder / name, octets):
                self.verified("log", self.registry.folder)
            self.refused_with(f"{name} is not how .*001.p/44 begins", self.registry, name,
                              flipped(octets, len(octets) - 1))
            self.refused_with(f"{name} ", self.registry, name, octets[:-1])

    def test_files_without_a_place(self):
        """a file under tile/ that no entry stands behind is refused"""
        for name in ("tile/0/002.p/1", "tile/2/000.p/1", "tile/entries/002", "tile/0/001.p/044",
                     "tile/entries/001.p/45", "tile/0/1", "tile/x", "tile/0/x000/000",
                     "tile/0/001"):
            self.refused_with(f"'{name}' has no place in a log of 300", self.registry, name, b"")
        with changed(self.registry.folder / "README", b"not of the log"):
            self.verified("log", self.registry.folder)


class Signed(Export):
    """Checkpoints that are not as the documents say, or signed by somebody else."""

    def signed(self, text, signer=None):
        return f"{text}\n{(signer or self.other).line(text)}"

    def accepted(self, note, *cosigners):
        told = ", ".join(sorted(one.name for one in cosigners)) or NOBODY
        with changed(self.message.folder / "checkpoint", note.encode()):
            self.assertIn(f"cosigned by {told}\n", self.verified("log", self.message.folder))

    def test_cosignatures(self):
        """known witnesses count once each, strangers not at all"""
        text, note = self.message.text, self.signed(self.message.text)
        other = Signer("witness.example/v", 4)
        self.accepted(note)
        self.accepted(note + self.witness.line(text), self.witness)
        self.accepted(note + self.witness.line(text) + self.witness.line(text, time=0),
                      self.witness)
        self.accepted(note + other.line(text))
        self.accepted(note + other.line(text, spoil=lambda o: bytes(len(o))))
        self.accepted(note + "".join(Signer(f"w{i}", 4).line(text) for i in range(5)))
        with changed(self.out / "keys", "".join(
                f"{key}\n" for key in [*self.keys, other.vkey]).encode()):
            self.accepted(note + self.witness.line(text) + other.line(text), self.witness, other)

    def test_a_namesake(self):
        """a key with a known name or a known id, but not both, is not known"""
        text, namesake = self.message.text, Signer(OTHER)
        self.accepted(self.signed(text) + namesake.line(text))
        renamed = self.signed(text).split("\n")[-2].replace(OTHER, "elsewhere.example")
        self.accepted(self.signed(text) + f"{renamed[:-8]}AAAAAA==\n")
        self.note_refused("no trusted key of", self.signed(text, namesake))

    def test_bad_signatures_of_known_keys(self):
        """one bad signature of a known key counts against the note, beside good ones too"""
        text, note = self.message.text, self.signed(self.message.text)
        for signer in (self.other, self.log, self.witness):
            for spoil in (lambda o: flipped(o, len(o) - 64), lambda o: o[:-1], lambda o: o + b"0",
                          lambda o: b"0"):
                self.note_refused(f"signature of {re.escape(signer.name)}.* is bad",
                                  note + signer.line(text, spoil=spoil))
        self.note_refused("is bad", note + self.witness.line(text, spoil=lambda o: flipped(o, 7)))
        late = self.witness.line(text, time=1 << 63)
        self.note_refused("is bad", note + late)

    def test_who_may_sign(self):
        """a log's checkpoint is signed by that log: not by a witness, not by the other log"""
        text = self.message.text
        self.note_refused("no trusted key of", self.signed(text, self.witness))
        self.note_refused("no trusted key of", self.signed(text, self.log))
        self.note_refused("no trusted key of", self.signed(text, self.stranger))

    def test_other_spellings_of_a_tree(self):
        """a checkpoint's text has one spelling, though its log signed another"""
        root, size = self.message.text.split("\n")[2], "7"
        for lines in [[OTHER, "07", root], [OTHER, "+7", root], [OTHER, "7 ", root],
                      [OTHER, "", root], [OTHER, "-7", root], [OTHER, "0x7", root],
                      [OTHER, "\N{ARABIC-INDIC DIGIT SEVEN}", root], [OTHER, str(1 << 64), root],
                      [OTHER, size, root[:-1]], [OTHER, size, root + "="], [OTHER, size],
                      [OTHER, size, root[:-2] + chr(ord(root[-2]) + 1) + "="],
                      [OTHER, size, root[:20] + " " + root[20:]], [OTHER, size, "AAAA"],
                      [OTHER, size, root, ""], [OTHER, size, "", root], ["", OTHER, size, root]]:
            self.note_refused("checkpoint", self.signed("".join(f"{line}\n" for line in lines)))
        self.note_refused("control", self.signed(f"{OTHER}\n7\n{root}\nan\textension\n"))
        self.accepted(self.signed(f"{OTHER}\n7\n{root}\nan extension\n"))

    def test_other_spellings_of_a_note(self):
        """a note is UTF-8 without control characters, and each of its lines is what it should be"""
        text, note = self.message.text, self.signed(self.message.text)
        line = self.other.line(text)
        for spoilt in [note[:-1], note + "\n", text, text + "\n", text + line, "\n" + line, line,
                       note.replace("\n", "\r\n"), note.replace(DASH, "-"), note + "\t\n",
                       note.replace(f"{DASH} ", DASH), note + f"{DASH} name\n", note + line[:-2],
                       note + f"{DASH} name AAAA\n", note + f"{DASH} name AAAAAAB=\n",
                       note + f"{DASH} na+me AAAAAAA=\n", note + f"{DASH}  AAAAAAA=\n",
                       note + f"{DASH} na\N{EM SPACE}me AAAAAAA=\n", note + 100 * line,
                       note + f"{DASH} name AAAAAAA= \n", text + "\0\n" + line, ""]:
            self.note_refused("checkpoint", spoilt)
        self.accepted(note + f"{DASH} name AAAAAAA=\n")
        self.refused_with("UTF-8 at octet", self.message, "checkpoint", note.encode() + b"\xff\n")

    def test_another_root(self):
        """a root that is not the tiles' is refused though its log signed it"""
        self.note_refused("root .* is not that of the tiles",
                          self.signed(f"{OTHER}\n7\n{base64d(bytes(32))}\n"))


class Proofs(Export):
    def test_inclusion(self):
        """an inclusion proof is computed for every entry, and for trees that were smaller"""
        log = self.registry
        for index, size in [(0, None), (255, None), (256, None), (299, None), (0, 1), (9, 10),
                            (3, 256), (256, 257), (100, 299)]:
            words = [] if size is None else ["--size", size]
            out = self.verified("inclusion", log.folder, index, *words)
            proof = [base64.b64decode(line) for line in out.split("\n")[:-1]]
            self.assertEqual(proof, path(index, log.hashes[:size]))
        self.refused("entry 300 is not in a tree", "inclusion", log.folder, 300)
        self.refused("entry 7 is not in a tree", "inclusion", log.folder, 7, "--size", 7)
        self.refused("within 300", "inclusion", log.folder, 7, "--size", 301)

    def test_inclusion_of_another_entry(self):
        """no inclusion proof is found for an entry that was changed, or by tiles that were"""
        for name, index, at in [("tile/entries/000", 0, 2), ("tile/0/000", 0, 32),
                                ("tile/0/001.p/44", 0, 32), ("tile/1/000.p/1", 256, 0)]:
            octets = (self.registry.folder / name).read_bytes()
            with changed(self.registry.folder / name, flipped(octets, at)):
                self.refused(f"entry {index}: no inclusion proof", "inclusion",
                             self.registry.folder, index)
        tile = (self.registry.folder / "tile/0/000").read_bytes()
        with changed(self.registry.folder / "tile/0/000", flipped(tile, 32)):
            self.refused("the tree of 2 entries does not lead", "inclusion",
                         self.registry.folder, 0, "--size", 2)

    def test_consistency(self):
        """a consistency proof is computed from every earlier size, and from no other root"""
        log = self.registry
        for size in (0, 1, 2, 3, 128, 255, 256, 257, 299, 300):
            root = base64d(mth(log.hashes[:size]))
            out = self.verified("consistency", log.folder, size, root)
            proof = [base64.b64decode(line) for line in out.split("\n")[:-1]]
            self.assertEqual(proof, subproof(size, log.hashes) if size else [])
            self.refused("no consistency proof", "consistency", log.folder, size,
                         base64d(sha256(b"another")))
        self.refused("only 300", "consistency", log.folder, 301, base64d(log.root))
        self.refused("base64", "consistency", log.folder, 300, base64d(log.root)[:-1])

    def test_proof_file(self):
        """a proof in a file holds for the entry's octets, and for no others"""
        log, file, data = self.registry, self.out / "the.tlog-proof", self.out / "entry"
        hashes = [base64d(octets) for octets in path(260, log.hashes)]
        head = ["c2sp.org/tlog-proof@v1", "extra YWdl", "index 260", *hashes]
        whole = "\n".join(head) + f"\n\n{log.note}"
        words = ["proof", file, "--entry", data, "--key", self.log.vkey]
        data.write_bytes(entry(260))
        for good in (whole, whole.replace("extra YWdl\n", "")):
            file.write_text(good)
            self.assertIn(f"entry 260 of 300 entries, root {log.root.hex()}", self.verified(*words))
            self.assertIn(f"cosigned by {self.witness.name}",
                          self.verified(*words, "--witness", self.witness.vkey))
        for bad in [whole.replace("index 260", "index 261"), whole.replace(f"{hashes[0]}\n", ""),
                    whole.replace(hashes[0], base64d(bytes(32))), whole.replace("\n\n", "\n\n\n"),
                    whole.replace("index", "extra YWdl\nindex"), whole[:-1], whole + "\n",
                    whole.replace("index 260", "index 300"), "\n".join(head), ""]:
            file.write_text(bad)
            self.refused("the.tlog-proof", *words)
        file.write_text(whole)
        self.refused("no trusted key", *words[:-1], self.witness.vkey)
        data.write_bytes(entry(261))
        self.refused("do not lead from entry 260", *words)


class Large(Export):
    """A log with three levels of tiles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.large = Built(cls.out / "large", ORIGIN, 66000, [cls.log])

    def test_whole(self):
        """66,000 entries verify"""
        self.assertEqual(tiles.place(0, 257, 208), "tile/0/257.p/208")
        self.assertIn("66000 entries", self.verified("log", self.large.folder))

    def test_spoilt(self):
        """a turned octet is found at every level"""
        for name, at, problem in [
                ("tile/entries/200", 2, "entry 51200: .*the entry is wrong"),
                ("tile/0/257.p/208", 207 * 32, "entry 65999: .*the tile is wrong"),
                ("tile/1/000", 31, r"hash 0 is not the root of tile/0/000 \(entries 0 to 255"),
                ("tile/1/000", 8191, r"the root of tile/0/255 \(entries 65280 to 65535\)"),
                ("tile/1/001.p/1", 0, r"the root of tile/0/256 \(entries 65536 to 65791\)"),
                ("tile/2/000.p/1", 9, r"the root of tile/1/000 \(entries 0 to 65535\)")]:
            octets = (self.large.folder / name).read_bytes()
            self.refused_with(problem, self.large, name, flipped(octets, at))

    def test_proofs(self):
        """proofs across the levels are those of the definitions"""
        for index in (0, 65535, 65536, 65999):
            out = self.verified("inclusion", self.large.folder, index)
            self.assertEqual(out.split(), [base64d(h) for h in path(index, self.large.hashes)])
        for size in (256, 65536, 65537, 65999):
            root = base64d(mth(self.large.hashes[:size]))
            out = self.verified("consistency", self.large.folder, size, root)
            self.assertEqual(out.split(), [base64d(h) for h in subproof(size, self.large.hashes)])


if __name__ == "__main__":
    # The same signature over the same octets is asked of openssl once.
    notes.verifies = functools.cache(notes.verifies)
    unittest.main()
