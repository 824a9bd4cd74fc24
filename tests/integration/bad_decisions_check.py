"""What a provider's people give wrongly when they decide: one line that names the field and the
remedy, and the referral stays as it was, at both sides."""

from refusing import WithRefusals

DATE = "2026-05-06"                        # how a date is to be written, as the lines say
TIME = "2026-05-06T10:00:00+01:00"


class WhenProvidersErr(WithRefusals):

    @classmethod
    def arrange(cls):
        super().arrange()
        cls.waiting = cls.referred()

    def wrong(self, words, *names, status=1):
        self.refused(["referral", *words], *names, at=(self.aire, "morwenna"), status=status)

    def test_1_decline(self):
        """a reason that is none, none at all, and one that wants words"""
        self.wrong(["decline", self.waiting], "--reason", status=2)
        for reason in ("because", ""):
            self.wrong(["decline", self.waiting, "--reason", reason], "reason", "no_capacity")
        self.wrong(["decline", self.waiting, "--reason", "other"], "other", "say why")

    def test_2_accept(self):
        """a meeting at no time, a place at no date, a telephone number too long"""
        for time in ("yesterday", "2026-02-30T10:00:00Z", "2026-05-14", "2026-05-14T25:00:00Z"):
            with self.subTest(time=time):
                self.wrong(["accept", self.waiting, "--meeting", time], "meeting", TIME)
        self.wrong(["accept", self.waiting, "--wait-until", "soon"], "wait_until", DATE)
        self.wrong(["accept", self.waiting, "--phone", "0" * 500], "phone", "shorten")
        self.wrong(["accept", self.waiting, "--file", self.files / "absent.txt"], "absent.txt")

    def test_3_wait(self):
        """a place expected at no date"""
        for date in ("soon", "2026-02-30", "1.7.2027"):
            with self.subTest(date=date):
                self.wrong(["wait", self.waiting, "--expected", date], "expected", DATE)

    def test_4_too_early(self):
        """what is not possible now is said with what is"""
        for words in (["start"], ["complete", "--file", self.file("report.txt", b"Done")],
                      ["progress", "--file", self.file("progress.txt", b"Going well")]):
            with self.subTest(words=words):
                self.wrong([words[0], self.waiting, *words[1:]], "received", "accept", "decline")
        self.wrong(["start", "ffffffff"], "referral list")

    def test_5_start(self):
        """a meeting that took place at no date"""
        self.at_aire("referral", "accept", self.waiting, "--worker", "Morwenna Fennimore")
        self.settles(self.waiting, "accepted")
        for date in ("soon", "2026-02-30", "yesterday"):
            with self.subTest(date=date):
                self.wrong(["start", self.waiting, "--on", date], "on", DATE)

    def test_6_complete(self):
        """an exit report that is none"""
        self.at_aire("referral", "start", self.waiting)
        self.settles(self.waiting, "started")
        for content, names in ((b"", ["report"]), (b"{", ["report", "JSON"]),
                               (b"{}", ["report", "what was done"]),
                               ({"outcome": "work"}, ["outcome", "outcomes"]),
                               ({"what_was_done": 7}, ["what_was_done", "text"]),
                               (b"x" * 70_000, ["report", "8 KiB"])):
            with self.subTest(content=content[:12] if isinstance(content, bytes) else content):
                self.wrong(["complete", self.waiting, "--file",
                            self.file("report.json", content)], *names)
        self.wrong(["complete", self.waiting], "--file", status=2)
        self.wrong(["complete", self.waiting, "--file", self.files / "absent.json"],
                   "absent.json")
        self.wrong(["end", self.waiting, "--reason", "because"], "reason", "client_left")
