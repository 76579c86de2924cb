#!/usr/bin/env python3
"""Clients that do not wait, do not end their lines, or do not speak SMTP at all."""
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail

BROWSER = (b"POST / HTTP/1.1\r\nHost: mx.adatum.com\r\nContent-Length: 99\r\n\r\n"
           b"EHLO client.example\r\nMAIL FROM:<eve@sender.example>\r\nRCPT TO:<anna@adatum.com>\r\n"
           b"DATA\r\nSubject: forged\r\n\r\n.\r\nQUIT\r\n")


class RudeClients(cases.Case):
    def world(self, **limits):
        self.relay = self.stage.small_world(("anna", ["anna@adatum.com"]),
                                            config={"limits": limits})

    def connect(self):
        return socket.create_connection((self.relay.address, self.relay.port), 30)

    def hear(self, client):
        """All that the relay says until it closes."""
        heard = b""
        try:
            while got := client.recv(4096):
                heard += got
        except ConnectionResetError:
            pass  # it has not read all that was sent
        return heard.decode()

    def assert_served(self):
        with mail.Client(self.relay.address, self.relay.port) as client:
            sent = client.transaction("ann@sender.example", ["anna@adatum.com"], mail.message())
            self.assertEqual(sent.last.code, 250)

    def test_who_talks_before_the_greeting(self):
        self.world(greeting_delay="1s")
        with self.connect() as client:
            client.sendall(b"EHLO client.example\r\n")
            self.assertRegex(self.hear(client), r"\A554 5\.5\.0 You talk before it is your turn")
        self.assert_served()  # after the delay

    def test_who_may_not_connect(self):
        self.relay = self.stage.small_world(
            ("anna", ["anna@adatum.com"]),
            config={"listen": [{"name": "inner", "address": "127.0.0.1:0", "allow": "10.0.0.0/8"}]})
        with mail.Client(self.relay.address, self.relay.port, greet=False) as client:
            self.assertEqual(client.read_reply().code, 554)
            self.assertEqual(client.command("EHLO client.example").code, 503)
            self.assertEqual(client.command("QUIT").code, 221)
            with self.assertRaises(ConnectionError):
                client.read_reply()
        # Five lines, and at most so many clients at once: they hold nothing for long.
        with self.connect() as client:
            client.sendall(b"NOOP\r\n" * 100)
            self.assertEqual([line[:3] for line in self.hear(client).splitlines()],
                             ["554", "503", "503", "503", "503", "421"])
        waiting = []
        for _ in range(101):
            waiting.append(self.connect())
            self.assertRegex(waiting[-1].recv(200), rb"^554 5\.7\.1 ")
        self.assertEqual(waiting[-1].recv(200), b"")
        for client in waiting:
            client.close()

    def test_who_does_not_wait_for_helo_or_data(self):
        self.world()
        with self.connect() as client:
            client.recv(200)
            client.sendall(b"HELO client.example\r\nMAIL FROM:<ann@sender.example>\r\n")
            self.assertRegex(self.hear(client), r"\A554 5\.5\.0 ")
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.send(b"MAIL FROM:<ann@sender.example>\r\nRCPT TO:<anna@adatum.com>\r\nDATA\r\n"
                        b"Subject: x\r\n\r\nx\r\n.\r\nMAIL FROM:<eve@sender.example>\r\n")
            self.assertEqual([client.read_reply().code for _ in range(3)], [250, 250, 554])
            with self.assertRaises(ConnectionError):
                client.read_reply()
        self.assert_served()
        self.assertNotIn("eve@sender.example", self.relay.log)

    def test_an_exempt_client_need_not_wait(self):
        self.world(exempt=["127.0.0.0/8"], greeting_delay="1s")
        with self.connect() as client:
            client.sendall(b"EHLO client.example\r\nMAIL FROM:<ann@sender.example>\r\nQUIT\r\n")
            self.assertRegex(self.hear(client), r"(?s)\A220 .*\r\n250 2\.1\.0 .*\r\n221 ")

    def test_a_browser(self):
        self.world()
        with self.connect() as client:
            client.recv(200)
            client.sendall(BROWSER)
            self.assertRegex(self.hear(client), r"\A554 5\.5\.1 This is a mail server[^\r]*\r\n\Z")
        self.assert_served()
        self.assertNotIn("eve@sender.example", self.relay.log)

    def test_a_tls_handshake(self):
        self.world()
        with self.connect() as client:
            client.recv(200)
            client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500))
            self.assertRegex(self.hear(client), r"\A554 5\.5\.1 ")
        self.assert_served()

    def test_lines_that_end_in_line_feeds(self):
        # Nothing of them is run, and the person at the other end learns why.
        self.world()
        with self.connect() as client:
            client.recv(200)
            client.sendall(b"EHLO client.example\nMAIL FROM:<eve@sender.example>\n")
            self.assertRegex(self.hear(client), r"\A421 4\.5\.2 Lines end in CRLF")

    def test_messages_of_a_session(self):
        self.world(messages=2)
        with mail.Client(self.relay.address, self.relay.port) as client:
            for _ in range(2):
                sent = client.transaction("ann@sender.example", ["anna@adatum.com"], mail.message())
                self.assertEqual(sent.last.code, 250)
            self.assertEqual(client.command("MAIL FROM:<ann@sender.example>").status, "4.7.0")
            with self.assertRaises(ConnectionError):
                client.command("NOOP")
        self.assert_served()

    def test_the_time_of_a_session(self):
        # Not idle, and still at its end: octet by octet would hold a place for ever.
        self.world(session_timeout="1s")
        with self.connect() as client:
            heard = client.recv(200)
            try:
                while b"421 " not in heard:
                    client.sendall(b"NOOP\r\n")
                    heard = client.recv(200)
            except ConnectionError:
                pass
            self.assertRegex(heard.decode(), r"421 4\.4\.2 ")
        self.assert_served()

    def test_a_header_section_without_end(self):
        self.world()
        with mail.Client(self.relay.address, self.relay.port) as client:
            content = b"X-Long: " + b"x" * 70 + b"\r\n"
            sent = client.transaction("ann@sender.example", ["anna@adatum.com"], content * 4000)
            self.assertEqual((sent.last.code, sent.last.status), (552, "5.3.4"))
        self.assert_served()


