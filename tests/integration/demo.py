#!/usr/bin/python3
"""The demonstration: starts an exchange on loopback, tells one client's story, checks every step.

usage: demo.py --programs BUILD/bin [--stay]
       demo.py --stop DIR
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import invented
from narrator import Narrator
from story import Story


def leave_running(story):
    """Writes demo.json and how to stop; prints both."""
    exchange = story.exchange
    record = exchange.record()
    (exchange.dir / "demo.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    pids = {party.name: party.daemon.pid for party in exchange.parties()}
    (exchange.dir / "pids").write_text(json.dumps(pids) + "\n", encoding="utf-8")
    print(f"\nThe exchange stays. Everything is in {exchange.dir}, this as JSON in demo.json:\n")
    print(f"  {'broker':18} {record['broker']['console']}/healthz")
    for node in record["nodes"]:
        names = ", ".join(f"{u['name']} ({u['role']})" for u in node["users"])
        print(f"  {node['id']:18} {node['url']}  {names}")
    print(f"\n  Everyone's password: {invented.PASSWORD}")
    print(f"  A command:   LIAISON_TOKEN_FILE={record['nodes'][0]['token_file']} \\\n"
          f"               build/bin/liaison-adviser client list --dir {record['nodes'][0]['dir']}")
    print(f"  To stop it:  scripts/demo --stop {exchange.dir}")


def stop(directory):
    """Ends the processes that a --stay left, each by its id, and removes the directory."""
    directory = pathlib.Path(directory).resolve()
    try:
        pids = json.loads((directory / "pids").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        print(f"{directory} is no demonstration that was left running: it has no file «pids»",
              file=sys.stderr)
        return 1
    ours = [pid for pid in pids.values() if is_ours(pid, directory)]
    for pid in ours:
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 20
    while any(is_ours(pid, directory) for pid in ours) and time.monotonic() < end:
        time.sleep(0.1)
    left = [pid for pid in ours if is_ours(pid, directory)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(directory, ignore_errors=True)
    print(f"Stopped {len(ours)} programs and removed {directory}.")
    return 0


def is_ours(pid, directory):
    """Whether that process still runs and serves a folder of this demonstration."""
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return os.fsencode(directory) in words and ") Z" not in state


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--programs", default="build/bin")
    parser.add_argument("--stay", action="store_true")
    parser.add_argument("--stop", metavar="DIR")
    options = parser.parse_args()
    if options.stop:
        return stop(options.stop)
    directory = tempfile.mkdtemp(prefix="liaison-demo-")
    narrator = Narrator()
    story = Story(narrator, options.programs, directory)
    print("One client's referral, over an exchange on this machine's loopback. "
          "All people and organisations are invented.")
    try:
        story.all()
        if options.stay:
            leave_running(story)
            return 0
        ended = story.exchange.stop()
        narrator.check(all(status == 0 for status in ended.values()),
                       "every program stopped cleanly")
    except BaseException as problem:
        story.exchange.end(keep=True)
        print(f"\nThe story broke off: {problem}\nEverything is kept in {directory}",
              file=sys.stderr)
        return 1
    story.exchange.end()
    print(f"\n{narrator.chapters} chapters, {narrator.checks} checks, all true, in "
          f"{time.monotonic() - narrator.begun:.0f} s. Everything is stopped and removed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
