#!/usr/bin/python3
"""Judges one round of kill_rounds.py from what was recorded, and from nothing else.

usage: judge.py FOLDER [--kills N] [--unacknowledged N]

FOLDER holds history.jsonl (what each command ended with), views.json (both sides' view at the end),
kills.json, and what judge_logs.py judges. Prints one line; exit status 0 if all holds.
"""

import argparse
import collections
import json
import pathlib
import sys

from judge_logs import Logs

# What belongs to one side alone: how the office's letters fared, what each may do next, and what
# each knows of the client beside what the referral says.
OWN = {"delivery", "allowed_actions", "client"}


def client_of(shown):
    """The label by which a referral's client was named."""
    return shown["client"]["name"].split(" ")[0]


def problems(history, views, kills, options):
    told = collections.defaultdict(list)   # client's label -> referral ids that a command printed
    tried = set()
    for command in history:
        if command["what"] != "refer":
            continue
        tried.add(command["label"])
        if command["status"] == 0:
            told[command["label"]].append(json.loads(command["out"])["id"])
        elif command["status"] not in (1, -9):
            yield f"{command['label']}: refer ended with status {command['status']}"
    for side in ("office", "provider"):
        ids = [r["id"] for r in views[side]["listed"]]
        for one, count in collections.Counter(ids).items():
            if count > 1:
                yield f"{one} stands {count} times in the {side}'s list"
    office = {r["id"]: r for r in views["office"]["shown"]}
    provider = {r["id"]: r for r in views["provider"]["shown"]}
    for label, ids in told.items():
        for one in set(ids):
            if one not in provider:
                yield f"{label}: the command said {one}, and the provider does not have it"
    for one in provider.keys() - office.keys():
        yield f"{one} is at the provider and not at the office"
    for one in office.keys() - provider.keys():
        yield f"{one} is at the office and not at the provider"
    clients = collections.Counter(client_of(shown) for shown in provider.values())
    for label in tried:
        if clients[label] != 1:
            yield f"{label} has {clients[label]} referrals at the provider"
    for one in office.keys() & provider.keys():
        here, there = comparable(office[one]), comparable(provider[one])
        for key in sorted(here.keys() | there.keys()):
            if here.get(key) != there.get(key):
                yield f"{one}: the views differ in {key}"
    if len(kills) < options.kills:
        yield f"only {len(kills)} kills"
    enough = [k for k in kills if k["unacknowledged"] >= options.unacknowledged]
    if len(enough) < options.kills:
        yield f"only {len(enough)} kills with {options.unacknowledged} letters unacknowledged"


def comparable(shown):
    return {key: value for key, value in shown.items() if key not in OWN}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--unacknowledged", type=int, default=0)
    options = parser.parse_args()
    with open(options.folder / "history.jsonl", encoding="utf-8") as lines:
        history = [json.loads(line) for line in lines]
    views = json.loads((options.folder / "views.json").read_text(encoding="utf-8"))
    kills = json.loads((options.folder / "kills.json").read_text(encoding="utf-8"))
    logs = Logs(options.folder)
    found = [*problems(history, views, kills, options), *logs.problems()]
    if found:
        print("; ".join(found[:8]) + (f"; and {len(found) - 8} more" if len(found) > 8 else ""))
        return 1
    failed = sum(1 for c in history if c["what"] == "refer" and c["status"] != 0)
    print(f"{len(views['provider']['shown'])} referrals, each once at the provider, both views "
          f"equal; {len(kills)} kills; {failed} commands had to be repeated; {len(logs.stood)} "
          "checkpoints of the logs stand")
    return 0


if __name__ == "__main__":
    sys.exit(main())
