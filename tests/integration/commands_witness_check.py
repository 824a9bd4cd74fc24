"""An outside witness of the exchange's logs (c2sp.org/tlog-witness): the broker asks it, an export
shows what it cosigned; it is killed, and offered a fork."""

import base64
import hashlib
import shutil
import subprocess
import urllib.error
import urllib.request

from commands import Commands, runs
from ports import free_port
from processes import Daemon, must, run, wait_until

NAME = "witness.example/w1"
DASH = "\N{EM DASH}"


class WitnessCommands(Commands):

    @classmethod
    def arrange(cls):
        super().arrange()
        cls.url = f"http://127.0.0.1:{free_port()}"
        cls.dir = cls.exchange.dir / "witness"
        cls.keys = cls.exchange.dir / "keys-of-logs"
        cls.program = cls.exchange.programs / "liaison-audit"
        wait_until(cls.write_keys, "both logs have a checkpoint")
        cls.witness = Daemon(
            "witness", [cls.program, "witness", "--dir", cls.dir, "--name", NAME,
                        "--logs", cls.keys, "--listen", cls.url[7:], "--unprotected"],
            cls.url + "/healthz", cls.exchange.dir / "logs" / "witness.log")
        cls.witness.start()
        cls.key = cls.shown()["key"]
        cls.broker.stop()
        cls.broker.settings["witnesses"] = [f"{cls.url} {cls.key}"]
        cls.broker.configure()
        cls.broker.start()

    @classmethod
    def tearDownClass(cls):
        cls.witness.kill()
        super().tearDownClass()

    @classmethod
    def write_keys(cls):
        told = must(run([cls.program, "checkpoint", "--json", "--dir", cls.broker.dir])).json()
        cls.keys.write_text("".join(f"{key}\n" for key in told["keys"]), encoding="utf-8")
        return told["message"] and told["registry"]

    @classmethod
    def shown(cls):
        return must(run([cls.program, "witness", "--dir", cls.dir, "--status", "--json"])).json()

    def audit(self, *words):
        return self.alone("liaison-audit", *words)

    def cosigned(self):
        """How many entries of the message log the witness cosigned, as an export shows it."""
        out = self.exchange.dir / "export"
        shutil.rmtree(out, ignore_errors=True)
        must(self.audit("export", "--dir", self.broker.dir, out))
        told = must(self.audit("verify", out, "--witness", self.key, "--json")).json()
        for log in told["logs"]:
            by = {one["witness"]: one for one in log["cosigned"]}
            if NAME not in by:
                return 0
        return by[NAME]["entries"]

    def beyond(self, size):
        return wait_until(lambda: (now := self.cosigned()) > size and now,
                          f"the witness has cosigned more than {size} entries")

    def offered(self, body):
        """(status, body, type) of the answer to a request."""
        request = urllib.request.Request(self.url + "/add-checkpoint", body.encode(),
                                         {"Content-Type": "text/plain"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers["Content-Type"]

    def signed(self, origin, size, root):
        """A checkpoint as a broker gone bad would sign it, by its own key."""
        text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        file = self.exchange.dir / "text"
        file.write_text(text, encoding="utf-8")
        key = self.broker.dir / "keys" / "log.pem"
        made = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", file],
                              check=True, capture_output=True).stdout
        public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"],
                                check=True, capture_output=True).stdout[-32:]
        key_id = hashlib.sha256(origin.encode() + b"\n\1" + public).digest()[:4]
        return f"{text}\n{DASH} {origin} {base64.b64encode(key_id + made).decode()}\n"

    @runs("audit witness", refused=("audit witness",))
    def test_cosigns(self):
        """a witness cosigns along with members; killed and started again it goes on; it stops"""
        self.received("Wilhelmina")
        size = self.beyond(0)
        out = self.exchange.dir / "export"
        told = must(self.audit("verify", out, "--witness", self.key)).out
        self.assertIn(f"{NAME}, named by you, at ", told)
        self.assertIn("by its certificate) at ", told)
        must(self.audit("verify", out, "--witness", self.key, "--witnesses", "1"))
        self.assertIn(f"{DASH} {NAME} ", must(self.audit("checkpoint", "--dir",
                                                         self.broker.dir)).out)
        self.witness.kill()
        self.received("Wilfred")
        wait_until(lambda: "trouble" in self.broker.json("status")["witnesses"][0],
                   "the broker says that its witness is down")
        self.witness.start()
        size = self.beyond(size)
        self.assertEqual(self.witness.stop(), 0)
        told = must(self.audit("witness", "--dir", self.dir, "--status")).out
        self.assertIn("does not serve", told)
        self.assertIn(f"cosigned {size} entries of ", told)
        self.witness.start()
        self.refused(self.audit("witness", "--dir", self.exchange.dir / "other"), "no witness yet",
                     "--name")
        self.refused(self.audit("witness", "--dir", self.dir), "in use")

    @runs("audit compare", refused=("audit compare",))
    def test_compare(self):
        """two checkpoints of one size and two roots, which the log signed, convict it"""
        self.received("Winona")
        self.beyond(0)
        honest = self.exchange.dir / "export" / "message" / "checkpoint"
        origin, size, _ = honest.read_text(encoding="utf-8").split("\n")[:3]
        files = {}
        for name, (of, count) in {"fork": (origin, int(size)), "later": (origin, int(size) + 1),
                                  "another": (origin[:-1] + "9", int(size))}.items():
            files[name] = self.exchange.dir / name
            files[name].write_text(self.signed(of, count, bytes(32)), encoding="utf-8")
        keys = "--keys", self.keys
        self.refused(self.audit("compare", honest, files["fork"], *keys), "they convict",
                     f"two different logs of {size} entries")
        self.assertIn("same: yes", must(self.audit("compare", honest, honest, *keys)).out)
        told = must(self.audit("compare", honest, files["later"], *keys, "--json")).json()
        self.assertEqual((told["same"], told["other_entries"]), (False, int(size) + 1))
        self.refused(self.audit("compare", honest, files["another"], *keys), "no key of a log")
        self.misused(self.audit("compare", honest, files["fork"]), "by which key")
        out = self.exchange.dir / "export"
        self.refused(self.audit("verify", out, "--since", files["fork"]), "the log was rewritten")

    def test_fork(self):
        """a witness that is offered a fork refuses it, says why, and keeps what it had"""
        self.received("Winston")
        self.beyond(0)
        self.broker.stop()   # nothing is asked of it meanwhile
        self.addCleanup(self.broker.start)
        before = self.shown()["logs"]
        origin, size = next((one["origin"], one["entries"]) for one in before
                            if "/message/" in one["origin"])
        other = hashlib.sha256(b"another history").digest()
        hash_line = base64.b64encode(other).decode() + "\n"
        longer, same = self.signed(origin, size + 1, other), self.signed(origin, size, other)
        answer = self.offered(f"old {size}\n{hash_line}\n{longer}")
        self.assertEqual(answer[0], 422)
        self.assertIn(f"continues that of {size} entries", answer[1])
        self.assertEqual(self.offered(f"old {size}\n\n{same}"),
                         (409, f"{size}\n", "text/x.tlog.size"))
        self.assertEqual(self.offered(f"old 0\n\n{longer}"),
                         (409, f"{size}\n", "text/x.tlog.size"))
        stranger = self.signed("elsewhere.example/log", 7, other)
        self.assertEqual(self.offered(f"old 0\n\n{stranger}")[0], 404)
        forged = longer.replace(f"\n{size + 1}\n", f"\n{size + 2}\n")
        self.assertEqual(self.offered(f"old {size}\n\n{forged}")[0], 403)
        for bad in ("", "old 1", "old 01\n\n" + longer, f"old {size + 2}\n\n{longer}", "x" * 1000,
                    f"old {size}\n" + 64 * hash_line + f"\n{longer}"):
            status, told, _ = self.offered(bad)
            self.assertEqual(status, 400)
            self.assertEqual(told.count("\n"), 1)
        self.assertEqual(self.offered("x" * 100_000)[0], 413)
        self.assertEqual(self.shown()["logs"], before)
        self.witness.stop()
        state = self.dir / "state"
        kept = state.read_bytes()
        state.write_bytes(kept[:-3])
        self.refused(self.audit("witness", "--dir", self.dir), "another key")
        state.write_bytes(kept)
        (self.dir / "vkey").unlink()   # it has signed: no key is made anew for it
        self.witness.start()
        self.assertEqual(self.shown()["logs"], before)
        self.assertEqual(self.shown()["key"], self.key)
