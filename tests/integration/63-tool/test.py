#!/usr/bin/env python3
"""What the tool does without a relay: dials a host, shows the configuration as it counts."""
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon

PEOPLE = ("anna", ["anna@adatum.com"])


class Tool(cases.Case):
    def relay(self, **config):
        """Its configuration; it does not run."""
        return self.stage.small_world(PEOPLE, config=config, start=False)

    def splitmx(self, relay, *words, code=0):
        command = [daemon.program("splitmx"), "--config", relay.config_path, *words]
        done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done


class HostTest(Tool):
    def test_a_host_that_works(self):
        relay = self.relay()
        sink = self.stage.mailboxes
        said = self.splitmx(relay, "host", "test", "mailboxes").stdout
        self.assertEqual(re.sub(r" +\d\.\d{3} s", "  0.000 s", said), f"""\
mailboxes  smtp {sink.endpoint}
  0.000 s  1 address

{sink.endpoint}
  0.000 s  connected
  0.000 s  < 220 mailboxes ready
           > EHLO relay1.adatum.com
  0.000 s  < 250-mailboxes greets relay1.adatum.com
           < 250-PIPELINING
           < 250-8BITMIME
           < 250-SIZE 104857600
           < 250 DSN
           > QUIT
  0.000 s  < 221 2.0.0 bye

mailboxes takes mail
""")
        self.assertEqual(sink.messages, [])

    def test_one_of_its_addresses(self):
        sink = self.stage.sink("127.0.0.8", name="second")
        silent = "127.0.0.9:1"
        relay = self.relay(host={"mailboxes": {"address": [silent, sink.endpoint]}})
        said = self.splitmx(relay, "host", "test", "mailboxes").stdout
        self.assertRegex(said, rf"\n{silent}\n +\d\.\d+ s  Connection refused\n")
        self.assertIn("takes mail, but not everywhere: 1 of 2 addresses work\n", said)

    def test_a_host_that_does_not(self):
        relay = self.relay()
        sink = self.stage.mailboxes
        for rule, text in (
                ({"reply": "554 5.3.2 go away"}, "< 554 5.3.2 go away"),
                ({"action": "close"}, "The connection was lost waiting for the greeting"),
                ({"action": "raw", "reply": "nonsense\r\n"}, "The host broke the protocol")):
            with self.subTest(rule=rule):
                sink.forget_rules()
                sink.on("connect", **rule)
                said = self.splitmx(relay, "host", "test", "mailboxes", code=75).stdout
                self.assertIn(text, said)
                self.assertTrue(said.endswith("\nmailboxes takes no mail\n"), said)
        sink.stop()
        said = self.splitmx(relay, "host", "test", "mailboxes", code=75).stdout
        self.assertIn("Connection refused", said)

    def test_names(self):
        relay = self.relay()
        said = self.splitmx(relay, "host", "test", "mailboxe", code=68).stderr
        self.assertEqual(said, "splitmx host test: there is no [host.mailboxe] in "
                               f"{relay.config_path}\n")
        # What an entry or [routing] may name in place of a host.
        said = self.splitmx(relay, "host", "test", self.stage.internet.endpoint).stdout
        self.assertIn("takes mail", said)

    def test_lmtp_over_a_unix_socket(self):
        path = self.stage.directory / "lmtp"
        self.stage.sink(path=str(path), protocol="lmtp", name="store")
        relay = self.relay(host={"store": {"address": f"unix:{path}", "protocol": "lmtp"}})
        said = self.splitmx(relay, "host", "test", "store").stdout
        self.assertIn("> LHLO relay1.adatum.com", said)


class ConfigShow(Tool):
    def test_all_that_counts(self):
        relay = self.relay(limits={"errors": 5},
                           directory={"main": {"uri": "ldap://127.0.0.1:1", "base": "dc=adatum",
                                               "profile": "laser",
                                               "bind_dn": "cn=x", "password": "confidential"}})
        shown = self.splitmx(relay, "config", "show").stdout
        self.assertIn('hostname = "relay1.adatum.com"\n', shown)
        self.assertIn("\n[limits]\n#connections = 1000\n", shown)
        self.assertIn("\nerrors = 5\n", shown)
        self.assertIn('#postmaster = "postmaster@relay1.adatum.com"\n', shown)
        self.assertIn("\n[host.mailboxes]\n", shown)
        self.assertNotIn("confidential", shown)
        self.assertIn('password = "***"\n', shown)
        origin = self.splitmx(relay, "config", "show", "--origin").stdout
        line = 1 + relay.config_path.read_text().splitlines().index("errors = 5")
        self.assertRegex(origin, rf"errors = 5 +# splitmx.toml:{line}\n")
        self.assertRegex(origin, r"#connections = 1000 +# default\n")
        only = self.splitmx(relay, "config", "show", "--set").stdout
        self.assertIn("errors = 5\n", only)
        self.assertNotIn("connections = 1000", only)

    def test_it_is_a_configuration_again(self):
        relay = self.relay(limits={"errors": 5})
        shown = self.splitmx(relay, "config", "show").stdout
        (self.stage.directory / "again.toml").write_text(shown)
        relay.config_path = self.stage.directory / "again.toml"
        self.splitmx(relay, "config", "check")
        self.assertEqual(self.splitmx(relay, "config", "show").stdout, shown)

    def test_errors(self):
        relay = self.relay(limits={"erors": 5})
        done = self.splitmx(relay, "config", "show", code=78)
        self.assertEqual(done.stdout, "")
        self.assertIn('unknown key "erors"', done.stderr)


class Output(Tool):
    """What cannot be written is no success; a reader who has had enough is no fault."""

    def test_a_full_disk(self):
        relay = self.relay()
        for words in (("config", "show"), ("config", "default"), ("schema", "print"),
                      ("completion", "bash"), ("resolve", "--offline", "anna@adatum.com"),
                      ("directory", "export", "--server", "--format", "csv"),
                      ("--help",)):
            with self.subTest(words=words), open("/dev/full", "w", encoding="ascii") as full:
                done = subprocess.run(
                    [daemon.program("splitmx"), "--config", relay.config_path, *words], stdout=full,
                    stderr=subprocess.PIPE, text=True, check=False, timeout=120)
                self.assertEqual(done.returncode, 74)
                self.assertRegex(
                    done.stderr,
                    r"\Asplitmx: standard output cannot be written(: No space left on device)?\n")

    def test_a_closed_pipe(self):
        relay = self.relay()
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", relay.config_path, "config", "default"],
            stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, ""))


if __name__ == "__main__":
    cases.main()
