"""One client's referral, told and checked: who did what, what the other side then sees, and what
the broker can see of it. Public commands only."""

import concurrent.futures
import json
import shutil

import invented
from eyes import Eyes
from exchange import Exchange, wait_until
from processes import must, run

ADVISERS = {"jcp-leeds": "dana", "jcp-bradford": "imran"}
WORKERS = {"aire-valley": "morwenna", "armley-debt-desk": "tobias", "spen-surgery": "ottoline"}
CLIENT = "Perpetua Quimblethwaite"


class Story:
    def __init__(self, narrator, programs, directory):
        self.tell = narrator
        self.exchange = Exchange(programs, directory)
        self.files = self.exchange.dir / "files"
        self.files.mkdir()
        self.eyes = Eyes(narrator, self.exchange)
        self.act = {}

    # ---- helpers ---------------------------------------------------------------------------

    def node(self, name):
        return self.exchange.nodes[name]

    def file(self, name, value):
        return invented.as_file(self.files, name, value)

    def referral(self, side, referral):
        return self.act[side]("referral", "show", referral)

    def sees_state(self, side, referral, state, seconds=60):
        """Waits until that side shows the referral in that state; the referral as it shows it."""
        def there():
            shown = self.referral(side, referral)
            return shown if shown["state"] == state else None
        return wait_until(there, f"{side} shows {referral} as {state}", seconds)

    def both_see(self, referral, provider, state):
        for side in ("jcp-leeds", provider):
            shown = self.sees_state(side, referral, state)
        self.tell.check(True, f"both sides show the referral as {state}")
        return shown

    def delivered(self, referral, stage, seconds=60):
        """Waits until Leeds sees its referral at that step of delivery."""
        steps = ["queued", "accepted", "stored", "opened"]
        def there():
            step = self.referral("jcp-leeds", referral)["delivery"]["step"]
            return step in steps and steps.index(step) >= steps.index(stage)
        return wait_until(there, f"the letter is {stage}", seconds)

    # ---- chapters --------------------------------------------------------------------------

    def all(self):
        self.an_exchange_is_made()
        self.organisations_join()
        self.services_are_published()
        self.a_client_is_referred()
        self.a_question_is_asked()
        self.the_broker_is_killed()
        self.the_provider_is_away()
        self.the_work_is_done()
        self.another_is_declined()
        self.withdrawn_and_accepted_at_once()
        self.the_broker_loses_its_disk()
        self.nothing_was_read()
        self.the_logs_are_verified()

    def an_exchange_is_made(self):
        self.tell.chapter("An exchange is made")
        self.exchange.begin("An invented exchange")
        self.tell.does("Administrator", "liaison-broker init, serve: a certificate authority, the "
                       "broker's keys, and a broker on this machine's loopback")
        self.tell.check(self.exchange.broker.json("nodes") == [], "nobody has joined yet")

    def organisations_join(self):
        self.tell.chapter("Two offices, a contracted provider, a charity and a GP practice join")
        for name, organisation in invented.OFFICES.items():
            self._joins(name, "adviser", organisation, ADVISERS[name], "adviser")
        for name, organisation in invented.PROVIDERS.items():
            more = ["--capability", "health"] if name == "spen-surgery" else []
            role = "practitioner" if name == "spen-surgery" else "caseworker"
            self._joins(name, "provider", organisation, WORKERS[name], role, *more)
        nodes = self.exchange.broker.json("nodes")
        self.tell.sees("Administrator", ", ".join(sorted(n["id"] for n in nodes)))
        self.tell.check({n["id"] for n in nodes} == set(self.exchange.nodes),
                        "all five are on the exchange")

    def _joins(self, name, node_role, organisation, user, role, *more):
        node = self.exchange.add(name, node_role, organisation, *more)
        node.add_user(user, role, invented.PASSWORD)
        self.act[name] = node.as_user(user)
        self.tell.does(name, f"{organisation} joins with one invitation; its keys were made there; "
                       f"{user} ({role}) may sign in")

    def services_are_published(self):
        self.tell.chapter("The providers publish their services")
        for name, listing in invented.SERVICES.items():
            self.act[name]("service", "publish", "--file", self.file(f"{name}.json", listing))
            self.tell.does(name, f"publishes «{listing['name']}», signed")
        for office in ADVISERS:
            def all_found(office=office):
                found = self.act[office]("find")
                return found if len(found) == len(invented.SERVICES) else None
            found = wait_until(all_found, f"{office} has every listing")
            self.tell.sees(office, "; ".join(f"{s['name']} ({s['provider']})" for s in found))
        by_word = self.act["jcp-bradford"]("find", "pain")
        self.tell.check([s["provider"] for s in by_word] == ["aire-valley"],
                        "Bradford finds condition management by the word «pain»")

    def a_client_is_referred(self):
        self.tell.chapter(f"Leeds refers {CLIENT} (invented) to Aire Valley, with a letter")
        leeds = self.act["jcp-leeds"]
        self.client = leeds("client", "add", "--file",
                            self.file("client.json", invented.client()))["id"]
        self.letter = invented.pdf("To whom it may concern: Ms Quimblethwaite sits badly")
        self.first = leeds(
            "refer", self.client, "--service", self._service("aire-valley"), "--route", "formal",
            "--file", self.file("referral.json", invented.referral(
                answers={"gp_name": "Dr Example", "daily_life": "Cannot sit for long"})),
            "--attach", self.file("letter.pdf", self.letter))["id"]
        self.tell.does("dana at Leeds", f"adds the client, refers: referral {self.first[:8]}...")
        shown = self.sees_state("aire-valley", self.first, "received")
        self.tell.sees("Aire Valley", f"a new referral for {CLIENT}: «{shown['request']['need']}», "
                       f"with {len(shown['attachments'])} attachment")
        self.tell.check(CLIENT.split()[1] in str(shown), "the client's name reached the provider")
        self.delivered(self.first, "stored")
        self.tell.check(True, "Leeds sees the delivery: stored at Aire Valley")
        listed = self.act["jcp-bradford"]("client", "list")
        self.tell.check(listed == [], "Bradford sees nothing of this client")
        self.eyes.look()

    def _service(self, provider):
        return invented.SERVICES[provider]["id"]

    def a_question_is_asked(self):
        self.tell.chapter("Aire Valley asks, Leeds answers")
        self.act["aire-valley"]("referral", "ask", self.first, "--file",
                                self.file("question.txt", b"Can she manage stairs?"))
        self.tell.does("morwenna at Aire Valley", "asks: Can she manage stairs?")
        def asked():
            questions = self.referral("jcp-leeds", self.first)["questions"]
            return [q for q in questions if "stairs" in q["text"]]
        question = wait_until(asked, "the question is at Leeds")
        self.tell.sees("Leeds", f"a question: {question[0]['text']}")
        self.act["jcp-leeds"]("referral", "answer", self.first, "--file",
                              self.file("answer.txt", b"One flight, with a rail."))
        self.tell.does("dana at Leeds", "answers: One flight, with a rail.")
        wait_until(lambda: [q for q in self.referral("aire-valley", self.first)["questions"]
                            if "rail" in (q.get("answer") or "")], "the answer is at Aire Valley")
        self.tell.check(True, "Aire Valley reads the answer")
        self.eyes.look()

    def the_broker_is_killed(self):
        self.tell.chapter("The broker is killed with letters in flight, and started again")
        self.node("aire-valley").daemon.pause()
        others = []
        for number in range(6):
            client = self.act["jcp-leeds"]("client", "add", "--file", self.file(
                f"client-{number}.json", invented.client(f"Invented{number}", "Person")))["id"]
            others.append(self._refer(client, "aire-valley", f"referral-{number}.json"))
            if number == 2:
                for referral in others:
                    self.delivered(referral, "accepted")
                self.tell.does("dana at Leeds", "refers three more clients; Aire Valley's node "
                               "hangs and takes nothing")
                self.eyes.look()
                self.exchange.broker.kill()
                self.tell.does("Somebody", "kills the broker (kill -9) with these letters in its "
                               "mailbox")
                self.tell.does("dana at Leeds", "refers three more clients while it is gone")
        waiting = [r for r in others
                   if self.referral("jcp-leeds", r)["delivery"]["step"] == "queued"]
        self.tell.sees("Leeds", f"{len(waiting)} of 6 queued, the others accepted by the exchange")
        self.exchange.broker.start()
        self.node("aire-valley").daemon.resume()
        self.tell.does("Administrator", "starts the broker again")
        for referral in others:
            self.sees_state("aire-valley", referral, "received")
            self.delivered(referral, "stored")
        ids = [r["id"] for r in self.act["aire-valley"]("referral", "list")]
        self.tell.check(sorted(ids) == sorted([self.first, *others]),
                        "all six are at Aire Valley, each exactly once")

    def _refer(self, client, provider, name, **more):
        answers = {"gp_name": "Dr Example", "daily_life": "Cannot sit for long"}
        return self.act["jcp-leeds"](
            "refer", client, "--service", self._service(provider), "--route", "formal", "--file",
            self.file(name, invented.referral(
                **({"answers": answers} if provider == "aire-valley" else {}), **more)))["id"]

    def the_provider_is_away(self):
        self.tell.chapter("Aire Valley's laptop is switched off for a while")
        self.node("aire-valley").stop()
        self.tell.does("Aire Valley", "goes home; its node is stopped")
        self.node_letter = self.act["jcp-leeds"](
            "referral", "attach", self.first, "--attach",
            self.file("second.pdf", invented.pdf("A second letter")))
        waiting = wait_until(lambda: [n for n in self.exchange.broker.json("nodes")
                                      if n["id"] == "aire-valley" and n["waiting"] > 0],
                             "a letter waits at the broker")
        self.tell.sees("Administrator", f"aire-valley is not connected; {waiting[0]['waiting']} "
                       "letters wait for it")
        self.eyes.look()
        self.node("aire-valley").start()
        wait_until(lambda: len(self.referral("aire-valley", self.first)["attachments"]) == 2,
                   "the second letter is at Aire Valley")
        self.tell.check(True, "next morning Aire Valley has it, without anyone sending it again")

    def the_work_is_done(self):
        self.tell.chapter("Accepted, started, progress, completed")
        aire = self.act["aire-valley"]
        aire("referral", "accept", self.first, "--worker", "Morwenna Fennimore")
        shown = self.sees_state("jcp-leeds", self.first, "accepted")
        self.tell.does("morwenna at Aire Valley",
                       "accepts; Morwenna Fennimore will meet the client")
        self.tell.sees("Leeds", f"accepted; worker {shown['worker']['name']}")
        aire("referral", "start", self.first)
        self.sees_state("jcp-leeds", self.first, "started")
        self.tell.does("morwenna at Aire Valley", "starts: the first meeting took place")
        aire("referral", "progress", self.first, "--file",
             self.file("note.txt", b"Sits for an hour now; pacing helps."))
        self.tell.does("morwenna at Aire Valley", "writes progress")
        wait_until(lambda: "pacing" in str(self.referral("jcp-leeds", self.first)),
                   "the progress is at Leeds")
        self.tell.check(True, "Leeds reads the progress")
        aire("referral", "complete", self.first, "--file", self.file("exit.json", {
            "hopes": [{"hoped_for": hope, "result": result} for hope, result in
                      zip(invented.referral()["hoped_for"], ["achieved", "partly"])],
            "outcomes": [{"code": "condition_managed_better"}],
            "what_was_done": "Eight sessions on pacing", "what_next": "Back to work in steps",
            "client_saw_it": True}))
        shown = self.both_see(self.first, "aire-valley", "completed")
        shown = self.referral("jcp-leeds", self.first)
        self.tell.sees("Leeds", "completed, with the exit report: "
                       + ", ".join(o["code"] for o in shown["outcome"]["report"]["outcomes"]))
        self.eyes.look()

    def another_is_declined(self):
        self.tell.chapter("A second referral is declined, with a reason")
        self.act["jcp-leeds"]("share", self.client, "--to", "armley-debt-desk", "--basis", "agreed",
                              "--items", "name,phone,needs")
        second = self._refer(self.client, "armley-debt-desk", "second.json",
                             hoped_for=["A plan for the debts"])
        self.sees_state("armley-debt-desk", second, "received")
        self.act["armley-debt-desk"]("referral", "decline", second, "--reason", "no_capacity")
        self.tell.does("tobias at Armley Debt Desk", "declines: no capacity")
        self.both_see(second, "armley-debt-desk", "declined")
        shown = self.referral("jcp-leeds", second)
        self.tell.sees("Leeds", f"declined, because: {shown['outcome']['reason']}")
        self.eyes.look()

    def withdrawn_and_accepted_at_once(self):
        self.tell.chapter("A third is withdrawn at the same moment as it is accepted")
        self.act["jcp-leeds"]("share", self.client, "--to", "spen-surgery", "--basis", "agreed",
                              "--items", "name,phone,needs")
        third = self._refer(self.client, "spen-surgery", "third.json",
                            hoped_for=["Talk about work and health"])
        self.sees_state("spen-surgery", third, "received")
        self.exchange.broker.stop()
        with concurrent.futures.ThreadPoolExecutor() as both:
            withdrawn = both.submit(self.act["jcp-leeds"], "referral", "withdraw", third,
                                    "--file", self.file("why.txt", b"She has found work"))
            accepted = both.submit(self.act["spen-surgery"], "referral", "accept", third,
                                   "--worker", "Ottoline Marchbanks")
            withdrawn.result()
            accepted.result()
        self.tell.does("dana and ottoline", "withdraw and accept while the line is down: neither "
                       "can know of the other")
        self.tell.sees("Leeds", f"{self.referral('jcp-leeds', third)['state']}, withdrawal asked")
        self.tell.sees("Spen Surgery", self.referral("spen-surgery", third)["state"])
        self.exchange.broker.start()
        self.both_see(third, "spen-surgery", "accepted")
        wait_until(lambda: "withdraw" in self.referral("spen-surgery", third)["allowed_actions"],
                   "the withdrawal is asked of a person at the surgery")
        self.act["spen-surgery"]("referral", "withdraw", third)
        self.tell.does("ottoline at the surgery", "confirms the withdrawal, because the acceptance "
                       "stood first")
        self.both_see(third, "spen-surgery", "withdrawn")
        histories = [[(h["event"], h["verdict"]) for h in self.referral(side, third)["history"]]
                     for side in ("jcp-leeds", "spen-surgery")]
        self.tell.check(histories[0] == histories[1], "both show the same history, step for step")
        self.eyes.look()

    def the_broker_loses_its_disk(self):
        self.tell.chapter("The broker's disk is lost, and restored from a backup")
        broker = self.exchange.broker
        backup = self.exchange.dir / "broker.backup"
        broker.must("backup", backup)
        self.tell.does("Administrator", "liaison-broker backup, while it runs")
        self.node("armley-debt-desk").stop()
        fourth = self._refer(self.client, "armley-debt-desk", "fourth.json",
                             hoped_for=["A plan for the debts"])
        self.delivered(fourth, "accepted")
        self.tell.does("dana at Leeds", "refers to Armley Debt Desk, which is offline: the "
                       "exchange has accepted it, and the letter waits in the broker's mailbox")
        self.eyes.look()
        broker.kill()
        lost = broker.dir
        restored = self.exchange.dir / "broker-restored"
        shutil.rmtree(lost)
        self.tell.does("Somebody", "loses the broker's disk")
        broker.restore(backup, restored)
        broker.start()
        self.eyes.forget()
        self.tell.does("Administrator", "liaison-broker restore, into a new directory: the backup "
                       "knows nothing of that letter")
        self.node("armley-debt-desk").start()
        self.sees_state("armley-debt-desk", fourth, "received", 120)
        self.delivered(fourth, "stored", 120)
        self.tell.check(True, "what the broker had forgotten arrived all the same, because Leeds "
                        "keeps a letter until its recipient's own receipt has come")
        again = [r for r in self.act["armley-debt-desk"]("referral", "list") if r["id"] == fourth]
        self.tell.check(len(again) == 1, "exactly once")

    def nothing_was_read(self):
        self.tell.chapter("What the broker knows at the end")
        self.eyes.look()
        hits = self.eyes.search_everything()
        self.tell.check(hits == [], "the client's name, address, telephone and National Insurance "
                        "number are nowhere in the broker's files or in any log, in any form")

    def the_logs_are_verified(self):
        self.tell.chapter("An auditor is handed the logs, and trusts nobody")
        out = self.exchange.dir / "export"
        broker = self.exchange.broker
        def audit(*words):
            return run([self.exchange.programs / "liaison-audit", *words])
        def signed():
            told = must(audit("checkpoint", "--json", "--dir", broker.dir)).json()["message"]
            entries = must(audit("log", "--json", "--dir", broker.dir)).out.split("\n")[:-1]
            return told and int(told.split("\n")[1]) == len(entries) and entries
        entries = [json.loads(entry) for entry in wait_until(signed, "the log is signed")]
        must(audit("export", out, "--dir", broker.dir))
        self.tell.does("Administrator", "liaison-audit export: both logs, as a directory")
        shown = must(audit("verify", out, "--json")).json()
        for log in shown["logs"]:
            self.tell.sees("Auditor", f"the {log['log']} log: {log['entries']} entries, each as "
                           "it was signed")
        self.tell.check(shown["holds"], "both logs hold, checked without broker or network")
        letter = [one for one in entries if one["kind"] == "accepted"][0]
        proof = self.exchange.dir / "letter.tlog-proof"
        proof.write_text(must(audit("prove", letter["letter"], "--dir", broker.dir)).out,
                         encoding="utf-8")
        proved = must(audit("check-proof", proof, "--keys", out / "keys", "--json")).json()
        self.tell.check(proved["letter"] == letter["letter"], "one letter's proof holds: "
                        f"{proved['sender']} to {proved['recipient']}, {proved['at']}")
        bundle = next((out / "message" / "tile" / "entries").glob("000*/*"))
        octets = bytearray(bundle.read_bytes())
        octets[60] ^= 1
        bundle.write_bytes(octets)
        refused = audit("verify", out)
        self.tell.does("Somebody", "alters one octet of the first entry in the copy")
        self.tell.sees("Auditor", refused.err.strip())
        self.tell.check(refused.status == 1 and "entry 0 is not the one" in refused.err,
                        "the altered entry is named")
