#!/usr/bin/env python3
"""A rehearsed dialogue, and a host that is asked about a recipient: neither delivers what was not
asked for."""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, console, daemon, stage

PEOPLE = (("anna", ["anna@adatum.com"]),
          ("carl", ["carl@contoso.com"], {"mailRoutingAddress": "c.notes@contoso.com"}))


class Tool(cases.Case):
    def setUp(self):
        super().setUp()
        self.notes = self.stage.sink(stage.FOREIGN, name="notes")
        self.relay = self.stage.small_world(config={
            "directory": {"main": stage.ldif_source(self.stage, stage.people(*PEOPLE))},
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": "#contoso.com", "action": "inbound", "host": "notes"}],
            "host": {"notes": {"address": self.notes.endpoint}}})

    def splitmx(self, *words, stdin="", code=0):
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", self.relay.config_path, *words],
            input=stdin, text=True, capture_output=True, check=False, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done


class Session(Tool):
    def test_the_running_relay_answers(self):
        said = self.splitmx("session", "--client", "192.0.2.10", stdin="EHLO mx.example.net\n"
                            "MAIL FROM:<bob@example.net>\nRCPT TO:<zoe@contoso.com>\n"
                            "RCPT TO:<carl@contoso.com>\nDATA\nSubject: x\n\nx\n.\nQUIT\n").stdout
        self.assertIn("as if 192.0.2.10 came to listener \"main\"", said)
        self.assertRegex(said, r"C: RCPT TO:<zoe@contoso.com>\nS: 550 5\.1\.1 .*\n"
                         r"   refuse: unknown_recipient\n")
        self.assertIn("   -> notes  RCPT TO:<c.notes@contoso.com>  custom_recipient\n", said)
        self.assertIn("S: 250 2.6.0 Not stored: nothing is sent in a rehearsal\n", said)
        self.assertIn("carl@contoso.com  ->  notes  RCPT TO:<c.notes@contoso.com>\n", said)
        self.assertLessEqual(max(len(line) for line in said.splitlines()
                                 if str(self.stage.directory) not in line), 80)
        self.assertEqual(self.notes.messages, [])
        status = json.loads(self.splitmx("status", "--json").stdout)
        self.assertEqual(status["queue"]["messages"], 0)

    def test_without_a_relay(self):
        self.relay.stop()
        said = self.splitmx("session", stdin="QUIT\n", code=69).stderr
        self.assertIn("--offline", said)


class Probe(Tool):
    def shown(self, *words, code=0):
        said = self.splitmx("probe", *words, code=code).stdout
        return console.with_even_times(re.sub(r" +\d\.\d{3} s\b", "  0.001 s", said))

    def test_what_is_said(self):
        sink = self.stage.mailboxes
        said = self.shown("anna@adatum.com")
        self.assertEqual(said, f"""\
anna@adatum.com  ->  mailboxes  RCPT TO:<anna@adatum.com>  mailbox

mailboxes  smtp {sink.endpoint}
  0.001 s  1 address

{sink.endpoint}
  0.001 s  connected
  0.001 s  < 220 mailboxes ready
           > EHLO relay1.adatum.com
  0.001 s  < 250-mailboxes greets relay1.adatum.com
           < 250-PIPELINING
           < 250-8BITMIME
           < 250-SIZE 104857600
           < 250 DSN
           > MAIL FROM:<>
           > RCPT TO:<anna@adatum.com>
  0.001 s  < 250 2.1.0 sender ok
  0.001 s  < 250 2.1.5 recipient ok
           > QUIT
  0.001 s  < 221 2.0.0 bye

mailboxes takes anna@adatum.com
""")
        self.assertEqual(sink.messages, [])

    def test_a_recipient_that_the_host_does_not_know(self):
        self.notes.on("rcpt", "550 5.1.1 no such person")
        said = self.shown("carl@contoso.com", code=67)
        self.assertTrue(said.endswith(
            "notes refuses c.notes@contoso.com: 550 5.1.1 no such person\n"), said)
        self.notes.forget_rules()
        self.notes.on("rcpt", "451 4.3.2 try later")
        said = self.shown("carl@contoso.com", code=75)
        self.assertIn("notes does not take c.notes@contoso.com now: 451 4.3.2 try later\n", said)
        self.notes.forget_rules()
        self.notes.on("mail", "550 5.7.1 not from you")
        self.assertIn("550 5.7.1 not from you\n", self.shown("carl@contoso.com", code=67))

    def test_a_host_that_is_not_there(self):
        self.notes.stop()
        said = self.shown("carl@contoso.com", code=75)
        self.assertIn("notes cannot be asked now; mail for c.notes@contoso.com would wait\n", said)

    def test_a_host_that_breaks_off(self):
        for command in ("mail", "rcpt"):
            with self.subTest(command=command):
                self.notes.forget_rules()
                self.notes.on(command, action="close")
                self.shown("carl@contoso.com", code=75)

    def test_a_message_that_is_sent(self):
        said = self.shown("anna@adatum.com", "--send")
        subject = re.search(r'its Subject is "(splitmx probe [0-9a-f]{16})"', said)[1]
        self.assertIn("mailboxes has taken the message for anna@adatum.com\n", said)
        message, = self.stage.mailboxes.messages
        text = message.content.decode()
        self.assertIn(f"Subject: {subject}\r\n", text)
        self.assertIn("Auto-Submitted: auto-generated\r\n", text)
        self.assertEqual(message.rcpts, ["anna@adatum.com"])

    def test_nobody_to_ask(self):
        said = self.shown("zoe@contoso.com", code=67)
        self.assertEqual(said, "zoe@contoso.com  ->  refuse  550 5.1.1 unknown_recipient\n")
        for words in (["--timeout", "soon"], ["--from", "a b"], ["--client", "x"]):
            self.splitmx("probe", "anna@adatum.com", *words, code=64)


if __name__ == "__main__":
    cases.main()
