"""What the tests of wrong input share: a command is refused, and everything is as it was."""

import invented
from base import WithExchange
from processes import wait_until


class WithRefusals(WithExchange):
    """A client at Leeds, and a way to say that something is refused and leaves nothing behind."""

    left = last = None

    @classmethod
    def arrange(cls):
        super().arrange()
        wait_until(lambda: cls.at_leeds("find"), "the listing is at Leeds")
        cls.client = cls.at_leeds("client", "add", "--file",
                                  cls.file("client.json", invented.client()))["id"]
        cls.answers = {"gp_name": "Dr Example", "daily_life": "Cannot sit for long"}

    def before_and_after(self):
        """What must not change, at both sides: the history of a case has everything that was ever
        done in it, so that it is the same only if nothing was."""
        clients = [one["id"] for one in self.at_leeds("client", "list")]
        return {"cases": [self.at_leeds("case", "show", one) for one in clients],
                "records": [self.at_leeds("client", "show", one) for one in clients],
                "referrals": [self.at_leeds("referral", "list"), self.at_aire("referral", "list")],
                "cases there": [self.at_aire("case", "show", one["id"])
                                for one in self.at_aire("case", "list")],
                "services": self.at_aire("service", "list"),
                "users": [node.json("user", "list") for node in (self.leeds, self.aire)]}

    def refused(self, words, *names, at=None, given="", status=1):
        """One line that names all these; wrong usage (status 2) is told as briefly."""
        # What the last refusal left is what this one finds, unless a command ran in between.
        history = self.exchange.history
        before = self.left if history[-1] is self.last else self.before_and_after()
        node, user = at or (self.leeds, "dana")
        outcome = node.try_as(user, *words, given=given)
        self.assertEqual(outcome.status, status, f"{words}: {outcome.out}{outcome.err}")
        self.one_line(outcome.err, *names)
        self.assertEqual(outcome.out, "")
        type(self).left = self.before_and_after()
        type(self).last = history[-1]
        self.assertEqual(self.left, before)

    def refer(self, *more, service=None, client=None, **fields):
        """The words of a referral."""
        file = self.file("wrong.json", invented.referral(**{"answers": self.answers, **fields}))
        return ["refer", client or self.client, "--service", service or self.service, "--route",
                "formal", "--file", file, "--json", *more]

    @classmethod
    def referred(cls):
        """The id of a new client's referral that Aire Valley has."""
        client = cls.at_leeds("client", "add", "--file", cls.file(
            "client.json", invented.client("Other", "Person")))["id"]
        referral = cls.at_leeds("refer", client, "--service", cls.service, "--file", cls.file(
            "referral.json", invented.referral(answers=cls.answers)))["id"]
        cls.settles(referral, "received")
        return referral

    @classmethod
    def settles(cls, referral, state):
        """Waits until Leeds shows the state, and nothing more is under way that could change it."""
        def settled():
            shown = cls.at_leeds("referral", "show", referral)
            return (shown["state"] == state and shown["delivery"]["step"] in ("stored", "opened")
                    and not any(node.json("status")["outbox"] for node in (cls.leeds, cls.aire)))
        wait_until(settled, f"{referral} is {state}, and both sides know it")
