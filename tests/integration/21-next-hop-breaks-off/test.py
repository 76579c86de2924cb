#!/usr/bin/env python3
"""A next hop that closes or resets the connection at every step: nothing is lost, and a message
comes twice only where the host had it and the relay could not know."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, next_hop
from support.next_hop import RCPTS

STEPS = ("connect", "ehlo", "mail", "rcpt", "data", "dot")
BIG = (b"x" * 78 + b"\r\n") * 100000


class BreaksOff(next_hop.NextHopCase):
    def test_at_every_step(self):
        for action in ("close", "reset"):
            for step in STEPS:
                with self.subTest(action=action, step=step):
                    self.world()
                    self.sink.on(step, action=action, times=1)
                    self.send()
                    account = self.assert_each_once()
                    self.assertEqual(len(account.of("defer")), 3)
                    self.assertRegex(account.of("defer")[0], "^451 4.4.[12] .*Connection (lost|reset by peer)")
                    self.next_stage()

    def test_in_the_middle_of_the_content(self):
        for action in ("close", "reset"):
            self.world()
            self.sink.on("content", action=action, after=100000, times=1)
            self.send(body=BIG)
            account = self.assert_each_once()
            self.assertEqual(set(account.of("defer")),
                             {f"451 4.4.2 {self.sink.endpoint}: Connection lost during content"})
            self.next_stage()

    def test_right_after_354(self):
        self.world()
        self.sink.on("content", action="close", times=1)
        self.send()
        self.assert_each_once()

    def test_before_the_final_reply_though_it_has_the_message(self):
        # RFC 1047: twice rather than never. The log says that it may have been taken.
        self.world()
        self.sink.on("dot", action="reset", times=1, stored=True)
        self.send()
        account = self.settled()
        self.relay.stop()
        self.assertEqual(self.sink.recipients(), sorted(RCPTS * 2))
        self.assert_intact()
        self.assertEqual(len(account.of("defer")), 3)
        for text in account.of("defer"):
            self.assertRegex(text, r"^451 4.4.2 \S+: Connection lost waiting for the reply to end of "
                                   "data; the host may have the message$")

    def test_lmtp_who_was_answered_gets_it_once(self):
        self.world(protocol="lmtp")
        self.sink.on("dot", action="reset", times=1, match="bert")
        self.send()
        account = self.assert_each_once()
        self.assertEqual(len(account.of("defer")), 2)

    def test_a_kept_connection_is_no_failure(self):
        # The host ends an idle connection: the next message takes another one, and no try counts.
        # Both come over one connection, and so to one loop: each loop keeps connections of its own.
        self.world()
        client = mail.Client(self.relay.address, self.relay.port)
        self.stage.on_close(client.close)
        self.send(client=client)
        self.sink.wait_for(1)
        # Until its outcome is on the disk the connection is not free for another message.
        self.settled()
        time.sleep(0.3)
        self.sink.on("mail", action="close", times=1)
        self.send(client=client)
        account = self.assert_each_once()
        self.assertEqual(account.of("defer"), [])

    def test_again_and_again(self):
        self.world()
        for step in STEPS * 2:
            self.sink.on(step, action="reset", times=1)
        for _ in range(5):
            self.send()
        self.assert_each_once()


if __name__ == "__main__":
    cases.main()
