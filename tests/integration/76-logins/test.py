#!/usr/bin/env python3
"""Clients that say who they are: AUTH by a bind at the directory, the relay policy that follows from
it, and what an attacker may try."""
import base64
import pathlib
import shutil
import smtplib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage
from support.certificates import Authority

NAME = "relay1.adatum.com"
PEOPLE = stage.people(
    ("anna", ["anna@adatum.com"], {"userPassword": "anna's secret"}),
    ("bert", ["bert@adatum.com"], {"userPassword": "bert's secret", "mail": "shared@adatum.com"}),
    ("cleo", ["cleo@adatum.com"], {"userPassword": "cleo's secret", "mail": "shared@adatum.com"}),
    ("dora", ["dora@adatum.com"]))
FILTER = "(|(uid={login})(mail={login}))"
OUTSIDE = "someone@far.example"


def plain(login, password):
    return base64.b64encode(f"\0{login}\0{password}".encode()).decode()


class Case(cases.Case):
    def setUp(self):
        super().setUp()
        if not stage.slapd_available():
            self.skipTest("slapd is not installed")
        self.authority = Authority(self.stage.folder("ca"))
        self.slapd = self.stage.slapd(PEOPLE)

    def start(self, **more):
        certificate, key = self.authority.issue(NAME, f"DNS:{NAME}", "IP:127.0.0.1")
        directory = stage.ldap_source(self.slapd, login=FILTER, timeout="2s")
        self.relay = self.stage.small_world(config={
            "directory": {"main": directory}, "relay": {"authenticated": True},
            "tls": {"certificate": str(certificate), "key": str(key)}} | more)
        return self.relay

    def client(self, port=0):
        client = smtplib.SMTP("127.0.0.1", self.relay.ports[port], timeout=60)
        self.addCleanup(client.close)
        client.ehlo("client.example")
        client.starttls(context=self.authority.client_context())
        client.ehlo("client.example")
        return client

    def auth(self, login, password, client=None):
        return (client or self.client()).docmd("AUTH PLAIN", plain(login, password))[0]


