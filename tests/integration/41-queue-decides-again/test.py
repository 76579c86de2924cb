#!/usr/bin/env python3
"""Queued mail follows the configuration and the directory of today; what nobody can say now is
asked again, and never guessed."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage
from support.account import Account

SENDER = "ann@sender.example"


class AfterARestart(cases.Case):
    """Two people whose mail waits at a host that says not now; then the relay starts anew."""

    def setUp(self):
        super().setUp()
        self.old = self.stage.sink(name="old host")
        self.old.on("rcpt", "451 4.2.1 not now")
        self.new = self.stage.sink(stage.FOREIGN, name="new host")
        self.relay = self.stage.small_world(
            ("anna", ["anna@adatum.com"], {"mailHost": "old"}),
            ("bert", ["bert@adatum.com"], {"mailHost": "old"}),
            config={"host": {"old": {"address": self.old.endpoint}},
                    "queue": {"retry": ["1s"]}})
        rcpts = ["anna@adatum.com", "bert@adatum.com"]
        self.assertEqual(mail.submit(self.relay, SENDER, rcpts).last.code, 250)
        self.relay.wait_for_log("451 4.2.1 not now")
        self.relay.stop()

    def restart(self, *people, hosts):
        """With another directory and other hosts."""
        source = stage.ldif_source(self.stage, stage.people(*people), name="new.ldif")
        self.relay = self.stage.relay({
            "domain": [{"name": "adatum.com", "action": "inbound"}],
            "host": {"internet": {"address": self.stage.internet.endpoint},
                     "mailboxes": {"address": self.stage.mailboxes.endpoint}}
                    | {name: {"address": sink.endpoint} for name, sink in hosts.items()},
            "routing": {"mailbox_host": "mailboxes", "outbound": "internet"},
            "queue": {"retry": ["1s"]},
            "directory": {"main": source}}, name="relay")

    def test_a_host_that_is_gone_and_a_person_who_has_moved(self):
        self.restart(("anna", ["anna@adatum.com"], {"mailHost": "new"}),
                     ("bert", ["bert@adatum.com"], {"mailHost": "new"}), hosts={"new": self.new})
        self.new.wait_until(lambda s: len(s.recipients()) == 2, what="both recipients")
        self.assertEqual(self.new.recipients(), ["anna@adatum.com", "bert@adatum.com"])

    def test_a_person_who_is_gone_is_reported(self):
        self.restart(("anna", ["anna@adatum.com"], {"mailHost": "new"}), hosts={"new": self.new})
        self.new.wait_for(1)
        report, = self.stage.internet.wait_for(1)
        self.assertEqual(mail.Ndr(report.content).final_recipients(), {"bert@adatum.com": "5.1.1"})
        self.relay.stop()
        self.assertEqual(self.new.recipients(), ["anna@adatum.com"])
        self.assertEqual(len(self.stage.internet.messages), 1)


class DirectoryAway(cases.Case):
    def world(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(
            ("anna", ["anna@adatum.com"]), ("ann", ["ann@adatum.com"])))
        self.source = stage.ldap_source(self.slapd, timeout="1s", cache="1s", negative_cache="1s")
        self.relay = self.stage.small_world(
            config={"directory": {"main": self.source}, "queue": {"retry": ["1s"]}})

    def test_a_report_waits_for_the_directory(self):
        # The sender is one of our own people: where to send the report, the directory must say.
        self.world()
        sink = self.stage.mailboxes
        sink.on("rcpt", action="hang", match="anna", times=1)
        sent = mail.submit(self.relay, "ann@adatum.com", "anna@adatum.com")
        self.assertEqual(sent.last.code, 250)
        sink.wait_until(lambda s: s.hanging == 1, what="the hanging recipient")
        self.slapd.stop()
        sink.on("rcpt", "550 5.2.1 gone", match="anna")
        sink.release()
        self.relay.wait_for_log(r" report +failed ")
        self.slapd.start()
        report, = sink.wait_for(1, timeout=60)
        self.assertEqual((report.mail_from, report.rcpts), ("", ["ann@adatum.com"]))

    def test_an_old_route_stays_while_nobody_can_say(self):
        self.world()
        self.stage.mailboxes.on("rcpt", "451 4.2.1 not now")
        sent = mail.submit(self.relay, SENDER, "anna@adatum.com")
        self.assertEqual(sent.last.code, 250)
        self.relay.wait_for_log("451 4.2.1 not now")
        self.relay.stop()
        self.slapd.stop()
        self.stage.mailboxes.forget_rules()
        self.relay.start()
        arrived, = self.stage.mailboxes.wait_for(1, timeout=60)
        self.assertEqual(arrived.rcpts, ["anna@adatum.com"])
        self.assertEqual(Account(self.relay.log).of("fail"), [])


if __name__ == "__main__":
    cases.main()
