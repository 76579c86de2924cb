#!/usr/bin/env python3
"""A next hop whose replies break the protocol: what they mean, nobody knows, so nobody is refused
and nothing counts as delivered; the mail waits, and goes when the host speaks SMTP again."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, next_hop
from support.next_hop import RCPTS

# RFC 5321 4.2: three digits, of which the first is 2 to 5, a blank or a hyphen, text, CRLF.
BABBLE = (
    "hello there\r\n",
    "\r\n",
    "\0\1\2\xff\xfe\r\n",
    "HTTP/1.1 400 Bad Request\r\n\r\n",
    "\x15\x03\x01\x00\x02\x02\x46\r\n",  # a TLS alert
    "25\r\n",
    "250ok\r\n",
    "+250 ok\r\n",
    "199 soon\r\n",
    "600 beyond\r\n",
    "250-one\r\n550 two\r\n",
    "250 " + "x" * 100000 + "\r\n",
    "250 " + "x" * 100000,
    "250-on and on\r\n" * 20000,
    "2" * 1000000,
)
# Understood, but no answer to this question (RFC 5321 4.2.1, 4.3.2).
ODD = {
    "connect": ("354 go ahead\r\n", "220 a\r\n220 b\r\n"),
    "ehlo": ("354 go ahead\r\n", "250 a\r\n250 b\r\n"),
    "mail": ("354 go ahead\r\n",),
    "rcpt": ("354 go ahead\r\n",),
    "data": ("250 ok\r\n", "220 ok\r\n"),
    "dot": ("354 go ahead\r\n", "250 ok\r\n250 and another one\r\n"),
}


class Babbles(next_hop.NextHopCase):
    timeout = "5s"

    def setUp(self):
        super().setUp()
        self.retry = {"queue": {"retry": ["100ms"] * 100}}

    def test_at_every_step(self):
        for step in ODD:
            with self.subTest(step=step):
                self.world(config=self.retry)
                replies = BABBLE + ODD[step]
                for reply in replies:
                    # Who says yes and then more has said yes.
                    self.sink.on(step, reply, action="raw", times=1,
                                 stored=step == "dot" and reply.startswith("250 ok\r"))
                self.send()
                account = self.settled()
                self.relay.stop()
                self.assertEqual(self.internet.messages, [], "ignorance has become a report")
                self.assertEqual(len(self.sink.messages), 1)
                self.assert_intact()
                self.assertEqual(len(account.of("send")), 3)
                self.check_texts(account.of("defer"), step, len(replies))
                self.next_stage()

    def check_texts(self, texts, step, tries):
        surplus = 1 if step == "dot" else 0  # its first reply was a good one
        self.assertEqual(len(texts), 3 * (tries - surplus), texts)
        for text in texts:
            self.assertRegex(text, r"^451 4\.(4\.1|5\.0) .*The host broke the protocol at ")
            self.assertLess(len(text), 300)

    def test_lmtp_babbles_at_the_second_of_three_replies(self):
        self.world(protocol="lmtp", config=self.retry)
        for reply in BABBLE:
            self.sink.on("dot", reply, action="raw", times=1, match="bert")
        self.send()
        account = self.assert_each_once()
        self.assertEqual(account.of("defer", "anna"), [])
        self.assertEqual(len(account.of("defer", "bert")), len(BABBLE))

    def test_half_a_reply_and_the_end(self):
        self.world(config=self.retry)
        for step in ODD:
            for half in ("2", "250", "250 ok", "250 ok\r", "250-ok\r\n"):
                self.sink.on(step, half, action="raw", then="close", times=1)
        self.send()
        account = self.assert_each_once()
        self.assertEqual(len(account.of("defer")), 3 * 5 * len(ODD))
        self.assertTrue(all("Connection lost" in text for text in account.of("defer")))

    def test_long_and_many_lines_are_fine_where_the_rfc_allows_them(self):
        # RFC 5321 4.2.1: several lines of one code; 4.5.3.1.5: 512 octets each.
        self.world()
        lines = "\r\n".join(["250-" + "x" * 500] * 50 + ["250 at last"])
        for step in ("mail", "dot"):
            self.sink.on(step, lines)
        self.sink.on("connect", "220-one\r\n220-two\r\n220 three")
        self.sink.on("data", "354-one\r\n354 two")
        self.send()
        account = self.assert_each_once()
        self.assertEqual(account.of("defer"), [])

    def test_many_lines_of_a_refusal_are_told_as_they_are(self):
        self.world()
        self.sink.on("rcpt", "550-5.1.1 We do not know this person.\r\n"
                             "550-5.1.1 See https://mail.example/help\r\n"
                             "550 5.1.1 Good bye", match="bert")
        self.send()
        report = self.report()
        self.assertEqual(report.final_recipients(), {RCPTS[1]: "5.1.1"})
        self.assertIn("We do not know this person.", report.text)
        self.assertIn("https://mail.example/help", report.text)
        self.settled()

    def test_a_refusal_cannot_forge_the_report(self):
        self.world()
        evil = "550 5.7.1 \x1b[2J<script>\xe9\x80--boundary\tFinal-Recipient: rfc822; eve@x"
        self.sink.on("rcpt", evil + "\r\n", action="raw", then="close", match="bert", times=1)
        self.sink.on("rcpt", "550 5.7.1 \x1b[2J<script> --x\tFinal-Recipient: rfc822; eve@x",
                     match="bert")
        self.send()
        report = self.report()
        self.assertEqual(list(report.final_recipients()), [RCPTS[1]])
        self.assertNotIn("\x1b", report.text)
        self.assertNotIn("\x1b", self.relay.log)
        self.settled()


if __name__ == "__main__":
    cases.main()
