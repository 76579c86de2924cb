#!/usr/bin/env python3
"""docs/operations.md: its commands, run in their order, print what stands there. ACCEPT=1 writes."""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, console, daemon, mail, stage
from support.certificates import Authority, server_context

PAGE = daemon.ROOT / "docs/operations.md"
SENDER = "bob@example.net"


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
        console.check(self, PAGE, lambda line: self.played(relay, line, ids))

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

    def played(self, relay, line, ids):
        if "partner" in line.split() and len(ids) == 2:
            self.mail_for_partner(relay, ids)
        if line == "splitmx reload":
            relay.rewrite({"limits": {"errors": 5}})
        said = console.run(relay, line, ids)
        self.wait_until_at_rest(relay)
        return said

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
