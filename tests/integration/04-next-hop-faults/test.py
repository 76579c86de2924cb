#!/usr/bin/env python3
"""A next hop that says not now, says no, breaks off or hangs: no mail is lost, none is doubled
without need, and only what was refused is reported."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage
from support.slapd import free_port

PEOPLE = tuple((name, [f"{name}@adatum.com"]) for name in ("anna", "bert", "cleo"))
RCPTS = [f"{name}@adatum.com" for name in ("anna", "bert", "cleo")]
SENDER = "ann@sender.example"


class NextHopFaults(cases.Case):
    def setUp(self):
        super().setUp()
        self.relay = self.stage.small_world(*PEOPLE)
        self.sink = self.stage.mailboxes

    def send(self, rcpts=RCPTS, sender=SENDER):
        self.content = mail.message(sender=sender, to=rcpts[0])
        self.assertEqual(mail.submit(self.relay, sender, rcpts, self.content).last.code, 250)

    def assert_all_arrive_once(self):
        self.sink.wait_until(lambda s: s_count(s) >= 3, what="three recipients")
        self.relay.stop()
        self.assertEqual(self.sink.recipients(), sorted(RCPTS))
        self.assertTrue(all(m.without_added_trace() == self.content for m in self.sink.messages))
        self.assertEqual(self.stage.internet.messages, [])

    def test_not_now_at_any_step(self):
        for step in ("connect", "ehlo", "mail", "rcpt", "data", "dot"):
            self.sink.on(step, "451 4.3.2 not now", times=2 if step == "rcpt" else 1)
        self.send()
        self.assert_all_arrive_once()

    def test_service_closes_at_any_step(self):
        for step in ("connect", "mail", "rcpt", "data", "dot"):
            self.sink.on(step, "421 4.3.2 closing down", times=1)
        self.send()
        self.assert_all_arrive_once()

    def test_connection_breaks_at_any_step(self):
        for step in ("connect", "ehlo", "mail", "rcpt", "data", "dot"):
            self.sink.on(step, action="close", times=1)
            self.sink.on(step, action="reset", times=1)
        self.send()
        self.assert_all_arrive_once()

    def test_one_of_three_waits_alone(self):
        self.sink.on("rcpt", "452 4.2.2 mailbox full", match="bert", times=2)
        self.send()
        self.assert_all_arrive_once()

    def test_one_of_three_is_refused(self):
        # Q260741: the refusal of one must not touch the others.
        self.sink.on("rcpt", "550 5.2.1 bert has left", match="bert")
        self.send()
        report, = self.stage.internet.wait_for(1)
        self.assertEqual((report.mail_from, report.rcpts), ("", [SENDER]))
        ndr = mail.Ndr(report.content)
        self.assertEqual(ndr.final_recipients(), {"bert@adatum.com": "5.2.1"})
        self.assertIn("bert has left", ndr.recipients[0]["Diagnostic-Code"])
        self.relay.stop()
        self.assertEqual(self.sink.recipients(), ["anna@adatum.com", "cleo@adatum.com"])
        self.assertEqual(len(self.stage.internet.messages), 1)

    def test_content_is_refused(self):
        self.sink.on("dot", "554 5.6.0 not this")
        self.send()
        report, = self.stage.internet.wait_for(1)
        self.assertEqual(mail.Ndr(report.content).final_recipients(),
                         {rcpt: "5.6.0" for rcpt in RCPTS})

    def test_refusal_of_a_report_is_not_reported(self):
        self.sink.on("rcpt", "550 5.2.1 gone", match="bert")
        self.send(["bert@adatum.com"], sender="")
        self.send(["anna@adatum.com"])
        self.sink.wait_for(1)
        self.relay.stop()
        self.assertEqual(self.stage.internet.messages, [])

    def test_hanging_host_holds_up_nobody_else(self):
        self.sink.on("dot", action="hang", times=1)
        self.send()
        self.sink.wait_until(lambda s: s.hanging == 1, what="hanging connection")
        content, self.content = self.content, None
        self.send(["cleo@adatum.com"])
        self.sink.wait_for(1)
        self.sink.messages.clear()
        self.content = content
        self.sink.release()
        self.assert_all_arrive_once()


class Addresses(cases.Case):
    def test_next_address_takes_over(self):
        # Q182821: a host that does not greet counts as failed, too.
        silent = self.stage.sink(stage.FOREIGN, name="silent")
        silent.on("connect", action="close")
        good = self.stage.sink(name="good")
        dead = f"{stage.SISTER}:{free_port(stage.SISTER)}"
        relay = self.stage.small_world(
            *PEOPLE, mailboxes=good,
            config={"host": {"mailboxes": {"address": [dead, silent.endpoint, good.endpoint]}}})
        self.assertEqual(mail.submit(relay, SENDER, RCPTS).last.code, 250)
        good.wait_until(lambda s: s_count(s) >= 3, what="three recipients")
        relay.stop()
        self.assertEqual(good.recipients(), sorted(RCPTS))


class Expiry(cases.Case):
    def test_what_cannot_be_delivered_is_returned(self):
        relay = self.stage.small_world(*PEOPLE, config={"queue": {"expire": "2s"}})
        self.stage.mailboxes.on("rcpt", "451 4.2.0 busy", match="bert")
        self.assertEqual(mail.submit(relay, SENDER, RCPTS).last.code, 250)
        report, = self.stage.internet.wait_for(1)
        ndr = mail.Ndr(report.content)
        self.assertEqual(ndr.final_recipients(), {"bert@adatum.com": "4.4.7"})
        self.assertEqual(ndr.recipients[0]["Action"], "failed")
        self.assertEqual(self.stage.mailboxes.recipients(), ["anna@adatum.com", "cleo@adatum.com"])


def s_count(sink):
    return sum(len(message.rcpts) for message in sink.messages)


if __name__ == "__main__":
    cases.main()
