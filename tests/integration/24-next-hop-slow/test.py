#!/usr/bin/env python3
"""A next hop that is slow: as long as it moves within its time limit it gets the message, however
long the whole takes; when it does not, the message waits for it."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, next_hop, stage

BIG = (b"x" * 78 + b"\r\n") * 75000  # 6 MB: more than the kernel takes ahead


class Slow(next_hop.NextHopCase):
    timeout = "2s"

    def test_thinks_before_each_reply(self):
        self.world()
        self.sink.thinking = 0.5  # eight replies: longer together than the limit of one
        self.send()
        account = self.assert_each_once()
        self.assertEqual(account.of("defer"), [])

    def test_reads_slowly(self):
        self.world()
        self.sink.pace = (65536, 0.03)  # 2 MB a second
        self.send(body=BIG)
        account = self.assert_each_once()
        self.assertEqual(account.of("defer"), [])

    def test_reads_too_slowly(self):
        # 64 KiB do not go through within the limit; when it has caught up, they do.
        self.world()
        self.sink.pace = (1024, 0.1)
        self.send(body=BIG)
        self.relay.wait_for_log("defer .* 451 4.4.2 .*Timed out during content")
        self.sink.pace = None
        self.assert_each_once()

    def test_many_slow_ones_hold_up_nobody(self):
        # Each loop serves both kinds; a small message to a good host goes through at once.
        other = self.stage.sink(stage.SISTER, name="other host")
        self.world(("dora", ["dora@adatum.com"], {"mailHost": other.endpoint}))
        self.sink.pace = (4096, 0.05)
        for _ in range(8):
            self.send(body=BIG[:800000])
        # As many as a host gets that has not shown yet what it can do.
        self.sink.wait_until(lambda s: s.open_connections >= 5, what="five connections")
        for _ in range(20):
            mail.submit(self.relay, next_hop.SENDER, "dora@adatum.com")
        other.wait_for(20)
        self.assertEqual(self.sink.messages, [])
        self.sink.pace = None
        self.assert_each_once()


if __name__ == "__main__":
    cases.main()
