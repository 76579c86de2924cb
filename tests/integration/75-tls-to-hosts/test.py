#!/usr/bin/env python3
"""TLS and AUTH to next hops: each policy against each thing that can be wrong with a host. No mail is
lost and none is bounced: what the policy forbids waits, and the queue says why."""
import base64
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage
from support.certificates import Authority, server_context

ANNA = "anna@adatum.com"
IP = stage.MAILBOXES


class Case(cases.Case):
    @classmethod
    def setUpClass(cls):
        cls.authority, cls.stranger = (
            Authority(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="splitmx-")))
            for _ in range(2))

    def context(self, name="mbx1", alternatives=(f"IP:{IP}",), days=30, authority=None):
        return server_context(*(authority or self.authority).issue(name, *alternatives, days=days))

    def start(self, sink, **host):
        host = {"address": sink.endpoint, "tls_ca": str(self.authority.file)} | host
        return self.stage.small_world(("anna", [ANNA]), mailboxes=sink,
                                      config={"host": {"mailboxes": host}})

    def send(self, relay):
        self.assertEqual(mail.submit(relay, "ann@sender.example", ANNA).last.code, 250)

    def assert_arrives(self, sink, tls):
        message, = sink.wait_for(1)
        self.assertEqual(message.tls, tls)

    def assert_waits(self, relay, sink, why):
        relay.wait_for_log(why)
        self.assertEqual((sink.messages, self.stage.internet.messages), ([], []))


class Policies(Case):
    def test_may_uses_what_is_there(self):
        for name, options, tls in (
                ("no TLS", {}, ""),
                ("TLS", {"tls": self.context()}, "TLSv1.3"),
                ("a stranger's certificate",
                 {"tls": self.context(authority=self.stranger)}, "TLSv1.3"),
                ("for another name", {"tls": self.context("x", ["DNS:x.example"])}, "TLSv1.3"),
                ("expired", {"tls": self.context("old", days=-1)}, "TLSv1.3")):
            with self.subTest(name):
                sink = self.stage.sink(**options)
                relay = self.start(sink)
                self.send(relay)
                self.assert_arrives(sink, tls)
                if tls:
                    relay.wait_for_log(r"tls\s+host=\S+ TLSv1\.3 TLS_AES_\S+\n")
                self.next_stage()

    def test_may_goes_on_in_clear_where_tls_breaks(self):
        for name, step, rule in (
                ("refused", "starttls", {"reply": "454 4.7.0 not now"}),
                ("closed", "handshake", {"action": "close"}),
                ("reset", "handshake", {"action": "reset"}),
                ("garbage", "handshake", {"action": "raw", "reply": "no TLS here\r\n", "then": "close"})):
            with self.subTest(name):
                sink = self.stage.sink(tls=self.context()).on(step, **rule)
                relay = self.start(sink)
                self.send(relay)
                self.assert_arrives(sink, "")
                if step == "handshake":
                    relay.wait_for_log(r"TLS handshake: .*; going on in clear, as tls = \"may\" has it")
                self.next_stage()

    def test_may_waits_where_the_host_demands_what_breaks(self):
        demand = "530 5.7.0 Must issue a STARTTLS command first"
        for name, step, rule in (
                ("refused", "starttls", {"reply": "454 4.7.0 not now"}),
                ("closed", "handshake", {"action": "close"})):
            with self.subTest(name):
                sink = self.stage.sink(tls=self.context())
                sink.on(step, **rule).on("mail", demand)
                relay = self.start(sink)
                self.send(relay)
                self.assert_waits(relay, sink, "451 4\\.7\\.0 \\S+: The host demands TLS, which has "
                                               f"failed: {demand}")
                # The next attempt begins with TLS again.
                sink.forget_rules()
                self.assert_arrives(sink, "TLSv1.3")
                self.next_stage()

    def test_off_never_asks(self):
        sink = self.stage.sink(tls=self.context())
        self.send(self.start(sink, tls="off"))
        self.assert_arrives(sink, "")
        self.assertNotIn("STARTTLS", [line for _, line in sink.commands])

    def test_encrypt_takes_any_certificate_and_nothing_less(self):
        sink = self.stage.sink(tls=self.context("x", ["DNS:x.example"]))
        self.send(self.start(sink, tls="encrypt"))
        self.assert_arrives(sink, "TLSv1.3")
        self.next_stage()
        for name, options, rule, why in (
                ("none", {}, None, "The host offers no TLS, and mail for it must not go in clear"),
                ("refused", {"tls": self.context()}, ("starttls", "454 4.7.0 not now", {}),
                 "The host refuses STARTTLS: 454 4.7.0 not now"),
                ("closed", {"tls": self.context()}, ("handshake", "", {"action": "close"}),
                 "TLS handshake: the peer closed the connection"),
                ("reset", {"tls": self.context()}, ("handshake", "", {"action": "reset"}),
                 "TLS handshake: Connection reset by peer")):
            with self.subTest(name):
                sink = self.stage.sink(**options)
                if rule:
                    sink.on(rule[0], rule[1], **rule[2])
                relay = self.start(sink, tls="encrypt")
                self.send(relay)
                self.assert_waits(relay, sink, f"451 4\\.7\\.0 \\S+: {why}")
                self.next_stage()

    def test_verify_wants_the_proof(self):
        sink = self.stage.sink(tls=self.context())
        relay = self.start(sink, tls="verify")
        self.send(relay)
        self.assert_arrives(sink, "TLSv1.3")
        relay.wait_for_log(r"tls\s+host=\S+ TLSv1\.3 TLS_AES_\S+ verified")
        self.next_stage()
        for name, context, why in (
                ("for another name", self.context("x", ["DNS:x.example"]),
                 rf"the certificate is not for {IP}, but for x\.example"),
                ("expired", self.context("old", days=-1),
                 "the certificate cannot be trusted: certificate has expired"),
                ("of a stranger", self.context(authority=self.stranger),
                 "the certificate cannot be trusted: unable to get local issuer certificate")):
            with self.subTest(name):
                sink = self.stage.sink(tls=context)
                relay = self.start(sink, tls="verify")
                self.send(relay)
                self.assert_waits(relay, sink, f"451 4\\.7\\.0 \\S+: TLS handshake: {why}")
                self.next_stage()

    def test_mail_goes_when_the_host_has_mended_itself(self):
        sink = self.stage.sink(tls=self.context("x", ["DNS:x.example"]))
        relay = self.start(sink, tls="verify")
        self.send(relay)
        self.assert_waits(relay, sink, "the certificate is not for")
        sink.tls = self.context()
        self.assert_arrives(sink, "TLSv1.3")


