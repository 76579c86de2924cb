#!/usr/bin/env python3
"""A start that cannot go well ends at once, says why, and opens nothing."""
import pathlib
import re
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, stage
from support.slapd import free_port

PEOPLE = daemon.ROOT / "schema/sample.ldif"
GOOD = {"domain": [{"name": "adatum.com", "action": "inbound"}],
        "directory": {"main": {"uri": f"ldif:{PEOPLE}", "profile": "laser"}},
        "host": {"mailboxes": {"address": "127.0.0.2:2525"}, "mbx1.adatum.com": {"address": "127.0.0.2:2525"},
                 "mbx2.adatum.com": {"address": "127.0.0.2:2525"}},
        "routing": {"mailbox_host": "mailboxes"}}

# What is changed in GOOD, and what the error must say.
BAD = {
    "unknown key": ({"routing": {"unkown": "reject"}}, "unkown"),
    "unknown table": ({"routes": {"x": 1}}, "routes"),
    "wrong unit": ({"queue": {"expire": "5 parsecs"}}, "expire|5 parsecs"),
    "wrong type": ({"server": {"max_hops": "many"}}, "max_hops"),
    "unknown host": ({"routing": {"mailbox_host": "mailboxs"}}, "mailboxs"),
    "the same domain twice": (
        {"domain": [{"name": "adatum.com", "action": "inbound"},
                    {"name": "Adatum.COM", "action": "inbound"}]}, "[Aa]datum"),
    "cycle of reroutes": (
        {"domain": [{"name": "#a.example", "action": "reroute", "to": "b.example"},
                    {"name": "#b.example", "action": "reroute", "to": "a.example"}]}, "a.example"),
    "star as a domain": ({"domain": [{"name": "*", "action": "inbound"}]}, r"\*"),
    "host bits in a network": ({"relay": {"allow": ["192.168.1.17/24"]}}, "192.168.1.17/24"),
    "missing LDIF file": (
        {"directory": {"main": {"uri": "ldif:nowhere.ldif", "profile": "laser"}}}, "nowhere.ldif"),
    "no address to listen on": ({"listen": [{"name": "nowhere"}]}, "address"),
}


class BadStart(cases.Case):
    def fails(self, relay):
        """Starts it; gives (exit code, log)."""
        relay.spawn()
        code = relay.wait(60)
        relay.check_log()
        self.assertIsNone(relay.ready_line, "it said that it was ready")
        return code, relay.log

    def test_wrong_configuration(self):
        for number, (name, (change, error)) in enumerate(BAD.items()):
            with self.subTest(name):
                port = free_port()
                listen = {"listen": [{"address": f"127.0.0.1:{port}"}]}
                config = stage.toml.merged(stage.toml.merged(GOOD, listen), change)
                relay = self.stage.relay(config, start=False, name=f"relay{number}")
                code, log = self.fails(relay)
                self.assertEqual(code, 78, log)
                self.assertRegex(log, re.compile(
                    rf"{re.escape(str(relay.config_path))}(:\d+:\d+)?: error: .*({error})", re.DOTALL))
                self.assertRaises(OSError, socket.create_connection, ("127.0.0.1", port), 5)
                self.assertFalse((relay.directory / "spool").exists(), "it made a spool")

    def test_all_errors_are_told_at_once(self):
        config = stage.toml.merged(GOOD, {"server": {"max_hops": "many"},
                                          "queue": {"expire": "soon"}})
        relay = self.stage.relay(config, start=False)
        code, log = self.fails(relay)
        self.assertEqual((code, log.count(": error: ")), (78, 2), log)

    def test_config_check_says_the_same(self):
        relay = self.stage.relay(stage.toml.merged(GOOD, {"queue": {"expire": "soon"}}),
                                 start=False)
        done = subprocess.run([daemon.program("splitmx"), "config", "check", relay.config_path],
                              capture_output=True, text=True, check=False, timeout=60)
        _, log = self.fails(relay)
        self.assertEqual(done.returncode, 78, done.stderr)
        first = next(line for line in done.stderr.splitlines() if ": error: " in line)
        self.assertIn(first, log)

    def test_not_toml(self):
        relay = self.stage.relay(GOOD, start=False)
        relay.config_path.write_text('[server\nhostname = "x"\n')
        code, log = self.fails(relay)
        self.assertEqual(code, 78, log)
        self.assertIn(f"{relay.config_path}:1", log)

    def test_no_file(self):
        relay = self.stage.relay(GOOD, start=False)
        relay.config_path.unlink()
        code, log = self.fails(relay)
        self.assertEqual(code, 78, log)
        self.assertIn(str(relay.config_path), log)

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            config = stage.toml.merged(GOOD, {"listen": [{"address": f"127.0.0.1:{port}"}]})
            code, log = self.fails(self.stage.relay(config, start=False))
        self.assertIn(code, range(64, 79), log)
        self.assertIn(f"127.0.0.1:{port}", log)

    def test_spool_that_cannot_be(self):
        # Below a file: not even root can make a directory there.
        file = self.stage.directory / "file"
        file.write_text("")
        config = stage.toml.merged(GOOD, {"spool": {"path": str(file / "spool")}})
        code, log = self.fails(self.stage.relay(config, start=False))
        self.assertIn(code, range(64, 79), log)
        self.assertIn(str(file / "spool"), log)

    def test_spool_that_another_relay_uses(self):
        first = self.stage.relay(GOOD, name="first")
        config = stage.toml.merged(GOOD, {"spool": {"path": str(first.directory / "spool")}})
        code, log = self.fails(self.stage.relay(config, start=False, name="second"))
        self.assertIn(code, range(64, 79), log)
        self.assertIn(str(first.directory / "spool"), log)

    def test_a_good_one_starts_and_stops(self):
        relay = self.stage.relay(GOOD)
        self.assertRegex(relay.ready_line, r"ready smtp=127\.0\.0\.1:\d+ admin=off")
        relay.stop()


if __name__ == "__main__":
    cases.main()
