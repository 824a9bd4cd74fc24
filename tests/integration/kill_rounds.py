#!/usr/bin/python3
"""Rounds of referrals while broker and nodes are killed with SIGKILL; then a checker judges.

usage: kill_rounds.py --programs BUILD/bin [--rounds N] [--referrals N] [--seed S] [--keep]

Each round starts an exchange, refers N clients by commands in parallel, and kills the broker, the
office and the provider, each time while at least 20 letters are unacknowledged. What every command
ended with is written to history.jsonl, both sides' views to views.json, the logs and the
checkpoints that were seen beside them; judge.py, which knows nothing else of the round, decides
whether each referral is at its provider exactly once, both views are equal, and the logs are what
their checkpoints said all along. Last line: "N passed, N failed", counting rounds.
"""

import argparse
import concurrent.futures
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

import invented
from exchange import Exchange
from processes import wait_until
from watch import Watch, keep_logs

UNACKNOWLEDGED_LEAST = 20
KILLS_LEAST = 3
KILLS_MOST = 12
HERE = pathlib.Path(__file__).parent


class Round:
    def __init__(self, programs, seed, referrals):
        self.chance = random.Random(seed)
        self.referrals = referrals
        self.exchange = Exchange(programs, tempfile.mkdtemp(prefix="liaison-kills-"))
        self.watch = Watch(self.exchange.broker, self.exchange.programs / "liaison-audit")
        self.files = self.exchange.dir / "files"
        self.files.mkdir()
        self.kills = []
        self.commands = []
        self.lock = threading.Lock()

    def play(self):
        self.arrange()
        self.watch.begin()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            referring = [pool.submit(self.refer, number) for number in range(self.referrals)]
            self.kill_while(lambda: not all(f.done() for f in referring))
            for one in referring:
                one.result()
        self.start_all()
        self.settle()
        return self.write()

    def arrange(self):
        self.broker = self.exchange.begin().broker
        self.leeds = self.exchange.add("jcp-leeds", "adviser", invented.OFFICES["jcp-leeds"])
        self.leeds.add_user("dana", "adviser", invented.PASSWORD)
        self.aire = self.exchange.add("aire-valley", "provider", invented.PROVIDERS["aire-valley"])
        self.aire.add_user("morwenna", "caseworker", invented.PASSWORD)
        listing = invented.SERVICES["aire-valley"]
        self.service = listing["id"]
        self.aire.as_user("morwenna")("service", "publish", "--file",
                                      invented.as_file(self.files, "service.json", listing))
        wait_until(lambda: self.leeds.as_user("dana")("find"), "the listing is at Leeds")
        self.referral_file = invented.as_file(self.files, "referral.json", invented.referral(
            answers={"gp_name": "Dr Example", "daily_life": "Cannot sit for long"}))

    # ---- one referral, repeated until the command says what became of it --------------------

    def command(self, label, *words):
        outcome = self.leeds.try_as("dana", *words, "--json")
        with self.lock:
            self.commands.append({"label": label, "what": words[0], "status": outcome.status,
                                  "out": outcome.out, "err": outcome.err,
                                  "begun": outcome.begun, "ended": outcome.ended})
        return outcome

    def until_done(self, label, *words):
        """Repeats a command while the node is down; what it printed, or None when it was refused
        because an earlier try had done it."""
        for _ in range(600):
            outcome = self.command(label, *words)
            if outcome.status == 0:
                return outcome.json()
            if "already" in outcome.err:
                return None
            time.sleep(0.1)
        raise AssertionError(f"{label}: {words[0]} never ended well: {outcome.err}")

    def refer(self, number):
        label = f"client-{self.chance.getrandbits(64):016x}-{number}"
        file = invented.as_file(self.files, f"{label}.json", invented.client(label, "Person"))
        client = self.until_done(label, "client", "add", "--file", file)
        self.until_done(label, "refer", client["id"], "--service", self.service, "--route",
                        "formal", "--file", self.referral_file)

    # ---- killing ---------------------------------------------------------------------------

    def unacknowledged(self):
        """Letters in the office's outbox that have no receipt, as its status says."""
        outcome = self.leeds.run("status", "--json", seconds=10)
        return outcome.json()["outbox"] if outcome.status == 0 else 0

    def kill_while(self, going_on):
        """Kills with letters under way: first the line goes (the broker is killed), and while
        letters gather behind it the office or the provider is killed; then all come back."""
        while going_on() and len(self.kills) < KILLS_MOST:
            self.broker.kill()
            waiting = self.gathered(going_on)
            if waiting < UNACKNOWLEDGED_LEAST:
                self.start_all()
                continue
            self.kills.append({"who": "broker", "unacknowledged": waiting})
            for victim in self.chance.sample([self.leeds, self.aire], self.chance.randint(1, 2)):
                victim.kill()
                self.kills.append({"who": victim.name, "unacknowledged": waiting})
                victim.start()
            with self.watch.looking_away():
                self.broker.daemon.start(wait=False)
                time.sleep(self.chance.uniform(0, 0.15))  # somewhere in the flood that follows
                victim = self.chance.choice([self.broker, self.leeds, self.aire])
                waiting = self.unacknowledged()
                victim.kill()
                self.kills.append({"who": victim.name, "unacknowledged": waiting})
                self.start_all()

    def start_all(self):
        with self.watch.looking_away():
            for party in self.exchange.parties():
                party.start()

    def gathered(self, going_on):
        waiting = 0
        while waiting < UNACKNOWLEDGED_LEAST:
            waiting = self.unacknowledged()
            if not going_on():
                break
            time.sleep(0.05)
        return waiting

    # ---- the end ---------------------------------------------------------------------------

    def settle(self):
        wait_until(lambda: self.unacknowledged() == 0, "the outbox drains", 120, 0.2)

    def views(self):
        """Both sides' view of every referral."""
        out = {}
        for side, node, user in (("office", self.leeds, "dana"),
                                 ("provider", self.aire, "morwenna")):
            act = node.as_user(user)
            listed = act("referral", "list")
            out[side] = {"listed": listed,
                         "shown": [act("referral", "show", r["id"]) for r in listed]}
        return out

    def write(self):
        folder = self.exchange.dir / "judge"
        folder.mkdir()
        with open(folder / "history.jsonl", "w", encoding="utf-8") as out:
            for command in self.commands:
                out.write(json.dumps(command) + "\n")
        (folder / "views.json").write_text(json.dumps(self.views()), encoding="utf-8")
        (folder / "kills.json").write_text(json.dumps(self.kills), encoding="utf-8")
        keep_logs(self.watch, self.exchange.nodes, folder)
        return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--programs", required=True)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--referrals", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    passed = failed = 0
    for number in range(options.seed, options.seed + options.rounds):
        begun = time.monotonic()
        one = Round(options.programs, number, options.referrals)
        try:
            folder = one.play()
            judged = subprocess.run([HERE / "judge.py", folder, "--kills", str(KILLS_LEAST),
                                     "--unacknowledged", str(UNACKNOWLEDGED_LEAST)],
                                    stdout=subprocess.PIPE, text=True, check=False)
            good, verdict = judged.returncode == 0, judged.stdout.strip()
        except BaseException as problem:  # noqa: BLE001: everything that broke is the round's end
            good, verdict = False, f"broke off: {problem!r}"
            if isinstance(problem, KeyboardInterrupt):
                one.exchange.end()
                raise
        one.watch.end()
        passed += good
        failed += not good
        one.exchange.end(keep=not good)
        kept = "" if good else f" (kept: {one.exchange.dir})"
        print(f"round {number}: {verdict}, {time.monotonic() - begun:.0f} s{kept}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
