#!/usr/bin/env python3
"""Q251124: three mail systems in one name space. People of the two foreign ones (Postfix and Exim) are
custom recipients: some have a target in an internal domain of their system, as the article has it,
others an entry that names its host (mailHost), which needs no such domain."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, coexistence, private_machine

ANNA, PAUL, PIA, EVA, ERIK = (f"{name}@contoso.com" for name in ("anna", "paul", "pia", "eva", "erik"))
PAUL_THERE, EVA_THERE = "paul@host1.internal", "eva@host2.internal"
ELSEWHERE = "x@elsewhere.example"


class ThreeSystems(coexistence.Coexistence):
    name = "postfix"
    people = (("anna", [ANNA]),
              ("paul", [PAUL], {"mailRoutingAddress": PAUL_THERE}),
              ("pia", [PIA], {"mailHost": "one"}),
              ("eva", [EVA], {"mailRoutingAddress": EVA_THERE}),
              ("erik", [ERIK], {"mailHost": "two"}))
    domains, users, returns = ["contoso.com", "host1.internal"], [PAUL_THERE, PIA], True
    config = {"domain": [{"name": "contoso.com", "action": "inbound"},
                         {"name": "host1.internal", "host": "one"},
                         {"name": "host2.internal", "host": "two"}],
              "host": {"one": {"address": coexistence.FOREIGN},
                       "two": {"address": coexistence.SISTER}},
              "relay": {"allow": [f"{host}/32" for host in (
                  coexistence.FOREIGN, coexistence.SISTER, coexistence.COLLEAGUE)]}}

    @classmethod
    def build(cls, where):
        super().build(where)
        cls.second_store = cls.sink("second-store", "192.0.2.51")
        cls.second = cls.start_foreign(
            "exim", coexistence.SISTER, ["contoso.com", "host2.internal"], [EVA_THERE, ERIK],
            store=("192.0.2.51", cls.second_store.port))

    def test_one_message_for_three_systems(self):
        content = self.send(self.relay, [ANNA, PAUL, PIA, EVA, ERIK])
        self.stored(ANNA, content)
        self.arrived(self.foreign_store, {PAUL_THERE, PIA}, content, trace=2)
        self.arrived(self.second_store, {EVA_THERE, ERIK}, content, trace=2)

    def test_from_one_foreign_system_to_all(self):
        # Whom it does not know of the common domain it gives to us.
        content = self.send(self.foreign, [ANNA, EVA, ERIK, ELSEWHERE], sender=PIA)
        self.stored(ANNA, content, sender=PIA, trace=2)
        self.arrived(self.second_store, {EVA_THERE, ERIK}, content, sender=PIA, trace=3)
        self.arrived(self.internet, {ELSEWHERE}, content, sender=PIA, trace=2)

    def test_from_the_other_one(self):
        content = self.send(self.second, [ANNA, PAUL, PIA], sender=ERIK)
        self.stored(ANNA, content, sender=ERIK, trace=2)
        self.arrived(self.foreign_store, {PAUL_THERE, PIA}, content, sender=ERIK, trace=3)

    def test_whom_nobody_knows(self):
        self.refused(self.relay, "nobody@contoso.com", "550 5.1.1")
        self.send(self.second, "nobody@contoso.com")
        self.assertIn("550 5.1.1 No mailbox or custom recipient has this address",
                      coexistence.plain(self.report("nobody@contoso.com").content))

    def test_the_internal_domains_are_nobodys_business(self):
        for rcpt in (PAUL_THERE, EVA_THERE):
            self.refused(self.relay, rcpt, "550 5.7.1")


if __name__ == "__main__":
    private_machine.enter(*coexistence.PEERS)
    cases.main()
