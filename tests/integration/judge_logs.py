"""Judges the logs of one round of kill_rounds.py from what was recorded (watch.py), with the second
verifier's own code and nothing of the exchange's.

Every checkpoint that anyone has seen, and every one in a proof that a node keeps, is how the logs
began that are there in the end; every letter was accepted once and taken once, and is proved to
both its parties; no node raises anything about the logs.
"""

import collections
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "auditor"))

import notes
from merkle import included, leaf_hash
from strict import Refused, lines_of, read
from tiles import TILE, Log
from verifier import parse_proof
from whole import check_log

ABOUT_LOGS = ("log_", "logs_", "registry_", "epoch_", "key_")


class Logs:
    """What was recorded of one round's logs; `stood` are the checkpoints that held."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.keys = notes.trusted(lines_of(read(self.folder / "keys", "keys", notes.LONGEST),
                                           "keys"))
        self.stood = set()

    def recorded(self, name):
        return json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))

    def problems(self):
        logs = {}
        for name, seen in self.recorded("seen").items():
            try:
                check_log(self.folder / "export" / name, self.keys)
                logs[name] = Log(self.folder / "export" / name, self.keys)
            except Refused as problem:
                yield f"the {name} log: {problem}"
                continue
            if not seen:
                yield f"no checkpoint of the {name} log was seen"
            for note in seen:
                yield from self.not_how_it_began(name, logs[name], note.encode(), "was seen")
        yield from self.letters()
        if "message" in logs:
            for kept in self.recorded("proofs"):
                yield from self.proof(logs["message"], kept)
        for node, alarms in self.recorded("alarms").items():
            for alarm in alarms:
                if alarm["kind"].startswith(ABOUT_LOGS):
                    yield f"{node} raises {alarm['kind']}: {alarm['text']}"

    def not_how_it_began(self, name, log, note, where):
        """A checkpoint that somebody has, against the log as it is."""
        try:
            older = notes.open_checkpoint(note, self.keys, f"a checkpoint that {where}")
        except Refused as problem:
            yield str(problem)
            return
        if older.origin != log.checkpoint.origin or older.size > log.size:
            yield (f"a checkpoint that {where} is of {older.origin!r} with {older.size} entries; "
                   f"the {name} log has {log.size}")
        elif older.root != log.mth(0, older.size):
            yield f"the {name} log's first {older.size} entries are not those of what {where}"
        else:
            self.stood.add((name, older.size))

    def letters(self):
        """Each letter that was accepted was taken, and each of the two is logged once."""
        counts = collections.defaultdict(collections.Counter)
        for entry in self.recorded("entries"):
            if "letter" in entry:
                counts[entry["letter"]][entry["kind"]] += 1
        if not counts:
            yield "no letter is in the log"
        for letter, kinds in counts.items():
            if kinds != {"accepted": 1, "taken": 1}:
                yield f"the log says of letter {letter}: {dict(kinds)}"

    def proof(self, log, kept):
        """One letter's proof, as one of its nodes has it."""
        what = f"the proof of {kept['letter']} that {kept['node']} has"
        try:
            index, hashes, note = parse_proof(kept["proof"].encode(), what)
            size = notes.open_checkpoint(note, self.keys, what).size
            entry = dict(log.entries(index // TILE))[index] if index < min(size, log.size) else b""
        except Refused as problem:
            yield str(problem)
            return
        yield from self.not_how_it_began("message", log, note, "is in a proof")
        if bytes.fromhex(kept["letter"]) not in entry:
            yield f"{what} is of another entry"
        elif not included(leaf_hash(entry), index, size, hashes, log.mth(0, size)):
            yield f"{what} does not lead to its checkpoint"
