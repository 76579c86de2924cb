#!/usr/bin/env python3
"""Q307628: other domains are rewritten to the one in which people have their addresses; the envelope, not
the header. A foreign system (Postfix) in the world sends it, and gets the replies."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, coexistence, mail, private_machine

KIM, CARL = "kim@adatum.com", "carl@postfix.example"


class OneAddress(coexistence.Coexistence):
    name = "postfix"
    people = (("kim", [KIM]),)
    domains, users = ["postfix.example"], [CARL]
    config = {"domain": [
                  {"name": "adatum.com", "action": "inbound"},
                  {"name": ["cpandl.net", "cpandl.org", "internal.adatum.com"], "action": "reroute",
                   "to": "adatum.com"},
                  {"name": "postfix.example", "host": "postfix"}],
              "host": {"postfix": {"address": coexistence.FOREIGN}}}

    def test_all_domains_are_one(self):
        for rcpt in (KIM, "kim@cpandl.net", "kim@sales.cpandl.org", "Kim@internal.adatum.com"):
            content = self.send(self.foreign, rcpt, mail.message(to=rcpt), sender=CARL)
            ours, _ = self.stored(KIM, content, sender=CARL, trace=2)  # the header says what it said
            self.assertIn(f"for <{rcpt}>;", ours)

    def test_whom_it_is_about_is_whom_the_sender_typed(self):
        self.refused(self.relay, "nobody@cpandl.net", "550 5.1.1")
        self.send(self.foreign, "nobody@cpandl.net", sender=CARL)
        found = self.wait(lambda: [m for m in self.foreign_store.messages if m.mail_from == ""],
                          "report by the foreign system to its user")
        self.assertEqual(mail.Ndr(found.content).final_recipients(), {"nobody@cpandl.net": "5.1.1"})

    def test_the_reply(self):
        content = self.send(self.relay, CARL, sender=KIM, source=coexistence.COLLEAGUE)
        self.arrived(self.foreign_store, {CARL}, content, sender=KIM, trace=2)


if __name__ == "__main__":
    private_machine.enter(*coexistence.PEERS)
    cases.main()
