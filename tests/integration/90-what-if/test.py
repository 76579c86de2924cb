#!/usr/bin/env python3
"""What would change? Asked of a running relay: another configuration, changes of its directory."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, stage, toml

PEOPLE = (("anna", ["anna@adatum.com"]),
          ("kim", ["kim@contoso.com"], {"mailRoutingAddress": "kim@contoso.com"}),
          ("lee", ["lee@contoso.com"], {"mailRoutingAddress": "lee@contoso.com"}))
WAVE = """\
dn: uid=kim,dc=adatum,dc=com
changetype: modify
delete: mailRoutingAddress
-

dn: uid=lee,dc=adatum,dc=com
changetype: delete
"""
LIST = "anna@adatum.com\nkim@contoso.com\nlee@contoso.com\n"
CHANGES = """\
2 of 3 decisions change, 1 would bounce:
  kim@contoso.com  notes (custom_recipient)  ->  mailboxes (mailbox)
  lee@contoso.com  notes (custom_recipient)  ->  refused 5.1.1  !! would bounce
"""


class WhatIf(cases.Case):
    def relay(self, directory):
        notes = self.stage.sink(stage.FOREIGN, name="notes")
        return self.stage.small_world(config={
            "directory": {"main": directory},
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": "#contoso.com", "action": "inbound", "host": "notes"}],
            "host": {"notes": {"address": notes.endpoint}}})

    def resolve(self, relay, *words, stdin="", code=0, config=None):
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", config or relay.config_path, "resolve", *words],
            input=stdin, text=True, capture_output=True, check=False, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def wave(self):
        path = self.stage.directory / "wave3.ldif"
        path.write_text(WAVE)
        return path

    def test_a_wave_over_the_copy_of_a_server(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        slapd = self.stage.slapd(stage.people(*PEOPLE))
        relay = self.relay(stage.ldap_source(slapd))
        relay.wait_for_log(r"main: read in", 60)
        wave = self.wave()
        for more in ((), ("--offline",)):
            said = self.resolve(relay, "--diff", "--with-ldif", wave, "-", *more, stdin=LIST, code=1)
            self.assertEqual((said.stdout, said.stderr), (CHANGES, ""))
        # Nothing was changed by asking.
        said = self.resolve(relay, "-", stdin=LIST).stdout
        self.assertEqual(said.count("custom_recipient"), 2)

    def test_a_directory_that_is_a_file(self):
        relay = self.relay(stage.ldif_source(self.stage, stage.people(*PEOPLE)))
        said = self.resolve(relay, "--diff", "--with-ldif", self.wave(), "-", stdin=LIST, code=1)
        self.assertEqual(said.stdout, CHANGES)

    def test_what_a_reload_would_change(self):
        """The file is edited in place; what is in force only the relay knows."""
        relay = self.relay(stage.ldif_source(self.stage, stage.people(*PEOPLE)))
        relay.rewrite({"routing": {"unknown": "ndr"}, "domain": [
            {"name": "adatum.com", "action": "reroute", "to": "contoso.com"},
            {"name": "#contoso.com", "action": "inbound", "host": "notes"}]})
        said = self.resolve(relay, "--diff", "--at-config", relay.config_path, "-", stdin=LIST, code=1)
        self.assertEqual(said.stdout, "1 of 3 decisions changes, 1 would bounce:\n"
                         "  anna@adatum.com  mailboxes (mailbox)  ->  returned 5.1.1"
                         "  !! would bounce\n")
        row = json.loads(self.resolve(relay, "--diff", "--json", "--at-config", relay.config_path,
                                      "anna@adatum.com", code=1).stdout)
        self.assertEqual((row["now"]["verdict"], row["then"]["verdict"]), ("deliver", "bounce"))
        # The relay goes on as before.
        self.assertIn("mailboxes", self.resolve(relay, "anna@adatum.com").stdout)

    def test_without_a_relay(self):
        relay = self.relay(stage.ldif_source(self.stage, stage.people(*PEOPLE)))
        relay.stop()
        said = self.resolve(relay, "--diff", "--with-ldif", self.wave(), "a@b.example", code=69)
        self.assertIn("--offline goes by the file, without it", said.stderr)

    def test_another_directory(self):
        relay = self.relay(stage.ldif_source(self.stage, stage.people(*PEOPLE)))
        fewer = stage.ldif_source(self.stage, stage.people(*PEOPLE[:2]), name="fewer.ldif")
        other = self.stage.directory / "other.toml"
        other.write_text(toml.dump(toml.merged(relay.tables, {"directory": {"main": fewer}})))
        said = self.resolve(relay, "--diff", "--at-config", other, "-", stdin=LIST, code=1)
        self.assertIn("has other directories than now", said.stderr)
        self.assertIn("lee@contoso.com  notes (custom_recipient)  ->  refused 5.1.1", said.stdout)


if __name__ == "__main__":
    cases.main()
