#!/usr/bin/env python3
"""Addresses and header fields in UTF-8 (RFC 6531), and 8-bit content (RFC 6152): passed on where the
next hop takes them, refused where it does not and nothing lawful can be done."""
import base64
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage

SENDER = "ann@sender.example"
JOERG = "jörg@müller.example"
ZOE = "zoë@bücher.example"
ALL = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 104857600", "DSN")
EIGHT = ("PIPELINING", "8BITMIME", "DSN")
SEVEN = ("PIPELINING", "DSN")


class Smtputf8(cases.Case):
    def world(self, extensions):
        people = stage.people(("anna", ["anna@adatum.com"]), ("zoe", []))
        people += f"mailLocalAddress:: {base64.b64encode(ZOE.encode()).decode()}\n"
        self.relay = self.stage.small_world(
            mailboxes=self.stage.sink(name="mailboxes", extensions=extensions),
            config={"directory": {"main": stage.ldif_source(self.stage, people)},
                    "domain": [{"name": ["adatum.com", "bücher.example"], "action": "inbound"}],
                    "relay": {"allow": ["127.0.0.0/8"]}})
        self.sink = self.stage.mailboxes
        self.stage.internet.extensions = list(extensions)

    def send(self, sender, rcpt, params="", subject="plain", body=None):
        content = mail.message(body=body).replace(b"Subject: test", f"Subject: {subject}".encode())
        self.content = content
        sent = mail.submit(self.relay, sender, [rcpt], content, params=params)
        self.assertEqual(sent.last.code, 250, sent)

    def assert_failed(self, status):
        report, = self.stage.internet.wait_for(1)
        ndr = mail.Ndr(report.content)
        self.assertEqual(set(ndr.final_recipients().values()), {status})
        self.relay.stop()
        self.assertEqual(self.sink.messages, [])

    def test_offered(self):
        self.world(ALL)
        with mail.Client(self.relay.address, self.relay.port) as client:
            self.assertIn("SMTPUTF8", client.extensions)
            self.assertEqual(client.command(f"MAIL FROM:<{JOERG}>").status, "5.6.7")
            self.assertEqual(client.command(f"MAIL FROM:<{SENDER}>").code, 250)
            self.assertEqual(client.command("RCPT TO:<" + ZOE + ">").status, "5.6.7")

    def test_passed_on(self):
        # The domain is found by its U-label, and goes on as the A-label that it stands for.
        self.world(ALL)
        self.send(JOERG, ZOE, " SMTPUTF8", subject="Grüße")
        message, = self.sink.wait_for(1)
        self.assertEqual(message.mail_from, "jörg@xn--mller-kva.example")
        self.assertEqual(message.rcpts, ["zoë@xn--bcher-kva.example"])
        self.assertIn("SMTPUTF8", message.mail_params)
        self.assertIn("BODY=8BITMIME", message.mail_params)
        self.assertEqual(message.without_added_trace(), self.content)
        self.assertIn(" with UTF8SMTP id ", message.header("Received")[0])

    def test_a_recipient_in_utf8_and_a_host_in_ascii(self):
        self.world(EIGHT)
        self.send(SENDER, ZOE, " SMTPUTF8")
        self.assert_failed("5.6.7")

    def test_a_sender_in_utf8_and_a_host_in_ascii(self):
        # The report to him needs SMTPUTF8 as well.
        self.world(EIGHT)
        self.stage.internet.extensions = list(ALL)
        self.send(JOERG, "anna@adatum.com", " SMTPUTF8")
        report, = self.stage.internet.wait_for(1)
        self.assertEqual(report.rcpts, ["jörg@xn--mller-kva.example"])
        self.assertIn("SMTPUTF8", report.mail_params)
        self.assertIn("message/global-delivery-status", report.content.decode())
        self.assertIn("Status: 5.6.7", report.content.decode())

    def test_header_fields_in_utf8_and_a_host_in_ascii(self):
        self.world(EIGHT)
        self.send(SENDER, "anna@adatum.com", " SMTPUTF8", subject="Grüße")
        self.assert_failed("5.6.9")

    def test_nothing_in_utf8_needs_nothing(self):
        self.world(EIGHT)
        self.send(SENDER, "anna@adatum.com", " SMTPUTF8", body="Grüße\r\n".encode())
        message, = self.sink.wait_for(1)
        self.assertNotIn("SMTPUTF8", message.mail_params)
        self.assertEqual(message.without_added_trace(), self.content)

    def test_a_domain_in_utf8_is_sent_as_a_label(self):
        self.world(EIGHT)
        self.send("joerg@bücher.example", "anna@adatum.com", " SMTPUTF8")
        message, = self.sink.wait_for(1)
        self.assertEqual(message.mail_from, "joerg@xn--bcher-kva.example")

    def test_octets_above_127_and_a_host_in_7_bit(self):
        for params in ("", " BODY=8BITMIME"):
            with self.subTest(params=params):
                self.world(SEVEN)
                self.send(SENDER, "anna@adatum.com", params, body="Grüße\r\n".encode())
                self.assert_failed("5.6.3")
                self.next_stage()

    def test_8bitmime_said_and_not_needed(self):
        self.world(SEVEN)
        self.send(SENDER, "anna@adatum.com", " BODY=8BITMIME")
        message, = self.sink.wait_for(1)
        self.assertEqual(message.mail_params, [])


if __name__ == "__main__":
    cases.main()
