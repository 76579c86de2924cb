#!/usr/bin/env python3
"""Relays that hand unknown recipients on to each other: the circle ends at the first second pass,
with one answer or one report that names both systems; a null sender hears nothing."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage
from support.slapd import free_port

SENDER, NOBODY = "ann@sender.example", "nobody@contoso.com"
ADDRESSES = {"a": "127.0.3.1", "b": "127.0.3.2", "c": "127.0.3.3"}


class Circle(cases.Case):
    def circle(self, names, people=None):
        """Each relay of `names` sends what it does not know to the next one, the last to the first.
        They all connect from 127.0.0.1: of two, each knows that as the other's address; of three,
        nobody can tell by it who comes."""
        self.internet = self.stage.sink(stage.INTERNET, name="internet")
        self.mailboxes = self.stage.sink(stage.MAILBOXES, name="mailboxes")
        ports = {name: free_port(ADDRESSES[name]) for name in names}
        self.relays = {}
        for place, name in enumerate(names):
            after = names[(place + 1) % len(names)]
            host = {"address": f"{ADDRESSES[after]}:{ports[after]}"}
            if len(names) == 2:
                host["networks"] = ["127.0.0.1/32"]
            self.relays[name] = self.stage.relay({
                "server": {"hostname": f"{name}.contoso.com"},
                "listen": [{"name": "main", "address": f"{ADDRESSES[name]}:{ports[name]}"}],
                "domain": [{"name": "contoso.com", "action": "inbound", "host": f"to-{after}",
                            "unknown": "forward"}],
                "host": {f"to-{after}": host,
                         "mailboxes": {"address": self.mailboxes.endpoint},
                         "internet": {"address": self.internet.endpoint}},
                "routing": {"mailbox_host": "mailboxes", "outbound": "internet"},
                "directory": {"main": stage.ldif_source(
                    self.stage, stage.people(*(people or {}).get(name, ())),
                    name=f"{name}.ldif")},
            }, name=name)

    def send(self, to, rcpts, sender=SENDER):
        with mail.Client(ADDRESSES[to], self.relays[to].port, source=stage.COLLEAGUE) as client:
            return client.transaction(sender, rcpts, mail.message(to=rcpts[0]))

    def logs(self):
        return "\n".join(relay.log for relay in self.relays.values())

    def the_report(self, *, said_and_heard=2):
        report, = self.internet.wait_for(1)
        for relay in self.relays.values():
            relay.stop()
        self.assertEqual(len(self.internet.messages), 1, self.logs())
        self.assertEqual((report.mail_from, report.rcpts), ("", [SENDER]))
        ndr = mail.Ndr(report.content)
        self.assertEqual(ndr.final_recipients(), {NOBODY: "5.4.6"})
        self.assertEqual(self.logs().count("554 5.4.6"), said_and_heard, self.logs())
        self.assertNotRegex(self.logs(), r" 4\d\d 4\.")
        return re.sub(r"\s+", " ", ndr.recipients[0]["Diagnostic-Code"])

    def test_there_and_back(self):
        self.circle("ab")
        self.assertEqual(self.send("a", [NOBODY]).last.code, 250)
        said = self.the_report()
        # a handed it over, and a would have got it again.
        self.assertIn("<nobody@contoso.com> came from 127.0.0.1 and would go back there, to to-a; "
                      "neither of us knows it",
                      said)

    def test_around_three(self):
        self.circle("abc")
        self.assertEqual(self.send("a", [NOBODY]).last.code, 250)
        said = self.the_report()
        # c handed it over, and b would have got it once more.
        self.assertIn("has come back from c.contoso.com[127.0.0.1], and would go to to-b again", said)

    def test_a_null_sender_hears_nothing(self):
        self.circle("abc")
        self.assertEqual(self.send("a", [NOBODY], sender="").last.code, 250)
        self.relays["c"].wait_for_log(r" remove +delivered=0 failed=1 ")
        for relay in self.relays.values():
            relay.stop()
        self.assertEqual(self.internet.messages, [])

    def test_who_does_not_loop_gets_the_mail(self):
        # Both take the way around; cleo's mailbox is at the end of it.
        self.circle("abc", people={"c": [("cleo", ["cleo@contoso.com"])]})
        sent = self.send("a", [NOBODY, "cleo@contoso.com"])
        self.assertEqual(sent.last.code, 250)
        arrived, = self.mailboxes.wait_for(1)
        self.assertEqual(arrived.rcpts, ["cleo@contoso.com"])
        self.the_report()
        self.assertEqual(len(self.mailboxes.messages), 1)

    def test_in_company_only_the_loop_is_returned(self):
        # On its second visit one of two recipients has a new way: she gets the mail.
        self.circle("abc", people={"a": [("dora", ["dora@contoso.com"])]})
        sent = self.send("b", [NOBODY, "dora@contoso.com"])
        self.assertEqual(sent.last.code, 250)
        arrived, = self.mailboxes.wait_for(1)
        self.assertEqual(arrived.rcpts, ["dora@contoso.com"])
        self.the_report()


class Legitimate(cases.Case):
    """Mail that is here for the second time and does not loop; and then some that does."""

    def test_again_for_somebody_else_and_again_by_a_person(self):
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]), ("bert", ["bert@adatum.com"]))
        seen = self.stage.mailboxes
        self.assertEqual(mail.submit(relay, SENDER, "anna@adatum.com").last.code, 250)
        first = seen.wait_for(1)[0].content
        # She passes it on to bert, with all its trace fields.
        self.assertEqual(mail.submit(relay, SENDER, "bert@adatum.com", first).last.code, 250)
        # Somebody sends it to her once more, as a new message of theirs.
        resent = b"Resent-From: <bert@adatum.com>\r\n" + first
        self.assertEqual(mail.submit(relay, SENDER, "anna@adatum.com", resent).last.code, 250)
        seen.wait_for(3)
        # The same address to the same host, and nobody has touched it: a circle.
        sent = mail.submit(relay, SENDER, "anna@adatum.com", first)
        self.assertEqual((sent.last.code, sent.last.status), (554, "5.4.6"))
        self.assertIn("has come back from", sent.last.text)
        # In company: bert is not in it.
        both = ["anna@adatum.com", "cleo@adatum.com"]
        self.assertEqual(mail.submit(relay, SENDER, both, first).last.code, 554)
        relay.stop()
        self.assertEqual(seen.recipients(),
                         ["anna@adatum.com", "anna@adatum.com", "bert@adatum.com"])


if __name__ == "__main__":
    cases.main()
