"""Whoever looks at a broker's checkpoints again and again while it is killed, and what the two
parties to each letter have of them in the end. Checkpoints bind a broker once anyone has seen them:
judge_logs.py decides whether they did."""

import contextlib
import json
import threading

from processes import must, run, wait_until

LOGS = ("registry", "message")
PAUSE = 0.02


class Watch:
    """Looks at the checkpoints all the time, until it is ended."""

    def __init__(self, broker, program):
        self.broker = broker
        self.program = program
        self.seen = {log: set() for log in LOGS}
        self._turn = threading.RLock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def begin(self):
        """From here on; whose keys are trusted is asked now, as long as nothing was killed."""
        self.keys = wait_until(self._look, "both logs are signed")
        self._thread.start()

    def end(self):
        self._is_over.set()
        if self._thread.ident:
            self._thread.join()

    @contextlib.contextmanager
    def looking_away(self):
        """While a broker is started: a command that finds none serving opens its store itself, and
        a broker that came in between would find it in use."""
        with self._turn:
            yield

    def _watch(self):
        while not self._is_over.wait(PAUSE):
            with self._turn:
                self._look()

    def _look(self):
        """The keys, when both logs have a checkpoint; nothing when the broker died just now."""
        outcome = run([self.program, "checkpoint", "--json", "--dir", self.broker.dir])
        if outcome.status != 0:
            return None
        told = outcome.json()
        for log in LOGS:
            if told[log]:
                self.seen[log].add(told[log])
        return all(told[log] for log in LOGS) and told["keys"]


def keep_logs(watch, nodes, folder):
    """Writes what judge_logs.py judges by: an export, the keys of before the first kill, all
    checkpoints that were seen, each entry of the message log as it is shown, each letter's proof as
    its two nodes have it, and what the nodes raise."""
    def audit(*words):
        return must(run([watch.program, *words])).out

    def at_rest():
        told = audit("log", "--json", "--dir", watch.broker.dir)
        entries = [json.loads(line) for line in told.split("\n") if line]
        accepted, taken = ([entry for entry in entries if entry["kind"] == kind]
                           for kind in ("accepted", "taken"))
        return len(taken) >= len(accepted) and (entries, accepted)

    def proof(letter, node):
        return wait_until(lambda: audit("prove", letter, "--dir", nodes[node].dir),
                          f"{node} has the proof of {letter}")

    entries, accepted = wait_until(at_rest, "every letter is taken")
    proofs = [{"letter": entry["letter"], "node": node, "proof": proof(entry["letter"], node)}
              for entry in accepted for node in (entry["sender"], entry["recipient"])]
    watch.end()
    audit("export", folder / "export", "--dir", watch.broker.dir)
    for name, what in (("seen", {log: sorted(notes) for log, notes in watch.seen.items()}),
                       ("entries", entries), ("proofs", proofs),
                       ("alarms", {name: node.json("alarms") for name, node in nodes.items()})):
        (folder / f"{name}.json").write_text(json.dumps(what), encoding="utf-8")
    (folder / "keys").write_text("".join(f"{key}\n" for key in watch.keys), encoding="utf-8")
