#!/usr/bin/env python3
"""The five set-ups as documented, end to end: a real directory, real connections, real messages."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage

NOBODY = "550 5.1.1"
NO_RELAY = "550 5.7.1"


class Article(cases.SharedCase):
    """Rows are (recipient, client, where it arrives and as whom, or what RCPT is answered)."""

    people, config, rows = (), {}, ()

    @classmethod
    def build(cls, where):
        if not stage.slapd_available():
            raise cases.unittest.SkipTest("slapd or ldap-utils is not installed")
        cls.sinks = {
            name: where.sink(address, name=name)
            for name, address in (("mailboxes", stage.MAILBOXES), ("notes", stage.FOREIGN),
                                  ("internet", stage.INTERNET), ("europe", stage.SISTER),
                                  ("smarthost", stage.SMARTHOST))}
        slapd = where.slapd(stage.people(*cls.people))
        hosts = {name: {"address": sink.endpoint} for name, sink in cls.sinks.items()}
        config = {"host": hosts, "routing": {"mailbox_host": "mailboxes", "outbound": "internet"},
                  "relay": {"allow": [f"{stage.COLLEAGUE}/32"]},
                  "directory": {"main": stage.ldap_source(slapd)}}
        cls.relay = where.relay(stage.toml.merged(config, cls.configuration(where)))

    @classmethod
    def configuration(cls, _):
        return cls.config

    def test_mail_goes_where_the_article_says(self):
        for rcpt, client, expected in self.rows:
            with self.subTest(rcpt=rcpt, client=client):
                content = mail.message(to=rcpt)
                sent = mail.submit(self.relay, "ann@sender.example", rcpt, content, source=client)
                if isinstance(expected, str):
                    self.assertEqual(f"{sent.reply(rcpt).code} {sent.reply(rcpt).status}", expected)
                    continue
                self.assertEqual(str(sent.last.code), "250", sent.last)
                host, as_whom = expected
                arrived = self.arrived(host, content)
                self.assertEqual((arrived.mail_from, arrived.rcpts),
                                 ("ann@sender.example", [as_whom]))
                self.assertEqual(arrived.without_added_trace(), content)

    def arrived(self, host, content):
        sink = self.sinks[host]
        sink.wait_until(lambda s: any(m.content.endswith(content) for m in s.messages),
                        what=f"message {content[-20:]!r}")
        return next(m for m in sink.messages if m.content.endswith(content))

    def test_resolve_says_the_same(self):
        for rcpt, client, expected in self.rows:
            with self.subTest(rcpt=rcpt, client=client):
                (answer,), code = self.relay.resolve("--from", "ann@sender.example",
                                                     "--client", client, rcpt)
                if isinstance(expected, str):
                    self.assertEqual(f"{answer['code']} {answer['enhanced']}", expected)
                    self.assertEqual((answer["verdict"], code), ("refuse", 67))
                else:
                    route, = answer["routes"]
                    self.assertEqual((route["host"], route["rcpt"]), expected)
                    self.assertEqual((answer["verdict"], code), ("deliver", 0))


class Q264557AdditionalDomains(Article):
    """The server accepts mail for further domains; people have an address in each of them."""

    people = (
        ("administrator", ["administrator@adatum.com", "administrator@cpandl.com"],
         {"mail": "administrator@adatum.com"}),
        ("kim", ["kim@mail.contoso.com"]),
    )
    config = {"domain": [{"name": ["adatum.com", "cpandl.com", "mail.contoso.com"],
                          "action": "inbound"}]}
    rows = (
        ("administrator@adatum.com", stage.CLIENT, ("mailboxes", "administrator@adatum.com")),
        ("administrator@cpandl.com", stage.CLIENT, ("mailboxes", "administrator@adatum.com")),
        ("ADMINISTRATOR@Cpandl.COM", stage.CLIENT, ("mailboxes", "administrator@adatum.com")),
        ("kim@mail.contoso.com", stage.CLIENT, ("mailboxes", "kim@mail.contoso.com")),
        ("nobody@cpandl.com", stage.CLIENT, NOBODY),
        # Acceptance of subdomains does not give anybody an address there (Q263199).
        ("administrator@sub.adatum.com", stage.CLIENT, NOBODY),
        # A name never accepts what is above it.
        ("kim@contoso.com", stage.CLIENT, NO_RELAY),
    )


class Q307628OneAddressManyDomains(Article):
    """Other domains are rewritten to the one in which people have their addresses."""

    people = (("kim", ["kim@adatum.com"]),)
    config = {"domain": [
        {"name": "adatum.com", "action": "inbound"},
        {"name": ["cpandl.net", "cpandl.org", "internal.adatum.com"], "action": "reroute",
         "to": "adatum.com"}]}
    rows = (
        ("kim@adatum.com", stage.CLIENT, ("mailboxes", "kim@adatum.com")),
        ("kim@cpandl.net", stage.CLIENT, ("mailboxes", "kim@adatum.com")),
        ("kim@cpandl.org", stage.CLIENT, ("mailboxes", "kim@adatum.com")),
        ("kim@sales.cpandl.org", stage.CLIENT, ("mailboxes", "kim@adatum.com")),
        ("kim@internal.adatum.com", stage.CLIENT, ("mailboxes", "kim@adatum.com")),
        ("nobody@cpandl.net", stage.CLIENT, NOBODY),
    )


class Q258203SharedDomain(Article):
    """One domain on two mail systems: custom recipients lead to the foreign one."""

    people = (
        ("anna", ["anna@contoso.com"]),
        ("carl", ["carl@contoso.com"], {"mailRoutingAddress": "carl@contoso.com"}),
        ("dora", ["dora@contoso.com"], {"mailRoutingAddress": "dora@notes.contoso.com"}),
        ("emil", ["emil@contoso.com"], {"mailRoutingAddress": "emil@elsewhere.example"}),
    )
    config = {"domain": [{"name": "#contoso.com", "action": "inbound", "host": "notes"},
                         {"name": "notes.contoso.com", "host": "notes"}]}
    rows = (
        ("anna@contoso.com", stage.CLIENT, ("mailboxes", "anna@contoso.com")),
        ("carl@contoso.com", stage.CLIENT, ("notes", "carl@contoso.com")),
        ("dora@contoso.com", stage.CLIENT, ("notes", "dora@notes.contoso.com")),
        ("emil@contoso.com", stage.CLIENT, ("internet", "emil@elsewhere.example")),
        ("nobody@contoso.com", stage.CLIENT, NOBODY),
        ("nobody@contoso.com", stage.COLLEAGUE, NOBODY),
        ("anna@sub.contoso.com", stage.CLIENT, NO_RELAY),
        # A host for a domain permits nothing.
        ("x@notes.contoso.com", stage.CLIENT, NO_RELAY),
    )

    def test_recipients_of_one_message_part_here(self):
        rcpts = ["anna@contoso.com", "carl@contoso.com", "nobody@contoso.com"]
        content = mail.message("for three", to=rcpts[0])
        sent = mail.submit(self.relay, "ann@sender.example", rcpts, content)
        self.assertEqual([sent.rcpts[rcpt].code for rcpt in rcpts], [250, 250, 550])
        self.assertEqual(self.arrived("mailboxes", content).rcpts, ["anna@contoso.com"])
        self.assertEqual(self.arrived("notes", content).rcpts, ["carl@contoso.com"])


class Q259531SmartHostForANameSpace(Article):
    """A domain and everything below it is relayed to a host, for any client."""

    config = {"domain": [
        {"name": "adatum.com", "action": "inbound"},
        {"name": "branches.example", "action": "relay", "host": "smarthost", "always_relay": True},
        {"name": "#only.example", "action": "relay", "host": "smarthost", "always_relay": True},
    ]}
    rows = (
        ("anybody@branches.example", stage.CLIENT, ("smarthost", "anybody@branches.example")),
        ("a@plano.dallas.branches.example", stage.CLIENT,
         ("smarthost", "a@plano.dallas.branches.example")),
        ("a@only.example", stage.CLIENT, ("smarthost", "a@only.example")),
        ("a@sub.only.example", stage.CLIENT, NO_RELAY),
        ("a@notbranches.example", stage.CLIENT, NO_RELAY),
        ("a@elsewhere.example", stage.COLLEAGUE, ("internet", "a@elsewhere.example")),
    )


class Q201127AnotherOrganisation(Article):
    """The domains of a sister company go whole to its host, which a hosts file names (step 7)."""

    people = (("anna", ["anna@adatum.com"]),)
    rows = (
        ("anna@adatum.com", stage.CLIENT, ("mailboxes", "anna@adatum.com")),
        ("anybody@europe.example", stage.CLIENT, ("europe", "anybody@europe.example")),
        ("Some.Body@africa.example", stage.CLIENT, ("europe", "Some.Body@africa.example")),
        ("a@asia.example", stage.CLIENT, NO_RELAY),
        ("a@asia.example", stage.COLLEAGUE, ("europe", "a@asia.example")),
    )

    @classmethod
    def configuration(cls, where):
        hosts = where.directory / "hosts"
        hosts.write_text(f"{stage.SISTER} mail.europe.example\n")
        return {
            "dns": {"hosts_file": str(hosts)},
            "host": {"europe": {"address": f"mail.europe.example:{cls.sinks['europe'].port}"}},
            "domain": [
                {"name": "adatum.com", "action": "inbound"},
                {"name": ["europe.example", "africa.example"], "action": "relay",
                 "host": "europe", "always_relay": True},
                {"name": "asia.example", "action": "relay", "host": "europe"}]}


del Article  # a base, no case of its own

if __name__ == "__main__":
    cases.main()
