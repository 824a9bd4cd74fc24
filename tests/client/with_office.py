"""A client that is an office, and a real provider to which it refers."""

import secrets

import invented
from client import mark
from with_nodes import WithNodes


class WithOffice(WithNodes):
    """The client is an office; the provider is the real one."""

    @classmethod
    def arrange(cls):
        cls.arrange_provider()
        cls.leeds = cls.member("jcp-leeds")
        cls.leeds.until(lambda: "aire-valley" in cls.leeds.registry.sealing
                        and cls.leeds.registry.listings, "the provider's entries")

    def by_dana(self, strand_kind, body, **more):
        return self.leeds.event(self.case, strand_kind, body, user="dana", userName="Dana",
                                userRole="adviser", **more)

    def referral(self, **more):
        """Events that open a case and refer its client to the provider."""
        self.case = secrets.token_bytes(8) + mark("jcp-leeds")
        self.strand = secrets.token_bytes(8) + mark("jcp-leeds")
        (provider, service), listing = next(iter(self.leeds.registry.listings.items()))
        dana = {"node": "jcp-leeds", "user": "dana", "name": "Dana"}
        name = {"name": "name", "values": ["Perpetua Quimblethwaite"],
                "ground": {"basis": "agreed", "recordedBy": "Dana", "how": "in person",
                           "purpose": "this referral", "clientTold": True}}
        return (
            self.by_dana("core", {"caseOpened": {"leadAdviser": dana, "leadNumber": 1}}, number=1),
            self.by_dana("core", {"participantJoined": {
                "who": {"node": provider}, "organisation": invented.PROVIDERS["aire-valley"],
                "purpose": "a referral"}}, number=2),
            self.by_dana("referral", {"requested": {
                "provider": provider, "service": service, "listingVersion": listing["version"],
                "serviceName": listing["service_json"]["name"], "route": "formal",
                "urgency": "routine", "need": "Back pain since a fall",
                "hopedFor": ["Go back to my own job"], "items": [name], "caseManager": dana,
                **more}}, strand=self.strand))

    def aside(self):
        return self.aire.json("aside", "list")

    def refers(self):
        """A referral that the provider has: the id of its letter."""
        letter = self.sends(self.leeds, "aire-valley", *self.referral())
        self.receipt(self.leeds, letter, "stored")
        return letter
