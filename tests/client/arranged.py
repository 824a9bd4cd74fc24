"""What the checks of the client share: an exchange on loopback, and clients that joined it."""

import os
import sys
import tempfile
import unittest

from client import Client
from exchange import Exchange


class WithBroker(unittest.TestCase):
    """A broker of its own for each class of checks; `arrange` adds what else is needed."""

    @classmethod
    def setUpClass(cls):
        cls.exchange = Exchange(os.environ["LIAISON_PROGRAMS"],
                                tempfile.mkdtemp(prefix="liaison-client-"))
        cls.clients = []
        cls.addClassCleanup(cls.finish)
        cls.broker = cls.exchange.begin().broker
        cls.arrange()

    @classmethod
    def arrange(cls):
        """Nothing more than a broker."""

    @classmethod
    def finish(cls):
        keep = bool(os.environ.get("LIAISON_KEEP"))
        try:
            for client in cls.clients:
                client.leave()
        finally:
            cls.exchange.end(keep=keep)
        if keep:
            print(f"  kept: {cls.exchange.dir}", file=sys.stderr)

    @classmethod
    def invited(cls, node, role="adviser", *more):
        """A client with an invitation that it has not used."""
        client = Client(cls.broker.invite(node, f"{node} (invented)", role, *more))
        cls.clients.append(client)
        return client

    @classmethod
    def member(cls, node, role="adviser"):
        """A client that has joined, is connected, and can be written to."""
        client = cls.invited(node, role).join().enter()
        client.publish_sealing()
        return client
