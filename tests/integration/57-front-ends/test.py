#!/usr/bin/env python3
"""Front ends that tell by the PROXY protocol for whom they connect ([[listen]] proxy_protocol): that client
counts for relay policy, limits, loops, trace field and log. Through HAProxy, and octet by octet."""
import contextlib
import pathlib
import socket
import ssl
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, network, peer_case, private_machine, stage
from support.certificates import Authority
from support.haproxy import HaProxy
from support.smtp_filter import proxy_header

SENDER, ANNA, CARL = "ann@sender.example", "anna@adatum.com", "carl@adatum.com"
ELSEWHERE = "x@elsewhere.example"
TCP4 = "PROXY TCP4 {} 192.0.2.80 40000 25\r\n"


def config(authority, stage_, **listen):
    certificate, key = authority.issue("relay1.adatum.com")
    hosts = {"notes": {"address": stage_.notes.endpoint, "networks": ["198.51.100.7/32"]}}
    listener = {"proxy_protocol": ["127.0.0.80/32"], "address": "127.0.0.1:0"} | listen
    return {"listen": [{"name": "main"} | listener,
                       {"name": "tls", "tls": "implicit"} | listener],
            "host": hosts, "tls": {"certificate": str(certificate), "key": str(key)},
            "domain": [{"name": "adatum.com", "action": "inbound", "host": "notes"}],
            "relay": {"allow": ["198.51.100.0/24"]},
            "limits": {"connections_per_client": 2, "exempt": ["198.51.100.200/32"]}}


class Headers(cases.SharedCase):
    """A front end of our own at 127.0.0.80; 127.0.0.1 is none."""

    listen = {}

    @classmethod
    def build(cls, where):
        cls.authority = Authority(where.directory)
        where.notes = where.sink(stage.FOREIGN, name="notes")
        cls.relay = where.small_world(("anna", [ANNA]), ("carl", [CARL], {"mailRoutingAddress": CARL}),
                                      config=config(cls.authority, where, **cls.listen))

    def dial(self, header, *, front="127.0.0.80", port=0, follow=b""):
        """The connection, behind its header."""
        end = socket.create_connection(("127.0.0.1", self.relay.ports[port]), 60,
                                       source_address=(front, 0))
        self.addCleanup(end.close)
        end.sendall((header.encode() if isinstance(header, str) else header) + follow)
        return end

    def client(self, header, **where):
        """A client of SMTP that came so."""
        client = mail.Client.__new__(mail.Client)
        client.socket = self.dial(header, **where)
        return self.begun(client)

    def begun(self, client):
        client._input = client.socket.makefile("rb")
        self.addCleanup(client.close)
        client.greeting = client.read_reply()
        client.extensions = client.command("EHLO client.example").lines[1:]
        return client

    def answer(self, header, rcpt):
        """To RCPT, for a client that came with that header."""
        client = self.client(header)
        client.command(f"MAIL FROM:<{SENDER}>")
        reply = client.command(f"RCPT TO:<{rcpt}>")
        client.quit()
        return f"{reply.code} {reply.status}"

    def ends_without_a_word(self, end):
        with contextlib.suppress(ConnectionResetError):  # there was more to read
            self.assertEqual(end.recv(100), b"")

    def is_closed(self, reason):
        self.relay.wait_for_log(r"warn +- +listen +main: 127\.0\.0\.80 is in proxy_protocol and "
                                + reason + ": closed\n")


