#!/usr/bin/env python3
"""The sample sessions that administrators were promised, each against the stage that `./run --stay` keeps up:
sessions.md has them with what they print, times and ids made equal. ACCEPT=1 writes."""
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "demo")]

import demo
from support import cases, console, daemon

PAGE = pathlib.Path(__file__).with_name("sessions.md")
WIDTH = 80
# Lines that say what cannot be cut: a long address, a name of a file, the reply of a relay.
LONG = re.compile(r"^(\$ |ID  |8FQ2K7M1D4  |.*\^~|.*(RCPT TO:|refused  |\.toml:|ldap://|->  ))")
FILES = {
    "wave3.ldif": "dn: cn=Carl (Notes),ou=people,dc=adatum,dc=com\nchangetype: delete\n\n"
                  "dn: cn=Olga (Helsinki),ou=people,dc=adatum,dc=com\nchangetype: modify\n"
                  "replace: mailRoutingAddress\nmailRoutingAddress: olga@europe.example\n-\n",
}


def even(text):
    """What is another at each run, and is not already made equal for every page."""
    text = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{10}\b", "8FQ2K7M1D4", text)
    text = re.sub(r"\b\d\d:\d\d:\d\d\.\d{3}\b", "09:12:44.120", text)
    text = re.sub(r"LIVE, (last )?heard of \d+ s ago", "LIVE", text)
    text = re.sub(r"\d\.\d s after", "0.1 s after", text)
    text = re.sub(r"up 0:\d\d", "up 0:00", text)
    text = re.sub(r"(?m)^(8FQ2K7M1D4  )[\d-]{10}$", r"\g<1>2026-11-21", text)
    text = re.sub(r"ldap://[\d.:]+", "ldap://10.0.0.1:389", text)
    text = re.sub(r"\b\d{3} octets", "317 octets", text)
    text = re.sub(r"(?m)(8FQ2K7M1D4 .?.{0,3}) \d{3} ", r"\1 352 ", text)
    return re.sub(r"(recipients?, )\d{3}\b", r"\g<1>352", text)


class SampleSessions(cases.Case):
    def setUp(self):
        super().setUp()
        if not demo.slapd_available():
            self.skipTest("slapd is not installed")
        self.demo = demo.Demo(None, lambda text: None)
        self.addCleanup(self.demo.stage.close)
        self.demo.set_up()

    def prepare(self):
        """One message that was delivered, one that waits because the host is paused."""
        relay = self.demo.relay
        folder = relay.directory
        (folder / "wave3.ldif").write_text(FILES["wave3.ldif"])
        text = relay.config_path.read_text()
        (folder / "new.toml").write_text(
            text.replace('unknown = "ndr"', 'unkown = "reject"').replace('host         = "europe"',
                                                                        'host         = "eurpoe"'))
        (folder / "all-addresses.txt").write_text("".join(
            f"{address}\n" for address, _, expected in demo.ROWS if isinstance(expected, list)))
        content, reply = self.demo.send("carl@contoso.com")
        self.demo.what_happens(content, reply, "carl@contoso.com", [("notes", "carl@contoso.com")])
        self.sent = re.search(r"Stored as (\S+)", reply.text)[1]
        for _ in range(600):
            if " SEND " in self.demo.splitmx("trace", self.sent):
                break
            time.sleep(0.1)
        self.demo.splitmx("host", "pause", "notes", "--reason", "upgrade until noon")
        _, reply = self.demo.send("carl@contoso.com")
        self.waits = re.search(r"Stored as (\S+)", reply.text)[1]

    def live(self, line):
        """Started, then a client comes who writes to nobody."""
        relay = self.demo.relay
        words = line.split()[1:]
        watching = subprocess.Popen(
            [daemon.program("splitmx"), "--config", relay.config_path, *words], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            watching.stderr.readline()
            self.demo.answer("zoe@contoso.com")
            return console.normalised(watching.communicate(timeout=60)[0])
        finally:
            watching.kill()
            watching.communicate()

    def play(self, line):
        if "--live" in line:
            return even(self.live(line))
        return even(console.run(
            self.demo.relay,
            line.replace("8FQ2K7M1D4", self.sent).replace("8FQ2K7M1D5", self.waits), columns=WIDTH))

    def test_the_sessions(self):
        self.prepare()
        console.check(self, PAGE, self.play)
        for line in "\n".join(console.BLOCK.findall(PAGE.read_text())).splitlines():
            if not LONG.match(line):
                self.assertLessEqual(len(line), WIDTH, line)


if __name__ == "__main__":
    cases.main()
