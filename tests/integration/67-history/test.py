#!/usr/bin/env python3
"""The history of messages, as `splitmx trace` tells it: by id and by address, with decisions as they were made,
while the relay runs and after it."""
import csv
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

SENDER = "bob@example.net"


class History(cases.Case):
    def world(self, **history):
        self.notes = self.stage.sink(stage.FOREIGN, name="notes")
        return self.stage.small_world(
            ("anna", ["anna@adatum.com"]),
            ("carl", ["carl@adatum.com"], {"mailRoutingAddress": "carl@foreign.example"}),
            config={"history": {"keep": "14d"} | history, "queue": {"retry": ["1s"]},
                    "domain": [{"name": "adatum.com", "action": "inbound"},
                               {"name": "foreign.example", "action": "relay", "host": "notes"}],
                    "host": {"notes": {"address": self.notes.endpoint}}})

    def trace(self, relay, *words):
        done = subprocess.run([daemon.program("splitmx"), "--config", relay.config_path, "trace", *words],
                              capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def traced(self, relay, fits, *words):
        """What is told, once it fits: records are written in groups."""
        for _ in range(300):
            code, text, _ = self.trace(relay, *words)
            if code == 0 and re.search(fits, text):
                return text
            time.sleep(0.1)
        self.fail(self.trace(relay, *words))

    def sent(self, relay, rcpt):
        last = mail.submit(relay, SENDER, rcpt).last
        self.assertEqual(last.code, 250)
        return re.search(r"Stored as (\S+)", last.text)[1]

    def test_the_story_of_a_message(self):
        relay = self.world()
        self.notes.on("rcpt", "451 4.3.2 try later", times=1)
        ident = self.sent(relay, "carl@adatum.com")
        text = self.traced(relay, " SEND ", ident.lower())
        story = re.sub(r"(?m)^[\d:.]{12} ", "", re.sub(r"127\.0\.0\.3:\d+", "HOST", text))
        self.assertEqual(story.splitlines()[1:], [
            "RESOLVE   carl@adatum.com -> notes  custom_recipient",
            "REDIRECT  carl@adatum.com -> carl@foreign.example at notes",
            re.search(r"RECEIVE   from 127\.0\.0\.1  <bob@example\.net>  \d+ octets", story)[0],
            "DEFER     carl@adatum.com -> carl@foreign.example at HOST  451 4.3.2 try later",
            re.search(r"SEND      carl@adatum.com -> carl@foreign.example at HOST  250 2.0.0 taken"
                      r"  \d+\.\d s after 2 tries", story)[0]])
        relay.stop()
        self.assertEqual(self.trace(relay, ident), (0, text, ""))

    def test_the_decision_as_it_was_made(self):
        relay = self.world()
        ident = self.sent(relay, "anna@adatum.com")
        before = self.traced(relay, " SEND ", ident, "--explain")
        self.assertIn("uid=anna,dc=adatum,dc=com", before)
        then = re.search(r"configuration ([0-9a-f]{8})", before)[1]
        relay.rewrite({"routing": {"mailbox_host": "internet"}})
        relay.reload()
        relay.wait_for_log(r"reload +config=")
        self.assertEqual(self.trace(relay, ident, "--explain")[1], before)
        later = self.sent(relay, "anna@adatum.com")
        after = self.traced(relay, "configuration", later, "--explain")
        self.assertIn("RESOLVE   anna@adatum.com -> internet  mailbox", after)
        self.assertNotIn(then, after)

    def test_who_was_refused(self):
        relay = self.world()
        with mail.Client(relay.address, relay.port) as client:
            client.transaction(SENDER, ["zoe@adatum.com"], mail.message())
        text = self.traced(relay, "RESOLVE", "zoe@ADATUM.com")
        self.assertIn("RESOLVE   zoe@adatum.com  550 5.1.1 No mailbox or custom recipient has this address "
                      "unknown_recipient", text)

    def test_forms_for_programs(self):
        relay = self.world()
        ident = self.sent(relay, "anna@adatum.com")
        text = self.traced(relay, '"SEND"', ident, "--json")
        events = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([event["event"] for event in events], ["RESOLVE", "RECEIVE", "SEND"])
        decision = events[0]["decision"]
        self.assertEqual((decision["verdict"], decision["reason"], decision["routes"][0]["entry"]),
                         ("deliver", "mailbox", "uid=anna,dc=adatum,dc=com"))
        _, text, _ = self.trace(relay, ident, "--format", "msgtrk")
        lines = text.splitlines()
        names = next(line for line in lines if line.startswith("#Fields: "))[9:].split(",")
        rows = [dict(zip(names, row)) for row in csv.reader(line for line in lines if not line.startswith("#"))
                if row]
        self.assertEqual({len(row) for row in rows}, {len(names)})
        self.assertEqual([row["event-id"] for row in rows], ["RESOLVE", "RECEIVE", "SEND"])
        self.assertEqual(rows[2]["recipient-address"], "anna@adatum.com")

    def test_mail_of_an_address(self):
        relay = self.world()
        ids = [self.sent(relay, "anna@adatum.com") for _ in range(25)]
        self.sent(relay, "carl@adatum.com")
        for ident in ids:
            self.traced(relay, " SEND ", ident)
        code, text, hint = self.trace(relay, "Anna@adatum.com")
        self.assertEqual(code, 0)
        self.assertEqual(re.findall(r"(?m)^(\w{10})  ", text), ids[-20:])
        self.assertIn("only the last 20 messages", hint)
        self.assertEqual(self.trace(relay, "--quiet", "anna@adatum.com")[2], "")

    def test_without_people(self):
        relay = self.world(addresses="domains")
        ident = self.sent(relay, "carl@adatum.com")
        text = self.traced(relay, " SEND ", ident)
        self.assertIn("RESOLVE   *@adatum.com -> notes", text)
        relay.stop()
        state = (relay.directory / "state").iterdir()
        octets = b"".join(path.read_bytes() for path in state if path.name.startswith("history.db"))
        for secret in (b"carl@", b"bob@", b"127.0.0.1"):
            self.assertNotIn(secret, octets)

    def test_what_is_not_known(self):
        relay = self.world()
        self.assertEqual(self.trace(relay, "8FQ2K7M1D4"),
                         (68, "", "splitmx trace: nothing is known of 8FQ2K7M1D4\n"))
        self.assertEqual(self.trace(relay, "nobody@x.example", "--since", "1h"),
                         (68, "", "splitmx trace: nothing is known of nobody@x.example within 1h\n"))
        self.assertEqual(self.trace(relay, "X", "--since", "soon")[0], 64)
        self.assertEqual(self.trace(relay, "X", "--format", "xml")[0], 64)

    def test_off_unless_it_is_asked_for(self):
        relay = self.world(keep="never")
        ident = self.sent(relay, "anna@adatum.com")
        self.assertFalse((relay.directory / "state/history.db").exists())
        code, _, text = self.trace(relay, ident)
        self.assertEqual(code, 69)
        self.assertIn('[history] keep = "14d"', text)

    def test_a_file_that_cannot_be_had(self):
        other = self.stage.relay({"history": {"keep": "1d", "file": "/nonexistent/history.db"}}, start=False,
                                 name="other")
        with self.assertRaisesRegex(RuntimeError, r"the history cannot be kept: /nonexistent/history.db: "):
            other.start()
        self.assertEqual(other.exit_code, 69)
        (other.directory / "state/history.db").write_text("x" * 10000)
        other.rewrite({"history": {"file": None}})
        with self.assertRaisesRegex(RuntimeError, "history.db: file is not a database"):
            other.start()


if __name__ == "__main__":
    cases.main()
