#!/usr/bin/env python3
"""The administrator's own routing tests: run by hand, and before a reload, which a failing one
refuses."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, stage

PEOPLE = (("anna", ["anna@adatum.com"]),)


class RoutingTests(cases.Case):
    def setUp(self):
        super().setUp()
        self.file = self.stage.directory / "routing-tests.txt"
        self.file.write_text("# who must not be lost\nanna@adatum.com  mailbox  mailboxes\n")
        self.relay = self.stage.small_world(*PEOPLE, config={"routing": {"tests": str(self.file)}})

    def splitmx(self, *words, code=0):
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", self.relay.config_path, *words],
            text=True, capture_output=True, check=False, timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_a_reload_that_would_lose_somebody(self):
        self.assertEqual(self.splitmx("config", "test").stdout, "1 routing test passes\n")
        self.relay.rewrite({"domain": [{"name": "adatum.com", "action": "relay", "host": "internet"}]})
        wrong = ("routing-tests.txt:2: error: anna@adatum.com: relay_denied, "
                 "but must be mailbox at mailboxes\n")
        said = self.splitmx("config", "test", code=78)
        self.assertEqual((said.stdout, said.stderr), ("1 of 1 routing test fails\n", wrong))
        said = self.splitmx("reload", code=78).stderr
        self.assertEqual(said, wrong + "1 of 1 routing test fails.\nThe old configuration stays.\n")
        self.relay.wait_for_log("must be mailbox at mailboxes")
        self.assertIn("mailboxes", self.splitmx("resolve", "anna@adatum.com").stdout)
        # What the file now expects is taken.
        self.file.write_text("anna@adatum.com  relay_denied\nanna@adatum.com relay internet from=<> login=x\n")
        self.relay.rewrite({"relay": {"authenticated": True}})
        self.splitmx("reload")

    def test_mistakes_of_the_file(self):
        self.file.write_text("anna@adatum.com mailbx\n")
        for words in (["config", "check"], ["config", "test"], ["reload"]):
            said = self.splitmx(*words, code=78).stderr
            self.assertIn(":1: error: there is no outcome \"mailbx\"; did you mean \"mailbox\"?", said)
        self.file.unlink()
        said = self.splitmx("config", "check", code=78).stderr
        self.assertIn("routing-tests.txt cannot be read: No such file", said)

    def test_a_directory_that_is_silent_refuses_no_reload(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        slapd = self.stage.slapd(stage.people(*PEOPLE))
        self.relay.rewrite({"directory": {"main": None}})
        self.relay.rewrite({"directory": {"main": stage.ldap_source(slapd, timeout="1s")}})
        slapd.stop()
        said = self.splitmx("reload")
        self.assertIn("warning: undecided: anna@adatum.com: directory_unavailable", said.stderr)
        self.assertIn("is in force", said.stdout)

    def test_diff(self):
        self.assertEqual(self.splitmx("config", "diff").stdout, "no difference\n")
        self.relay.rewrite({"limits": {"errors": 5}, "spool": {"reserve": "1MiB"}})
        said = self.splitmx("config", "diff", code=1).stdout
        self.assertEqual(said, '[limits] errors: 10 -> 5\n'
                         '[spool] reserve: "64MiB" -> "1MiB"  (waits for a restart)\n')
        self.assertEqual(self.splitmx("config", "diff", self.relay.config_path, "--json", code=1)
                         .stdout.count("\n"), 2)
        self.assertEqual(self.splitmx("config", "diff", self.relay.config_path,
                                      self.relay.config_path).stdout, "no difference\n")
        self.splitmx("config", "diff", "/no/such", code=78)
        self.splitmx("config", "diff", "a", "b", "c", code=64)


if __name__ == "__main__":
    cases.main()
