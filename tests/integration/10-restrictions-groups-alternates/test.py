#!/usr/bin/env python3
"""What an entry can say beside its address: groups, alternates, restrictions, hosts, disabled."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

SENDER = "ann@sender.example"
BASE = "dc=adatum,dc=com"
SCHEMA = daemon.ROOT / "schema/recipient.schema"


def dn(name):
    return f"cn={name},{BASE}"


def entry(name, kind, **attributes):
    """An entry of profile "splitmx"; values of an attribute are one or a list."""
    lines = [f"dn: {dn(name)}", "objectClass: applicationProcess", f"objectClass: splitmx{kind}",
             f"cn: {name}"]
    for attribute, values in attributes.items():
        key = attribute if attribute == "member" else f"splitmx{attribute}"
        lines += [f"{key}: {v}" for v in (values if isinstance(values, list) else [values])]
    return "\n".join(lines) + "\n"


def mailbox(name, **attributes):
    attributes.setdefault("Address", f"{name}@adatum.com")
    return entry(name, "Mailbox", **attributes)


def people(*entries):
    head = f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: A\ndc: adatum\n"
    return "\n".join([head, *entries])


PEOPLE = people(
    mailbox("anna", Address=["anna@adatum.com", "a.anna@adatum.com"],
            PrimaryAddress="anna@adatum.com"),
    mailbox("bert"),
    mailbox("gone", Disabled="TRUE"),
    mailbox("secret", Hidden="TRUE"),
    mailbox("away", AlternateRecipient=dn("bert")),
    mailbox("both", AlternateRecipient=dn("bert"), DeliverToBoth="TRUE"),
    mailbox("branch", MailHost="branch"),
    mailbox("boss", AcceptFrom=[dn("anna"), "friend@partner.example"]),
    mailbox("shy", RejectFrom="pest@partner.example"),
    mailbox("twin1", Address="twin@adatum.com"),
    mailbox("twin2", Address="twin@adatum.com"),
    entry("carl", "CustomRecipient", Address="carl@adatum.com",
          TargetAddress="SMTP:carl@notes.example"),
    entry("nora", "CustomRecipient", Address="nora@adatum.com", TargetAddress="NOTES:Nora/Org"),
    entry("team", "Group", Address="team@adatum.com", member=[dn("anna"), dn("bert"), dn("carl")]),
    entry("mixed", "Group", Address="mixed@adatum.com", member=[dn("anna"), dn("gone")],
          MemberAddress="dan@partner.example"),
    entry("nested", "Group", Address="nested@adatum.com", member=[dn("team"), dn("nested")]),
)


class EntriesFromAFile(cases.SharedCase):
    @classmethod
    def build(cls, where):
        cls.notes = where.sink(stage.FOREIGN, name="notes")
        cls.branch = where.sink(stage.SISTER, name="branch")
        cls.relay = where.small_world(config={
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": "notes.example", "host": "notes"}],
            "host": {"notes": {"address": cls.notes.endpoint},
                     "branch": {"address": cls.branch.endpoint}},
            "directory": {"main": cls.source(where)}})

    @classmethod
    def source(cls, where):
        return stage.ldif_source(where, PEOPLE, profile="splitmx")

    def send(self, rcpt, sender=SENDER):
        content = mail.message(sender=sender, to=rcpt)
        sent = mail.submit(self.relay, sender, rcpt, content)
        return sent.reply(rcpt), content

    def assert_arrives(self, rcpt, expected, sender=SENDER):
        """`expected`: sink -> recipients."""
        reply, content = self.send(rcpt, sender)
        self.assertEqual(reply.code, 250, reply)
        for sink, rcpts in expected.items():
            def got(sink=sink):
                return sorted(r for m in sink.messages if m.content.endswith(content)
                              for r in m.rcpts)
            sink.wait_until(lambda _: len(got()) >= len(rcpts), what=str(rcpts))
            self.assertEqual(got(), sorted(rcpts))

    def test_refusals(self):
        rows = (
            ("gone@adatum.com", SENDER, "550 5.2.1"),
            ("boss@adatum.com", SENDER, "550 5.7.1"),
            ("boss@adatum.com", "", "550 5.7.1"),
            ("boss@adatum.com", "a.anna@adatum.com", "250 2.1.5"),
            ("boss@adatum.com", "Friend@Partner.example", "250 2.1.5"),
            ("shy@adatum.com", "pest@partner.example", "550 5.7.1"),
            ("shy@adatum.com", SENDER, "250 2.1.5"),
            ("twin@adatum.com", SENDER, "451 4.1.4"),
            ("nora@adatum.com", SENDER, "554 5.4.4"),
            ("nobody@adatum.com", SENDER, "550 5.1.1"),
        )
        for rcpt, sender, expected in rows:
            with self.subTest(rcpt=rcpt, sender=sender):
                reply, _ = self.send(rcpt, sender)
                self.assertEqual(f"{reply.code} {reply.status}", expected)

    def test_primary_address_and_hidden(self):
        mailboxes = self.stage.mailboxes
        self.assert_arrives("a.anna@adatum.com", {mailboxes: ["anna@adatum.com"]})
        self.assert_arrives("secret@adatum.com", {mailboxes: ["secret@adatum.com"]})

    def test_own_host(self):
        self.assert_arrives("branch@adatum.com", {self.branch: ["branch@adatum.com"]})

    def test_alternate(self):
        # Q255697
        mailboxes = self.stage.mailboxes
        self.assert_arrives("away@adatum.com", {mailboxes: ["bert@adatum.com"]})
        self.assert_arrives("both@adatum.com",
                            {mailboxes: ["both@adatum.com", "bert@adatum.com"]})

    def test_group(self):
        expected = {self.stage.mailboxes: ["anna@adatum.com", "bert@adatum.com"],
                    self.notes: ["carl@notes.example"]}
        self.assert_arrives("team@adatum.com", expected)
        self.assert_arrives("nested@adatum.com", expected)

    def test_member_that_fails(self):
        # Q246881: the report is about the member; to outsiders it names what was typed. There is no
        # Original-Recipient without ORCPT (RFC 3461 6.3).
        self.assert_arrives("mixed@adatum.com", {
            self.stage.mailboxes: ["anna@adatum.com"],
            self.stage.internet: ["dan@partner.example"]})
        self.stage.internet.wait_until(lambda s: s.messages_to(SENDER), what="report")
        report, = self.stage.internet.messages_to(SENDER)
        recipient, = mail.Ndr(report.content).recipients
        self.assertIn("mixed@adatum.com", recipient["Final-Recipient"])
        self.assertNotIn("Original-Recipient", recipient)
        self.assertEqual(recipient["Status"], "5.2.1")


class EntriesFromAServer(EntriesFromAFile):
    """The same through LDAP, with our schema in the server."""

    @classmethod
    def source(cls, where):
        if not stage.slapd_available():
            raise cases.unittest.SkipTest("slapd or ldap-utils is not installed")
        slapd = where.slapd(PEOPLE, schemas=[SCHEMA])
        return stage.ldap_source(slapd, profile="splitmx")


class Ambiguous(cases.Case):
    def test_may_be_refused_for_good(self):
        domain = {"name": "adatum.com", "action": "inbound", "ambiguous": "reject"}
        relay = self.stage.small_world(
            ("one", ["twin@adatum.com"]), ("two", ["twin@adatum.com"]),
            config={"domain": [domain]})
        reply = mail.submit(relay, SENDER, "twin@adatum.com").reply("twin@adatum.com")
        self.assertEqual((reply.code, reply.status), (550, "5.1.4"))


if __name__ == "__main__":
    cases.main()
