#!/usr/bin/env python3
"""The directory is stopped, killed, frozen and started again while clients ask and mail waits:
nobody who exists is ever refused, and what was taken before is delivered without it."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, directory_case, mail, stage
from support.account import Account
from support.directory_case import SENDER, Crowd

ANNA = "anna@adatum.com"
PEOPLE = [(name, [f"{name}@adatum.com"]) for name in ("anna", "bert", "cleo")]


class Gone(directory_case.DirectoryCase):
    def world(self, *, started=True, config=None):
        self.slapd = self.stage.slapd(stage.people(*PEOPLE), start=started)
        # Nothing is remembered: every question is one to the server.
        source = stage.ldap_source(self.slapd, timeout="1s", cache="1ms", negative_cache="1ms",
                                   sync="off")
        relay = self.stage.small_world(config={
            "directory": {"main": source}, "queue": {"retry": ["200ms"] * 50}} | (config or {}))
        return relay

    def assert_empties(self, relay):
        relay.wait_for_log(" remove ")
        self.stage.mailboxes.wait_until(lambda _: not Account(relay.log).open, 60, "empty queue")

    def test_under_load(self):
        relay = self.world()
        known, unknown = Crowd(relay, ANNA), Crowd(relay, "nobody@adatum.com", 2)
        with known, unknown:
            for fail, mend in ((self.slapd.stop, self.slapd.start),
                               (self.slapd.kill, self.slapd.start),
                               (self.slapd.freeze, self.slapd.thaw)):
                self.until(relay, ANNA, 250)
                fail()
                self.until(relay, ANNA, 451, timeout=10) if fail != self.slapd.freeze else \
                    self.assert_cannot_say(relay, ANNA)
                mend()
                self.until(relay, ANNA, 250)
                self.until(relay, "nobody@adatum.com", 550)
        self.assertEqual(set(known.seen), {"250 2.1.5", "451 4.4.3"})
        self.assertEqual(set(unknown.seen), {"550 5.1.1", "451 4.4.3"})

    def test_gone_in_the_middle_of_a_transaction(self):
        relay = self.world()
        with mail.Client(relay.address, relay.port) as client:
            client.command(f"MAIL FROM:<{SENDER}>")
            self.assertEqual(client.command(f"RCPT TO:<{ANNA}>").code, 250)
            self.slapd.kill()
            self.assertEqual(client.command("RCPT TO:<bert@adatum.com>").code, 451)
            self.assertEqual(client.command("RCPT TO:<nobody@adatum.com>").code, 451)
            self.assertEqual(client.command("DATA").code, 354)
            client.send(mail.stuffed(mail.message()))
            self.assertEqual(client.read_reply().code, 250)
        arrived, = self.stage.mailboxes.wait_for(1)
        self.assertEqual(arrived.rcpts, [ANNA])

    def test_queued_mail_needs_no_directory(self):
        relay = self.world()
        self.stage.mailboxes.on("rcpt", "451 4.2.0 wait")
        for name in ("anna", "bert", "cleo"):
            self.assertEqual(mail.submit(relay, SENDER, f"{name}@adatum.com").last.code, 250)
        relay.wait_for_log("defer")
        self.slapd.kill()
        relay.kill()
        relay.start()  # with a queue, and without a directory
        self.assert_cannot_say(relay, ANNA, "nobody@adatum.com")
        self.stage.mailboxes.forget_rules()
        self.stage.mailboxes.wait_for(3)
        self.assert_empties(relay)
        self.assertEqual(self.stage.internet.messages, [])
        self.slapd.start()
        self.until(relay, ANNA, 250)

    def test_a_report_to_one_of_ours_waits_for_the_directory(self):
        # Who is to be told of a failure is asked for when it happens: and then nobody can say.
        relay = self.world()
        self.stage.mailboxes.on("rcpt", "451 4.2.0 wait", match="bert")
        self.assertEqual(mail.submit(relay, ANNA, "bert@adatum.com").last.code, 250)
        relay.wait_for_log("defer")
        self.slapd.kill()
        self.assert_cannot_say(relay, ANNA)
        self.stage.mailboxes.forget_rules()
        self.stage.mailboxes.on("rcpt", "550 5.1.1 bert has left", match="bert")
        relay.wait_for_log(" remove ")  # the report is safe
        relay.kill()
        relay.start()
        self.assert_cannot_say(relay, ANNA)
        self.slapd.start()
        report, = self.stage.mailboxes.wait_for(1, 60)
        self.assertEqual((report.mail_from, report.rcpts), ("", [ANNA]))
        self.assertEqual(mail.Ndr(report.content).final_recipients(),
                         {"bert@adatum.com": "5.1.1"})
        self.assert_empties(relay)
        self.assertEqual(self.stage.internet.messages, [])

    def test_never_there(self):
        relay = self.world(started=False)
        with Crowd(relay, ANNA) as crowd:
            self.assert_cannot_say(relay, ANNA, "nobody@adatum.com")
            self.slapd.start()
            self.until(relay, ANNA, 250)
        self.assertEqual(set(crowd.seen), {"250 2.1.5", "451 4.4.3"})


if __name__ == "__main__":
    cases.main()