class Trusted(Headers):
    def test_relay_policy_is_about_the_client(self):
        for header, expected in ((TCP4.format("198.51.100.9"), "250 2.1.5"),
                                 (TCP4.format("203.0.113.9"), "550 5.7.1"),
                                 (proxy_header(("198.51.100.9", 4), ("192.0.2.80", 25)), "250 2.1.5"),
                                 (proxy_header(("203.0.113.9", 4), ("192.0.2.80", 25)), "550 5.7.1"),
                                 ("PROXY UNKNOWN\r\n", "550 5.7.1")):  # the front end itself
            with self.subTest(header=header):
                self.assertEqual(self.answer(header, ELSEWHERE), expected)

    def test_ping_pong_is_about_the_client(self):
        # Where the host's own mail comes from; the front end is in between.
        self.assertEqual(self.answer(TCP4.format("198.51.100.7"), CARL), "554 5.4.6")
        self.assertEqual(self.answer(TCP4.format("198.51.100.8"), CARL), "250 2.1.5")

    def test_trace_and_log_name_the_client(self):
        client = self.client(TCP4.format("203.0.113.77"))
        self.assertEqual(client.transaction(SENDER, [ANNA], mail.message()).last.code, 250)
        client.quit()
        traced = "from client.example ([203.0.113.77])"
        self.stage.mailboxes.wait_until(
            lambda s: any(traced in m.header("Received")[0] for m in s.messages), what=traced)
        self.relay.wait_for_log(r"connect +client=203\.0\.113\.77 listener=main front_end=127\.0\.0\.80\n")
        self.relay.wait_for_log(rf"receive +from=<{SENDER}> client=203\.0\.113\.77 ")

    def test_limits_are_those_of_the_client(self):
        crowd = [self.client(TCP4.format("203.0.113.50")) for _ in range(2)]
        third = self.dial(TCP4.format("203.0.113.50")).makefile("rb").readline()
        self.assertRegex(third, rb"^421 4\.7\.0 Too many connections from you")
        # Others by the same front end, and those who are exempt, are not touched by it.
        self.client(TCP4.format("203.0.113.51"))
        for _ in range(4):
            crowd.append(self.client(TCP4.format("198.51.100.200")))

    def test_tls_stands_behind_the_header(self):
        context = self.authority.client_context()
        header = proxy_header(("203.0.113.60", 4), ("192.0.2.80", 465), extra=b"\x01\x00\x04smtp")
        client = mail.Client.__new__(mail.Client)
        client.socket = context.wrap_socket(self.dial(header, port=1),
                                            server_hostname="relay1.adatum.com")
        self.begun(client)
        self.assertEqual(client.transaction(SENDER, [ANNA], mail.message()).last.code, 250)
        # And by STARTTLS.
        client = self.client(TCP4.format("203.0.113.61"))
        self.assertEqual(client.command("STARTTLS").code, 220)
        client.socket = context.wrap_socket(client.socket, server_hostname="relay1.adatum.com")
        client._input = client.socket.makefile("rb")
        client.command("EHLO client.example")
        self.assertEqual(client.transaction(SENDER, [ANNA], mail.message()).last.code, 250)
        self.relay.wait_for_log(r"tls +client=203\.0\.113\.60 TLSv1\.3")
        self.relay.wait_for_log(r"tls +client=203\.0\.113\.61 TLSv1\.3")

    def test_all_in_one_segment_and_octet_by_octet(self):
        end = self.dial(TCP4.format("203.0.113.70"), follow=b"EHLO a\r\nQUIT\r\n")
        self.assertRegex(b"".join(iter(lambda: end.recv(4096), b"")),
                         rb"(?s)^220 .*250 .*221 2\.0\.0 ")
        end = self.dial("")
        for octet in proxy_header(("203.0.113.71", 4), ("192.0.2.80", 25)):
            end.sendall(bytes([octet]))
        self.assertRegex(end.makefile("rb").readline(), rb"^220 ")

    def test_without_a_header_nobody_is_heard(self):
        self.ends_without_a_word(self.dial("EHLO client.example\r\n"))
        self.is_closed("does not begin with a PROXY header")
        self.ends_without_a_word(self.dial("PROXY TCP4 203.0.113.9 192.0.2.80 x 25\r\n"))
        self.is_closed("begins with a PROXY line that is malformed")
        end = self.dial("PROXY TCP4 203.")
        end.shutdown(socket.SHUT_WR)
        self.ends_without_a_word(end)
        self.is_closed("ends the connection before its PROXY header is complete")

    def test_nobody_else_may_say_who_he_is(self):
        for header in (TCP4.format("198.51.100.9"),
                       proxy_header(("198.51.100.9", 4), ("192.0.2.80", 25))):
            with self.subTest(header=header):
                replies = self.dial(header, front="127.0.0.1", follow=b"EHLO a\r\n").makefile("rb")
                self.assertRegex(replies.readline(), rb"^220 ")
                self.assertEqual(replies.readline(),
                                 b"554 5.5.1 This is a mail server, which speaks SMTP\r\n")
                self.assertEqual(replies.read(), b"")


