"""What tests of an exchange's logs have in common: they are listed, waited for and exported."""

import json
import pathlib
import sys

from commands import Commands
from processes import must, run, wait_until

SECOND = pathlib.Path(__file__).parent.parent / "auditor" / "verifier.py"


class Auditing(Commands):

    def audit(self, *words):
        return self.alone("liaison-audit", *words)

    def asked(self, command, *words):
        """A command that asks the broker."""
        return self.audit(command, *words, "--dir", self.broker.dir)

    def entries(self, *words):
        told = must(self.asked("log", "--json", *words)).out
        return [json.loads(line) for line in told.split("\n") if line]

    def signed(self):
        """Waits until the newest checkpoint has every entry of the message log, which rests."""
        def all_of_it():
            note = must(self.asked("checkpoint", "--json")).json()["message"]
            count = len(self.entries())
            return note and int(note.split("\n")[1]) == count and count
        return wait_until(all_of_it, "a checkpoint of all entries is signed")

    def exported(self, name):
        out = self.exchange.dir / name
        must(self.asked("export", out))
        return out

    def second(self, *words):
        return run([sys.executable, SECOND, *words])
