"""A client in a case with real nodes."""

import json

import crypto
import invented
import wire
from arranged import WithBroker
from client import now


class WithNodes(WithBroker):
    """The client's half of a case: it takes what comes, opens it and sends receipts."""

    @classmethod
    def arrange_provider(cls):
        cls.aire = cls.exchange.add("aire-valley", "provider", invented.PROVIDERS["aire-valley"])
        cls.aire.add_user("morwenna", "caseworker", invented.PASSWORD)
        cls.at_aire = staticmethod(cls.aire.as_user("morwenna"))
        cls.at_aire("service", "publish", "--file",
                    invented.as_file(cls.exchange.dir, "service.json",
                                     invented.SERVICES["aire-valley"]))

    @classmethod
    def arrange_office(cls):
        cls.office = cls.exchange.add("jcp-leeds", "adviser", invented.OFFICES["jcp-leeds"])
        cls.office.add_user("dana", "adviser", invented.PASSWORD)
        cls.at_leeds = staticmethod(cls.office.as_user("dana"))

    @staticmethod
    def publishes(client):
        """The client's own listing; its answer and the service."""
        service = invented.SERVICES[client.node]
        body = wire.encode("registry.Listing", {
            "publisher": client.node, "service": service["id"], "version": 1,
            "publishedAt": now(), "openReferral": json.dumps(service)})
        return client.publish("listing", wire.encode("registry.SignedListing", {
            "body": body, "certificate": client.certificate.fingerprint,
            "signature": crypto.sign(client.signing_key, b"liaison listing" + body)})), service

    @classmethod
    def file(cls, name, value):
        return invented.as_file(cls.exchange.dir, name, value)

    @staticmethod
    def takes(client, wanted, what):
        """Takes what comes, with a receipt for each, until a content satisfies `wanted`."""
        def found():
            # Answering one letter may bring the next.
            while item := next((each for each in client.inbox if "letter" in each), None):
                client.inbox.remove(item)
                content = client.open(item)
                if "events" in content:
                    content["verified"] = client.events_of(content)
                client.take(item)
                client.contents.append(content)
                if "receipts" not in content:
                    receipt = {"letter": content["letter"], "stage": "stored", "at": now()}
                    client.submit(client.seal(client.content(content["sender"],
                                                             receipts=[receipt])))
            return next((each for each in client.contents if wanted(each)), None)
        return client.until(found, what)

    def takes_event(self, client, kind):
        """The event of that kind in the present case, once it has come and its signature held."""
        def of(content):
            return [event for event in content.get("verified", [])
                    if kind in event["body"] and event["case"] == self.case]
        return of(self.takes(client, of, kind))[0]

    @classmethod
    def answered(cls, client, *asks):
        """What comes in answer to asks, each (node, what is wanted), but receipts and the word
        that it was all."""
        client.contents.clear()
        contents = [client.content(node, ask=wanted) for node, wanted in asks]
        client.submit(*map(client.seal, contents))
        for each in contents:
            cls.takes(client, lambda content, ask=each["letter"]: content.get(
                "answered", {}).get("ask") == ask, f"answered: {each['ask']}")
        return [content for content in client.contents
                if "answered" not in content and "receipts" not in content]

    def sends(self, client, recipient, *events):
        """Submits events in one letter, and its id once the broker has accepted it."""
        letter = client.seal(client.content(recipient, events=[event for event, _ in events]))
        client.submit(letter)
        self.assertIn(letter["id"], client.accepted, client.refused)
        return letter["id"]

    def receipt(self, client, letter, stage):
        """Waits for the recipient's receipt for a letter."""
        self.takes(client, lambda content: any(
            each["letter"] == letter and each["stage"] == stage
            for each in content.get("receipts", [])), f"the receipt: {stage}")

    def reported(self, client, letter):
        """The reason in the report about a letter."""
        item = client.until(lambda: next(
            (item for item in client.inbox
             if item.get("report", {}).get("letter") == letter["id"]), None), "a report")
        client.inbox.remove(item)
        client.take(item)
        return item["report"]["reason"]
