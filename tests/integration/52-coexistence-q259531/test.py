#!/usr/bin/env python3
"""Q259531: a whole name space (a domain and all below it) is relayed to one host, for any client. The
host (OpenSMTPD) sends its own mail through us; and the other way round, it is our smart host."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, coexistence, mail, private_machine

ANNA, CARL = "anna@adatum.com", "carl@adatum.com"
IDA, TOM = "ida@branches.example", "tom@plano.dallas.branches.example"
ELSEWHERE = "x@elsewhere.example"


class NameSpace(coexistence.Coexistence):
    name = "opensmtpd"
    people = (("anna", [ANNA]),)
    domains = ["branches.example", "plano.dallas.branches.example", "only.example"]
    users = [IDA, TOM, "a@only.example"]
    config = {"domain": [
                  {"name": "adatum.com", "action": "inbound"},
                  {"name": "branches.example", "action": "relay", "host": "smarthost",
                   "always_relay": True},
                  {"name": "#only.example", "action": "relay", "host": "smarthost",
                   "always_relay": True}],
              "host": {"smarthost": {"address": coexistence.FOREIGN}}}

    def test_the_domain_and_all_below_it(self):
        for rcpt in (IDA, TOM, "a@only.example"):
            content = self.send(self.relay, rcpt)
            self.arrived(self.foreign_store, {rcpt}, content, trace=2)

    def test_nothing_else(self):
        for rcpt in ("a@sub.only.example", "a@notbranches.example", ELSEWHERE):
            self.refused(self.relay, rcpt, "550 5.7.1")

    def test_it_writes_to_us_and_through_us(self):
        content = self.send(self.foreign, [ANNA, ELSEWHERE], sender=IDA)
        self.stored(ANNA, content, sender=IDA, trace=2)
        self.arrived(self.internet, {ELSEWHERE}, content, sender=IDA, trace=2)

    def test_whom_it_does_not_know(self):
        self.send(self.relay, "nobody@branches.example")
        self.assertIn("550", coexistence.plain(self.report("<nobody@branches.example>").content))


class SmartHost(coexistence.Coexistence):
    """All mail that is not ours goes by way of the foreign system, which alone reaches the world."""

    name = "opensmtpd"
    people = (("anna", [ANNA]), ("carl", [CARL], {"mailRoutingAddress": "carl@branches.example"}))
    domains, users = ["branches.example"], [IDA]  # who knows no carl
    config = {"domain": [{"name": "adatum.com", "action": "inbound"}],
              "host": {"smarthost": {"address": coexistence.FOREIGN}},
              "routing": {"outbound": "smarthost"}}

    @classmethod
    def start_foreign(cls, *where, **more):
        return super().start_foreign(
            *where, relay=(coexistence.INTERNET, cls.internet.port), **more)

    def test_our_mail_goes_out_through_it(self):
        content = self.send(self.relay, [ELSEWHERE, IDA], sender=ANNA, source=coexistence.COLLEAGUE)
        self.arrived(self.internet, {ELSEWHERE}, content, sender=ANNA, trace=2)
        self.arrived(self.foreign_store, {IDA}, content, sender=ANNA, trace=2)

    def test_reports_go_out_through_it(self):
        self.send(self.relay, CARL)
        fields, = mail.Ndr(self.report(f"<{CARL}>").content).recipients
        self.assertEqual((fields["Action"], fields["Status"][:2]), ("failed", "5."))


if __name__ == "__main__":
    private_machine.enter(*coexistence.PEERS)
    cases.main()
