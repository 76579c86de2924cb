#!/usr/bin/env python3
"""A foreign system that hands users of the shared domain whom it does not know back to us (Q246434,
E2K): such mail dies at the second pass, with one report that names the side that lacks the user."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, coexistence, private_machine

ANNA, CARL, EMIL, NOBODY = (f"{name}@contoso.com" for name in ("anna", "carl", "emil", "nobody"))


class Returned(coexistence.Coexistence):
    people = (("anna", [ANNA]),
              ("carl", [CARL], {"mailRoutingAddress": CARL}),
              ("emil", [EMIL], {"mailRoutingAddress": EMIL}))  # has left the foreign system
    domains, users, returns = ["contoso.com"], [CARL], True
    config = {"domain": [{"name": "contoso.com", "action": "inbound", "host": "foreign",
                          "unknown": "forward"}],
              "host": {"foreign": {"address": coexistence.FOREIGN}}}

    def names_the_side(self, rcpt, side):
        report = self.report(rcpt)
        text = coexistence.plain(report.content)
        self.assertIn("554 5.4.6", text)
        self.assertIn(f"<{rcpt}> came from {coexistence.FOREIGN} and would go back there, to foreign"
                      f"{side}", text)
        seen = self.relay.log.count(f"{rcpt} -> 554 5.4.6")
        self.assertEqual(seen, 1, self.relay.log[-4000:])  # and never a third time

    def test_who_is_there_and_here_gets_the_mail(self):
        content = self.send(self.relay, [ANNA, CARL])
        self.stored(ANNA, content)
        self.arrived(self.foreign_store, {CARL}, content, trace=2)

    def test_their_unknown_is_ours(self):
        content = self.send(self.foreign, ANNA)
        self.stored(ANNA, content, trace=2)

    def test_a_custom_recipient_whom_they_lack(self):
        self.send(self.relay, EMIL)
        self.names_the_side(EMIL, ", which should know it")

    def test_one_whom_nobody_knows(self):
        self.send(self.relay, NOBODY)
        self.names_the_side(NOBODY, "; neither of us knows it")

    def test_one_whom_nobody_knows_from_their_side(self):
        # What they cannot deliver comes here, and would go back at once.
        lost = "lost@contoso.com"
        self.send(self.foreign, lost)
        self.names_the_side(lost, "; neither of us knows it")

    def test_a_null_sender_hears_nothing(self):
        gone = "gone@contoso.com"
        self.send(self.relay, gone, sender="")
        self.relay.wait_for_log(rf"{gone} -> 554 5\.4\.6", timeout=60)
        content = self.send(self.foreign, ANNA)  # is behind it
        self.stored(ANNA, content, trace=2)
        self.assertEqual([m for m in self.internet.messages if gone.encode() in m.content], [])


if __name__ == "__main__":
    private_machine.enter(*coexistence.PEERS)
    globals().update(coexistence.for_each_system(Returned))
    del Returned
    cases.main()
