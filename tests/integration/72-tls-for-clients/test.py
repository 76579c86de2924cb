#!/usr/bin/env python3
"""Clients under TLS: STARTTLS and implicit TLS, what is demanded, what breaks a handshake, nothing
that was slipped in in clear is obeyed, and a certificate that changes while the relay runs."""
import contextlib
import json
import pathlib
import shutil
import smtplib
import socket
import ssl
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, clock, daemon, mail
from support.certificates import Authority

NAME = "relay1.adatum.com"
ANNA = "anna@adatum.com"
LISTENERS = [{"name": "main", "address": "127.0.0.1:0"},
             {"name": "demanding", "address": "127.0.0.1:0", "tls": "required"},
             {"name": "smtps", "address": "127.0.0.1:0", "tls": "implicit"},
             {"name": "plain", "address": "127.0.0.1:0", "tls": "off"}]
MAIN, DEMANDING, SMTPS, PLAIN = range(4)


def settings(certificate, key, **more):
    return {"listen": LISTENERS, "tls": {"certificate": str(certificate), "key": str(key)}} | more


class Clients(cases.SharedCase):
    @classmethod
    def build(cls, stage):
        cls.authority = Authority(stage.folder("ca"))
        cls.relay = stage.small_world(
            ("anna", [ANNA]), config=settings(*cls.authority.issue(NAME, f"DNS:{NAME}", "IP:127.0.0.1")))
        cls.trust = cls.authority.client_context()

    def connect(self, port):
        return smtplib.SMTP("127.0.0.1", self.relay.ports[port], timeout=60)

    def received(self, subject):
        taken, = [m for m in self.stage.mailboxes.wait_until(
            lambda sink: any(m.header("Subject") == [subject] for m in sink.messages),
            what=subject) if m.header("Subject") == [subject]]
        return taken.header("Received")[0]

    def test_starttls(self):
        with self.connect(MAIN) as client:
            client.ehlo("client.example")
            self.assertTrue(client.has_extn("starttls"))
            client.starttls(context=self.trust)
            client.ehlo("client.example")
            self.assertFalse(client.has_extn("starttls"))
            self.assertEqual(client.docmd("STARTTLS")[0], 503)
            client.sendmail("ann@sender.example", ANNA, mail.message("by starttls"))
        self.assertRegex(self.received("by starttls"), r"with ESMTPS\s\(TLSv1\.3 TLS_AES_\S+\) id")
        self.relay.wait_for_log(r"tls\s+client=127\.0\.0\.1 TLSv1\.3 TLS_AES_")

    def test_in_clear_as_before(self):
        with self.connect(MAIN) as client:
            client.sendmail("ann@sender.example", ANNA, mail.message("in clear"))
        self.assertIn("with ESMTP id", self.received("in clear"))

    def test_tls_1_2_and_nothing_older(self):
        for newest, works in ((ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_1, False)):
            with self.subTest(newest), self.connect(MAIN) as client:
                context = self.authority.client_context()
                context.set_ciphers("DEFAULT:@SECLEVEL=0")
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = newest
                if works:
                    client.starttls(context=context)
                    self.assertEqual(client.sock.version(), "TLSv1.2")
                else:
                    self.assertRaises(OSError, client.starttls, context=context)

    def test_openssl_and_swaks_get_through(self):
        done = subprocess.run(
            ["openssl", "s_client", "-starttls", "smtp", "-connect",
             f"127.0.0.1:{self.relay.ports[MAIN]}", "-CAfile", self.authority.file,
             "-verify_return_error", "-verify_hostname", NAME, "-quiet", "-ign_eof"],
            input=b"NOOP\r\nQUIT\r\n", capture_output=True, timeout=60, check=False)
        self.assertIn(b"250 2.0.0", done.stdout, done.stderr)
        if shutil.which("swaks"):
            for flag, port in (("--tls", MAIN), ("--tlsc", SMTPS)):
                subprocess.run(
                    ["swaks", flag, "--server", "127.0.0.1", "--port", str(self.relay.ports[port]),
                     "--helo", "client.example", "--from", "ann@sender.example", "--to", ANNA,
                     "--header", f"Subject: swaks {flag}"],
                    check=True, capture_output=True, timeout=60)
                self.assertIn("with ESMTPS", self.received(f"swaks {flag}"))

    def test_tls_demanded(self):
        with self.connect(DEMANDING) as client:
            client.ehlo("client.example")
            code, text = client.docmd("MAIL FROM:<ann@sender.example>")
            self.assertEqual((code, text[:5]), (530, b"5.7.0"))
            self.assertEqual(client.noop()[0], 250)
            client.starttls(context=self.trust)
            client.sendmail("ann@sender.example", ANNA, mail.message("demanded"))
        self.assertIn("with ESMTPS", self.received("demanded"))

    def test_implicit_tls(self):
        port = self.relay.ports[SMTPS]
        with smtplib.SMTP_SSL("127.0.0.1", port, context=self.trust, timeout=60) as client:
            client.ehlo("client.example")
            self.assertFalse(client.has_extn("starttls"))
            client.sendmail("ann@sender.example", ANNA, mail.message("implicit"))
        self.assertIn("with ESMTPS", self.received("implicit"))

    def test_no_tls_where_it_is_off(self):
        with self.connect(PLAIN) as client:
            client.ehlo("client.example")
            self.assertFalse(client.has_extn("starttls"))
            self.assertEqual(client.docmd("STARTTLS")[0], 502)

    def test_state_is_forgotten(self):
        # RFC 3207 4.2: what was said before the handshake was said by nobody.
        with self.connect(MAIN) as client:
            client.ehlo("client.example")
            client.mail("ann@sender.example")
            client.rcpt(ANNA)
            client.starttls(context=self.trust)
            self.assertEqual(client.docmd("DATA")[0], 503)
            self.assertEqual(client.docmd("MAIL FROM:<ann@sender.example>")[0], 503)

    def test_nothing_is_slipped_in(self):
        # Commands behind STARTTLS in the same segment, and in the next one.
        with mail.Client("127.0.0.1", self.relay.ports[MAIN]) as client:
            client.send(b"STARTTLS\r\nMAIL FROM:<evil@sender.example>\r\n")
            self.assertEqual(client.read_reply().code, 503)
            self.assertRaises(ConnectionError, client.read_reply)
        with mail.Client("127.0.0.1", self.relay.ports[MAIN]) as client:
            self.assertEqual(client.command("STARTTLS").code, 220)
            client.send(b"MAIL FROM:<evil@sender.example>\r\n")
            self.assertNotIn(b"250", client.socket.recv(1000))  # at most an alert
        self.assertNotIn("evil@sender.example", self.relay.log)

    def test_handshakes_that_break(self):
        for name, breaking, why in (
                ("garbage", lambda peer: peer.sendall(b"\x16\x03\x01\x00\x05hello"), r"."),
                ("HTTP", lambda peer: peer.sendall(b"GET / HTTP/1.1\r\n\r\n"), r"http request"),
                ("end", lambda peer: peer.shutdown(socket.SHUT_WR), r"the peer closed the connection"),
                ("reset", reset, r"Connection reset by peer")):
            for port in (MAIN, SMTPS):
                with self.subTest(f"{name} at {LISTENERS[port]['name']}"):
                    before = self.relay.log.count("the handshake failed")
                    with contextlib.closing(self.handshake_begun(port)) as peer:
                        breaking(peer)
                        self.wait_until(
                            lambda: self.relay.log.count("the handshake failed") > before)
                    line = [l for l in self.relay.log.splitlines() if "handshake failed" in l][-1]
                    self.assertRegex(line, why)
        with self.connect(MAIN) as client:
            client.starttls(context=self.trust)  # all is as before

    def handshake_begun(self, port):
        peer = socket.create_connection(("127.0.0.1", self.relay.ports[port]), 60)
        if port != SMTPS:
            file = peer.makefile("rb")
            file.readline()
            peer.sendall(b"STARTTLS\r\n")
            self.assertTrue(file.readline().startswith(b"220"))
        return peer

    def wait_until(self, condition, timeout=30):
        deadline = time.monotonic() + timeout
        while not condition():
            self.assertLess(time.monotonic(), deadline, self.relay.log[-2000:])
            time.sleep(0.02)


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


