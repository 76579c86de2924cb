#!/usr/bin/env python3
"""Next hops that are dead, come back, or are flooded: the others notice nothing, and nobody waits
longer than the schedule says."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage
from support.account import Account
from support.slapd import free_port

SENDER = "ann@sender.example"


def person(name, host=None):
    return (name, [f"{name}@adatum.com"]) + (({"mailHost": host},) if host else ())


class ManyHosts(cases.Case):
    def test_one_dead_of_a_thousand(self):
        everywhere = self.stage.sink("0.0.0.0", name="a thousand hosts")
        dead = f"127.2.0.1:{free_port('127.2.0.1')}"
        hosts = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(999)]
        people = [person(f"u{number}", f"{host}:{everywhere.port}")
                  for number, host in enumerate(hosts)]
        relay = self.stage.small_world(
            *people, person("dora", dead), config={"queue": {"retry": ["2s"]}})
        for _ in range(100):
            sent = mail.submit(relay, SENDER, "dora@adatum.com")
            self.assertEqual(sent.last.code, 250)
        rcpts = [f"u{number}@adatum.com" for number in range(999)]
        self.assertEqual(mail.submit(relay, SENDER, rcpts).last.code, 250)
        everywhere.wait_until(lambda s: len(s.messages) == 999, 120, "one message at each host")
        self.assertEqual(everywhere.recipients(), sorted(rcpts))
        # One line when it went down; a few messages carried its error, the others were not tried.
        relay.wait_for_log(re.escape(dead) + r" is down, \d+ messages? waits?: 451 4.4.1 ")
        self.assertEqual(relay.log.count("is down"), 1)
        self.assertLess(len(Account(relay.log).of("defer", "dora")), 100)


class ComesBack(cases.Case):
    """The host of the mailboxes is not there yet."""

    def world(self, *people, connections=8, **queue):
        self.sink = self.stage.sink(name="mailboxes")
        self.sink.stop()
        return self.stage.small_world(
            person("anna"), *people, mailboxes=self.sink,
            config={"host": {"mailboxes": {"connections": connections}},
                    "queue": {"retry": ["1s", "1h"]} | queue})

    def submit(self, relay, count, sender=SENDER, rcpt="anna@adatum.com"):
        with mail.Client(relay.address, relay.port) as client:
            for _ in range(count):
                self.assertEqual(
                    client.transaction(sender, [rcpt], mail.message(sender)).last.code, 250)

    def test_all_that_waits_goes_at_once(self):
        relay = self.world()
        self.submit(relay, 300)
        relay.wait_for_log("mailboxes is down")
        self.sink.start()
        # Their own time is an hour off: the host is found, and everything with it.
        self.sink.wait_for(300, timeout=60)
        relay.wait_for_log(r"mailboxes is back after \d+s, \d+ messages go on")
        relay.stop()
        self.assertEqual(len(self.sink.messages), 300)
        # At most 8; the sink's own threads are a little late to see one end.
        self.assertLess(self.sink.most_open, 16)
        self.assertEqual(relay.log.count("is down"), 1)

    def test_many_messages_of_one_do_not_delay_the_one_of_another(self):
        relay = self.world(connections=1)
        self.submit(relay, 400, "noisy@sender.example")
        self.submit(relay, 1, "quiet@sender.example")
        self.sink.start()
        self.sink.wait_for(401, timeout=60)
        place = [m.mail_from for m in self.sink.messages].index("quiet@sender.example")
        # The loops take turns of 20 messages on the one connection, senders within them.
        self.assertLess(place, 60)

    def test_a_restart_forgets_nobody(self):
        relay = self.world()
        self.submit(relay, 50)
        relay.wait_for_log("mailboxes is down")
        relay.stop()
        self.sink.start()
        relay.start()
        relay.wait_for_log("50 messages in the queue, read in")
        self.sink.wait_for(50, timeout=60)
        relay.stop()
        self.assertEqual(len(self.sink.messages), 50)

    def test_warning_and_expiry_are_punctual(self):
        # The host's error is what the sender reads, though this message was never carried to it.
        relay = self.world(warn_after="2s", expire="5s")
        self.submit(relay, 5)
        reports = self.stage.internet.wait_for(10, timeout=60)
        relay.stop()
        self.assertEqual(len(self.stage.internet.messages), 10)
        by_action = {"delayed": [], "failed": []}
        for report in reports:
            ndr = mail.Ndr(report.content)
            by_action[ndr.recipients[0]["Action"]].append(ndr)
        self.assertEqual([len(all) for all in by_action.values()], [5, 5])
        for ndr in by_action["failed"]:
            self.assertEqual(ndr.final_recipients(), {"anna@adatum.com": "4.4.7"})
            self.assertIn("Connection refused", ndr.recipients[0]["Diagnostic-Code"])


class OneReport(cases.Case):
    def test_many_failures_of_one_message(self):
        sinks = [self.stage.sink(f"127.0.1.{number}", name=f"host {number}") for number in (1, 2, 3)]
        people = [person(f"u{number}", sinks[number % 3].endpoint) for number in range(240)]
        relay = self.stage.small_world(*people)
        for sink in sinks:
            sink.on("rcpt", "550 5.2.1 gone")
        rcpts = [f"u{number}@adatum.com" for number in range(240)]
        self.assertEqual(mail.submit(relay, SENDER, rcpts).last.code, 250)
        report, = self.stage.internet.wait_for(1)
        self.assertEqual(len(mail.Ndr(report.content).recipients), 240)
        relay.wait_for_log(r" remove +delivered=0 failed=240 ")
        relay.stop()
        self.assertEqual(len(self.stage.internet.messages), 1)


if __name__ == "__main__":
    cases.main()
