#!/usr/bin/env python3
"""Postfix hands mail to our relay, and takes mail from it."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, peer, peer_case, private_machine
from support.postfix import Postfix


class WithPostfix(peer_case.Reports):
    name = "postfix"
    make = Postfix

    def test_addresses_in_utf8(self):
        sender, content = "jörg@müller.example", self.signed("Grüße\r\n".encode())
        for server, rcpt, sink, arrives in (
                (self.relay, peer_case.GUEST, self.store, peer.GUEST),
                (self.peer, peer_case.ANNA, self.mailboxes, peer_case.ANNA)):
            self.submit(server, rcpt, content, sender, params=" SMTPUTF8 BODY=8BITMIME")
            message = self.arrival(sink, arrives, content)
            self.assertIn(message.mail_from, (sender, "jörg@xn--mller-kva.example"))
            self.assertIn("SMTPUTF8", message.mail_params)
            self.assertRegex(message.header("Received")[1], r"with UTF8SMTPS?\b")


if __name__ == "__main__":
    private_machine.enter("postfix")
    cases.main()
