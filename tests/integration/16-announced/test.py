#!/usr/bin/env python3
"""Where every connection to a host is busy, the next message is announced with the content of the one
before it: whatever the host does then, each message arrives, and none is blamed for another."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, next_hop, stage

ANNA = ["anna@adatum.com"]
COUNT = 8


class Announced(next_hop.NextHopCase):
    timeout = "20s"

    def crowd(self, count=COUNT, body=None):
        """One connection, held up until `count` messages of as many senders wait behind it."""
        self.sink.on("mail", action="hang", times=1)
        for number in range(count):
            self.send(ANNA, sender=f"s{number}@sender.example", body=body)
        self.sink.wait_until(lambda sink: sink.hanging == 1, what="hanging session")
        self.sink.release()

    def one_connection(self, **sink):
        self.world(connections=1, mailboxes=self.stage.sink(stage.MAILBOXES, **sink) if sink else None)

    def assert_all_once(self, count=COUNT):
        self.assertEqual(len(self.sent), count)
        account = self.assert_each_once(ANNA)
        self.assertEqual(self.sink.faults, [])
        return account

    def test_all_come_in_one_go(self):
        self.one_connection()
        self.crowd()
        account = self.assert_all_once()
        self.assertGreater(self.sink.announced, 0)
        # The one that hung was broken off; nothing else was.
        self.assertLessEqual(len(account.of("defer")), 1)

    def test_not_without_pipelining(self):
        self.one_connection(name="mailboxes", extensions=["8BITMIME"])
        self.crowd()
        self.assert_all_once()
        self.assertEqual(self.sink.announced, 0)

    def test_not_behind_long_content(self):
        # It would wait for all of it, though another connection may be free sooner.
        self.one_connection()
        self.crowd(3, body=(b"x" * 78 + b"\r\n") * 1000)
        self.assert_all_once(3)
        self.assertEqual(self.sink.announced, 0)

    def test_the_host_ends_the_connection_behind_a_message(self):
        for action in ("close", "reset"):
            with self.subTest(action=action):
                self.one_connection()
                self.sink.on("mail", action=action, kept=True, times=1)
                self.crowd()
                account = self.assert_all_once()
                self.assertEqual([text for text in account.of("defer") if "MAIL" in text][1:], [])
                self.next_stage()

    def test_the_host_says_no_to_what_was_announced(self):
        # Whom a kept connection says good-bye to has not been tried yet.
        for step, reply, times, tries in (
                ("mail", "451 4.7.1 not you, not now", 1, 1),
                ("mail", "421 4.3.2 going down", 1, 0),
                ("rcpt", "450 4.2.1 busy", 4, 4), ("data", "451 4.3.0 wait", 4, 4)):
            with self.subTest(step=step, reply=reply):
                self.one_connection()
                self.sink.on(step, reply, kept=True, times=times)
                self.crowd()
                account = self.assert_all_once()
                self.assertGreater(self.sink.announced, 0)
                told = [text for text in account.of("defer") if reply[:9] in text]
                self.assertEqual(len(told), tries, account.of("defer"))
                self.next_stage()

    def test_the_message_before_it_fails(self):
        # One that is taken twice is one that the host kept and broke off on (RFC 1047).
        for action, reply in (("reply", "452 4.2.2 full"), ("reply", "421 4.3.2 going down"),
                              ("close", ""), ("reset", "")):
            with self.subTest(action=action, reply=reply):
                self.one_connection()
                self.sink.on("dot", "250 2.0.0 taken", times=3)
                self.sink.on("dot", reply, action=action, times=2)
                self.crowd()
                account = self.assert_all_once()
                self.assertGreater(self.sink.announced, 0)
                self.assertGreaterEqual(len(account.of("defer")), 2)
                self.next_stage()

    def test_a_reload_between_the_announcement_and_the_content(self):
        self.one_connection()
        self.sink.thinking = 0.02
        self.crowd(20)
        for number in range(5):
            self.sink.wait_for(2 + 3 * number)
            self.relay.rewrite({"host": {"mailboxes": {"timeout": f"{21 + number}s"}}})
            self.relay.reload()
        account = self.assert_all_once(20)
        self.assertLessEqual(len(account.of("defer")), 1)


if __name__ == "__main__":
    cases.main()
