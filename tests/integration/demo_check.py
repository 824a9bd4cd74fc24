"""The demonstration tells its story to the end, and with --stay leaves an exchange that works."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

from processes import http_get, run

HERE = pathlib.Path(__file__).parent
PROGRAMS = os.environ.get("LIAISON_PROGRAMS", "build/bin")


class Demo(unittest.TestCase):

    def demo(self, *words):
        return run([sys.executable, HERE / "demo.py", "--programs", PROGRAMS, *words], seconds=300)

    def test_stay(self):
        """the story is true to the end; what --stay leaves runs, answers commands, and stops"""
        told = self.demo("--stay")
        self.assertEqual(told.status, 0, told.out[-2000:] + told.err)
        folder = re.search(r"--stop (\S+)", told.out)[1]
        try:
            self.stays(pathlib.Path(folder))
        finally:
            stopped = self.demo("--stop", folder)
        self.assertEqual(stopped.status, 0, stopped.err)
        self.assertFalse(pathlib.Path(folder).exists())
        left = subprocess.run(["pgrep", "-f", f"liaison.*{folder}"], capture_output=True,
                              check=False)
        self.assertEqual(left.stdout, b"", "a program still runs")

    def stays(self, folder):
        record = json.loads((folder / "demo.json").read_text(encoding="utf-8"))
        self.assertEqual(set(record), {"dir", "broker", "nodes"})
        self.assertEqual(http_get(record["broker"]["console"] + "/healthz")[0], 200)
        self.assertEqual([n["role"] for n in record["nodes"]].count("adviser"), 2)
        for node in record["nodes"]:
            self.assertEqual(http_get(node["url"] + "/healthz")[0], 200)
            listed = run([pathlib.Path(PROGRAMS) / f"liaison-{node['role']}", "referral", "list",
                          "--json", "--dir", node["dir"], "--token-file", node["token_file"]])
            self.assertEqual(listed.status, 0, listed.err)
            self.assertIsInstance(listed.json(), list)
            user = node["users"][0]
            signed_in = run([pathlib.Path(PROGRAMS) / f"liaison-{node['role']}", "find", "--json",
                             "--dir", node["dir"], "--as", user["name"]],
                            given=user["password"] + "\n")
            self.assertEqual(signed_in.status, 0, signed_in.err)

    def test_stop_of_nothing(self):
        """--stop of a directory that is no demonstration says so and touches nothing"""
        refused = self.demo("--stop", "/nowhere")
        self.assertEqual(refused.status, 1)
        self.assertIn("/nowhere", refused.err)
