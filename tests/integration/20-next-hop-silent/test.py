#!/usr/bin/env python3
"""A next hop that takes connections and then says nothing, at whatever step: found out within
its time limit, its mail kept, and delivered as soon as it works again."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, next_hop, stage
from support.next_hop import RCPTS
from support.slapd import free_port

BIG = b"x" * 78 + b"\r\n"


class Hangs(next_hop.NextHopCase):
    timeout = "1s"

    def hang_once(self, step, protocol="smtp", body=None, **rule):
        self.world(protocol=protocol)
        self.sink.on(step, action="hang", times=1, **rule)
        self.send(body=body)
        account = self.assert_each_once()
        self.sink.release()
        return set(account.of("defer"))

    def assert_waited_for(self, what, texts):
        self.assertEqual(len(texts), 1, texts)
        self.assertTrue(texts.pop().endswith(f"Timed out waiting for {what}"), what)

    def test_no_greeting(self):
        self.assert_waited_for("the greeting", self.hang_once("connect"))

    def test_at_ehlo(self):
        self.assert_waited_for("the reply to EHLO", self.hang_once("ehlo"))

    def test_at_mail(self):
        self.assert_waited_for("the reply to MAIL", self.hang_once("mail"))

    def test_at_rcpt(self):
        # PIPELINING: what it said about the first recipient does not count without the content.
        self.assert_waited_for("the reply to RCPT", self.hang_once("rcpt", match="bert"))

    def test_at_data(self):
        self.assert_waited_for("the reply to DATA", self.hang_once("data"))

    def test_in_the_middle_of_the_content(self):
        self.timeout = "4s"  # the whole of it takes a while when it is taken
        texts = self.hang_once("content", after=10000, body=BIG * 100000)
        self.assertEqual([text.partition(" ")[2] for text in texts],
                         [f"4.4.2 {self.sink.endpoint}: Timed out during content"])

    def test_before_the_final_reply(self):
        self.hang_once("dot")

    def test_before_the_final_reply_though_it_has_the_message(self):
        # Twice, since nobody can know; never lost; and the log says why.
        self.world()
        self.sink.on("dot", action="hang", times=1, stored=True)
        self.send()
        account = self.settled()
        self.relay.stop()
        self.assertEqual(self.sink.recipients(), sorted(RCPTS * 2))
        self.assertTrue(all("end of data" in text for text in account.of("defer")))
        self.assertEqual(len(account.of("defer")), 3)

    def test_lmtp_before_the_second_of_three_replies(self):
        self.world(protocol="lmtp")
        self.sink.on("dot", action="hang", times=1, match="bert")
        self.send()
        account = self.assert_each_once()
        self.assertEqual(account.of("defer", "anna"), [])
        self.assertEqual(len(account.of("defer", "bert")), 1)
        self.assertEqual(len(account.of("defer", "cleo")), 1)

    def test_a_reply_of_which_only_drops_come(self):
        self.world()
        self.sink.on("mail", "250 " + "very " * 300 + "slow", action="drip", times=1)
        self.send()
        account = self.assert_each_once()
        self.assertEqual(len(account.of("defer")), 3)

    def test_no_good_bye(self):
        self.world()
        self.sink.on("quit", action="hang")
        self.send()
        self.assert_each_once()


class HangsForLong(next_hop.NextHopCase):
    """While it hangs, others get their mail; when it works again, so does it."""

    timeout = "2s"

    def test_nobody_else_waits(self):
        other = self.stage.sink(stage.SISTER, name="other host")
        self.world(("dora", ["dora@adatum.com"], {"mailHost": other.endpoint}), connections=2)
        self.sink.on("mail", action="hang")
        for _ in range(10):
            self.send()
        self.sink.wait_until(lambda s: s.hanging == 2, what="two hanging connections")
        mail.submit(self.relay, next_hop.SENDER, "dora@adatum.com")
        other.wait_for(1)
        self.assertEqual(self.sink.messages, [])
        self.sink.forget_rules()
        self.sink.release()
        self.assert_each_once()
        self.assertLessEqual(self.sink.most_open, 2)


class Refuses(next_hop.NextHopCase):
    def test_refuses_connections_until_it_is_up(self):
        self.world()
        self.sink.stop()
        for _ in range(3):
            self.send()
        self.relay.wait_for_log(r"defer .*Connection refused")
        self.sink.start()
        account = self.assert_each_once()
        for text in account.of("defer"):
            self.assertRegex(text, r"^451 4\.4\.1 .*Connection refused$")

    def test_expires_with_what_was_seen_last(self):
        dead = f"{stage.MAILBOXES}:{free_port(stage.MAILBOXES)}"
        self.world(address=dead, config={"queue": {"expire": "3s"}})
        self.send(RCPTS[:1])
        report = self.report()
        self.assertEqual(report.final_recipients(), {RCPTS[0]: "4.4.7"})
        self.assertIn("Connection refused", report.text)


if __name__ == "__main__":
    cases.main()