class Logins(Case):
    def test_who_has_logged_in_may_relay(self):
        self.start()
        client = self.client()
        self.assertEqual(client.esmtp_features["auth"].split(), ["PLAIN", "LOGIN"])
        client.mail("anna@adatum.com")
        self.assertEqual(client.rcpt(OUTSIDE)[0], 550)
        client.rset()
        client.login("anna", "anna's secret")  # whatever smtplib likes best
        client.ehlo("client.example")
        self.assertFalse(client.has_extn("auth"))
        client.sendmail("anna@adatum.com", OUTSIDE, mail.message("relayed", sender="anna@adatum.com"))
        message, = self.stage.internet.wait_for(1)
        self.assertIn("with ESMTPSA", message.header("Received")[0])
        self.assertEqual(message.rcpts, [OUTSIDE])
        self.relay.wait_for_log(r"login\s+client=127\.0\.0\.1 anna right: uid=anna,dc=adatum,dc=com")
        self.assertNotIn("secret", self.relay.log)

    def test_right_and_wrong(self):
        self.start(limits={"failed_logins": 1000})
        for login, password, code in (
                ("anna", "anna's secret", 235),
                ("ANNA", "anna's secret", 235),
                ("anna", "bert's secret", 535),
                ("anna", "", 535),          # RFC 4513 5.1.2: would be taken for anonymous
                ("", "anna's secret", 535),
                ("nobody", "anna's secret", 535),
                ("dora", "anything", 535),  # has no password
                ("shared@adatum.com", "bert's secret", 535),  # two entries
                ("*", "anna's secret", 535),
                ("anna)(objectClass=*", "anna's secret", 535),
                ("a*", "anna's secret", 535),
                ("anna\\2a", "anna's secret", 535),
                ("uid=anna,dc=adatum,dc=com", "anna's secret", 535)):
            with self.subTest(login=login, password=password):
                self.assertEqual(self.auth(login, password), code)

    def test_login_mechanism_and_swaks(self):
        self.start()
        client = self.client()
        self.assertEqual(client.docmd("AUTH LOGIN"), (334, b"VXNlcm5hbWU6"))
        self.assertEqual(client.docmd(base64.b64encode(b"anna").decode()), (334, b"UGFzc3dvcmQ6"))
        self.assertEqual(client.docmd(base64.b64encode(b"anna's secret").decode())[0], 235)
        if not shutil.which("swaks"):
            return
        for mechanism in ("PLAIN", "LOGIN"):
            done = subprocess.run(
                ["swaks", "--tls", "--auth", mechanism, "--auth-user", "anna", "--auth-password",
                 "anna's secret", "--server", "127.0.0.1", "--port", str(self.relay.port), "--helo",
                 "client.example", "--from", "anna@adatum.com", "--to", OUTSIDE],
                capture_output=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(len(self.stage.internet.wait_for(2)), 2)

    def test_only_under_tls(self):
        self.start()
        with mail.Client("127.0.0.1", self.relay.port) as client:
            self.assertFalse([one for one in client.extensions if one.startswith("AUTH")])
            self.assertEqual(client.command("AUTH PLAIN " + plain("anna", "anna's secret")).code, 538)

    def test_listeners_that_want_it_otherwise(self):
        self.start(listen=[{"name": "off", "address": "127.0.0.1:0", "auth": "off"},
                           {"name": "always", "address": "127.0.0.1:0", "auth": "always"}])
        self.assertFalse(self.client(0).has_extn("auth"))
        with mail.Client("127.0.0.1", self.relay.ports[1]) as client:
            self.assertIn("AUTH PLAIN LOGIN", client.extensions)
            self.assertEqual(client.command("AUTH PLAIN " + plain("anna", "anna's secret")).code, 235)


class Guessing(Case):
    def test_a_session_has_three_tries(self):
        self.start()
        client = self.client()
        self.assertEqual([self.auth("anna", "guess", client) for _ in range(3)], [535, 535, 421])

    def test_a_client_has_a_few(self):
        self.start(limits={"failed_logins": 4})
        self.assertEqual([self.auth("anna", "guess") for _ in range(4)], [535] * 4)
        self.assertEqual(self.auth("anna", "anna's secret"), 421)
        self.relay.wait_for_log(r"login\s+client=127\.0\.0\.1 anna refused: too many failures")

    def test_exempt_clients_have_more(self):
        self.start(limits={"failed_logins": 1, "exempt": ["127.0.0.0/8"]})
        self.assertEqual([self.auth("anna", "guess") for _ in range(3)], [535] * 3)
        self.assertEqual(self.auth("anna", "anna's secret"), 235)


class DirectoryGone(Case):
    def test_nobody_is_wrong_because_the_directory_is_away(self):
        self.start()
        self.slapd.stop()
        client = self.client()
        self.assertEqual(self.auth("anna", "anna's secret", client), 454)
        self.assertEqual(self.auth("anna", "guess", client), 454)
        self.relay.wait_for_log(r"login\s+client=127\.0\.0\.1 anna unknowable: directory main: ")
        self.slapd.start()
        self.assertEqual(self.auth("anna", "anna's secret", client), 235)

    def test_who_may_be_on_another_server_is_not_unknown(self):
        # And who is here is known, whatever else there is elsewhere.
        self.slapd.stop()
        self.slapd = self.stage.slapd(
            PEOPLE + "\ndn: ou=branch,dc=adatum,dc=com\nobjectClass: referral\n"
            "objectClass: extensibleObject\nou: branch\n"
            "ref: ldap://127.0.0.9:1/ou=branch,dc=adatum,dc=com\n", name="with-branch")
        self.start()
        self.assertEqual(self.auth("anna", "anna's secret"), 235)
        self.assertEqual(self.auth("anna", "guess"), 535)
        self.assertEqual(self.auth("nobody", "guess"), 454)
        self.relay.wait_for_log(
            r"nobody unknowable: directory main refers to ldap://127\.0\.0\.9:1/ou=branch")

    def test_a_frozen_one_is_waited_for_no_longer_than_its_timeout(self):
        self.start()
        client = self.client()
        self.slapd.freeze()
        self.assertEqual(self.auth("anna", "anna's secret", client), 454)
        with mail.Client("127.0.0.1", self.relay.port) as other:
            self.assertEqual(other.command("NOOP").code, 250)
        self.slapd.thaw()
        self.assertEqual(self.auth("anna", "anna's secret", client), 235)


if __name__ == "__main__":
    cases.main()