class Admitted(Headers):
    """`allow` is about the client: the front end needs no place in it."""

    listen = {"allow": ["203.0.113.0/24"]}

    def test_who_may_connect(self):
        self.assertEqual(self.answer(TCP4.format("203.0.113.9"), ANNA), "250 2.1.5")
        reply = self.dial(TCP4.format("198.51.100.9")).makefile("rb").readline()
        self.assertRegex(reply, rb"^554 5\.7\.1 ")


class WithHaProxy(peer_case.WithPeer):
    """HAProxy of Debian before us, on a machine of its own: both versions, TLS, its probes, and a front
    that forgets the header."""

    name = "haproxy"
    front, home = "192.0.2.80", "192.0.2.25"

    @classmethod
    def build(cls, where):
        cls.network = network.Network()
        where.on_close(cls.network.close)
        cls.colleague = cls.network.own("192.0.2.14")
        cls.authority = Authority(where.directory)
        certificate, key = cls.authority.issue("relay1.adatum.com")
        cls.relay = where.small_world(("anna", [ANNA]), start=False, config={
            "listen": [{"name": "main", "address": f"{cls.home}:25",
                        "proxy_protocol": [f"{cls.front}/32"]},
                       {"name": "tls", "address": f"{cls.home}:465", "tls": "implicit",
                        "proxy_protocol": [f"{cls.front}/32"]}],
            "tls": {"certificate": str(certificate), "key": str(key)},
            "relay": {"allow": [f"{cls.colleague}/32"]}})
        # Its mailboxes and the world are reached over loopback: it lives where the test does.
        cls.network.own(cls.home)
        cls.relay.start()
        cls.haproxy = HaProxy(cls.front, [
            (25, f"{cls.home}:25", "send-proxy-v2 check inter 200ms"),
            (2525, f"{cls.home}:25", "send-proxy"),
            (465, f"{cls.home}:465", "send-proxy-v2"),
            (26, f"{cls.home}:25", "")], place=cls.network.place("front", cls.front))
        where.on_close(cls.haproxy.stop)
        cls.haproxy.start()

    def through(self, port, source=network.HERE):
        client = mail.Client(self.front, port, source=source)
        self.addCleanup(client.close)
        return client

    def test_who_may_relay_and_who_may_not(self):
        for port in (25, 2525):
            for source, code in ((network.HERE, 550), (self.colleague, 250)):
                with self.subTest(port=port, source=source):
                    client = self.through(port, source)
                    client.command(f"MAIL FROM:<{SENDER}>")
                    self.assertEqual(client.command(f"RCPT TO:<{ELSEWHERE}>").code, code)

    def test_mail_under_tls(self):
        content = mail.message()
        with self.authority.client_context().wrap_socket(
                socket.create_connection((self.front, 465), 60),
                server_hostname="relay1.adatum.com") as under_tls:
            client = mail.Client.__new__(mail.Client)
            client.socket, client._input = under_tls, under_tls.makefile("rb")
            client.read_reply()
            client.command("EHLO client.example")
            self.assertEqual(client.transaction(SENDER, [ANNA], content).last.code, 250)
            self.assertIsInstance(under_tls, ssl.SSLSocket)
        self.stage.mailboxes.wait_until(lambda s: s.messages_to(ANNA))
        self.assertIn(f"from client.example ([{network.HERE}])",
                      self.stage.mailboxes.messages_to(ANNA)[0].header("Received")[0])

    def test_its_probes_are_itself(self):
        self.relay.wait_for_log(rf"connect +client={self.front} listener=main\n")

    def test_a_front_that_forgets_the_header(self):
        with self.assertRaises((ConnectionError, OSError)):
            self.through(26)
        self.relay.wait_for_log(rf"{self.front} is in proxy_protocol and sends no PROXY header: closed")


del Headers

if __name__ == "__main__":
    private_machine.enter("haproxy")
    cases.main()
