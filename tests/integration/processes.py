"""Programs under test: commands that end, and daemons that run until they are stopped or killed."""

import dataclasses
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request


class Refused(Exception):
    """A command that should have succeeded did not."""


@dataclasses.dataclass
class Outcome:
    """What became of one command."""
    words: list
    status: int
    out: str
    err: str
    begun: float
    ended: float

    def json(self):
        return json.loads(self.out)

    @property
    def line(self):
        """Its standard output as one line."""
        return self.out.strip()

    def as_record(self):
        return dataclasses.asdict(self)


def run(words, *, given="", environment=None, seconds=60, limits=None):
    """Runs a command to its end; never raises for its exit status."""
    begun = time.time()
    try:
        done = subprocess.run([str(w) for w in words], input=given, text=True, errors="replace",
                              capture_output=True, timeout=seconds, preexec_fn=limits,
                              env={**os.environ, **(environment or {})})
        status, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as late:
        status, out = -9, ""
        err = f"did not end within {seconds} s: {late}"
    return Outcome([str(w) for w in words], status, out, err, begun, time.time())


def must(outcome):
    """The outcome, if the command succeeded."""
    if outcome.status != 0:
        raise Refused(f"{' '.join(outcome.words)}\n  exit status {outcome.status}: "
                      f"{outcome.err.strip()}")
    return outcome


def wait_until(condition, what, seconds=60, pause=0.05):
    """Polls until condition() is truthy and returns it; a failure says what was waited for."""
    end = time.monotonic() + seconds
    problem = None
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
            problem = None
        except (Refused, OSError, ValueError, KeyError) as error:
            problem = error
        time.sleep(pause)
    why = f" ({problem})" if problem else ""
    raise AssertionError(f"waited {seconds} s in vain: {what}{why}")


def http_get(url, seconds=2, headers=None):
    """(status, body) of a GET."""
    request = urllib.request.Request(url, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


class Daemon:
    """A program that runs until stopped. Its log is a file; it is ended by its own id only."""

    def __init__(self, name, words, health, log, environment=None, limits=None):
        self.name = name
        self.words = [str(w) for w in words]
        self.health = health
        self.log = log
        self.environment = {**os.environ, **(environment or {})}
        self.limits = limits
        self.process = None
        self.kills = 0
        self._lock = threading.Lock()

    @property
    def pid(self):
        return self.process.pid if self.process else None

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def start(self, wait=True):
        with self._lock:
            if self.running:
                return self
            with open(self.log, "ab") as log:
                self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=log,
                                                stderr=log, env=self.environment,
                                                preexec_fn=self.limits, start_new_session=True)
        return self.ready() if wait else self

    def ready(self, seconds=60):
        """Waits until it answers at /healthz, or says why it ended."""
        def healthy():
            if not self.running:
                raise AssertionError(f"{self.name} ended with status {self.process.returncode}:\n"
                                     + self.last_lines())
            return http_get(self.health)[0] == 200
        wait_until(healthy, f"{self.name} answers at {self.health}", seconds)
        return self

    def last_lines(self, count=15):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-count:])

    def kill(self):
        """SIGKILL: no last words."""
        with self._lock:
            if self.running:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()
                self.kills += 1

    def stop(self, seconds=20):
        """SIGTERM, and its exit status."""
        with self._lock:
            if self.process is None:
                return None
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                try:
                    self.process.wait(seconds)
                except subprocess.TimeoutExpired:
                    self.process.send_signal(signal.SIGKILL)
                    self.process.wait()
                    raise AssertionError(f"{self.name} did not stop within {seconds} s") from None
            return self.process.returncode

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
