#!/usr/bin/env python3
"""Content goes through octet by octet: all that is added is the trace field in front. So a signature
by DKIM still holds (RFC 6376), with lines over 998 octets and octets above 127 as well."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, dkim, mail

SENDER, RCPT = "ann@sender.example", "anna@adatum.com"
BODIES = {
    "plain": b"Hello.\r\n",
    "dots": b".\r\n..\r\n. .\r\n.x\r\n",
    "blanks at line ends": b"a \t\r\n \r\nb\r\n",
    "empty lines at the end": b"a\r\n\r\n\r\n\r\n",
    "long lines": b"x" * 5000 + b"\r\n" + b"." * 998 + b"\r\n." + b"y" * 70000 + b"\r\n",
    "octets above 127": bytes(range(128, 256)) + "Grüße €\r\n".encode(),
    "control characters": bytes(set(range(1, 32)) - {10, 13}) + b"\x7f\r\n",
    "a file of its own in the spool": b"0123456789abcdef" * 4096 + b"\r\n" + b"z" * 100000 + b"\r\n",
}


class Untouched(cases.SharedCase):
    @classmethod
    def build(cls, where):
        cls.relay = where.small_world((RCPT.split("@")[0], [RCPT]))
        cls.signer = dkim.Signer(where.directory)

    def through(self, content):
        sink = self.stage.mailboxes
        before = len(sink.messages)
        self.assertEqual(mail.submit(self.relay, SENDER, [RCPT], content).last.code, 250)
        return sink.wait_for(before + 1)[-1]

    def test_signatures_hold(self):
        for name, body in BODIES.items():
            with self.subTest(name):
                signed = self.signer.sign(mail.message("signed", body=body))
                arrived = self.through(signed)
                self.assertEqual(arrived.without_added_trace(), signed)
                self.assertTrue(self.signer.verifies(arrived.content, self.stage.directory))

    def test_folding_and_odd_spacing_of_fields_stay(self):
        content = (b"From:<ann@sender.example>\r\nTo:\t  someone@adatum.com\r\n"
                   b"Subject:  a\r\n\t b\r\n   c  \r\nDATE: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
                   b"message-id:<odd@sender.example>\r\nX-Empty:\r\n\r\n.text\r\n")
        signed = self.signer.sign(content)
        arrived = self.through(signed)
        self.assertEqual(arrived.without_added_trace(), signed)
        self.assertTrue(self.signer.verifies(arrived.content, self.stage.directory))

    def test_the_check_finds_a_change(self):
        signed = self.signer.sign(mail.message("signed", body=b"Hello.\r\n"))
        self.assertTrue(self.signer.verifies(signed, self.stage.directory))
        for old, new in ((b"Hello.", b"Hello"), (b"Subject: signed", b"Subject:  signed")):
            self.assertFalse(self.signer.verifies(signed.replace(old, new), self.stage.directory))


if __name__ == "__main__":
    cases.main()