class Hanging(cases.Case):
    def test_a_handshake_that_hangs_ends(self):
        authority = Authority(self.stage.folder("ca"))
        relay = self.stage.small_world(config=settings(
            *authority.issue(NAME), limits={"command_timeout": "1s"}))
        for port in (SMTPS, MAIN):
            with contextlib.closing(socket.create_connection(("127.0.0.1", relay.ports[port]), 60)) as peer:
                if port == MAIN:
                    peer.recv(1000)
                    peer.sendall(b"STARTTLS\r\n")
                    self.assertTrue(peer.recv(1000).startswith(b"220"))
                self.assertEqual(peer.recv(1000), b"")
        relay.wait_for_log(r"the handshake failed: Connection timed out")


class Certificates(cases.Case):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.stage.folder("ca"))
        self.certificate = self.stage.directory / "cert.pem"
        self.key = self.stage.directory / "key.pem"
        self.put(*self.authority.issue(NAME))

    def put(self, certificate, key):
        for source, target in ((certificate, self.certificate), (key, self.key)):
            scratch = target.with_suffix(".new")
            shutil.copy(source, scratch)
            scratch.rename(target)

    def names(self, relay):
        """Those of the certificate that a client is shown now."""
        context = self.authority.client_context()
        context.check_hostname = False
        with smtplib.SMTP("127.0.0.1", relay.ports[MAIN], timeout=60) as client:
            client.starttls(context=context)
            return [value for _, value in client.sock.getpeercert()["subjectAltName"]]

    def wait_for_name(self, relay, name, timeout=60):
        deadline = time.monotonic() + timeout
        while self.names(relay) != [name]:
            self.assertLess(time.monotonic(), deadline, relay.log[-2000:])
            time.sleep(0.1)

    def test_another_one_while_it_runs(self):
        relay = self.stage.small_world(config=settings(self.certificate, self.key))
        self.assertEqual(self.names(relay), [NAME])
        relay.wait_for_log(r"certificate of relay1\.adatum\.com, valid until ")
        with smtplib.SMTP("127.0.0.1", relay.ports[MAIN], timeout=60) as old:
            context = self.authority.client_context()
            context.check_hostname = False
            old.starttls(context=context)
            self.put(*self.authority.issue("relay9.adatum.com"))
            self.wait_for_name(relay, "relay9.adatum.com")  # by itself
            self.assertEqual(old.noop()[0], 250)
        self.put(*self.authority.issue("relay8.adatum.com"))
        relay.reload()
        self.wait_for_name(relay, "relay8.adatum.com")

    def test_its_end_is_told_before_it_comes(self):
        relay = self.stage.small_world(config=settings(self.certificate, self.key), start=False)
        wall = clock.WallClock(self.stage.directory)
        relay.environment = wall.environment()
        relay.start()
        self.assertRegex(self.status(relay), r"(?m)^tls +relay1\.adatum\.com valid until .* \((29|30) days left\)$")
        self.assertEqual(json.loads(self.status(relay, "--json"))["certificate"]["trouble"], "")
        self.assertNotIn("expire", relay.log)
        for offset, why, count in (("+20d", "expires soon", 1), ("+22d", "expires soon", 2),
                                   ("+40d", "has expired", 1)):
            wall.set(offset)
            relay.wait_for_log(rf"(?s)(warn +- +tls +relay1\.adatum\.com: the certificate {why}, .*){{{count}}}")
            self.assertIn(why, json.loads(self.status(relay, "--json"))["certificate"]["trouble"])
        self.assertRegex(self.status(relay), r"(?m)^tls +relay1\.adatum\.com EXPIRED on .* \(\d+ days ago\)$")

    def status(self, relay, *options):
        return subprocess.run(
            [daemon.program("splitmx"), "--config", relay.config_path, "status", *options], text=True,
            capture_output=True, check=True, timeout=60).stdout

    def test_a_bad_one_changes_nothing(self):
        relay = self.stage.small_world(config=settings(self.certificate, self.key))
        other, _ = self.authority.issue("relay9.adatum.com")
        shutil.copy(other, self.certificate)
        relay.wait_for_log(r"key\.pem: the key does not belong to the certificate of "
                           r"relay9\.adatum\.com; the certificate before it stays in use")
        self.assertEqual(self.names(relay), [NAME])
        relay.reload()
        relay.wait_for_log(r"failed, the old configuration stays")
        self.assertEqual(self.names(relay), [NAME])
        self.put(*self.authority.issue("relay8.adatum.com"))
        self.wait_for_name(relay, "relay8.adatum.com")

    def test_a_start_that_cannot_be(self):
        expired, its_key = self.authority.issue("old.adatum.com", days=-1)
        _, strange = self.authority.issue("strange.adatum.com")
        readable = self.stage.directory / "readable.key"
        shutil.copy(self.key, readable)
        readable.chmod(0o644)
        for name, certificate, key, code, text in (
                ("no file", self.stage.directory / "none.pem", self.key, 78, "No such file"),
                ("another key", self.certificate, strange, 78, "the key does not belong to"),
                ("a key for all eyes", self.certificate, readable, 78,
                 "others may read the key (mode 0644)"),
                ("expired", expired, its_key, 0, "the certificate has expired, ")):
            with self.subTest(name):
                relay = self.stage.relay(settings(certificate, key), start=False, name=name)
                if code == 0:
                    relay.start()
                    relay.stop()
                else:
                    relay.spawn()
                    self.assertEqual(relay.wait(), code)
                self.assertIn(text, relay.log)


if __name__ == "__main__":
    cases.main()
