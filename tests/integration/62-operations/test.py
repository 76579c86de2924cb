#!/usr/bin/env python3
"""docs/operations.md: its commands, run in their order, print what stands there. ACCEPT=1 writes."""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage
from support.certificates import Authority, server_context

PAGE = daemon.ROOT / "docs/operations.md"
BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
SENDER = "bob@example.net"


def normalised(text, ids):
    for number, ident in enumerate(ids, 1):
        text = text.replace(ident, f"8FQ2K7M1D{number}")
    for pattern, fixed in (
            (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?", "2026-11-21 09:12:44Z"),
            (r"127\.0\.0\.\d:\d+", "10.0.0.1:25"), (r"127\.0\.0\.\d", "10.0.0.1"),
            (r"\([0-9a-f]{8}\)", "(0a1b2c3d)"), (r"\(uid \d+, pid \d+\)", "(uid 0, pid 4711)"),
            (r" +\d\.\d{3} s\b", "  0.001 s"),
            (r"/tmp/splitmx-\S*?/relay/", "/etc/splitmx/"), (r"/tmp/splitmx-\S*?/", "/etc/splitmx/"),
            (r"\b\d+ s ago", "3 s ago"), (r"\bin \d+ (s|min)\b", "in 55 min"),
            (r"\b\d+K used", "20K used"), (r"by root", "by admin"), (r"\b\d+ ms\b", "812 ms"), (r"\b\d+ octets", "317 octets"),
            (r"0:0\d\b", "0:00")):
        text = re.sub(pattern, fixed, text)
    return text


class Operations(cases.Case):
    def test_the_page_tells_the_truth(self):
        notes = self.stage.sink(stage.FOREIGN, name="notes")
        notes.on("rcpt", "451 4.3.2 try later")
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        slapd = self.stage.slapd(stage.people(
            ("anna", ["anna@adatum.com"]),
            ("carl", ["carl@contoso.com"], {"mailRoutingAddress": "carl@contoso.com"})))
        relay = self.stage.small_world(
            config={"directory": {"main": stage.ldap_source(slapd)}, "queue": {"retry": ["1h"]},
                    "domain": [{"name": "adatum.com", "action": "inbound"},
                               {"name": "#contoso.com", "action": "inbound", "host": "notes"},
                               {"name": "fabrikam.com", "action": "relay", "always_relay": True,
                                "host": "partner"}],
                    "host": {"notes": {"address": notes.endpoint}, "partner": self.partner()}})
        relay.wait_for_log(r"main: read in", 60)
        ids = []
        for sender in (SENDER, ""):
            last = mail.submit(relay, sender, "carl@contoso.com").last
            self.assertEqual(last.code, 250)
            ids.append(re.search(r"Stored as (\S+)", last.text)[1])
            relay.wait_for_log(rf"{ids[-1]} wait ")
        page = PAGE.read_text()
        written = BLOCK.sub(lambda block: self.played(relay, block[1], ids), page)
        if os.environ.get("ACCEPT") == "1":
            PAGE.write_text(written)
        self.assertEqual(written, page)

    def partner(self):
        """A host that cannot prove its name; the keys of its section."""
        authority = Authority(self.stage.folder("ca"))
        host = self.stage.sink(stage.SISTER, name="mx9.fabrikam.com", tls=server_context(
            *authority.issue("partner", "DNS:mx9.fabrikam.com")))
        return {"address": host.endpoint, "tls": "verify", "tls_ca": str(authority.file)}

    def mail_for_partner(self, relay, ids):
        last = mail.submit(relay, SENDER, "dora@fabrikam.com").last
        ids.append(re.search(r"Stored as (\S+)", last.text)[1])
        relay.wait_for_log(rf"{ids[-1]} wait ")

    def played(self, relay, block, ids):
        out = []
        for line in block.splitlines():
            if not line.startswith("$ "):
                continue
            out.append(line)
            words = [{"ID1": ids[0], "8FQ2K7M1D1": ids[0]}.get(word, word)
                     for word in shlex.split(line[2:])][1:]
            if "partner" in words and len(ids) == 2:
                self.mail_for_partner(relay, ids)
            if words[0] == "reload":
                relay.rewrite({"limits": {"errors": 5}})
            done = subprocess.run(
                [daemon.program("splitmx"), "--config", relay.config_path, *words], text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                check=False, timeout=60)
            out += normalised(done.stdout, ids).splitlines()
            self.wait_until_at_rest(relay)
        return "```console\n" + "\n".join(out) + "\n```\n"

    def wait_until_at_rest(self, relay):
        for _ in range(600):
            done = subprocess.run(
                [daemon.program("splitmx"), "--config", relay.config_path, "status", "--json"],
                text=True, capture_output=True, check=True, timeout=60)
            if json.loads(done.stdout)["queue"]["in_delivery"] == 0:
                return
        self.fail("the queue does not come to rest")


if __name__ == "__main__":
    cases.main()
