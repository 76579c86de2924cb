#!/usr/bin/env python3
"""Unknown recipients: refused while the sender is still there, or accepted and returned."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail


class UnknownIsRefused(cases.Case):
    def test_refusal_names_the_reason_and_nothing_is_queued(self):
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]))
        sent = mail.submit(relay, "ann@sender.example", ["nobody@adatum.com", "anna@adatum.com"])
        self.assertEqual((sent.rcpts["nobody@adatum.com"].code,
                          sent.rcpts["nobody@adatum.com"].status), (550, "5.1.1"))
        self.assertEqual(sent.last.code, 250)
        arrived, = self.stage.mailboxes.wait_for(1)
        self.assertEqual(arrived.rcpts, ["anna@adatum.com"])
        relay.stop()
        self.assertEqual(self.stage.internet.messages, [])


class UnknownIsReturned(cases.Case):
    def setUp(self):
        super().setUp()
        domain = {"name": "adatum.com", "action": "inbound", "unknown": "ndr"}
        self.relay = self.stage.small_world(
            ("anna", ["anna@adatum.com"]), config={"domain": [domain]})

    def test_ndr_reaches_the_sender(self):
        content = mail.message("hello nobody", to="Nobody@adatum.com", body=b"Body of it.\r\n")
        sent = mail.submit(self.relay, "ann@sender.example", "Nobody@adatum.com", content)
        self.assertEqual(sent.last.code, 250)
        arrived, = self.stage.internet.wait_for(1)
        # Q250507, RFC 5321 4.5.5: reports have a null reverse-path.
        self.assertEqual((arrived.mail_from, arrived.rcpts), ("", ["ann@sender.example"]))
        ndr = mail.Ndr(arrived.content)
        self.assertEqual(ndr.final_recipients(), {"Nobody@adatum.com": "5.1.1"})
        self.assertEqual(ndr.recipients[0]["Action"], "failed")
        self.assertIn("relay1.adatum.com", ndr.message_fields["Reporting-MTA"])
        self.assertIn("Nobody@adatum.com", ndr.text)
        self.assertIn("hello nobody", str(ndr.returned))

    def test_only_the_unknown_one_is_reported(self):
        rcpts = ["anna@adatum.com", "nobody@adatum.com"]
        sent = mail.submit(self.relay, "ann@sender.example", rcpts)
        self.assertEqual([reply.code for reply in sent.rcpts.values()], [250, 250])
        arrived, = self.stage.mailboxes.wait_for(1)
        self.assertEqual(arrived.rcpts, ["anna@adatum.com"])
        report, = self.stage.internet.wait_for(1)
        self.assertEqual(mail.Ndr(report.content).final_recipients(),
                         {"nobody@adatum.com": "5.1.1"})

    def test_mail_with_a_null_sender_is_never_answered(self):
        # Q238498, Q216161: reports about reports go back and forth for ever.
        mail.submit(self.relay, "", "nobody@adatum.com", mail.message("a report"))
        mail.submit(self.relay, "ann@sender.example", "nobody@adatum.com")
        self.stage.internet.wait_for(1)
        self.relay.stop()
        self.assertEqual([m.rcpts for m in self.stage.internet.messages],
                         [["ann@sender.example"]])


class NullSender(cases.Case):
    def test_stays_null_on_its_way(self):
        # Q258999: it must not become <unknown> or anything else.
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]))
        self.assertEqual(mail.submit(relay, "", "anna@adatum.com").last.code, 250)
        self.assertEqual(self.stage.mailboxes.wait_for(1)[0].mail_from, "")


if __name__ == "__main__":
    cases.main()
