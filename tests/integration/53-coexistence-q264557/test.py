#!/usr/bin/env python3
"""Q264557: the server accepts mail for further domains, and people have an address in each of them. A
foreign system (Exim) in the world sends it, and gets the replies."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, coexistence, private_machine

ADMINISTRATOR, SECOND = "administrator@adatum.com", "administrator@cpandl.com"
KIM, CARL = "kim@mail.contoso.com", "carl@exim.example"


class FurtherDomains(coexistence.Coexistence):
    name = "exim"
    people = (("administrator", [ADMINISTRATOR, SECOND], {"mail": ADMINISTRATOR}), ("kim", [KIM]))
    domains, users = ["exim.example"], [CARL]
    config = {"domain": [{"name": ["adatum.com", "cpandl.com", "mail.contoso.com"],
                          "action": "inbound"},
                         {"name": "exim.example", "host": "exim"}],
              "host": {"exim": {"address": coexistence.FOREIGN}}}

    def test_one_mailbox_behind_all_addresses(self):
        for rcpt in (ADMINISTRATOR, SECOND, "ADMINISTRATOR@Cpandl.COM"):
            content = self.send(self.foreign, rcpt, sender=CARL)
            self.stored(ADMINISTRATOR, content, sender=CARL, trace=2)
        content = self.send(self.foreign, KIM, sender=CARL)
        self.stored(KIM, content, sender=CARL, trace=2)

    def test_both_addresses_in_one_message(self):
        # They are one mailbox: there it is once.
        content = self.send(self.foreign, [ADMINISTRATOR, SECOND], sender=CARL)
        self.stored(ADMINISTRATOR, content, sender=CARL, trace=2)

    def test_an_address_that_nobody_has(self):
        for rcpt, expected in (("nobody@cpandl.com", "550 5.1.1"),
                               ("administrator@sub.adatum.com", "550 5.1.1"),
                               ("kim@contoso.com", "550 5.7.1")):
            self.refused(self.relay, rcpt, expected)
        self.send(self.foreign, "nobody@cpandl.com", sender=CARL)
        found = self.wait(lambda: [m for m in self.foreign_store.messages if m.mail_from == ""],
                          "report by the foreign system to its user")
        self.assertIn("550 5.1.1 No mailbox or custom recipient has this address",
                      coexistence.plain(found.content))

    def test_the_reply(self):
        content = self.send(self.relay, CARL, sender=ADMINISTRATOR, source=coexistence.COLLEAGUE)
        self.arrived(self.foreign_store, {CARL}, content, sender=ADMINISTRATOR, trace=2)


if __name__ == "__main__":
    private_machine.enter(*coexistence.PEERS)
    cases.main()
