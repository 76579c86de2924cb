#!/usr/bin/env python3
"""`splitmx trace --live`: what happens, as it happens, for those who ask; and what it must not show. The file of
decisions, and the figures of what is said and how long a decision takes."""
import base64
import json
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

SENDER = "bob@example.net"


class Watching:
    """A running `splitmx trace --live`; its lines with times and ids made equal."""

    def __init__(self, case, relay, *words):
        self.case = case
        self.process = subprocess.Popen(
            [daemon.program("splitmx"), "--config", relay.config_path, "trace", "--live", *words],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        case.addCleanup(self.end)
        case.assertIn("watching", self.process.stderr.readline())

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def rest(self):
        """All that it says until it ends by itself."""
        return self.process.communicate(timeout=60)[0]

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)


def even(text):
    text = re.sub(r"\b\d\d:\d\d:\d\d\.\d{3}\b", "09:12:44.120", text)
    text = re.sub(r"(?m)^(09:12:44\.120) [0-9A-Z]{10}", r"\1 8FQ2K7M1D4", text)
    return re.sub(r"127\.0\.0\.\d:\d+", "HOST", re.sub(r"\d+ octets", "311 octets", text))


class Live(cases.Case):
    def world(self, **more):
        self.notes = self.stage.sink(stage.FOREIGN, name="notes")
        return self.stage.small_world(
            ("anna", ["anna@adatum.com"]),
            ("carl", ["carl@adatum.com"], {"mailRoutingAddress": "carl@foreign.example"}),
            config={"domain": [{"name": "adatum.com", "action": "inbound"},
                               {"name": "foreign.example", "action": "relay", "host": "notes"}],
                    "host": {"notes": {"address": self.notes.endpoint}}} | more)

    def test_a_message_from_its_arrival_to_its_end(self):
        relay = self.world()
        watching = Watching(self, relay, "--one")
        self.assertEqual(mail.submit(relay, SENDER, "carl@adatum.com").last.code, 250)
        self.assertEqual(even(watching.rest()).splitlines(), [
            "09:12:44.120 8FQ2K7M1D4 RESOLVE   carl@adatum.com -> notes  custom_recipient",
            "09:12:44.120 8FQ2K7M1D4 REDIRECT  carl@adatum.com -> carl@foreign.example at notes",
            "09:12:44.120 8FQ2K7M1D4 RECEIVE   from 127.0.0.1  <bob@example.net>  311 octets",
            "09:12:44.120 8FQ2K7M1D4 SEND      carl@adatum.com -> carl@foreign.example at HOST  "
            "250 2.0.0 taken"])
        self.assertEqual(watching.process.returncode, 0)

    def test_filters_and_two_who_watch(self):
        relay = self.world()
        to_carl = Watching(self, relay, "--to", "carl@adatum.com", "--json")
        to_mailboxes = Watching(self, relay, "--host", "mailboxes", "--client", "127.0.0.0/8", "--json")
        nobody = Watching(self, relay, "--from", "<>", "--json")
        mail.submit(relay, SENDER, ["anna@adatum.com", "carl@adatum.com"])
        seen = [json.loads(to_carl.line()) for _ in range(4)]
        self.assertEqual([one["event"] for one in seen], ["RESOLVE", "REDIRECT", "RECEIVE", "SEND"])
        self.assertEqual({one.get("original") for one in seen}, {"carl@adatum.com", None})
        self.assertEqual(seen[0]["decision"]["reason"], "custom_recipient")
        seen = [json.loads(to_mailboxes.line()) for _ in range(3)]
        self.assertEqual([one["event"] for one in seen], ["RESOLVE", "RECEIVE", "SEND"])
        self.assertEqual(seen[2]["recipient"], "anna@adatum.com")
        nobody.end()
        self.assertEqual(nobody.process.returncode, -signal.SIGINT)

    def test_a_dialogue_with_reasons(self):
        relay = self.world()
        watching = Watching(self, relay, "--to", "@adatum.com", "--smtp", "--one")
        with mail.Client(relay.address, relay.port) as client:
            for line in ("EHLO mx.example.net", f"MAIL FROM:<{SENDER}>", "RCPT TO:<zoe@adatum.com>",
                         "RCPT TO:<anna@adatum.com>", "QUIT"):
                client.command(line)
        said = watching.rest()
        self.assertEqual(re.sub(r":\d+\]", ":9]", said).splitlines(), [
            "...C: MAIL FROM:<bob@example.net>",
            "   S: 250 2.1.0 Sender OK",
            "   C: RCPT TO:<zoe@adatum.com>",
            "   S: 550 5.1.1 No mailbox or custom recipient has this address",
            "      [unknown_recipient, splitmx.toml:9]",
            "   C: RCPT TO:<anna@adatum.com>",
            "   S: 250 2.1.5 Recipient OK     [mailbox at mailboxes, splitmx.toml:9]",
            "   C: QUIT",
            "   S: 221 2.0.0 relay1.adatum.com closes the connection"])

    def test_no_password_and_no_content_is_shown(self):
        if not stage.slapd_available():
            self.skipTest("slapd is not installed")
        slapd = self.stage.slapd(stage.people(("anna", ["anna@adatum.com"], {"userPassword": "hunter2"})))
        relay = self.stage.small_world(config={
            "directory": {"main": stage.ldap_source(slapd, login="(uid={login})")},
            "listen": [{"name": "main", "address": "127.0.0.1:0", "auth": "always"}]})
        watching = Watching(self, relay, "--smtp", "--json")
        secret = base64.b64encode(b"\0anna\0hunter2").decode()
        with mail.Client(relay.address, relay.port) as client:
            client.command("EHLO mx.example.net")
            client.command("AUTH LOGIN")
            client.command(base64.b64encode(b"anna").decode())
            client.command(base64.b64encode(b"hunter2").decode())
            # It has logged in: these are refused, and the password comes where a command should.
            client.command(f"AUTH PLAIN {secret}")
            client.command(secret)
            client.transaction(SENDER, ["anna@adatum.com"], mail.message("a secret thing"))
        lines = []
        while not lines or '"event":"SEND"' not in lines[-1]:
            lines.append(watching.line())
        text = "\n".join(lines)
        self.assertIn('"text":"AUTH"', text)
        self.assertIn("(answer to AUTH)", text)
        for hidden in (secret, base64.b64encode(b"hunter2").decode(), "secret thing"):
            self.assertNotIn(hidden, text)

    def test_mistakes_are_told(self):
        relay = self.world()
        for words, said in ((("--live", "--to", "nobody"), '--to: "nobody" is no address'),
                            (("--live", "--client", "10.0.0.1/8"), "--client: "),
                            (("--live", "carl@adatum.com"), "--to and --from ask for addresses"),
                            (("--smtp", "carl@adatum.com"), "go with --live"),
                            (("--events", "SNED", "carl@adatum.com"), 'did you mean "SEND"'),
                            (("--until", "8d", "carl@adatum.com"), "must be later than --since"),
                            ((), "which message")):
            with self.subTest(words=words):
                done = subprocess.run(
                    [daemon.program("splitmx"), "--config", relay.config_path, "trace", *words],
                    capture_output=True, text=True, check=False, timeout=60)
                self.assertEqual((done.returncode, done.stdout), (64, ""))
                self.assertIn(said, done.stderr)

    def test_the_relay_ends_while_somebody_watches(self):
        relay = self.world()
        watching = Watching(self, relay)
        relay.stop()
        _, text = watching.process.communicate(timeout=60)
        self.assertEqual(watching.process.returncode, 69)
        self.assertIn("closed the connection", text)

    def test_the_file_of_decisions(self):
        file = self.stage.directory / "decisions.jsonl"
        relay = self.world(log={"decisions": str(file)})
        with mail.Client(relay.address, relay.port) as client:
            client.transaction(SENDER, ["zoe@adatum.com", "carl@adatum.com"], mail.message())
        for _ in range(600):
            if file.read_text().count("\n") == 2:  # a line is written a few milliseconds later
                break
            time.sleep(0.1)
        file.rename(file.with_suffix(".1"))
        relay.process.send_signal(signal.SIGUSR1)
        for _ in range(600):
            if file.exists():
                break
            time.sleep(0.1)
        mail.submit(relay, "", "anna@adatum.com")
        relay.stop()
        first, second = [json.loads(line) for line in file.with_suffix(".1").read_text().splitlines()]
        self.assertEqual((first["address"], first["verdict"], first["reason"], first["from"], first["client"]),
                         ("zoe@adatum.com", "refuse", "unknown_recipient", SENDER, "127.0.0.1"))
        self.assertEqual((second["address"], second["reason"], second["routes"][0]["host"]),
                         ("carl@adatum.com", "custom_recipient", "notes"))
        self.assertEqual(second["session"], first["session"])
        self.assertRegex(second["config"], "^[0-9a-f]{8}$")
        (third,) = [json.loads(line) for line in file.read_text().splitlines()]
        self.assertEqual((third["address"], third["from"]), ("anna@adatum.com", ""))

    def test_figures_of_replies_and_decisions(self):
        relay = self.world(admin={"http": "127.0.0.1:0"})
        with mail.Client(relay.address, relay.port) as client:
            client.transaction(SENDER, ["zoe@adatum.com", "anna@adatum.com"], mail.message())
        page = urllib.request.urlopen(f"http://{relay.admin}/metrics", timeout=60).read().decode()
        def value(name):
            return float(re.search(rf"(?m)^{re.escape(name)} (\S+)$", page)[1])
        self.assertEqual(value('splitmx_smtp_replies_total{listener="main",code="550"}'), 1)
        self.assertEqual(value('splitmx_smtp_replies_total{listener="main",code="354"}'), 1)
        decided = sum(value(f'splitmx_resolve_duration_seconds_count{{source="{source}"}}')
                      for source in ("memory", "server"))
        self.assertGreaterEqual(decided, 1)
        self.assertEqual(value('splitmx_queue_messages_by_age{max_age="+Inf"}'),
                         value('splitmx_queue_messages_by_age{max_age="300"}'))


if __name__ == "__main__":
    cases.main()
