#!/usr/bin/env python3
"""The wall clock is set while mail waits: nothing is returned because of that alone, nothing waits
for the time that was, ids stay unique, and sessions do not notice."""
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, clock, mail, next_hop
from support.next_hop import RCPTS, SENDER


def subjects(sink):
    return [message.header("Subject")[0] for message in sink.messages]


class ClockJumps(next_hop.NextHopCase):
    def setUp(self):
        super().setUp()
        self.clock = clock.WallClock(self.stage.directory)

    def world(self, **config):
        super().world(config={"queue": {"retry": ["1s"] * 100}} | config, start=False)
        self.relay.environment = self.clock.environment()
        self.relay.start()

    def set_clock(self, offset):
        """And the relay has noticed."""
        seen = self.relay.log.count("mail keeps its age")
        self.clock.set(offset)
        deadline = time.monotonic() + 30
        while self.relay.log.count("mail keeps its age") == seen:
            self.assertLess(time.monotonic(), deadline, "the jump is not noticed")
            time.sleep(0.05)

    def wait_in_queue(self):
        """A message whose host does not take it for now."""
        self.sink.on("rcpt", "451 4.2.0 not now")
        self.send()
        self.relay.wait_for_log("defer")

    def assert_tried_again(self):
        before = len(self.sink.refused)
        self.sink.wait_until(lambda s: len(s.refused) > before, what="another try")

    def assert_it_arrives(self):
        self.sink.forget_rules()
        self.assert_each_once()

    def test_ahead_by_days(self):
        self.world()
        self.wait_in_queue()
        self.set_clock("+2d")
        self.assert_tried_again()
        self.assert_tried_again()
        self.assert_it_arrives()

    def test_ahead_beyond_the_expiry(self):
        # A clock that is set six days ahead has not aged the mail by six days.
        self.world()
        self.wait_in_queue()
        self.set_clock("+6d")
        self.assert_tried_again()
        self.assert_tried_again()
        self.assertEqual(self.internet.messages, [])
        self.set_clock("+0")  # noticed, and mended
        self.assert_tried_again()
        self.assert_it_arrives()

    def test_back_by_hours(self):
        self.world()
        self.wait_in_queue()
        self.set_clock("-5h")
        self.assert_tried_again()
        self.assert_tried_again()
        self.assert_it_arrives()

    def test_back_while_the_relay_is_down(self):
        # What is stored says "tomorrow": nothing waits for that. Killed at once, the record may not
        # know of the first try yet; stopped, it does.
        for end in ("kill", "stop"):
            with self.subTest(end=end):
                self.clock.set("+1d")
                self.world()
                self.wait_in_queue()
                getattr(self.relay, end)()
                self.clock.set("+0")
                self.relay.start()
                self.relay.wait_for_log("clock +set back by 23 hours since the last run")
                self.assert_tried_again()
                self.assert_tried_again()
                self.assertNotRegex(self.relay.log, "delay=-")
                self.assert_it_arrives()
            self.next_stage()
            self.clock = clock.WallClock(self.stage.directory)

    def test_ahead_while_the_relay_is_down(self):
        # Nobody can know whether six days have passed: it is tried once before it is returned.
        self.world()
        self.wait_in_queue()
        self.relay.kill()
        self.clock.set("+6d")
        self.sink.forget_rules()
        self.relay.start()
        self.assert_each_once()

    def test_expires_by_the_time_that_has_passed(self):
        # Once ahead and once back, and the mail expires as if nothing had been.
        self.world(queue={"retry": ["500ms"] * 100, "expire": "4s"})
        self.wait_in_queue()
        self.set_clock("+1h")
        self.assert_tried_again()
        self.set_clock("-1h")
        self.assert_tried_again()
        report = self.report()
        self.assertEqual(set(report.final_recipients().values()), {"4.4.7"})
        self.settled()

    def test_ids_are_given_once(self):
        # From the replies: the last lines of a log may be lost with the relay that is killed.
        self.world()
        ids = []
        for offset in ("+0", "+3d", "-5h", "-10d", "+0"):
            self.clock.set(offset)
            for _ in range(5):
                content = mail.message(f"number {len(ids)}")
                last = mail.submit(self.relay, SENDER, RCPTS, content).last
                ids.append(re.search(r"Stored as (\w+)$", last.text)[1])
            if offset == "-5h":
                self.relay.kill()
                self.relay.start()
        self.assertEqual(len(ids), 25)
        self.assertEqual(sorted(set(ids)), ids, "in the order of arrival, each once")
        # What was in delivery when the relay was killed may come twice.
        self.sink.wait_until(lambda s: len(set(subjects(s))) == 25, what="all of them")

    def test_sessions_do_not_notice(self):
        self.world(limits={"command_timeout": "3s"})
        with mail.Client(self.relay.address, self.relay.port) as client:
            for offset in ("+1d", "-1d", "+400d"):
                self.set_clock(offset)
                self.assertEqual(client.command("NOOP").code, 250)
                sent = client.transaction(SENDER, RCPTS[:1], mail.message())
                self.assertEqual(sent.last.code, 250)
            self.set_clock("-1d")
            # And who says nothing is told so after three seconds, not after a day.
            self.assertEqual(client.read_reply().code, 421)
        self.settled()

    def test_time_limits_of_next_hops_are_unaffected(self):
        self.world()
        self.sink.on("mail", action="hang", times=1)
        self.send()
        self.sink.wait_until(lambda s: s.hanging == 1, what="hanging connection")
        self.clock.set("-1d")
        account = self.assert_each_once()
        self.assertTrue(all("Timed out" in text for text in account.of("defer")))


if __name__ == "__main__":
    cases.main()
