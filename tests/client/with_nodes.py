"""A client in a case with real nodes."""

import invented
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

    def takes(self, client, wanted, what):
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
