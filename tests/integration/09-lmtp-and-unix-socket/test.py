#!/usr/bin/env python3
"""Next hops that speak LMTP, over TCP or a Unix socket: one outcome for every recipient."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail

SENDER = "ann@sender.example"
RCPTS = [f"{name}@adatum.com" for name in ("anna", "bert", "cleo")]
PEOPLE = tuple((rcpt.split("@")[0], [rcpt]) for rcpt in RCPTS)


class Lmtp(cases.Case):
    def world(self, sink, protocol):
        self.sink = sink
        self.relay = self.stage.small_world(
            *PEOPLE, mailboxes=sink,
            config={"host": {"mailboxes": {"address": sink.endpoint, "protocol": protocol}}})

    def deliver(self):
        self.content = mail.message("by LMTP")
        self.assertEqual(mail.submit(self.relay, SENDER, RCPTS, self.content).last.code, 250)

    def assert_all_arrive_once(self):
        self.sink.wait_until(lambda s: len(s.recipients()) >= 3, what="three recipients")
        self.relay.stop()
        self.assertEqual(self.sink.recipients(), sorted(RCPTS))
        for message in self.sink.messages:
            self.assertEqual(message.without_added_trace(), self.content)

    def test_over_tcp(self):
        self.world(self.stage.sink(protocol="lmtp", name="lmtp"), "lmtp")
        self.deliver()
        self.assert_all_arrive_once()

    def test_over_a_unix_socket(self):
        path = str(self.stage.directory / "lmtp.sock")
        self.world(self.stage.sink(path=path, protocol="lmtp", name="lmtp"), "lmtp")
        self.deliver()
        self.assert_all_arrive_once()

    def test_smtp_over_a_unix_socket(self):
        path = str(self.stage.directory / "smtp.sock")
        self.world(self.stage.sink(path=path, name="smtp"), "smtp")
        self.deliver()
        self.assert_all_arrive_once()

    def test_one_waits_one_is_refused(self):
        # RFC 2033 4.2: the replies behind the content belong to the recipients one by one.
        self.world(self.stage.sink(protocol="lmtp", name="lmtp"), "lmtp")
        self.sink.on("dot", "452 4.2.2 full just now", match="anna", times=1)
        self.sink.on("dot", "550 5.2.0 no longer", match="bert")
        self.deliver()
        self.sink.wait_until(lambda s: len(s.recipients()) >= 2, what="two recipients")
        report, = self.stage.internet.wait_for(1)
        self.assertEqual(mail.Ndr(report.content).final_recipients(), {"bert@adatum.com": "5.2.0"})
        self.relay.stop()
        self.assertEqual(self.sink.recipients(), ["anna@adatum.com", "cleo@adatum.com"])

    def test_socket_that_appears_later(self):
        path = str(self.stage.directory / "late.sock")
        sink = self.stage.sink(path=path, protocol="lmtp", name="lmtp")
        self.world(sink, "lmtp")
        sink.stop()
        self.deliver()
        sink.start()
        self.assert_all_arrive_once()


if __name__ == "__main__":
    cases.main()
