#!/usr/bin/env python3
"""Q258203: one domain on two mail systems. Custom recipients lead to the foreign one, which knows who of
the domain is with us and has our relay as its smart host; beside Postfix, Exim and OpenSMTPD."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, coexistence, mail, private_machine

ANNA, CARL, DORA, EMIL = (f"{name}@contoso.com" for name in ("anna", "carl", "dora", "emil"))
DORA_THERE = "dora@notes.contoso.com"
ELSEWHERE = "x@elsewhere.example"


class SharedDomain(coexistence.Coexistence):
    people = (("anna", [ANNA]),
              ("carl", [CARL], {"mailRoutingAddress": CARL}),
              ("dora", [DORA], {"mailRoutingAddress": DORA_THERE}),
              ("emil", [EMIL], {"mailRoutingAddress": EMIL}))  # has left the foreign system
    domains, users, elsewhere = ["contoso.com", "notes.contoso.com"], [CARL, DORA_THERE], [ANNA]
    config = {"domain": [{"name": "#contoso.com", "action": "inbound", "host": "foreign"},
                         {"name": "notes.contoso.com", "host": "foreign"}],
              "host": {"foreign": {"address": coexistence.FOREIGN}}}

    def test_mail_parts_by_person(self):
        content = self.send(self.relay, [ANNA, CARL, DORA])
        field, = self.stored(ANNA, content)
        self.assertRegex(field, rf"^from client\.example \(\[{coexistence.STRANGER}\]\) by "
                                r"relay\.adatum\.com .*with ESMTP id \S+; ")
        self.arrived(self.foreign_store, {CARL, DORA_THERE}, content, trace=2)

    def test_nobody_is_refused_at_once(self):
        self.refused(self.relay, "nobody@contoso.com", "550 5.1.1")
        self.refused(self.relay, "anna@sub.contoso.com", "550 5.7.1")
        self.refused(self.relay, ELSEWHERE, "550 5.7.1")

    def test_their_people_write_to_ours(self):
        content = self.send(self.foreign, ANNA, sender=CARL)
        ours, theirs = self.stored(ANNA, content, sender=CARL, trace=2)
        self.assertIn(f"[{coexistence.FOREIGN}]) by relay.adatum.com", ours)
        self.assertIn(coexistence.STRANGER, theirs)

    def test_their_people_write_to_others(self):
        content = self.send(self.foreign, ELSEWHERE, sender=CARL)
        self.arrived(self.internet, {ELSEWHERE}, content, sender=CARL, trace=2)

    def test_our_people_write_to_theirs(self):
        content = self.send(self.relay, CARL, sender=ANNA, source=coexistence.COLLEAGUE)
        self.arrived(self.foreign_store, {CARL}, content, sender=ANNA, trace=2)

    def test_who_has_left_the_other_system_is_returned_with_its_words(self):
        content = self.send(self.relay, [EMIL, ANNA])
        self.stored(ANNA, content)
        fields, = mail.Ndr(self.report(EMIL).content).recipients
        self.assertEqual((fields["Action"], fields["Status"][:2]), ("failed", "5."))
        self.assertIn("550", fields["Diagnostic-Code"])


if __name__ == "__main__":
    private_machine.enter(*coexistence.PEERS)
    globals().update(coexistence.for_each_system(SharedDomain))
    del SharedDomain
    cases.main()
