#!/usr/bin/env python3
"""`splitmx doctor` beside a relay that runs, and before its first start: each fault is found by its id,
with what mends it."""
import json
import os
import pathlib
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, slapd, stage, toml

PEOPLE = (("anna", ["anna@adatum.com"]),
          ("carl", ["carl@contoso.com"], {"mailRoutingAddress": "carl@contoso.com"}))
NOBODY = "127.0.0.1:1"  # a name server that is none


class Doctor(cases.Case):
    def world(self, people=PEOPLE, start=False, port=0, config=None, **directory):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(*people), **directory)
        self.foreign = self.stage.sink(stage.FOREIGN, name="foreign")
        self.relay = self.stage.small_world(start=start, config=toml.merged({
            "directory": {"main": stage.ldap_source(self.slapd)},
            "listen": [{"name": "test", "address": f"127.0.0.1:{port}"}],
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": "#contoso.com", "action": "inbound", "host": "foreign"}],
            "dns": {"servers": [NOBODY]},
            "host": {"foreign": {"address": self.foreign.endpoint}}}, config or {}))

    def doctor(self, *flags, code=0):
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", self.relay.config_path, "doctor", *flags],
            text=True, capture_output=True, check=False, timeout=240)
        self.assertEqual(done.returncode, code, f"{flags}\n{done.stdout}{done.stderr}")
        return done.stdout

    def found(self, *flags, code=0):
        rows = [json.loads(line) for line in self.doctor("--json", *flags, code=code).splitlines()]
        return {row["id"]: row for row in rows}

    def test_all_is_well(self):
        self.world(start=True)
        self.relay.wait_for_log(r"main: read in", 90)
        found = self.found()
        for name in ("config", "service", "files", "disk", "ports", "directory", "people", "host"):
            self.assertEqual(found[name]["level"], "good", found)
        self.assertIn("1 mailbox, 1 custom recipient, 0 groups", found["directory"]["text"])
        self.assertIn("dns-silent", found)
        text = self.doctor("--no-network")
        self.assertLessEqual(max(map(len, text.splitlines())), 120, text)
        self.assertIn("0 errors", text)

    def test_before_the_first_start(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.world(port=port)
            found = self.found("--no-network", code=69)
        self.assertIn("service-stopped", found)
        self.assertIn(f"(process {os.getpid()}) listens there", found["port-taken"]["text"])
        self.assertIn("stop that program", found["port-taken"]["fix"])
        self.assertIn("ports", self.found("--no-network"))

    def test_a_host_and_a_directory_that_are_away(self):
        self.world(config={"host": {"foreign": {"address": f"127.0.0.3:{slapd.free_port('127.0.0.3')}"}}})
        found = self.found(code=69)
        self.assertIn("foreign: 127.0.0.3", found["host-down"]["text"])
        self.assertIn("refused", found["host-down"]["text"])
        self.assertIn("splitmx host test foreign", found["host-down"]["fix"])
        self.slapd.stop()
        found = self.found(code=69)
        self.assertIn("main: ldap://127.0.0.1", found["directory-down"]["text"])
        self.assertNotIn("directory", found)

    def test_what_the_account_is_not_given(self):
        self.world(people=tuple((f"p{i}", [f"p{i}@adatum.com"]) for i in range(40)),
                   database_config=("limits * size=20",))
        found = self.found(code=69)
        self.assertIn("Size limit exceeded", found["directory-down"]["text"])

    def test_people_whose_mail_gets_nowhere(self):
        self.world(people=(*PEOPLE, ("pat", ["anna@adatum.com"])))
        found = self.found()
        self.assertIn("1 error", found["people-faults"]["text"])
        self.assertIn("directory lint", found["people-faults"]["fix"])
        self.assertIn("people-faults", self.found("--strict", code=1))

    def test_the_file_is_another_one_than_the_relay_runs_by(self):
        self.world(start=True)
        self.relay.rewrite({"limits": {"connections": 7}, "listen": [
            {"name": "test", "address": f"127.0.0.1:{self.relay.port}"},
            {"name": "new", "address": f"127.0.0.1:{slapd.free_port()}"}]})
        found = self.found("--no-network")
        self.assertIn("splitmx reload", found["service-config"]["fix"])
        self.assertIn("[[listen]] new", found["port-closed"]["text"])

    def test_a_broken_configuration(self):
        self.world(config={"routing": {"mailbox_host": "nowhere"}})
        self.assertEqual(set(self.found(code=78)), {"config-error"})


if __name__ == "__main__":
    cases.main()
