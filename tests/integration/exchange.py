"""An exchange on loopback: one broker and its nodes, by public commands only.

Everything it starts is in one directory, listens on free ports of 127.0.0.1, and is ended by its
own process id.
"""

import json
import os
import pathlib
import re
import shutil

from ports import free_port, free_ports
from processes import Daemon, must, run, wait_until


def set_setting(file, key, value):
    """Sets one key of a liaison.toml, uncommenting its documented default. `key` is "table.name",
    or "name" outside any table."""
    table, _, name = key.rpartition(".")
    literal = json.dumps(value)
    lines = pathlib.Path(file).read_text(encoding="utf-8").split("\n")
    inside = ""
    for index, line in enumerate(lines):
        if found := re.match(r"^\s*\[([\w.]+)\]", line):
            inside = found[1]
        elif inside == table and re.match(rf"^#?\s*{re.escape(name)}\s*=", line):
            lines[index] = f"{name} = {literal}"
            break
    else:
        raise KeyError(f"{file} documents no setting {key}")
    pathlib.Path(file).write_text("\n".join(lines), encoding="utf-8")


class Party:
    """What broker and nodes have in common: a directory, a program, a daemon."""

    def __init__(self, exchange, name, program, directory, port):
        self.exchange = exchange
        self.name = name
        self.program = exchange.programs / program
        self.dir = pathlib.Path(directory)
        self.port = port
        self.limits = None
        self.daemon = self._daemon()

    def _daemon(self):
        return Daemon(self.name, [self.program, "serve", "--dir", self.dir], self.url + "/healthz",
                      self.exchange.dir / "logs" / f"{self.name}.log", limits=self.limits)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words, given="", **options):
        """One command at this party's directory; its outcome is recorded."""
        outcome = run([self.program, *words, "--dir", self.dir], given=given, **options)
        self.exchange.history.append(outcome)
        return outcome

    def must(self, *words, given="", **options):
        return must(self.run(*words, given=given, **options))

    def json(self, *words, given="", **options):
        """The JSON that a command printed."""
        return self.must(*words, "--json", given=given, **options).json()

    def start(self):
        self.daemon.start()
        return self

    def stop(self):
        return self.daemon.stop()

    def kill(self):
        self.daemon.kill()

    def move_to(self, directory):
        """Serves another directory from now on (after a restore)."""
        self.dir = pathlib.Path(directory)
        self.daemon = self._daemon()


class Broker(Party):
    def __init__(self, exchange, name="broker"):
        self.exchange_port = free_ports(2)
        self.settings = {}  # what a test wants otherwise than `init` wrote it
        super().__init__(exchange, name, "liaison-broker", exchange.dir / name, free_port())

    def init(self, title):
        self.exchange.history.append(must(run(
            [self.program, "init", self.dir, "--name", title,
             "--listen", f"tcp://127.0.0.1:{self.exchange_port}", *self.exchange.key_options],
            environment=self.exchange.environment)))
        self.configure()
        return self

    def configure(self):
        for key, value in {"console": f"127.0.0.1:{self.port}", **self.settings}.items():
            set_setting(self.dir / "liaison.toml", key, value)

    def restore(self, backup, directory, *more):
        """Makes a new directory from a backup and serves that one from now on."""
        self.exchange.history.append(must(run(
            [self.program, "restore", backup, "--dir", directory, *more])))
        self.move_to(directory)
        self.configure()

    def invite(self, node, organisation, role, *more):
        return self.must("invite", "--node", node, "--organisation", organisation, "--role", role,
                         *more).line


class Node(Party):
    """An office or a provider."""

    def __init__(self, exchange, node, role, organisation):
        self.id = node
        self.role = role
        self.organisation = organisation
        self.users = []
        super().__init__(exchange, node, f"liaison-{role}", exchange.dir / node, free_port())

    def join(self, invitation):
        """With keys, certificate and the first administrator's token; not yet serving."""
        self.exchange.history.append(must(run(
            [self.program, "join", "--dir", self.dir, "--desk", f"127.0.0.1:{self.port}",
             *self.exchange.key_options, "-"],
            given=invitation + "\n", environment=self.exchange.environment)))
        return self

    def restore(self, backup, directory, *more):
        self.exchange.history.append(must(run(
            [self.program, "restore", backup, "--dir", directory,
             "--desk", f"127.0.0.1:{self.port}", *more])))
        self.move_to(directory)
        for user in self.users:   # no token of the backup is good any more
            self.must("user", "token", user["name"], "--token-file", self.token(user["name"]))

    @property
    def administrator(self):
        return self.dir / "administrator.token"

    def add_user(self, name, role, password):
        token = self.token(name)
        self.must("user", "add", name, "--role", role, "--token-file", token,
                  given=password + "\n")
        self.users.append({"name": name, "role": role, "password": password})
        return token

    def token(self, name):
        """Beside the node's directory: a person keeps it, and a restored node's files lack it."""
        return self.exchange.dir / "tokens" / f"{self.id}-{name}.token"

    def as_user(self, name):
        """A function that runs a command as that user and returns its JSON."""
        def act(*words, given=""):
            return self.json(*words, given=given,
                             environment={"LIAISON_TOKEN_FILE": str(self.token(name))})
        return act

    def try_as(self, name, *words, given="", **options):
        """The outcome of a command as that user, whatever it is."""
        return self.run(*words, given=given,
                        environment={"LIAISON_TOKEN_FILE": str(self.token(name))}, **options)

    def record(self):
        """This node as demo.json lists it."""
        return {"id": self.id, "role": self.role, "dir": str(self.dir), "url": self.url,
                "token_file": str(self.token(self.users[0]["name"]) if self.users
                                  else self.administrator),
                "users": self.users}


class Exchange:
    """One broker and its nodes in a directory of their own."""

    # Keys without a passphrase: nobody is there to type one.
    key_options = ("--unprotected",)

    def __init__(self, programs, directory):
        self.programs = pathlib.Path(programs).resolve()
        self.dir = pathlib.Path(directory).resolve()
        self.environment = {}
        self.history = []
        for folder in ("logs", "tokens"):
            (self.dir / folder).mkdir(parents=True, exist_ok=True)
        self.broker = Broker(self)
        self.nodes = {}

    def begin(self, title="An invented exchange"):
        self.broker.init(title).start()
        return self

    def add(self, node, role, organisation, *more):
        """Invites, joins and serves a node."""
        invitation = self.broker.invite(node, organisation, role, *more)
        member = Node(self, node, role, organisation)
        member.join(invitation)
        self.nodes[node] = member
        member.start()
        return member

    def parties(self):
        return [*self.nodes.values(), self.broker]

    def stop(self):
        """Ends everything it started; the statuses by name."""
        return {party.name: party.stop() for party in self.parties() if party.daemon.process}

    def end(self, keep=False):
        """Ends everything, whatever state it is in, and removes the directory."""
        for party in self.parties():
            party.kill()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def record(self):
        """demo.json."""
        return {"dir": str(self.dir),
                "broker": {"dir": str(self.broker.dir), "console": self.broker.url},
                "nodes": [node.record() for node in self.nodes.values()]}

    def write_history(self, file):
        """What every command ended with: what a checker judges from."""
        with open(file, "w", encoding="utf-8") as out:
            for outcome in self.history:
                out.write(json.dumps(outcome.as_record()) + os.linesep)


__all__ = ["Exchange", "Node", "Broker", "set_setting", "wait_until"]