class TooMuch(cases.Case):
    PEOPLE = [f"p{i}@adatum.com" for i in range(5)]

    def world(self, **limits):
        self.relay = self.stage.small_world(
            *((f"p{i}", [address]) for i, address in enumerate(self.PEOPLE)),
            config={"limits": limits})

    def begin(self, client, recipients):
        """The codes of MAIL and all RCPT, which come in one write."""
        lines = ["MAIL FROM:<ann@sender.example>", *(f"RCPT TO:<{one}>" for one in recipients)]
        client.send("".join(f"{line}\r\n" for line in lines).encode())
        return [client.read_reply().code for _ in lines]

    def test_recipients_in_a_minute(self):
        self.world(recipients_per_minute=3)
        with mail.Client(self.relay.address, self.relay.port) as client:
            self.assertEqual(self.begin(client, self.PEOPLE), [250] + [250] * 3 + [450] * 2)
            self.assertEqual(client.command("DATA").code, 354)
            client.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
            self.assertEqual(client.read_reply().code, 250)
            self.assertEqual(self.begin(client, self.PEOPLE[:1]), [250, 450])
        message, = self.stage.mailboxes.wait_for(1)
        self.assertEqual(message.rcpts, self.PEOPLE[:3])
        self.relay.wait_for_log("too much mail in a minute")

    def test_messages_in_a_minute(self):
        self.world(messages_per_minute=1)
        with mail.Client(self.relay.address, self.relay.port) as client:
            sent = client.transaction("ann@sender.example", self.PEOPLE[:1], mail.message())
            self.assertEqual(sent.last.code, 250)
            self.assertEqual(self.begin(client, self.PEOPLE[:2]), [250, 450, 450])
            # Nor behind the refusal.
            self.assertEqual(client.command(f"RCPT TO:<{self.PEOPLE[0]}>").code, 450)

    def test_a_message_counts_once(self):
        # Also when the first of its recipients, each in a write of its own, do not exist.
        self.world(messages_per_minute=2)
        with mail.Client(self.relay.address, self.relay.port) as client:
            for _ in range(2):
                self.assertEqual(self.begin(client, ["old1@adatum.com"]), [250, 550])
                self.assertEqual(client.command("RCPT TO:<old2@adatum.com>").code, 550)
                self.assertEqual(client.command(f"RCPT TO:<{self.PEOPLE[0]}>").code, 250)
                self.assertEqual(client.command(f"RCPT TO:<{self.PEOPLE[1]}>").code, 250)
                self.assertEqual(client.command("RSET").code, 250)
            self.assertEqual(self.begin(client, self.PEOPLE[:1]), [250, 450])

    def test_guesses(self):
        self.world(unknown_recipients=3, unknown_limit=4)
        with mail.Client(self.relay.address, self.relay.port) as client:
            codes = self.begin(client, [f"guess{i}@adatum.com" for i in range(4)])
            self.assertEqual(codes, [250, 550, 550, 550, 421])
            with self.assertRaises(ConnectionError):
                client.read_reply()
        # Who knows more people than not has a list that is old, and may go on.
        with mail.Client(self.relay.address, self.relay.port) as client:
            codes = self.begin(client, [*self.PEOPLE, *(f"old{i}@adatum.com" for i in range(4))])
            self.assertEqual(codes, [250] + [250] * 5 + [550] * 4)


if __name__ == "__main__":
    cases.main()
