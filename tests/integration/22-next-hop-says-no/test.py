#!/usr/bin/env python3
"""A next hop that says no: for now or for good, to all or to some, at every step. Only those whom
it refused for good are reported, at once and in its words; the others get their mail once."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, next_hop
from support.next_hop import RCPTS

ANNA, BERT, CLEO = RCPTS
BIG = (b"x" * 78 + b"\r\n") * 100000


class SaysNo(next_hop.NextHopCase):
    def assert_reported(self, expected, words=""):
        """The sender hears of exactly those; the others have got it. {address: status}"""
        report = self.report()
        self.settled()
        self.relay.stop()
        self.assertEqual(report.final_recipients(), expected)
        for fields in report.recipients:
            self.assertEqual(fields["Action"], "failed")
            self.assertTrue(fields["Diagnostic-Code"].startswith("smtp; 5"), fields)
            self.assertIn(words, fields["Diagnostic-Code"])
        self.assertIn(words, report.text)
        self.assertEqual(self.sink.recipients(), [r for r in RCPTS if r not in expected])
        self.assertEqual(len(self.internet.messages), 1)
        self.assert_intact()

    def test_not_now_at_every_step(self):
        for step in ("connect", "ehlo", "mail", "rcpt", "data", "dot"):
            with self.subTest(step=step):
                self.world()
                self.sink.on(step, "451 4.3.2 not now", times=3 if step == "rcpt" else 1)
                self.send()
                account = self.assert_each_once()
                self.assertEqual(len(account.of("defer")), 3)
                self.assertTrue(all(text.endswith("4.3.2 not now")
                                    for text in account.of("defer")), account.of("defer"))
                self.next_stage()

    def test_421_at_every_step(self):
        for step in ("connect", "ehlo", "mail", "rcpt", "data", "content", "dot"):
            with self.subTest(step=step):
                self.world()
                self.sink.on(step, "421 4.3.2 closing down", times=1)
                self.send()
                self.assert_each_once()
                self.next_stage()

    def test_421_between_two_recipients(self):
        self.world()
        self.sink.on("rcpt", "421 4.3.2 closing down", match="bert", times=1)
        self.send()
        account = self.assert_each_once()
        self.assertEqual(len(account.of("defer")), 3)  # anna's yes counts with the content only

    def test_for_good_at_every_step_of_the_message(self):
        for step, to_all in (("mail", True), ("rcpt", False), ("data", True), ("dot", True)):
            with self.subTest(step=step):
                self.world()
                self.sink.on(step, "554 5.6.1 not this one", match="" if to_all else "bert")
                self.send()
                self.assert_reported({rcpt: "5.6.1" for rcpt in RCPTS if to_all or rcpt == BERT},
                                     "not this one")
                self.next_stage()

    def test_a_refused_connection_is_no_verdict(self):
        # RFC 5321 3.1: 554 instead of a greeting speaks of the connection. Q267245: it waits.
        for step in ("connect", "ehlo"):
            with self.subTest(step=step):
                self.world()
                self.sink.on(step, "554 5.7.1 not from you", times=1)
                if step == "ehlo":
                    self.sink.on("helo", "554 5.7.1 not from you", times=1)
                self.send()
                account = self.assert_each_once()
                self.assertRegex(account.of("defer")[0], "^451 4.4.1 .*: 554 5.7.1 not from you$")
                self.next_stage()

    def test_ehlo_refused_helo_taken(self):
        # Q197142.
        self.world()
        self.sink.on("ehlo", "502 5.5.1 what?")
        self.send()
        self.assert_each_once()

    def test_each_recipient_has_an_answer_of_its_own(self):
        # Q260741.
        self.world()
        self.sink.on("rcpt", "452 4.2.2 full", match="anna", times=2)
        self.sink.on("rcpt", "550 5.2.1 bert has left", match="bert")
        self.send()
        self.assert_reported({BERT: "5.2.1"}, "bert has left")

    def test_some_are_refused_and_then_the_content_too(self):
        self.world()
        self.sink.on("rcpt", "550 5.2.1 has left", match="bert", times=1)
        self.sink.on("dot", "554 5.7.1 spam")
        self.send()
        report = self.report()
        self.settled()
        self.assertEqual(report.final_recipients(), {ANNA: "5.7.1", BERT: "5.2.1", CLEO: "5.7.1"})

    def test_final_4xx_keeps_them_all(self):
        self.world()
        self.sink.on("dot", "452 4.3.1 disk full", times=2)
        self.send()
        account = self.assert_each_once()
        self.assertEqual(len(account.of("defer")), 6)

    def test_no_in_the_middle_of_the_content(self):
        # RFC 5321 has no such reply, and many hosts give it: "552 too large", then they close.
        self.world()
        self.sink.on("content", "552 5.3.4 larger than 1 MB", after=1000000)
        self.send(body=BIG)
        self.assert_reported({rcpt: "5.3.4" for rcpt in RCPTS}, "larger than 1 MB")

    def test_lmtp_answers_each_recipient(self):
        self.world(protocol="lmtp")
        self.sink.on("dot", "452 4.2.2 quota", match="anna", times=1)
        self.sink.on("dot", "550 5.2.2 over quota for good", match="cleo")
        self.send()
        self.assert_reported({CLEO: "5.2.2"}, "over quota for good")

    def test_lmtp_refuses_all_at_rcpt(self):
        self.world(protocol="lmtp")
        self.sink.on("rcpt", "550 5.1.1 who?")
        self.send()
        self.assert_reported({rcpt: "5.1.1" for rcpt in RCPTS}, "who?")

    def test_without_pipelining(self):
        self.world()
        self.sink.extensions.remove("PIPELINING")
        self.sink.on("mail", "451 4.3.0 later", times=1)
        self.sink.on("rcpt", "450 4.2.0 greylisted", match="anna", times=1)
        self.sink.on("rcpt", "550 5.1.1 who?", match="cleo")
        self.send()
        self.assert_reported({CLEO: "5.1.1"}, "who?")

    def test_never_says_yes(self):
        self.world(config={"queue": {"expire": "3s"}})
        self.sink.on("rcpt", "451 4.2.0 busy", match="bert")
        self.send()
        report = self.report()
        self.settled()
        self.assertEqual(report.final_recipients(), {BERT: "4.4.7"})
        self.assertIn("451 4.2.0 busy", report.text)
        self.assertEqual(self.sink.recipients(), [ANNA, CLEO])

    def test_refusal_of_a_report_ends_there(self):
        # Q238498, Q216161: no report about a report.
        self.world()
        self.sink.on("rcpt", "550 5.2.1 gone")
        self.internet.on("rcpt", "550 5.1.1 no such sender")
        self.send([BERT])
        self.settled()
        self.relay.stop()
        self.assertEqual(self.internet.messages, [])
        self.assertEqual([rcpt for rcpt, _ in self.internet.refused], [next_hop.SENDER])


if __name__ == "__main__":
    cases.main()
