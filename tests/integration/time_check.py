"""Months pass: certificates are renewed over the link with fresh keys, and work goes on.

The programs run with the library of faketime(1), which moves the clock that they see.
"""

import datetime
import subprocess

import invented
from base import WithExchange
from processes import wait_until

# Where faketime(1) has its library, on this machine's architecture.
LIBRARY = dict(line.split("=", 1) for line in subprocess.run(
    ["faketime", "-f", "+1d", "env"], capture_output=True, text=True, check=True
).stdout.splitlines() if "=" in line)["LD_PRELOAD"]


class MonthsPass(WithExchange):

    def at_day(self, days):
        """Starts every program as if so many days had passed."""
        for party in self.exchange.parties():
            party.stop()
        for party in reversed(self.exchange.parties()):
            party.daemon.environment |= {"LD_PRELOAD": LIBRARY, "FAKETIME": f"+{days}d",
                                         "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            party.start()
            wait_until(lambda party=party: party is self.broker
                       or party.json("status")["link"] == "ready", f"{party.name} is connected")
        for node, user in ((self.leeds, "dana"), (self.aire, "morwenna")):  # tokens last 90 days
            node.must("user", "token", user, "--token-file", node.token(user))

    def signing_until(self, party):
        return datetime.datetime.fromisoformat(party.json("status")["signing_until"])

    def refers(self, name):
        client = self.at_leeds("client", "add", "--file", self.file(
            "client.json", invented.client(name, "Person")))["id"]
        wait_until(lambda: self.at_leeds("find"), "the listing is at Leeds")
        referral = self.at_leeds(
            "refer", client, "--service", self.service, "--route", "formal", "--file",
            self.file("referral.json", invented.referral(
                answers={"gp_name": "Dr E", "daily_life": "Sits badly"})))["id"]
        wait_until(lambda: self.at_leeds("referral", "show", referral)["state"] == "received",
                   f"{name}'s referral is received")

    def test_months(self):
        """in four months of 25 days every certificate is replaced, and referrals go on"""
        self.refers("Today")
        first = {party.name: self.signing_until(party) for party in (self.leeds, self.aire)}
        for days in (25, 50, 75, 100):
            self.at_day(days)
            self.refers(f"Day{days}")
        for party in (self.leeds, self.aire):
            self.assertGreater(self.signing_until(party), first[party.name],
                               f"{party.name}'s certificate was never renewed")
        self.assertEqual(self.leeds.json("aside", "list"), [])
        self.assertEqual(self.aire.json("aside", "list"), [])
