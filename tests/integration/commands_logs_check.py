"""The logs over the years: their key is replaced."""

from audited import Audited
from commands import runs
from processes import must


class OldLogs(Audited):

    @runs("broker rotate-log-key", "audit export", "audit verify", "audit prove",
          "audit check-proof", refused=("broker rotate-log-key", "audit verify"))
    def test_changed_key(self):
        """whoever has the logs' first key is led to the one that signs after it was replaced"""
        self.received("Verity")
        self.signed()
        first = self.exported("before-change")
        key, other = [line for line in (first / "keys").read_text(encoding="utf-8").split("\n")
                      if "/message/" in line or "/registry/" in line]
        letter = self.entries("--kind", "accepted")[0]["letter"]
        old = self.exchange.dir / "old.tlog-proof"
        old.write_text(must(self.asked("prove", letter)).out, encoding="utf-8")

        changed = must(self.broker.run("rotate-log-key", "--json")).json()
        self.assertTrue(changed["former_destroyed"])
        self.broker.kill()
        self.broker.start()
        self.addCleanup(self.broker.start)
        self.received("Vivian")
        self.signed()
        self.broker.stop()   # the store is opened by the command then
        again = must(self.broker.run("rotate-log-key", "--json")).json()
        self.assertEqual((again["change"], again["former"]),
                         (changed["change"] + 1, changed["key"]))
        self.broker.start()
        self.received("Viola")
        self.signed()

        second = self.exported("after-change")
        for log in ("registry", "message"):
            shown = must(self.audit("verify", second, "--key", key, "--json", "--since",
                                    first / log / "checkpoint")).json()
            self.assertEqual([one["key"] for one in shown["key_changes"]],
                             [changed["key"], again["key"]])
        self.assertIn("signed by the former key", must(self.audit("verify", second)).out)
        must(self.second("export", second))
        stranger = other.split("+")[0] + "+00000000+" + other.split("+")[2]
        self.refused(self.audit("verify", second, "--key", stranger), "--key")
        acts = must(self.audit("report", second, "--json")).json()["acts"]
        self.assertEqual([one["act"] for one in acts].count("rotate-log-key"), 2)

        proof = self.exchange.dir / "new.tlog-proof"
        proof.write_text(must(self.asked("prove", letter)).out, encoding="utf-8")
        must(self.audit("check-proof", old, "--keys", first / "keys"))
        must(self.audit("check-proof", old, "--keys", second / "keys"))
        self.refused(self.audit("check-proof", proof, "--keys", first / "keys"), "no known key")
        must(self.audit("check-proof", proof, "--keys", first / "keys", "--export", second))
        for node in (self.leeds, self.aire):
            said = [one["kind"] for one in node.json("alarms")]
            self.assertFalse([one for one in said if one.startswith("log_")], said)
        self.refused(self.alone("liaison-broker", "rotate-log-key", "--dir",
                                self.exchange.dir / "nowhere"), "nowhere")