class Dangers(Case):
    def test_a_handshake_that_hangs(self):
        sink = self.stage.sink(tls=self.context()).on("handshake", action="hang")
        relay = self.start(sink, tls="encrypt", timeout="1s")
        self.send(relay)
        self.assert_waits(relay, sink, r"451 4\.7\.0 \S+: TLS handshake: Timed out")

    def test_nothing_is_slipped_in_behind_the_220(self):
        sink = self.stage.sink(tls=self.context()).on(
            "starttls", action="raw", reply="220 go\r\n250 trust me\r\n")
        relay = self.start(sink, tls="may")
        self.send(relay)
        self.assert_waits(relay, sink, "broke the protocol at TLS handshake: more replies than commands")

    def test_large_mail_and_a_kept_connection(self):
        sink = self.stage.sink(tls=self.context())
        relay = self.start(sink, tls="verify", connections=1)
        large = mail.message(body=b"".join(b"%06d %s\r\n" % (i, b"x" * 60) for i in range(40_000)))
        with mail.Client(relay.address, relay.port) as client:
            for content in [large] + [mail.message() for _ in range(20)]:
                self.assertEqual(
                    client.transaction("ann@sender.example", [ANNA], content).last.code, 250)
        messages = sink.wait_for(21, 120)
        self.assertIn(large, [m.without_added_trace() for m in messages])
        self.assertLess(sink.connections, 21)
        self.assertEqual({m.tls for m in messages}, {"TLSv1.3"})

    def test_lmtp(self):
        sink = self.stage.sink(tls=self.context(), protocol="lmtp")
        self.send(self.start(sink, tls="verify", protocol="lmtp"))
        self.assert_arrives(sink, "TLSv1.3")


