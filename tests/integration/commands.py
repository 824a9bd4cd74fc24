"""What the checks of the commands share: which commands there are, which of them a test ran, and
reading what they print for people."""

import contextlib
import functools
import json
import os
import pathlib
import re

import invented
from base import WithExchange
from processes import must, run, wait_until

ANSWERS = {"gp_name": "Dr Example", "daily_life": "Cannot sit for long"}


def leaves(program, *words):
    """Every command of a program that has none below it, as its --help tells: "user add"."""
    path = pathlib.Path(os.environ["LIAISON_PROGRAMS"]) / f"liaison-{program}"
    told = must(run([path, *words, "--help"])).out
    below = re.search(r"^Subcommands:\n((?:  .*\n?)+)", told, re.M)
    if not below:
        return [" ".join([program, *words])]
    names = re.findall(r"^  (\S+)", below[1], re.M)
    return [leaf for name in names for leaf in leaves(program, *words, name)]


def both(*commands):
    """Of both kinds of node."""
    return [f"{kind} {command}" for kind in ("adviser", "provider") for command in commands]


def runs(*commands, refused=()):
    """Says which commands a test runs, for the check that none is forgotten. The test fails if it
    did not run each of them to success, or, of those in `refused`, to a refusal."""
    def declare(test):
        @functools.wraps(test)
        def held(self):
            before = len(self.exchange.history)
            test(self)
            ran = self.exchange.history[before:]
            for status, wanted in ((0, commands), (1, refused)):
                for command in wanted:
                    self.assertTrue(any(_is_of(one, command) and one.status == status
                                        for one in ran),
                                    f"the test says that it runs «{command}», and did not")
        held.commands = {*commands, *refused}
        return held
    return declare


def _is_of(outcome, command):
    program, *words = command.split()
    return (pathlib.Path(outcome.words[0]).name == f"liaison-{program}"
            and outcome.words[1:1 + len(words)] == words)


def declared(case):
    """Every command that the tests of a class say they run."""
    return {command for name in dir(case) for command in getattr(getattr(case, name), "commands",
                                                                 ())}


def to_full_device():
    """In a command that is about to run: what it prints goes where there is no room."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


def rows_of(text):
    """A table's rows by their headings: columns begin where their headings do."""
    heading, *lines = text.split("\n")[:-1]
    found = list(re.finditer(r"\S+(?: \S+)*", heading))
    ends = [one.start() for one in found[1:]] + [None]
    return [{one[0]: line[one.start():end].strip() for one, end in zip(found, ends)}
            for line in lines]


def cell(record, key):
    """A member as a table shows it; None for what is not compared: lists, and what is not there."""
    for part in key.split("."):
        record = record[part]
    if isinstance(record, bool):
        return "yes" if record else "no"
    return str(record) if isinstance(record, (str, int)) else None


class Commands(WithExchange):

    def alone(self, *words, given="", **more):
        """A command of a program that is of no party of this exchange, or not yet."""
        outcome = run([self.exchange.programs / words[0], *words[1:]], given=given, **more)
        self.exchange.history.append(outcome)
        return outcome

    def listing(self, act, *words, **columns):
        """Runs a listing in both its forms, which must say the same; the records. `act` runs a
        command; `columns` says which member stands under which heading."""
        def steady():
            before, told, after = (must(act(*words, *form)).out
                                   for form in (["--json"], [], ["--json"]))
            return before == after and (json.loads(before), told)
        listed, told = wait_until(steady, f"nothing changes while {words} is listed twice")
        self.assertTrue(listed, f"{words}: nothing is listed")
        self.assertTrue(all(isinstance(one, dict) for one in listed), listed)
        rows = rows_of(told)
        self.assertEqual(len(rows), len(listed), told)
        for row, one in zip(rows, listed):
            for heading, key in columns.items():
                heading = heading.replace("_", " ") if heading.isupper() else heading
                self.assertIn(heading, row)
                if (value := cell(one, key)) is not None:
                    self.assertEqual(row[heading], value, told)
        return listed

    def record(self, act, *words, lines=()):
        """Runs a command that shows one thing in both its forms; the record. Each of `lines` is a
        member that must stand in a line of its own."""
        shown = must(act(*words, "--json")).json()
        told = must(act(*words)).out
        for key in lines:
            value = cell(shown, key)
            said = {f"{name}: {value}" for name in (key, key.replace("_", " "))}
            self.assertTrue(said & set(told.split("\n")), f"{key} is not shown:\n{told}")
        return shown

    def refused(self, outcome, *words):
        """It ended with status 1 and one line that holds the words."""
        return self.ended(1, outcome, *words)

    def misused(self, outcome, *words):
        """It ended with status 2, and one line that holds the words says how it is used."""
        return self.ended(2, outcome, *words)

    def ended(self, status, outcome, *words):
        self.assertEqual(outcome.status, status, outcome.out + outcome.err)
        self.assertEqual(outcome.out, "")
        return self.one_line(outcome.err, *words)

    def dana(self, *words, given=""):
        return self.leeds.try_as("dana", *words, given=given)

    def morwenna(self, *words, given=""):
        return self.aire.try_as("morwenna", *words, given=given)

    def add_client(self, given, family="Person", **more):
        return self.at_leeds("client", "add", "--file", self.file(
            "client.json", invented.client(given, family, **more)))["id"]

    def refer(self, client, *more, service=None, **fields):
        """Refers a client by dana, once the listing is here; the referral's id."""
        wanted = service or self.service
        wait_until(lambda: any(one["id"] == wanted for one in self.at_leeds("find")),
                   "the listing is at Leeds")
        if wanted == self.service:   # the others ask for no answers
            fields["answers"] = ANSWERS
        return self.at_leeds("refer", client, "--service", wanted, "--file", self.file(
            "referral.json", invented.referral(**fields)), *more)["id"]

    def shows(self, act, referral, state):
        """Waits until that side shows the referral in that state; the referral."""
        return wait_until(lambda: (shown := act("referral", "show", referral))["state"] == state
                          and shown, f"{referral} is {state}")

    def received(self, given, *more):
        """A new client, referred, and received by the provider; the client and the referral."""
        client = self.add_client(given)
        referral = self.refer(client, *more)
        self.shows(self.at_leeds, referral, "received")
        return client, referral

    @contextlib.contextmanager
    def forbidden(self, node, other):
        """One node may not write to the other for a while."""
        before = self.broker.must("policy", "show").out
        self.broker.must("policy", "set", "-", given=json.dumps({"otherwise": "allow", "rules": [
            {"from": f"node:{node.id}", "to": f"node:{other.id}", "verdict": "deny"}]}))
        try:
            yield
        finally:
            self.broker.must("policy", "set", "-", given=before)

    def text(self, words):
        return self.file("text.txt", words.encode("utf-8"))


def connected(party):
    """Waits until a node's line to its broker stands."""
    wait_until(lambda: party.json("status")["link"] == "ready", f"{party.name} is connected")
