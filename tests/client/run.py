#!/usr/bin/python3
"""The Python client against the real programs.

usage: run.py --programs BUILD/bin

A broker and a Jobcentre office are the real programs; the provider is the client of client.py. Each
step is a sentence; the last line is "N passed, N failed".
"""

import argparse
import pathlib
import sys
import tempfile
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

import invented  # noqa: E402
from client import DAY, Client, Refused, now, read_invitation  # noqa: E402
from exchange import Exchange  # noqa: E402
from processes import wait_until  # noqa: E402
from tool import decode  # noqa: E402

STEPS = []


def step(sentence):
    def keep(function):
        STEPS.append((sentence, function))
        return function
    return keep


class World:
    def __init__(self, programs):
        self.exchange = Exchange(programs, tempfile.mkdtemp(prefix="liaison-client-"))
        self.files = self.exchange.dir / "files"
        self.files.mkdir()
        self.broker = self.exchange.begin().broker
        self.leeds = self.exchange.add("jcp-leeds", "adviser", invented.OFFICES["jcp-leeds"])
        self.leeds.add_user("dana", "adviser", invented.PASSWORD)
        self.at_leeds = self.leeds.as_user("dana")
        self.line = self.broker.invite("armley-debt-desk", "Armley Debt Desk (invented)",
                                       "provider")
        self.client = Client(self.exchange.dir / "python", self.line)

    def delivery(self):
        return self.at_leeds("referral", "show", self.referral)["delivery"]

    def leeds_sealing_key(self):
        return next((self.leeds.dir / "keys").glob("sealing-*.pem"))


@step("a damaged invitation is not one")
def damaged(world):
    for text in (world.line[:-2] + "00", world.line[:40] + "A" + world.line[41:]):
        try:
            read_invitation(text)
        except ValueError:
            continue
        raise AssertionError("a damaged invitation was read")


@step("it joins, and joining again with the same keys is answered alike")
def joins(world):
    world.client.join()
    first = world.client.keys.path("signing.pem").read_bytes()
    world.client.join()
    assert world.client.keys.path("signing.pem").read_bytes() == first


@step("other keys with the same invitation are refused")
def thief(world):
    other = Client(world.exchange.dir / "thief", world.line)
    try:
        other.join()
    except Refused:
        return
    raise AssertionError("an invitation served twice")


@step("it says hello, publishes a sealing certificate and a service, and takes the registry")
def connects(world):
    client = world.client
    welcome = client.connect()
    assert int(welcome["incarnation"]) >= 1
    client.fetch_registry()
    index = client.publish("sealingCertificate", client.keys.sealing_certificate())
    assert index >= len([e for e in client.entries if e[0] == "authority"])
    listing = invented.SERVICES["armley-debt-desk"]
    client.publish_listing(listing["id"], listing)
    client.fetch_registry()
    assert client.entries[0][0] == "authority"
    world.service = listing["id"]


@step("the office finds the service and refers a client to it")
def refers(world):
    wait_until(lambda: world.at_leeds("find", "debt"), "the listing is at Leeds")
    person = world.at_leeds("client", "add", "--file", invented.as_file(
        world.files, "client.json", invented.client()))["id"]
    world.at_leeds("share", person, "--to", "armley-debt-desk", "--basis", "agreed", "--items",
                   "name,phone,needs")
    world.referral = world.at_leeds(
        "refer", person, "--service", world.service, "--route", "formal", "--file",
        invented.as_file(world.files, "referral.json", invented.referral()))["id"]


@step("it takes the letter, opens it, and reads the client's name in a signed event")
def takes(world):
    seen = b""
    while b"Quimblethwaite" not in seen:
        content = world.client.take()
        for event in content.get("events", []):
            body = bytes(event["body"])
            decode("casework", "Event", body)
            seen += body
        world.taken = content