class Dialled(Case):
    """`splitmx host test` under each policy: it works where mail would go, and nowhere else."""

    def dial(self, sink, code, **host):
        relay = self.start(sink, **host)
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", relay.config_path, "host", "test", "mailboxes"],
            text=True, capture_output=True, check=False, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.next_stage()
        return done.stdout

    def test_under_tls(self):
        said = self.dial(self.stage.sink(tls=self.context()), 0, tls="verify")
        self.assertRegex(said, rf"> STARTTLS\n.*< 220 .*\n.* s  TLSv1\.3 TLS_AES_\S+, verified as {IP}\n"
                               r" +> EHLO ")
        self.assertTrue(said.endswith("\nmailboxes takes mail\n"), said)

    def test_what_a_policy_forbids(self):
        said = self.dial(self.stage.sink(), 75, tls="encrypt")
        self.assertIn("The host offers no TLS", said)
        self.assertTrue(said.endswith("\nmailboxes takes no mail\n"), said)
        said = self.dial(self.stage.sink(tls=self.context("x", ["DNS:x.example"])), 75, tls="verify")
        self.assertIn(f"the certificate is not for {IP}, but for x.example", said)

    def test_may_goes_on_in_clear(self):
        sink = self.stage.sink(tls=self.context()).on("handshake", action="close")
        said = self.dial(sink, 0)
        self.assertRegex(said, r'TLS handshake: .*\n +in clear, as tls = "may" has it:\n.*connected')

    def test_a_login_without_its_secret(self):
        for mechanisms, shown in ((["PLAIN"], ["> AUTH PLAIN [hidden]"]),
                                  (["LOGIN"], ["> AUTH LOGIN", "> [hidden]"])):
            for right, code in (("s3cret", 0), ("another", 75)):
                with self.subTest(mechanisms, right=right):
                    file = self.stage.directory / "password"
                    file.write_text("s3cret\n")
                    sink = self.stage.sink(tls=self.context(), logins={"relay1": right})
                    sink.mechanisms = mechanisms
                    said = self.dial(sink, code, tls="verify", username="relay1",
                                     password=f"file:{file}")
                    for line in shown:
                        self.assertIn(line, said)
                    for secret in (b"s3cret", b"\0relay1\0s3cret"):
                        self.assertNotIn(base64.b64encode(secret).decode(), said)


class Logins(Case):
    def start(self, sink, password="s3cret", **host):
        file = self.stage.directory / "password"
        file.write_text(password + "\n")
        return super().start(sink, **{"tls": "verify", "username": "relay1",
                                      "password": f"file:{file}"} | host)

    def test_plain_and_login(self):
        for mechanisms in (["PLAIN", "LOGIN"], ["LOGIN"]):
            with self.subTest(mechanisms):
                sink = self.stage.sink(tls=self.context(), logins={"relay1": "s3cret"})
                sink.mechanisms = mechanisms
                relay = self.start(sink)
                self.send(relay)
                message, = sink.wait_for(1)
                self.assertEqual((message.login, message.tls), ("relay1", "TLSv1.3"))
                self.assertNotIn("s3cret", relay.log)
                self.next_stage()

    def test_a_wrong_password_makes_mail_wait(self):
        sink = self.stage.sink(tls=self.context(), logins={"relay1": "another"})
        relay = self.start(sink)
        self.send(relay)
        self.assert_waits(
            relay, sink,
            r"451 4\.7\.0 \S+: The host refuses the login relay1: 535 5\.7\.8 who are you")
        self.assertNotIn("s3cret", relay.log)
        sink.logins["relay1"] = "s3cret"
        sink.wait_for(1)

    def test_never_in_clear(self):
        sink = self.stage.sink(logins={"relay1": "s3cret"})
        relay = self.start(sink, tls="may")
        self.send(relay)
        self.assert_waits(
            relay, sink,
            "The host offers no TLS, and (mail for it must not go|a password is sent under)")
        self.assertFalse([line for _, line in sink.commands if line.startswith("AUTH")])


if __name__ == "__main__":
    cases.main()
