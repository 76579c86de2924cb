#!/usr/bin/env python3
"""Q201127: the domains of a sister company go whole to its host, which a hosts file names (step 7). A
relay of ours on each side, each with its own store behind it; a foreign system (Exim) is a client."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, coexistence, mail, private_machine, stage

ANNA, BERT, CARL = "anna@adatum.com", "bert@europe.example", "carl@exim.example"
AFRICAN = "Some.Body@africa.example"
SISTER = coexistence.SISTER


class Sisters(coexistence.Coexistence):
    name = "exim"
    people = (("anna", [ANNA]),)
    domains, users = ["exim.example"], [CARL]

    @classmethod
    def build(cls, where):
        hosts = where.directory / "hosts"
        hosts.write_text(f"{SISTER} mail.europe.example\n{coexistence.RELAY} mail.adatum.com\n")
        names = {"dns": {"hosts_file": str(hosts)}}
        cls.config = names | {
            "host": {"europe": {"address": "mail.europe.example"}},
            "domain": [
                {"name": "adatum.com", "action": "inbound"},
                {"name": ["europe.example", "africa.example"], "action": "relay", "host": "europe",
                 "always_relay": True},
                {"name": "asia.example", "action": "relay", "host": "europe"}]}
        super().build(where)
        cls.store.users.append(BERT)
        cls.sister_store = cls.sink("sister-store", "192.0.2.51")
        people = stage.people(("bert", [BERT]), ("some", [AFRICAN]), ("kai", ["kai@asia.example"]),
                              suffix="dc=europe,dc=example")
        cls.sister = cls.start_relay("sister", SISTER, names | {
            "host": {"store": None, "mailboxes": {"address": cls.sister_store.endpoint},
                     "adatum": {"address": "mail.adatum.com"}},
            "routing": {"mailbox_host": "mailboxes"},
            "relay": {"allow": ["192.0.2.51/32"]},
            "directory": {"main": None,
                          "europe": stage.ldif_source(where, people, name="europe.ldif")},
            "domain": [
                {"name": ["europe.example", "africa.example", "asia.example"], "action": "inbound"},
                {"name": "adatum.com", "action": "relay", "host": "adatum"}]})

    def test_from_outside_through_us(self):
        for rcpt in (BERT, AFRICAN):
            content = self.send(self.relay, rcpt)
            self.arrived(self.sister_store, {rcpt}, content, trace=2)

    def test_from_our_side(self):
        content = self.send(self.relay, "kai@asia.example", sender=ANNA, source=coexistence.COLLEAGUE)
        self.arrived(self.sister_store, {"kai@asia.example"}, content, sender=ANNA, trace=2)
        # Relayed for ours alone: nothing says that strangers may.
        self.refused(self.relay, "kai@asia.example", "550 5.7.1")

    def test_from_their_side(self):
        content = self.send(self.sister, ANNA, sender=BERT, source="192.0.2.51")
        ours, theirs = self.stored(ANNA, content, sender=BERT, trace=2)
        self.assertRegex(ours, rf"^from sister\.adatum\.com \(\[{SISTER}\]\) by relay\.adatum\.com "
                               r".*with ESMTPS ")
        self.assertRegex(theirs, r"^from client\.example \(\[192\.0\.2\.51\]\) by sister\.adatum\.com")
        self.refused(self.sister, ANNA, "550 5.7.1")  # its own side alone sends through it

    def test_from_a_foreign_client_to_both(self):
        content = self.send(self.foreign, [ANNA, BERT], sender=CARL)
        self.stored(ANNA, content, sender=CARL, trace=2)
        self.arrived(self.sister_store, {BERT}, content, sender=CARL, trace=3)

    def test_whom_the_other_side_does_not_know(self):
        # The sister knows, and we do not: the sender hears it with her words, once.
        lost = "lost@europe.example"
        content = self.send(self.relay, [lost, BERT])
        self.arrived(self.sister_store, {BERT}, content, trace=2)
        report = self.report(f"<{lost}>")
        self.assertEqual(mail.Ndr(report.content).final_recipients(), {lost: "5.1.1"})
        self.assertIn("No mailbox or custom recipient has this address",
                      coexistence.plain(report.content))

    def test_what_is_nobodys_goes_nowhere(self):
        self.refused(self.relay, "x@elsewhere.example", "550 5.7.1")
        self.refused(self.relay, "nobody@adatum.com", "550 5.1.1")
        self.refused(self.sister, "nobody@africa.example", "550 5.1.1")


if __name__ == "__main__":
    private_machine.enter(*coexistence.PEERS)
    cases.main()
