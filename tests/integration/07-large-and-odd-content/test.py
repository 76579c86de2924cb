#!/usr/bin/env python3
"""Content is carried, not touched: large, 8-bit, dots, long lines; too much of it is refused."""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail

SENDER, ANNA = "ann@sender.example", "anna@adatum.com"
MEBI = 1024 * 1024
HEAD = b"Subject: odd\r\n\r\n"

ODD = {
    "dots at line starts": HEAD + b".\r\n..\r\n...x\r\n.hidden\r\n",
    "only dots": b".\r\n.\r\n",
    "nothing at all": b"",
    "no header": b"\r\njust a body\r\n",
    "no empty line behind the header": b"Subject: only a header\r\n",
    "not a header at all": b"this is no header\r\nnor this\r\n",
    "empty lines at the end": HEAD + b"x\r\n\r\n\r\n",
    "8-bit": HEAD + bytes(range(128, 256)) + b"\r\n",
    "control characters": HEAD + bytes(range(1, 10)) + b"\x0b\x0c\x1b\x7f\r\n",
    "long lines": HEAD + b"x" * 2000 + b"\r\n" + b"." * 2000 + b"\r\n",
    "long header": b"Subject: " + b"y" * 5000 + b"\r\n\r\nbody\r\n",
    "dot at the end of a line": HEAD + b"end.\r\n.",
}


class OddContent(cases.SharedCase):
    @classmethod
    def build(cls, where):
        cls.relay = where.small_world(("anna", [ANNA]))

    def test_arrives_octet_for_octet(self):
        for name, content in ODD.items():
            with self.subTest(name):
                before = len(self.stage.mailboxes.messages)
                sent = mail.submit(self.relay, SENDER, ANNA, content, params=" BODY=8BITMIME")
                self.assertEqual(sent.last.code, 250, sent.last)
                arrived = self.stage.mailboxes.wait_for(before + 1)[before]
                wanted = content if not content or content.endswith(b"\r\n") else content + b"\r\n"
                self.assertEqual(arrived.without_added_trace(), wanted)

    def test_content_that_straddles_every_border(self):
        # A dot, a CR and an LF at every offset of a small write.
        content = HEAD + b"a\r\n.\r\n..b\r\n\r\n.c\r\n"
        octets = mail.stuffed(content)
        for size in (1, 2, 3, 5, 7):
            with self.subTest(size=size), mail.Client("127.0.0.1", self.relay.port) as client:
                before = len(self.stage.mailboxes.messages)
                client.command(f"MAIL FROM:<{SENDER}>")
                client.command(f"RCPT TO:<{ANNA}>")
                self.assertEqual(client.command("DATA").code, 354)
                client.socket.setsockopt(6, 1, 1)  # TCP_NODELAY: each write a packet
                for start in range(0, len(octets), size):
                    client.send(octets[start:start + size])
                self.assertEqual(client.read_reply().code, 250)
                arrived = self.stage.mailboxes.wait_for(before + 1)[before]
                self.assertEqual(arrived.without_added_trace(), content)

    def test_a_bare_line_feed_does_not_end_a_message(self):
        # What one side takes for the end and the other does not is a smuggled message.
        for end in (b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r"):
            with self.subTest(end=end), mail.Client("127.0.0.1", self.relay.port) as client:
                client.command(f"MAIL FROM:<{SENDER}>")
                client.command(f"RCPT TO:<{ANNA}>")
                client.command("DATA")
                client.send(HEAD + b"first" + end + b"MAIL FROM:<evil@sender.example>\r\n"
                            b"RCPT TO:<anna@adatum.com>\r\nDATA\r\nsmuggled\r\n.\r\nNOOP\r\n")
                replies = [client.read_reply().code for _ in range(2)]
                self.assertIn(replies[0], (250, 500, 501, 550, 554), replies)
                self.assertEqual(replies[1], 250, replies)
        mail.submit(self.relay, SENDER, ANNA, mail.message("last"))
        self.stage.mailboxes.wait_until(
            lambda s: any(m.header("Subject") == ["last"] for m in s.messages), what="last message")
        self.assertNotIn("evil@sender.example",
                         [message.mail_from for message in self.stage.mailboxes.messages])


class Size(cases.SharedCase):
    @classmethod
    def build(cls, where):
        cls.relay = where.small_world(
            ("anna", [ANNA]), config={"server": {"max_message": "6MiB"}})

    def test_five_mebibytes(self):
        lines = random.Random(1).randbytes(5 * MEBI // 2).hex().encode()
        body = b"\r\n".join(lines[i:i + 76] for i in range(0, len(lines), 76)) + b"\r\n"
        content = HEAD + body
        before = len(self.stage.mailboxes.messages)
        self.assertEqual(mail.submit(self.relay, SENDER, ANNA, content).last.code, 250)
        arrived = self.stage.mailboxes.wait_for(before + 1, 60)[before]
        self.assertTrue(arrived.without_added_trace() == content, "the content differs")

    def test_limit_is_advertised(self):
        with mail.Client("127.0.0.1", self.relay.port) as client:
            self.assertIn(f"SIZE {6 * MEBI}", client.extensions)

    def test_too_large_by_its_own_word(self):
        sent = mail.submit(self.relay, SENDER, ANNA, params=f" SIZE={6 * MEBI + 1}")
        self.assertEqual((sent.mail.code, sent.mail.status), (552, "5.3.4"))

    def test_too_large_in_fact(self):
        content = HEAD + (b"z" * 76 + b"\r\n") * (6 * MEBI // 78 + 10)
        with mail.Client("127.0.0.1", self.relay.port) as client:
            sent = client.transaction(SENDER, [ANNA], content)
            self.assertEqual((sent.last.code, sent.last.status), (552, "5.3.4"))
            # The session goes on.
            self.assertEqual(client.transaction(SENDER, [ANNA], mail.message()).last.code, 250)


class Memory(cases.Case):
    MOST = 2_000_000  # octets that a large message may add

    def test_a_large_message_stays_on_the_disk(self):
        # 50 MB, to two hosts: in, and out twice at the same time.
        relay = self.stage.small_world(
            ("anna", [ANNA]), ("bert", ["bert@adatum.com"], {"mailHost": "internet"}),
            config={"server": {"max_message": "60MiB"}})
        rcpts = [ANNA, "bert@adatum.com"]
        sinks = (self.stage.mailboxes, self.stage.internet)
        content = HEAD + (b"z" * 76 + b"\r\n") * (50_000_000 // 78)
        for number, sent in enumerate((mail.message(), content), 1):
            before = relay.resident_octets
            relay.forget_peak()
            self.assertEqual(mail.submit(relay, SENDER, rcpts, sent).last.code, 250)
            for sink in sinks:
                sink.wait_for(number, 120)
        added = relay.peak_octets - before
        relay.stop()
        for sink in sinks:
            self.assertTrue(sink.messages[1].without_added_trace() == content)
        print(f"a message of {len(content)} octets to two hosts adds {added} octets", flush=True)
        if not daemon.has_address_sanitizer():
            self.assertLessEqual(added, self.MOST)


if __name__ == "__main__":
    cases.main()