@step("its receipts show at the office: stored, by a letter sealed here")
def stored(world):
    world.client.fetch_registry()
    answer = world.client.submit(world.client.receipt("jcp-leeds", world.taken["letter"], "stored"))
    assert answer[0] == "accepted", answer
    wait_until(lambda: world.delivery()["step"] == "stored", "the office sees it stored")


@step("a letter made by openssl cms within the profile opens at the office: opened")
def opened(world):
    answer = world.client.submit(world.client.receipt(
        "jcp-leeds", world.taken["letter"], "opened", by_openssl=world.leeds_sealing_key()))
    assert answer[0] == "accepted", answer
    wait_until(lambda: world.delivery()["step"] == "opened", "the office sees it opened")


@step("a repeat is answered alike; other octets under the same id are refused")
def repeats(world):
    letter = world.client.receipt("jcp-leeds", world.taken["letter"], "stored")
    first = world.client.submit(letter)
    assert first[0] == "accepted" and world.client.submit(letter) == first
    other = world.client.receipt("jcp-leeds", world.taken["letter"], "stored")
    kind, refused = world.client.submit({**other, "id": letter["id"]})
    assert kind == "refused", refused
    assert (refused["reason"], refused["meaning"]) == ("idReused", "final"), refused


@step("a letter in another's name, to nobody, or without an end is refused with its reason")
def refusals(world):
    letter = world.client.receipt("jcp-leeds", world.taken["letter"], "stored")
    for change, reason in (({"sender": "jcp-leeds"}, "wrongSender"),
                           ({"recipient": "nobody-here"}, "unknownRecipient"),
                           ({"expires": "1000"}, "expired"),
                           ({"expires": str(now() + 400 * DAY)}, "expiryTooFar"),
                           ({"sealingKey": [7] * 32}, "keyUnknown"),
                           ({"sealed": []}, "malformed")):
        try:
            kind, answer = world.client.submit({**letter, **change, "id": [len(reason)] * 16})
        except TimeoutError as late:
            raise AssertionError(f"{reason}: {late}") from late
        assert (kind, answer.get("reason")) == ("refused", reason), (reason, kind, answer)


@step("a letter that does not open is set aside there, listed, and reported to its sender")
def set_aside(world):
    letter = world.client.receipt("jcp-leeds", world.taken["letter"], "stored")
    letter["commitment"] = [7] * 32
    assert world.client.submit(letter)[0] == "accepted"
    report = None
    while report is None:
        report = world.client.take().get("report")
    assert (report["reason"], report["letter"]) == ("unopenable", letter["id"]), report
    listed = world.leeds.json("aside", "list")
    assert len(listed) == 1, listed


@step("a newer connection of the same node takes the place of the older")
def replaced(world):
    older = world.client.socket
    world.client.connect()
    newer, world.client.socket, world.client.frames = world.client.socket, older, []
    assert world.client.receive("goodbye")["reason"] == "replaced"
    older.close()
    world.client.socket = newer


@step("frames that cannot be read cost the link for some minutes, and the office notices nothing")
def strikes(world):
    for _ in range(12):
        world.client.socket.send(b"this is no frame at all.")
    assert world.client.receive("goodbye")["reason"] == "strikes"
    world.client.socket.close()
    world.client.frames = []
    try:
        world.client.connect()
        raise AssertionError("it was welcome again at once")
    except TimeoutError:
        assert world.client.receive("goodbye")["reason"] == "strikes"
    assert world.leeds.json("status")["link"] == "ready"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--programs", required=True)
    options = parser.parse_args()
    passed = failed = 0
    world = World(options.programs)
    try:
        for sentence, function in STEPS:
            try:
                function(world)
            except Exception:  # each step stands on those before: the first failure ends it
                failed = len(STEPS) - passed
                print(f"FAILED  {sentence}")
                traceback.print_exc(file=sys.stdout)
                break
            passed += 1
            print(f"ok      {sentence}", flush=True)
    finally:
        world.client.context.destroy(linger=0)
        world.exchange.end()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
