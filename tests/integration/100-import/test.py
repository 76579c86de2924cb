#!/usr/bin/env python3
"""Moving in: files of other mail systems become entries that a real slapd takes and the relay goes by.
docs/moving.md is played as it stands; ACCEPT=1 writes it."""
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, console, daemon, mail, stage, terminal, toml

PAGE = daemon.ROOT / "docs/moving.md"
JSON_PAGE = daemon.ROOT / "docs/json.md"
SCHEMA = daemon.ROOT / "schema/recipient.schema"
BASE = "ou=people,dc=adatum,dc=com"
TREE = stage.people() + f"\ndn: {BASE}\nobjectClass: organizationalUnit\nou: people\n"

HEADER = ("Obj-Class,First Name,Last name,Display Name,Alias Name,Directory Name,Home-Server,"
          "E-mail address,E-mail Addresses,Members,Obj-Container,Hide from AB")


def x400(name):
    return f"X400:c=US;a= ;p=Adatum;o=HQ;s={name};"


def recipients():
    """As admin.exe writes them: UTF-16, CRLF, and of everything something."""
    rows = [HEADER,
            "Mailbox,Anna,Lawson,\"Lawson, Anna\",anna,anna,MBX1,,"
            f"SMTP:anna@adatum.com%smtp:anna.lawson@adatum.com%{x400('Lawson')},,Recipients,0",
            f"Remote,Carl,Reid,Carl Reid (Notes),carl,carl,,SMTP:carl@contoso.com,"
            f"SMTP:carl@contoso.com%{x400('Reid')},,Recipients,0",
            "dl,,,All staff,staff,staff,,,SMTP:staff@adatum.com,cn=anna%cn=carl,Recipients,0",
            f"Mailbox,No,Mail,No Mail,nomail,nomail,MBX1,,{x400('Mail')},,Recipients,0",
            "Mailbox,Jörg,Müller,\"Müller, \"\"Jörg\"\"\r\n(Zürich), #2 + <x>\",\"#jörg, 2+\",jm,MBX1,,"
            "SMTP:joerg@adatum.com%smtp:joerg@bücher.example,,Recipients,1",
            "Mailbox,Anna,Other,Anna Other,anna,anna2,MBX1,,SMTP:anna2@adatum.com,,Recipients,0",
            "Mailbox,Dora,Double,Dora Double,dora,dora,MBX1,,SMTP:Anna@ADATUM.com,,Recipients,0"]
    return ("\r\n".join(rows) + "\r\n").encode("utf-16")


FILES = {
    "recipients.csv": recipients(),
    "get-recipient.csv":
        b"\xef\xbb\xbf\"RecipientTypeDetails\",\"DisplayName\",\"Alias\",\"PrimarySmtpAddress\","
        b"\"EmailAddresses\",\"ExternalEmailAddress\"\r\n"
        b"\"UserMailbox\",\"Eve Adams\",\"eve\",\"eve@adatum.com\",\"SMTP:eve@adatum.com;SIP:eve@adatum.com;X500:/o=Adatum/cn=eve\",\r\n"
        b"\"RemoteUserMailbox\",\"Fay\",\"fay\",\"fay@adatum.com\",\"SMTP:fay@adatum.com\","
        b"\"SMTP:fay@adatum.mail.onmicrosoft.com\"\r\n"
        b"\"MailUniversalDistributionGroup\",\"Sales\",\"sales\",\"sales@adatum.com\",\"SMTP:sales@adatum.com\",\r\n"
        b"\"GuestMailUser\",\"Guest\",\"guest\",\"guest@partner.example\",\"SMTP:guest@partner.example\","
        b"\"SMTP:guest@partner.example\"\r\n",
    "transport.txt":
        b"contoso.com    smtp:[notes1.contoso.com]\n.contoso.com   smtp:[notes1.contoso.com]\n"
        b"fabrikam.com   relay:[10.0.9.25]:2525\n*              smtp:[smart.adatum.com]\n",
    "virtual.txt":
        b"# who has another address\ninfo@adatum.com   anna\nsales@adatum.com  anna, bob\n"
        b"@old.example      @adatum.com\n",
    "netscape.ldif":
        b"dn: uid=eve,ou=People,o=airius.com\nobjectClass: inetOrgPerson\nobjectClass: mailRecipient\n"
        b"uid: eve\ncn: Eve Adams\nsn: Adams\nmail: eve@airius.com\nmailHost: mail1.airius.com\n"
        b"nsAccountLock: true\n",
    "password": b"secret",
}


