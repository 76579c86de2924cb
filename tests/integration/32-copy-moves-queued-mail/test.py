#!/usr/bin/env python3
"""Mail in the queue follows a change of the directory at once, not at its next attempt."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage

SENDER = "ann@sender.example"


class Moves(cases.Case):
    """Mail for two people waits an hour at a host that says not now."""

    def setUp(self):
        super().setUp()
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.old = self.stage.sink(name="old host")
        self.old.on("rcpt", "451 4.2.1 not now")
        self.new = self.stage.sink(stage.FOREIGN, name="new host")
        self.slapd = self.stage.slapd(stage.people(
            ("anna", ["anna@adatum.com"], {"mailHost": "old"}),
            ("bert", ["bert@adatum.com"], {"mailHost": "old"})))
        self.relay = self.stage.small_world(config={
            "host": {"old": {"address": self.old.endpoint}, "new": {"address": self.new.endpoint}},
            "queue": {"retry": ["1h"]},
            "directory": {"main": stage.ldap_source(self.slapd)}})
        self.relay.wait_for_log("main: read in", 90)
        for rcpt in ("anna@adatum.com", "bert@adatum.com"):
            self.assertEqual(mail.submit(self.relay, SENDER, rcpt).last.code, 250)
            self.relay.wait_for_log(f"{rcpt}.*451 4.2.1 not now|451 4.2.1.*{rcpt}", 90)

    def test_another_host(self):
        self.slapd.modify("dn: uid=anna,dc=adatum,dc=com\nchangetype: modify\n"
                          "replace: mailHost\nmailHost: new\n")
        message, = self.new.wait_for(1)
        self.assertEqual(message.rcpts, ["anna@adatum.com"])

    def test_a_target_elsewhere(self):
        self.slapd.modify("dn: uid=bert,dc=adatum,dc=com\nchangetype: modify\n"
                          "delete: mailHost\n-\nadd: mailRoutingAddress\n"
                          "mailRoutingAddress: bert@elsewhere.example\n")
        message, = self.stage.internet.wait_for(1)
        self.assertEqual(message.rcpts, ["bert@elsewhere.example"])

    def test_somebody_who_is_gone_is_reported(self):
        self.slapd.delete("uid=anna,dc=adatum,dc=com")
        report, = self.stage.internet.wait_for(1)
        self.assertEqual(mail.Ndr(report.content).final_recipients(), {"anna@adatum.com": "5.1.1"})


if __name__ == "__main__":
    cases.main()
