#!/usr/bin/env python3
"""Dovecot takes mail from our relay by LMTP: an answer for each recipient (RFC 2033 4.2), the content as
it was sent."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, dkim, mail, peer_case, private_machine
from support.dovecot import Dovecot

SENDER, ANNA, BERT, CLEO = ("ann@sender.example", *(f"{n}@adatum.com" for n in ("anna", "bert", "cleo")))
STORE = "127.0.0.20"


class WithDovecot(peer_case.WithPeer):
    name = "dovecot"

    @classmethod
    def build(cls, where):
        cls.signer = dkim.Signer(where.directory)
        cls.store = Dovecot(STORE, [ANNA, CLEO])  # who knows no bert
        where.on_close(cls.store.stop)
        cls.store.start()
        cls.relay = where.small_world(
            ("anna", [ANNA]), ("bert", [BERT]), ("cleo", [CLEO], {"mailHost": "by-socket"}),
            config={"host": {
                "mailboxes": {"address": f"{STORE}:24", "protocol": "lmtp"},
                "by-socket": {"address": f"unix:{Dovecot.socket_path}", "protocol": "lmtp"}}})

    def stored(self, user, content):
        """The octets of the message in the mailbox; Dovecot keeps lines as files have them."""
        wanted, deadline = content.replace(b"\r\n", b"\n"), time.monotonic() + 30
        while not (found := [one for one in self.store.mail_of(user) if one.endswith(wanted)]):
            self.assertLess(time.monotonic(), deadline, self.store.log[-2000:] + self.relay.log[-3000:])
            time.sleep(0.05)
        one, = found
        return one

    def signed(self, text):
        return self.signer.sign(mail.message("signed", body=text + b"\r\n.\r\n.x\r\n \t\r\n\xff\r\n"))

    def test_one_is_known_and_one_is_not(self):
        content = self.signed(b"for two")
        self.assertEqual(mail.submit(self.relay, SENDER, [ANNA, BERT], content).last.code, 250)
        stored = self.stored(ANNA, content).replace(b"\n", b"\r\n")
        self.assertTrue(self.signer.verifies(stored, self.stage.directory))
        self.assertTrue(stored.startswith(b"Return-Path: <ann@sender.example>\r\n"))
        report, = self.stage.internet.wait_for(1)
        self.assertEqual((report.mail_from, report.rcpts), ("", [SENDER]))
        fields, = mail.Ndr(report.content).recipients
        self.assertEqual(fields["Final-Recipient"], f"rfc822; {BERT}")
        self.assertEqual((fields["Action"], fields["Status"]), ("failed", "5.1.1"))
        self.stage.internet.take()

    def test_success_is_told(self):
        # Behind LMTP nobody else would.
        content = self.signed(b"tell me")
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.command(f"MAIL FROM:<{SENDER}>")
            client.command(f"RCPT TO:<{ANNA}> NOTIFY=SUCCESS")
            self.assertEqual(client.command("DATA").code, 354)
            client.send(mail.stuffed(content))
            self.assertEqual(client.read_reply().code, 250)
        self.stored(ANNA, content)
        report, = self.stage.internet.wait_for(1)
        fields, = mail.Ndr(report.content).recipients
        self.assertEqual(fields["Action"], "delivered")
        self.stage.internet.take()

    def test_by_its_socket(self):
        content = self.signed(b"by the socket")
        self.assertEqual(mail.submit(self.relay, SENDER, CLEO, content).last.code, 250)
        self.stored(CLEO, content)

    def test_many_on_one_connection(self):
        contents = [self.signed(b"%d" % number) for number in range(30)]
        for content in contents:
            self.assertEqual(mail.submit(self.relay, SENDER, ANNA, content).last.code, 250)
        for content in contents:
            self.stored(ANNA, content)


if __name__ == "__main__":
    private_machine.enter("dovecot")
    cases.main()
