#!/usr/bin/python3
"""Runs the CTest tests of one build tree and counts test cases, not programs.

usage: run_ctest.py TREE LABEL [JOBS]

Prints the output of what failed, then one line "N passed, N failed". A program of Catch2 counts
as many as it has test cases; any other test counts as one.
"""

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

ALL_PASSED = re.compile(r"All tests passed \(\d+ assertions? in (\d+) test cases?\)")
SOME_FAILED = re.compile(r"^test cases:\s*(\d+) \|(.*)$", re.M)


def counts(output, succeeded):
    """(passed, failed) of one test, from what it printed."""
    if match := ALL_PASSED.search(output):
        return (int(match[1]), 0) if succeeded else (int(match[1]), 1)
    if match := SOME_FAILED.search(output):
        failed = sum(int(n) for n, word in re.findall(r"(\d+) (passed|failed)", match[2])
                     if word == "failed")
        return int(match[1]) - failed, max(failed, 0 if succeeded else 1)
    return (1, 0) if succeeded else (0, 1)


def main():
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    tree, label = sys.argv[1:3]
    jobs = sys.argv[3] if len(sys.argv) == 4 else str(os.cpu_count())
    with tempfile.TemporaryDirectory() as scratch:
        report = os.path.join(scratch, "report.xml")
        run = subprocess.run(
            ["ctest", "--test-dir", tree, "-L", f"^{label}$", "-j", jobs, "--no-tests=error",
             "--output-junit", report, "--test-output-size-passed", "4000000",
             "--test-output-size-failed", "4000000", "--test-output-truncation", "middle"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if not os.path.exists(report) or os.path.getsize(report) == 0:
            print(run.stdout)
            print("0 passed, 1 failed")
            return 1
        suite = xml.parse(report).getroot()
    passed = failed = 0
    for case in suite.iter("testcase"):
        output = case.findtext("system-out") or ""
        succeeded = case.get("status") == "run" and case.find("failure") is None
        case_passed, case_failed = counts(output, succeeded)
        passed += case_passed
        failed += case_failed
        seconds = float(case.get("time") or 0)
        state = "ok" if succeeded else "FAILED"
        print(f"  {case.get('name'):32} {case_passed:5} passed {case_failed:3} failed "
              f"{seconds:7.1f} s  {state}")
        if not succeeded:
            reason = case.find("failure")
            print(output if len(output) < 60000 else output[:20000] + "\n[...]\n" + output[-40000:])
            print(f"  {case.get('name')}: {reason.get('message') if reason is not None else ''}")
    if run.returncode != 0 and failed == 0:
        print(run.stdout)
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
