#!/usr/bin/env python3
"""What an attacker tries, against the real program: a second message inside the first, relaying in every
spelling, text of his in our queries, logs and reports, and secrets that might show."""
import base64
import contextlib
import itertools
import pathlib
import re
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage
from support.certificates import Authority, server_context

SENDER, ANNA, OUTSIDE = "ann@sender.example", "anna@adatum.com", "someone@elsewhere.example"
LINE_ENDS = (b"\n", b"\r", b"\r\n", b"\r\r\n", b"\n\r", b"\r\n\r", b"\n\n", b"\r\r", b"\r\0\n", b"\0\r\n")
SMUGGLED = (b"MAIL FROM:<eve@evil.example>\r\nRCPT TO:<anna@adatum.com>\r\nDATA\r\n"
            b"Subject: smuggled\r\n\r\nforged\r\n")
# A line of the log: time, level, id or -, word.
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warn|error) +\S+ +[a-z]+ ")


def log_lines(relay):
    """Those that the log itself has begun; what the check of the configuration says comes before."""
    lines = relay.log.splitlines()
    first = next(i for i, line in enumerate(lines) if LOG_LINE.match(line))
    return lines[first:]


class Smuggling(cases.SharedCase):
    @classmethod
    def build(cls, where):
        cls.relay = where.small_world(("anna", [ANNA]))

    def test_every_spelling_of_the_end_but_the_true_one(self):
        with mail.Client(self.relay.address, self.relay.port) as client:
            for before, behind in itertools.product(LINE_ENDS, LINE_ENDS):
                if before.endswith(b"\r\n") and behind.startswith(b"\r\n"):
                    continue  # this is the end, and may be followed by anything
                with self.subTest(before=before, behind=behind):
                    for line in (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{ANNA}>", "DATA"):
                        self.assertIn(client.command(line).code, (250, 354))
                    client.send(b"Subject: x\r\n\r\nfirst" + before + b"." + behind + SMUGGLED
                                + b".\r\n")
                    reply = client.read_reply()
                    self.assertEqual((reply.code, reply.status), (554, "5.6.0"))
                    self.assertEqual(client.command("NOOP").code, 250)  # nothing else was answered
        self.assertEqual(self.stage.mailboxes.messages, [])
        self.assertNotIn("evil.example", self.relay.log)

    def test_what_is_content_stays_content(self):
        # Behind the dot of each line there is one more on the wire, and none at the end.
        body = b"".join(b"." * n + b"\r\n" for n in range(1, 6)) + b".\t\r\n. \r\n" + SMUGGLED
        content = mail.message(body=body)
        self.assertEqual(mail.submit(self.relay, SENDER, ANNA, content).last.code, 250)
        message, = self.stage.mailboxes.wait_for(1)
        self.assertEqual(message.without_added_trace(), content)
        self.stage.mailboxes.take()


class Relaying(cases.SharedCase):
    SPELLINGS = (
        OUTSIDE, "SOMEONE@ELSEWHERE.EXAMPLE", "someone@elsewhere.example.", "someone@.elsewhere.example",
        "someone%elsewhere.example@adatum.com", "someone%elsewhere.example%adatum.com@adatum.com",
        "elsewhere.example!someone@adatum.com", "adatum.com!elsewhere.example!someone",
        "elsewhere.example!someone", '"someone@elsewhere.example"@adatum.com',
        '"someone%elsewhere.example"@adatum.com', '"elsewhere.example!someone"@adatum.com',
        r'"someone\@elsewhere.example"@adatum.com', '"someone@elsewhere.example"', '"someone"@elsewhere.example',
        "@adatum.com:someone@elsewhere.example", "@adatum.com,@relay1.adatum.com:someone@elsewhere.example",
        "@adatum.com:anna%elsewhere.example@adatum.com", "@elsewhere.example", "someone@",
        "someone@elsewhere.example@adatum.com", "anna@adatum.com@elsewhere.example",
        "someone@adatum.com.elsewhere.example", "someone@notadatum.com", "someone@adatum.com.",
        "someone@[127.0.0.4]", "someone@[127.0.0.1]", "someone@[IPv6:::1]", "someone@[192.0.2.1]",
        "someone@127.0.0.4", "someone@2130706436", "someone@#2130706436", "someone@0x7f000004",
        "someone@localhost", "someone@relay1.adatum.com", "someone@xn--bcher-kva.example",
        "IMCEASMTP-someone+40elsewhere+2Eexample@adatum.com", "someone+elsewhere.example@adatum.com",
        "anna@adatum.com someone@elsewhere.example", "anna@adatum.com,someone@elsewhere.example",
        "anna@adatum.com><someone@elsewhere.example", " someone@elsewhere.example", "")
    SENDERS = (SENDER, "", ANNA, "postmaster@relay1.adatum.com", "x@[127.0.0.1]", OUTSIDE)

    @classmethod
    def build(cls, where):
        cls.relay = where.small_world(("anna", [ANNA]), config={
            "limits": {"errors": 100000, "unknown_recipients": 100000, "unknown_limit": 100000}})

    def test_no_spelling_and_no_sender_opens_it(self):
        with mail.Client(self.relay.address, self.relay.port) as client:
            for sender in self.SENDERS:
                self.assertEqual(client.command(f"MAIL FROM:<{sender}>").code, 250)
                for address in self.SPELLINGS:
                    with self.subTest(sender=sender, address=address):
                        self.assertEqual(client.command(f"RCPT TO:<{address}>").code // 100, 5)
                self.assertEqual(client.command("DATA").code // 10, 55)
                client.command("RSET")

    def test_in_utf8(self):
        with mail.Client(self.relay.address, self.relay.port) as client:
            self.assertEqual(client.command(f"MAIL FROM:<{SENDER}> SMTPUTF8").code, 250)
            for address in ("someone@bücher.example", "jörg@bücher.example", "someone@ａｄａｔｕｍ.example",
                            "someone%bücher.example@adatum.com", "someone@bücher.example@adatum.com"):
                with self.subTest(address):
                    self.assertEqual(client.command(f"RCPT TO:<{address}>").code // 100, 5)

    def test_other_spellings_of_ours_are_ours(self):
        # Case, a wide form (IDNA maps it), and a source route are no other domain.
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.command(f"MAIL FROM:<{SENDER}> SMTPUTF8")
            for address in ("ANNA@ADATUM.COM", "@elsewhere.example:anna@adatum.com", '"anna"@adatum.com',
                            "anna@ａｄａｔｕｍ.com"):
                with self.subTest(address):
                    self.assertEqual(client.command(f"RCPT TO:<{address}>").code, 250)


class Injection(cases.Case):
    FILTERS = ("*", "a*", "*a", "ann*a", '"*"', '"a*"', '"anna)(mailLocalAddress=*"', '"*)(objectClass=*"',
               '"x)(|(uid=*)"', r'"\\2a"', r'"\\61nna"', '"anna)"', '"(anna"', '"anna,dc=com"', '"&"', "{0}",
               '"anna\x7f"', "!anna", "|anna", "=anna", "~anna", "#anna")

    def test_into_queries_of_the_directory(self):
        if not stage.slapd_available():
            self.skipTest("slapd is not installed")
        for sync in ("off", "auto"):
            slapd = self.stage.slapd(stage.people(("anna", [ANNA]), ("bert", ["bert@adatum.com"])))
            relay = self.stage.small_world(config={
                "directory": {"main": stage.ldap_source(slapd, sync=sync)},
                "limits": {"errors": 1000, "unknown_recipients": 1000, "unknown_limit": 1000}})
            with mail.Client(relay.address, relay.port) as client:
                client.command(f"MAIL FROM:<{SENDER}>")
                self.assertEqual(client.command(f"RCPT TO:<{ANNA}>").code, 250)
                for local in self.FILTERS:
                    with self.subTest(sync=sync, local=local):
                        # Never somebody's, and never a query that fails.
                        self.assertEqual(client.command(f"RCPT TO:<{local}@adatum.com>").code // 10, 55)
                self.assertEqual(client.command("RCPT TO:<bert@adatum.com>").code, 250)
            self.next_stage()

    def test_into_commands_by_the_directory(self):
        # Whoever may write entries must not write commands: such a target is no address.
        target = base64.b64encode(b"x@far.example>\r\nRCPT TO:<eve@evil.example").decode()
        relay = self.stage.small_world(("anna", [ANNA]),
                                       ("trap", ["trap@adatum.com"], {"mailRoutingAddress:": target}))
        with mail.Client(relay.address, relay.port) as client:
            client.command(f"MAIL FROM:<{SENDER}>")
            self.assertEqual(client.command("RCPT TO:<trap@adatum.com>").code // 10, 55)
            self.assertEqual(client.command(f"RCPT TO:<{ANNA}>").code, 250)
        self.assertEqual(self.stage.internet.messages, [])

    def test_into_the_log(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        forged = "2026-01-01T00:00:00.000Z info  -          start     FORGED"
        escape = "\x1b[2J\x1b]0;owned\x07"
        self.stage.mailboxes.on("rcpt", f"550-5.2.0 {escape}\r\n550 5.2.0 {forged}", match="anna")
        with mail.Client(relay.address, relay.port, greet=False) as client:
            client.read_reply()
            client.command(f"EHLO {escape}")
            client.command("EHLO client.example")
            for sender in (f'"{escape}"@sender.example', f'"a\t{forged}"@sender.example', "x\x7f@a.example"):
                client.command(f"MAIL FROM:<{sender}>")
                client.command(f'RCPT TO:<"{escape}"@adatum.com>')
                client.command(f'RCPT TO:<"nobody {forged}"@adatum.com>')
                client.command("RSET")
            content = (b"Message-ID: <\x1b[2J\x07\x00@x>\r\n" b"Subject: x\r\n\r\nx\r\n").replace(b"\0", b"")
            client.command("RSET")
            client.transaction(SENDER, [ANNA], content)
        with socket.create_connection((relay.address, relay.port), 30) as client:
            client.recv(200)
            client.sendall(f"NOOP\r{forged}\nNOOP {forged}\r\nGET {forged}\r\n".encode())
            client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                while client.recv(4096):
                    pass
        relay.wait_for_log(r" remove ")
        for line in log_lines(relay):
            self.assertRegex(line, LOG_LINE)
            self.assertTrue(line.isprintable(), repr(line))
            self.assertFalse(line.startswith(forged))
        shown = subprocess.run([daemon.program("splitmx"), "--config", relay.config_path, "status"],
                               capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertTrue(shown.replace("\n", "").isprintable())

    def test_a_browser_at_every_verb(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        for first in ("GET / HTTP/1.1", "POST /x HTTP/1.0", "HEAD / HTTP/1.1", "PUT / HTTP/1.1",
                      "OPTIONS * HTTP/1.1", "CONNECT elsewhere.example:25 HTTP/1.1",
                      "PRI * HTTP/2.0", "DELETE / HTTP/1.1"):
            with self.subTest(first), socket.create_connection((relay.address, relay.port), 30) as client:
                client.recv(200)
                client.sendall(first.encode() + b"\r\nHost: x\r\n\r\nEHLO client.example\r\n"
                               b"MAIL FROM:<eve@evil.example>\r\n")
                heard = b""
                with contextlib.suppress(ConnectionError):
                    while got := client.recv(4096):
                        heard += got
                self.assertRegex(heard, rb"\A5\d\d [^\r]*\r\n\Z")
        self.assertNotIn("evil.example", relay.log)


class Slow(cases.Case):
    def test_an_octet_now_and_then(self):
        # Commands and content that come octet by octet hold their places for a bounded time.
        relay = self.stage.small_world(("anna", [ANNA]), config={
            "limits": {"session_timeout": "5s", "connections_per_client": 100}})
        over, told = threading.Event(), []

        def drip(lines, piece):
            with socket.create_connection((relay.address, relay.port), 30) as client:
                heard = client.recv(200)
                try:
                    for line in lines:
                        client.sendall(line)
                        heard += client.recv(200)
                    client.settimeout(0.1)
                    while not over.is_set():
                        client.sendall(piece)
                        with contextlib.suppress(TimeoutError):
                            got = client.recv(200)
                            heard += got
                            if not got:
                                break
                except ConnectionError:
                    pass
                told.append(heard)

        begun = [b"EHLO c.example\r\n", f"MAIL FROM:<{SENDER}>\r\n".encode(),
                 f"RCPT TO:<{ANNA}>\r\n".encode(), b"DATA\r\n"]
        drips = [threading.Thread(target=drip, args=args) for args in
                 [([], b"N")] * 10 + [(begun, b"x")] * 10 + [(begun, b"x\r\n")] * 10]
        for thread in drips:
            thread.start()
        self.assertEqual(mail.submit(relay, SENDER, ANNA).last.code, 250)  # meanwhile
        for thread in drips:
            thread.join(30)
        over.set()
        for thread in drips:
            thread.join(30)
        self.assertEqual(len(told), 30)
        self.assertTrue(all(b"421 4.4.2 " in heard for heard in told), told)


class Secrets(cases.Case):
    SECRETS = ("hunter2-of-the-directory", "hunter3-of-the-host", "hunter4-of-anna")

    def texts(self, relay):
        """All that a person or a script may be shown."""
        yield "the log", relay.log
        for verb in (["status"], ["status", "--json"], ["config", "show"], ["config", "show", "--origin"],
                     ["config", "check"], ["queue", "list"], ["queue", "show", "--json"], ["host", "list"],
                     ["host", "test", "mailboxes"], ["directory", "status"], ["reload"]):
            done = subprocess.run([daemon.program("splitmx"), "--config", relay.config_path, *verb],
                                  capture_output=True, text=True, check=False, timeout=60)
            yield " ".join(verb), done.stdout + done.stderr

    def test_they_are_never_shown(self):
        if not stage.slapd_available():
            self.skipTest("slapd is not installed")
        of_directory, of_host, of_anna = self.SECRETS
        authority = Authority(self.stage.folder("ca"))
        slapd = self.stage.slapd(stage.people(("anna", [ANNA], {"userPassword": of_anna})))
        host = self.stage.sink(name="mailboxes", logins={"relay": "another one"}, tls=server_context(
            *authority.issue("mbx", f"IP:{stage.MAILBOXES}")))
        secret = self.stage.directory / "secret"
        secret.write_text(of_host + "\n")
        secret.chmod(0o600)
        certificate, key = authority.issue("relay1.adatum.com", "IP:127.0.0.1")
        self.stage.mailboxes = host
        relay = self.stage.small_world(mailboxes=host, start=False, config={
            "directory": {"main": stage.ldap_source(
                slapd, bind_dn="cn=wrong,dc=adatum,dc=com", password=of_directory, login="(uid={login})")},
            "host": {"mailboxes": {"address": host.endpoint, "tls": "encrypt", "username": "relay",
                                   "password": f"file:{secret}"}},
            "relay": {"authenticated": True},
            "tls": {"certificate": str(certificate), "key": str(key)}})
        relay.start()
        encoded = base64.b64encode(f"\0anna\0{of_anna}".encode()).decode()
        with socket.create_connection((relay.address, relay.port), 30) as raw:
            raw.recv(500)
            raw.sendall(b"STARTTLS\r\n")
            raw.recv(500)
            context = authority.client_context()
            with context.wrap_socket(raw, server_hostname="127.0.0.1") as client:
                for line in ("EHLO c.example", f"AUTH PLAIN {encoded}", f"AUTH PLAIN {encoded}x!",
                             f"AUTH LOGIN {encoded}"):
                    client.sendall(line.encode() + b"\r\n")
                    client.recv(1000)
        hidden = [form for secret in self.SECRETS for form in (
            secret, base64.b64encode(secret.encode()).decode().rstrip("=")[:-1])] + [encoded]
        for where, text in self.texts(relay):
            for form in hidden:
                with self.subTest(where=where, form=form):
                    self.assertNotIn(form, text)


if __name__ == "__main__":
    cases.main()