class Import(cases.Case):
    def setUp(self):
        super().setUp()
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.folder = self.stage.folder("import")
        for name, content in FILES.items():
            (self.folder / name).write_bytes(content)
        (self.folder / "password").chmod(0o600)

    def start(self, **source):
        self.slapd = self.stage.slapd(TREE, schemas=[SCHEMA])
        notes = self.stage.sink(stage.FOREIGN, name="notes")
        relay = self.stage.small_world(config={
            "directory": {"main": stage.ldap_source(self.slapd, **source)},
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": "#contoso.com", "action": "inbound", "host": "notes"}],
            "host": {"notes": {"address": notes.endpoint}}})
        relay.wait_for_log(r"main: read in", 60)
        return relay

    def play(self, line, relay=None):
        """A line of a shell, in the folder with the files: what it prints, and its exit code."""
        environment = {"PATH": f"{daemon.program('splitmx').parent}:/usr/bin:/bin"}
        if relay:
            environment |= {"SPLITMX_CONFIG": str(relay.config_path), "LDAPURI": self.slapd.uri}
        done = subprocess.run(["bash", "-c", line], cwd=self.folder, env=os.environ | environment,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=300)
        return done.stdout, done.returncode

    def wait_for(self, relay, address):
        """Until the relay has heard of it."""
        deadline = time.monotonic() + 120
        while self.play(f"splitmx resolve {address}", relay)[1] != 0:
            self.assertLess(time.monotonic(), deadline, relay.log)
            time.sleep(0.1)

    def test_the_page_tells_the_truth(self):
        relay = self.start()
        console.check(self, PAGE, lambda line: console.normalised(self.play(line, relay)[0]))
        self.assertLessEqual(max(map(len, PAGE.read_text().splitlines())), 160)
        # What was loaded is what mail goes by.
        self.wait_for(relay, "anna.lawson@adatum.com")
        mail.submit(relay, "bob@example.net", "anna.lawson@adatum.com")
        self.assertEqual(self.stage.mailboxes.wait_for(1)[0].rcpts, ["anna@adatum.com"])

    def load(self, profile):
        relay = self.start(profile=profile)
        said, code = self.play(f"splitmx import exchange55 recipients.csv --base {BASE} --profile {profile} "
                               "> people.ldif", relay)
        self.assertEqual(code, 65, said)
        self.assertIn("next: splitmx directory lint --with-ldif people.ldif ; ldapadd -f people.ldif\n", said)
        said, code = self.play("splitmx directory lint --with-ldif people.ldif", relay)
        self.assertEqual(code, 0, said)
        said, code = self.play("ldapadd -x -D cn=admin,dc=adatum,dc=com -y password -f people.ldif", relay)
        self.assertEqual(code, 0, said)
        said, code = self.play(
            f"splitmx import exchange get-recipient.csv --base {BASE} --profile {profile} > more.ldif && "
            "grep -q X500:/o=Adatum/cn=eve more.ldif && "
            "ldapadd -x -D cn=admin,dc=adatum,dc=com -y password -f more.ldif", relay)
        self.assertEqual(code, 0, said)
        for address, way in (("joerg@adatum.com", "mailboxes"), ("carl@contoso.com", "notes"),
                             ("anna2@adatum.com", "mailboxes"), ("eve@adatum.com", "mailboxes")):
            self.wait_for(relay, address)
            self.assertIn(way, self.play(f"splitmx resolve {address}", relay)[0])
        # As slapd writes the name.
        self.assertIn(r"uid=\23jörg\2C 2\2B,ou=people,dc=adatum,dc=com",
                      self.play("splitmx resolve --explain joerg@adatum.com", relay)[0])

    def test_entries_of_laser_load_into_slapd(self):
        self.load("laser")

    def test_entries_of_our_schema_load_into_slapd(self):
        self.load("splitmx")

    def test_routes_are_a_configuration(self):
        relay = self.start()
        said, code = self.play("splitmx import postfix transport.txt > routes.toml", relay)
        self.assertEqual(code, 0, said)
        rest = {key: table for key, table in relay.tables.items() if key in ("server", "listen", "spool")}
        config = self.folder / "new.toml"
        config.write_text(toml.dump(rest | {"relay": {"allow": ["192.0.2.1/32"]}}) + "\n" +
                          (self.folder / "routes.toml").read_text())
        said, code = self.play("splitmx config check new.toml", relay)
        self.assertEqual(code, 0, said)
        for address, host in (("x@example.net", "smart.adatum.com"), ("x@contoso.com", "notes1.contoso.com"),
                              ("x@sub.contoso.com", "notes1.contoso.com"), ("x@fabrikam.com", "10.0.9.25:2525"),
                              ("x@sub.fabrikam.com", "smart.adatum.com")):
            said = self.play(f"splitmx resolve --offline --config new.toml --json {address}", relay)[0]
            self.assertEqual(json.loads(said)["routes"][0]["addresses"], [host], said)

    def test_report_for_programs(self):
        told = set(re.findall(r"`([^`]+)`", JSON_PAGE.read_text().split("## The report of `splitmx import`")[1]
                              .split("\n## ")[0]))
        said, code = self.play(
            f"splitmx import exchange55 recipients.csv --base {BASE} --json > people.ldif")
        self.assertEqual(code, 65)
        rows = [json.loads(line) for line in said.splitlines()]
        self.assertEqual([row["line"] for row in rows[:-1]], [5, 9])
        for row in rows:
            self.assertLessEqual(set(row), {name.partition(".")[0] for name in told})
        for group in ("skipped", "lost"):
            self.assertLessEqual({f"{group}.{name}" for name in rows[-1][group]}, told)
        self.assertEqual((rows[-1]["rows"], rows[-1]["mailboxes"], rows[-1]["custom_recipients"],
                          rows[-1]["rejected"]), (7, 3, 1, 2))

    def test_an_output_that_is_full(self):
        said, code = self.play(f"splitmx import exchange55 recipients.csv --base {BASE} > /dev/full")
        self.assertEqual(code, 74, said)
        self.assertIn("standard output cannot be written", said)

    def test_progress_is_for_a_terminal(self):
        """Rows come until somebody sees how many there were."""
        pipe, seen = self.folder / "rows.csv", threading.Event()
        os.mkfifo(pipe)

        def feed():
            with pipe.open("w") as rows:
                rows.write(HEADER + "\n")
                for i in itertools.count():
                    if seen.is_set():
                        break
                    rows.write(f"Mailbox,Anna,N,Anna,u{i},u{i},MBX1,,SMTP:u{i}@adatum.com,,R,0\n")

        feeder = threading.Thread(target=feed, daemon=True)
        feeder.start()
        person = terminal.Terminal(
            ["sh", "-c", f"{daemon.program('splitmx')} import exchange55 rows.csv --base {BASE} > people.ldif"],
            cwd=self.folder)
        self.addCleanup(person.close)
        try:
            person.expect(" rows  ")
        finally:
            seen.set()
            feeder.join(60)
        person.expect(" mailboxes")
        person.expect("ldapadd -f people.ldif")
        self.assertEqual(person.wait(), 0)

    def test_standard_input_and_many_rows(self):
        rows = 20000
        with (self.folder / "many.csv").open("w", encoding="cp1252", newline="\r\n") as many:
            many.write(HEADER + "\n")
            for i in range(rows):
                many.write(f"Mailbox,Änne,N{i},\"Näme, {i}\",u{i},u{i},MBX1,,SMTP:u{i}@adatum.com,,R,0\n")
        said, code = self.play(f"splitmx import exchange55 - --base {BASE} < many.csv > many.ldif")
        self.assertEqual((said.splitlines()[:2], code), (
            ["20 000 mailboxes", "20 000 lines are not UTF-8: read as Windows-1252; --encoding names another"],
            0))
        text = (self.folder / "many.ldif").read_text()
        self.assertEqual(text.count("\nmailLocalAddress: "), rows)


if __name__ == "__main__":
    cases.main()
