#!/usr/bin/env python3
"""A next hop with several addresses, of which some are dead: tried in the order of the list, and a
host that does not greet counts as dead (Q182821, Q279323)."""
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, next_hop, stage
from support.next_hop import RCPTS
from support.slapd import free_port


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


class Addresses(next_hop.NextHopCase):
    timeout = "1s"

    def first(self, **rule):
        """A host that comes first in the list, and misbehaves at the connection."""
        sink = self.stage.sink(stage.FOREIGN, name="first")
        if rule:
            sink.on("connect", **rule)
        return sink

    def with_list(self, *addresses, **more):
        good = self.stage.sink(name="good")
        self.world(mailboxes=good, address=[*addresses, good.endpoint], **more)

    def assert_no_try_failed(self):
        self.send()
        account = self.assert_each_once()
        self.assertEqual(account.of("defer"), [])

    def test_first_is_dead(self):
        self.with_list(f"{stage.SISTER}:{free_port(stage.SISTER)}")
        self.assert_no_try_failed()

    def test_first_is_dead_ipv6(self):
        if not has_ipv6():
            self.skipTest("this machine has no ::1")
        self.with_list(f"[::1]:{free_port(stage.SISTER)}")
        self.assert_no_try_failed()

    def test_first_is_dead_ipv4(self):
        if not has_ipv6():
            self.skipTest("this machine has no ::1")
        good = self.stage.sink("::1", name="good")
        dead = f"{stage.SISTER}:{free_port(stage.SISTER)}"
        self.world(mailboxes=good, address=[dead, good.endpoint])
        self.assert_no_try_failed()

    def test_a_name_with_a_dead_ipv6_address(self):
        if not has_ipv6():
            self.skipTest("this machine has no ::1")
        good = self.stage.sink(name="good")
        hosts = self.stage.directory / "hosts"
        hosts.write_text(f"::1 mbx1.adatum.com\n{stage.MAILBOXES} mbx1.adatum.com\n")
        self.world(mailboxes=good, address=f"mbx1.adatum.com:{good.port}",
                   config={"dns": {"hosts_file": str(hosts)}})
        self.send()
        account = self.assert_each_once()
        self.assertEqual(account.of("defer"), [])
        self.assertRegex(self.relay.log, r"-> mbx1\.adatum\.com\[127\.0\.0\.2\]:\d+ .* 250 ")

    def test_first_greets_nobody(self):
        first = self.first(action="hang")
        self.with_list(first.endpoint)
        self.assert_no_try_failed()
        first.release()

    def test_first_breaks_off(self):
        for action in ("close", "reset"):
            first = self.first(action=action)
            self.with_list(first.endpoint)
            self.assert_no_try_failed()
            self.next_stage()

    def test_first_refuses_us(self):
        # RFC 5321 4.5.4.1, 5.1: another address may be better disposed.
        for reply in ("421 4.3.2 not now", "554 5.7.1 not from you"):
            first = self.first(reply=reply)
            self.with_list(first.endpoint)
            self.assert_no_try_failed()
            self.next_stage()

    def test_first_ends_the_connection_before_the_content(self):
        # RFC 5321 5.1: each of the addresses in order, until one takes the message.
        for step, rule in (("mail", {"reply": "421 4.3.2 going down"}),
                           ("mail", {"action": "close"}),
                           ("rcpt", {"reply": "421 4.3.2 going down"}),
                           ("data", {"action": "reset"}),
                           ("data", {"reply": "421 4.3.2 going down"})):
            with self.subTest(step=step, **rule):
                first = self.stage.sink(stage.FOREIGN, name="first").on(step, **rule)
                self.with_list(first.endpoint)
                self.assert_no_try_failed()
                self.assertEqual(first.messages, [])
                self.assertNotIn("is down", self.relay.log)
                self.next_stage()

    def test_two_end_the_connection_before_the_content(self):
        firsts = [self.stage.sink(stage.FOREIGN, name=name).on("mail", "421 4.3.2 going down")
                  for name in ("first", "second")]
        self.with_list(*(first.endpoint for first in firsts),
                       f"{stage.SISTER}:{free_port(stage.SISTER)}")
        self.assert_no_try_failed()

    def test_all_end_the_connection_before_the_content(self):
        first = self.stage.sink(stage.FOREIGN, name="first").on("mail", action="close")
        self.with_list(first.endpoint)
        self.sink.on("mail", "421 4.3.2 going down", times=1)
        self.send()
        account = self.assert_each_once()
        self.assertEqual(len(account.of("defer")), len(RCPTS))
        self.assertRegex(self.relay.log, rf"-> {self.sink.endpoint} .*421 4\.3\.2 going down")

    def test_first_ends_the_connection_and_the_others_are_dead(self):
        first = self.stage.sink(stage.FOREIGN, name="first").on("mail", "421 4.3.2 going down")
        self.with_list(first.endpoint)
        self.sink.stop()
        self.send()
        self.relay.wait_for_log(r"defer .* 451 4\.4\.1 .*Connection refused")
        self.sink.start()
        self.assert_each_once()

    def test_what_the_first_says_of_a_recipient_or_the_sender_counts(self):
        first = self.stage.sink(stage.FOREIGN, name="first")
        first.on("rcpt", "550 5.1.1 no such person", match="bert")
        first.on("data", action="close")
        self.with_list(first.endpoint)
        self.send()
        self.assertEqual(self.report().final_recipients(), {RCPTS[1]: "5.1.1"})
        self.settled()
        self.assertEqual(self.sink.recipients(), [RCPTS[0], RCPTS[2]])
        self.next_stage()
        first = self.stage.sink(stage.FOREIGN, name="first")
        first.on("mail", "451 4.7.1 greylisted", times=1)
        self.with_list(first.endpoint)
        self.send()
        account = self.settled()
        self.assertEqual(len(account.of("defer")), len(RCPTS))
        self.assertEqual((len(first.messages), len(self.sink.messages)), (1, 0))

    def test_no_other_address_once_the_content_was_sent(self):
        for rule in ({"reply": "421 4.3.2 going down"}, {"action": "close"}):
            first = self.stage.sink(stage.FOREIGN, name="first").on("dot", times=1, **rule)
            self.with_list(first.endpoint)
            self.send()
            account = self.settled()
            self.assertEqual(len(account.of("defer")), len(RCPTS))
            self.assertEqual((first.recipients(), self.sink.messages), (RCPTS, []))
            self.next_stage()

    def test_first_is_full_of_connections(self):
        # Its kernel takes no more: connecting takes until the time limit.
        with socket.socket() as full:
            full.bind((stage.SISTER, 0))
            full.listen(0)
            waiting = []
            for _ in range(4):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(full.getsockname())
                waiting.append(one)
            self.with_list(f"{stage.SISTER}:{full.getsockname()[1]}")
            self.assert_no_try_failed()
            for one in waiting:
                one.close()

    def test_first_is_preferred_again_when_it_is_back(self):
        first = self.first()
        self.with_list(first.endpoint)
        first.stop()
        self.send()
        self.settled()
        first.start()
        # A connection that is kept is used as long as it lives.
        self.sink.stop()
        self.send()
        first.wait_for(1)
        self.settled()
        self.sink.start()  # its counters outlive it
        self.relay.stop()
        self.assertEqual((len(first.messages), len(self.sink.messages)), (1, 1))

    def test_a_no_to_a_recipient_is_not_taken_elsewhere(self):
        first = self.first()
        first.on("rcpt", "550 5.1.1 no such person", match="bert")
        self.with_list(first.endpoint)
        self.send()
        self.assertEqual(self.report().final_recipients(), {RCPTS[1]: "5.1.1"})
        self.settled()
        self.assertEqual(self.sink.messages, [])
        self.assertEqual(first.recipients(), [RCPTS[0], RCPTS[2]])

    def test_all_are_dead_and_one_comes_back(self):
        first = self.first()
        self.with_list(f"{stage.SISTER}:{free_port(stage.SISTER)}", first.endpoint)
        self.sink.stop()
        first.on("connect", action="close")
        self.send()
        self.relay.wait_for_log(r"defer .* 451 4\.4\.1 ")
        self.sink.start()
        self.assert_each_once()


if __name__ == "__main__":
    cases.main()
