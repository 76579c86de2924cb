#!/usr/bin/env python3
"""`splitmx queue move`: mail goes to the host that an operator names, whatever the rules say by then."""
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

SENDER, CARL, KIM = "bob@example.net", "carl@contoso.com", "kim@contoso.com"
PEOPLE = tuple((who.split("@", maxsplit=1)[0], [who], {"mailRoutingAddress": who}) for who in (CARL, KIM))


class QueueMove(cases.Case):
    """Mail for contoso.com waits for the host notes; europe would take it."""

    def setUp(self):
        super().setUp()
        self.notes = self.stage.sink(stage.FOREIGN, name="notes")
        self.notes.on("rcpt", "451 4.3.2 try later")
        self.europe = self.stage.sink(stage.SISTER, name="europe")
        self.relay = self.stage.small_world(*PEOPLE, config={
            "queue": {"retry": ["1h"]}, "history": {"keep": "1d"},
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": "#contoso.com", "action": "inbound", "host": "notes"}],
            "host": {"notes": {"address": self.notes.endpoint},
                     "europe": {"address": self.europe.endpoint, "networks": [f"{stage.COLLEAGUE}/32"]}}})

    def splitmx(self, *words, code=0, stdin=""):
        done = subprocess.run([daemon.program("splitmx"), "--config", self.relay.config_path, *words],
                              input=stdin, capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, code, done)
        return done.stdout + done.stderr

    def submit(self, *rcpts, source=None):
        last = mail.submit(self.relay, SENDER, list(rcpts), source=source).last
        ident = re.search(r"Stored as (\S+)", last.text)[1]
        self.relay.wait_for_log(rf"{ident} wait ")
        return ident

    def recipients(self, ident):
        row = json.loads(self.splitmx("queue", "show", ident, "--json"))
        return {one["address"]: one for one in row["recipients"]}

    def until(self, condition, what):
        for _ in range(600):
            if condition():
                return
            time.sleep(0.1)
        self.fail(f"{what}: {self.splitmx('queue', 'list')}")

    def moved(self, ident, rcpt=CARL):
        one = self.recipients(ident)[rcpt]
        return one["host"], one.get("moved_from")

    def test_it_stays_moved(self):
        """By way of a host that is paused, so that a reload, a restart and a retry can try to undo it."""
        ident = self.submit(CARL)
        self.splitmx("host", "pause", "europe")
        said = self.splitmx("queue", "move", "--waiting-for", "notes", "--host", "europe", "--yes")
        self.assertEqual(said, "1 recipient of 1 message moved to europe\n")
        self.assertEqual(self.moved(ident), ("europe", "notes"))
        self.relay.wait_for_log(rf"{ident} move +{CARL} -> europe from=notes by=")
        self.assertIn("host    europe, moved there by an operator; by the rules notes",
                      self.splitmx("queue", "show", ident))
        self.relay.rewrite({"limits": {"errors": 5}})
        self.assertIn("in force", self.splitmx("reload"))
        self.splitmx("queue", "retry", ident)
        self.assertEqual(self.moved(ident), ("europe", "notes"))
        self.relay.stop()
        self.relay.start()
        self.until(lambda: "europe" in self.splitmx("queue", "shape"), "not there after a restart")
        self.assertEqual(self.moved(ident), ("europe", "notes"))
        before = len(self.notes.refused)
        self.splitmx("host", "resume", "europe")
        self.until(lambda: self.splitmx("queue", "list") == "no messages\n", "not delivered")
        self.assertEqual([one.rcpts for one in self.europe.messages], [[CARL]])
        self.assertEqual(len(self.notes.refused), before)
        self.until(lambda: " SEND " in self.splitmx("trace", ident), "no history")
        self.assertRegex(self.splitmx("trace", ident), rf"REDIRECT  {CARL} at europe  moved from notes by \S+\n")

    def test_only_who_is_meant_and_is_left(self):
        self.notes.forget_rules()
        self.notes.on("rcpt", "250 2.1.5 ok", times=1).on("rcpt", "451 4.3.2 try later")
        ident = self.submit(CARL, KIM)
        states = {who: one["state"] for who, one in self.recipients(ident).items()}
        done, left = sorted(states, key=states.get)
        self.assertEqual((states[done], states[left]), ("delivered", "pending"))
        other = self.submit(CARL, KIM)
        said = self.splitmx("queue", "move", "--to", left, "--host", "europe", "--dry-run")
        self.assertRegex(said, r"^would move 2 recipients of 2 messages \(oldest \d+ s\) to europe on [\d.]+:\d+\n$")
        self.assertEqual(self.moved(ident, left), ("notes", None))
        self.assertIn("nothing was changed",
                      self.splitmx("queue", "move", "--to", left, "--host", "europe", stdin="n\n"))
        self.assertIn("2 recipients of 2 messages moved",
                      self.splitmx("queue", "move", "--to", left, "--host", "europe", stdin="y\n"))
        self.until(lambda: len(self.europe.messages) == 2, "not delivered")
        self.assertEqual([one.rcpts for one in self.europe.messages], [[left], [left]])
        self.assertEqual(self.moved(other, done), ("notes", None))

    def test_back_to_where_the_rules_say(self):
        ident = self.submit(CARL)
        self.splitmx("host", "pause", "europe")
        self.splitmx("queue", "move", ident, "--host", "europe", "--yes")
        self.assertEqual(self.splitmx("queue", "move", ident, "--back", "--dry-run").split(" (")[0],
                         "would move 1 recipient of 1 message back")
        said = self.splitmx("queue", "move", ident, "--back", "--yes")
        self.assertEqual(said, "1 recipient of 1 message moved back\n")
        self.until(lambda: self.moved(ident) == ("notes", None), "not back")

    def test_a_host_that_goes_takes_the_move_along(self):
        ident = self.submit(CARL)
        self.splitmx("host", "pause", "europe")
        self.splitmx("queue", "move", ident, "--host", "europe", "--yes")
        self.relay.rewrite({"host": {"europe": None}})
        self.assertIn("in force", self.splitmx("reload"))
        self.splitmx("queue", "retry", ident)
        self.until(lambda: self.moved(ident) == ("notes", None), "still there")

    def test_no_loop_is_made(self):
        """The client is a part of the system that it would go to."""
        ident = self.submit(CARL, source=stage.COLLEAGUE)
        said = self.splitmx("queue", "move", "--all", "--host", "europe", "--yes")
        self.assertEqual(said, "0 recipients of 0 messages moved to europe\n"
                               f"{ident} came from europe: there it would loop; it stays\n")
        self.assertEqual(self.moved(ident), ("notes", None))

    def test_wrong_usage(self):
        ident = self.submit(CARL)
        for words, code, text in (
                (["--all", "--host", "eurpoe"], 68, 'there is no host "eurpoe"; did you mean "europe"?'),
                (["--all"], 64, "to which host?"), (["--host", "europe"], 64, "which messages?"),
                (["--all", "--host", "europe", "--back"], 64, "exclude each other"),
                (["8FQ2", "--host", "europe"], 64, "a spool id has 10 to 13 characters")):
            self.assertIn(text, self.splitmx("queue", "move", *words, code=code))
        self.assertEqual(self.splitmx("queue", "move", "--all", "--host", "notes", "--dry-run"),
                         "would move 0 recipients of 0 messages to notes\n")
        self.assertEqual(self.moved(ident), ("notes", None))

    def test_a_host_that_is_none(self):
        ident = self.submit(CARL)
        for words in (["list"], ["retry"], ["hold"], ["drop", "--yes"]):
            said = self.splitmx("queue", *words, "--host", "ntoes", code=68)
            self.assertIn('there is no host "ntoes"; did you mean "notes"?', said)
        self.assertIn("0 messages", self.splitmx("queue", "retry", "--host", "mx:nowhere.example"))
        self.assertIn(ident, self.splitmx("queue", "list", "--host", "notes"))
        # The name of a host, in any case, for which nothing waits.
        self.assertIn("0 messages", self.splitmx("queue", "retry", "--host", "EUROPE"))


if __name__ == "__main__":
    cases.main()
