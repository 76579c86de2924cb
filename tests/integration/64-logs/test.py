#!/usr/bin/env python3
"""The log in its three forms, read by those it is made for: JSON Lines, pflogsumm, fail2ban; its
level and its file changed while the relay runs."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

FAIL2BAN = daemon.ROOT / "build/peers/fail2ban"
SENDER = "bob@example.net"
HOSTILE = '"x, relay=a[10.0.0.1]:25, delay=1, status=sent (f)"@adatum.com'


class Logs(cases.Case):
    def world(self, **log):
        """Four messages: one delivered, one deferred, one that its host refuses, one that nobody
        here may have; and a client that forges."""
        self.log = self.stage.directory / "mail.log"
        mailboxes = self.stage.sink(stage.MAILBOXES, name="mailboxes")
        mailboxes.on("rcpt", "451 4.3.2 try (later)", match="dora@")
        mailboxes.on("rcpt", "550 5.2.1 no longer here", match="eve@")
        self.relay = self.stage.small_world(
            *((name, [f"{name}@adatum.com"]) for name in ("anna", "dora", "eve")),
            mailboxes=mailboxes,
            config={"log": {"file": str(self.log), "level": "info"} | log, "queue": {"retry": ["1h"]}})
        for name in ("anna", "dora", "eve"):
            sent = mail.submit(self.relay, SENDER, f"{name}@adatum.com")
            self.assertEqual(sent.last.code, 250)
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.command('EHLO x>\tclient=h[10.0.0.1]')
            client.transaction(SENDER, ["zoe@adatum.com", HOSTILE], mail.message())
            client.transaction(SENDER, ["someone@far.example"], mail.message())
        # Two deliveries, one that waits, and eve's message with the report about it.
        ended = {"json": r'"event":"remove"', "postfix": r": removed",
                 "human": r" remove +"}[log["format"]]
        self.wait_for(lambda: len(re.findall(ended, self.log.read_text())) == 3
                      and "try " in self.log.read_text())
        self.relay.stop()
        return self.log.read_text()

    def test_json(self):
        events = [json.loads(line) for line in self.world(format="json").splitlines()]
        for event in events:
            self.assertRegex(event["time"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
            self.assertIn(event["level"], ("debug", "info", "warn", "error"))
        received = [event for event in events if event["event"] == "receive"]
        self.assertEqual(len({event["id"] for event in received}), len(received))
        # One id through all that happens to a message, from its first recipient on.
        story = [event["event"] for event in events if event.get("id") == received[0]["id"]]
        self.assertEqual(story, ["decide", "receive", "send", "remove"])
        outcomes = {event["rcpt"]: (event["event"], event["code"], event["host"])
                    for event in events if event["event"] in ("send", "defer", "fail")}
        self.assertEqual(outcomes["anna@adatum.com"], ("send", 250, "mailboxes"))
        self.assertEqual(outcomes["dora@adatum.com"], ("defer", 451, "mailboxes"))
        self.assertEqual(outcomes["eve@adatum.com"], ("fail", 550, "mailboxes"))
        refused = {event["address"]: event["reason"] for event in events if event["event"] == "reject"}
        self.assertEqual(refused["zoe@adatum.com"], "unknown_recipient")
        self.assertEqual(refused[HOSTILE], "unknown_recipient")
        self.assertEqual(refused["someone@far.example"], "relay_denied")

    def test_pflogsumm_counts_right(self):
        if not shutil.which("pflogsumm"):
            self.skipTest("pflogsumm is not installed")
        self.world(format="postfix")
        done = subprocess.run(["pflogsumm", "--syslog-name=splitmx", "--detail", "10", self.log],
                              capture_output=True, text=True, check=True, timeout=60)
        told = dict(reversed(re.match(r" *(\d+) +(.+?)(?:  \(.*\))?$", line).groups())
                    for line in done.stdout.splitlines() if re.match(r" *\d+ +[a-z]", line))
        # The fifth message is the report about eve's, which nobody here has received.
        self.assertEqual({name: told.get(name) for name in ("received", "delivered", "bounced")},
                         {"received": "3", "delivered": "2", "bounced": "1"}, done.stdout)
        self.assertRegex(done.stdout, r" 1 +deferred  \(1 +deferrals\)")
        self.assertRegex(done.stdout, r" 3 +rejected ")
        self.assertIn("Recipient address rejected: User unknown", done.stdout)
        self.assertIn("Relay access denied", done.stdout)
        self.assertNotIn("no size data", done.stdout)
        self.assertIn("x??relay=a", done.stdout)  # told as the address that it is
        self.assertEqual(done.stderr, "")

    def test_fail2ban_finds_the_guesser_and_nobody_else(self):
        program = FAIL2BAN / "usr/bin/fail2ban-regex"
        if not program.exists():
            self.skipTest("no build/peers/fail2ban: run packaging/fetch-peers")
        self.world(format="postfix", syslog_name="postfix")
        done = subprocess.run(
            [sys.executable, program, "--config", FAIL2BAN / "etc/fail2ban", "--print-all-matched",
             "--usedns", "no", self.log, FAIL2BAN / "etc/fail2ban/filter.d/postfix.conf"],
            env=os.environ | {"PYTHONPATH": str(FAIL2BAN / "usr/lib/python3/dist-packages")},
            capture_output=True, text=True, check=True, timeout=60)
        matched = re.search(r"Lines: (\d+) lines, \d+ ignored, (\d+) matched", done.stdout)
        self.assertEqual(matched[2], "3", done.stdout)
        for line in re.findall(r"\|  (\S.*reject: .*)", done.stdout):
            self.assertIn("from unknown[127.0.0.1]: ", line)

    def test_our_filter_of_fail2ban(self):
        program = FAIL2BAN / "usr/bin/fail2ban-regex"
        if not program.exists():
            self.skipTest("no build/peers/fail2ban: run packaging/fetch-peers")
        lines = self.world(format="human").splitlines()
        # As the journal gives them, and what somebody would like to have banned.
        lines += [f"Nov 26 22:10:00 relay1 splitmxd[4711]: {line}" for line in lines]
        lines.append('2026-11-26T22:10:00.000Z info  8FQ2K7M1D4 reject   "x -> 550 5.1.1 unknown_recipient '
                     'from=<> client=10.0.0.1" -> 550 5.1.1 unknown_recipient from=<> client=127.0.0.1')
        lines.append('2026-11-26T22:10:00.000Z info  8FQ2K7M1D4 login    client=127.0.0.1 '
                     '"x client=10.0.0.1 y refused: no" refused: wrong password')
        self.log.write_text("\n".join(lines) + "\n")
        # A filter includes what stands beside it.
        config = shutil.copytree(FAIL2BAN / "etc/fail2ban", self.stage.directory / "fail2ban")
        shutil.copy(daemon.ROOT / "packaging/fail2ban/filter.d/splitmx.conf", config / "filter.d")
        done = subprocess.run(
            [sys.executable, program, "--config", config, "--print-all-matched", "--usedns", "no",
             "--verbose", self.log, config / "filter.d/splitmx.conf"],
            env=os.environ | {"PYTHONPATH": str(FAIL2BAN / "usr/lib/python3/dist-packages")},
            capture_output=True, text=True, check=True, timeout=60)
        matched = re.search(r"Lines: (\d+) lines, \d+ ignored, (\d+) matched", done.stdout)
        self.assertEqual(matched[2], str(2 * 3 + 2), done.stdout)
        banned = re.findall(r"(?m)^\|      (\S+)  \w{3} \w{3} \d", done.stdout)
        self.assertEqual(banned, ["127.0.0.1"] * (2 * 3 + 2), done.stdout)

    def test_a_file_that_a_tool_has_renamed(self):
        self.log = self.stage.directory / "mail.log"
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]),
                                       config={"log": {"file": str(self.log), "format": "json"}})
        renamed = self.log.rename(self.log.with_suffix(".log.1"))
        relay.process.send_signal(signal.SIGUSR1)
        self.wait_for(self.log.exists)
        self.assertEqual(mail.submit(relay, SENDER, "anna@adatum.com").last.code, 250)
        relay.stop()
        self.assertIn('"event":"receive"', self.log.read_text())
        self.assertNotIn('"event":"receive"', renamed.read_text())
        self.assertIn('"event":"start"', renamed.read_text())

    def test_a_look_at_the_log_of_a_relay_started_by_hand(self):
        self.log = self.stage.directory / "mail.log"
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]), start=False,
                                       config={"log": {"file": str(self.log)}})
        relay.flags = ["--foreground-log"]
        relay.start()
        relay.wait_for_log(r" start +version=")
        relay.reload()
        relay.wait_for_log(r" reload +config=")
        self.assertEqual(mail.submit(relay, SENDER, "anna@adatum.com").last.code, 250)
        relay.wait_for_log(r" remove +delivered=1")
        relay.stop()
        self.assertFalse(self.log.exists())

    def test_the_level_changes_while_the_relay_runs(self):
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]), config={"log": {"level": "info"}})
        self.assertEqual(self.tool(relay, "log", "level"), (0, "info\n", ""))
        self.assertEqual(self.tool(relay, "log", "level", "debug"), (0, "debug\n", ""))
        relay.wait_for_log(r"admin +log level \[debug\] .* was info")
        mail.submit(relay, SENDER, "anna@adatum.com")
        relay.wait_for_log(r"debug \S+ +connect ")
        self.assertEqual(self.tool(relay, "log", "level", "warning", "--for", "1s"),
                         (0, "warning for 1s, then debug\n", ""))
        relay.wait_for_log(r"the level is debug again")
        code, _, text = self.tool(relay, "log", "level", "loud")
        self.assertEqual((code, text), (64, "splitmx log level: there is no level `loud`: debug, info, "
                                            "warning or error\n"))
        self.assertEqual(self.tool(relay, "log", "level", "error", "connect"),
                         (0, "error for lines of connect\n", ""))
        self.assertEqual(self.tool(relay, "log", "level"), (0, "debug\n  connect    error\n", ""))
        connects = len(re.findall(r"debug \S+ +connect ", relay.log))
        mail.submit(relay, SENDER, "anna@adatum.com")
        relay.wait_for_log(r"(?s)(debug \S+ +close .*){2}")
        self.assertEqual(len(re.findall(r"debug \S+ +connect ", relay.log)), connects)
        self.assertEqual(self.tool(relay, "log", "level", "default", "connect"),
                         (0, "debug for lines of connect\n", ""))
        code, _, text = self.tool(relay, "log", "level", "debug", "conect")
        self.assertEqual((code, text), (64, 'splitmx log level: no line of the log has "conect" in its third '
                                            'column; did you mean "connect"?\n'))
        self.assertEqual(self.tool(relay, "log", "level", "error", "connect")[0], 0)
        self.assertEqual(self.tool(relay, "log", "level", "--for", "1s")[0], 64)
        self.assertEqual(self.tool(relay, "log", "level", "debug", "--for", "soon")[0], 64)
        relay.reload()
        relay.wait_for_log(r"reload +config=")
        self.assertEqual(self.tool(relay, "log", "level"), (0, "info\n", ""))

    def wait_for(self, condition):
        for _ in range(600):
            if condition():
                return
            time.sleep(0.1)
        self.fail(self.log.read_text())

    def tool(self, relay, *words):
        done = subprocess.run([daemon.program("splitmx"), "--config", relay.config_path, *words],
                              capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr


if __name__ == "__main__":
    cases.main()
