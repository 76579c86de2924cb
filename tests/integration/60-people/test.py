#!/usr/bin/env python3
"""`splitmx recipient` and `splitmx directory lint` against a real server, while mail flows."""
import pathlib
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage
from support.daemon import program
from support.slapd import PASSWORD

SCHEMA = pathlib.Path(__file__).resolve().parents[3] / "schema" / "recipient.schema"
ANNA = ("anna", ["anna@adatum.com"], {"mailHost": "mailboxes"})
CARL = ("carl", ["carl@adatum.com", "c.notes@adatum.com"],
        {"mailRoutingAddress": "carl@adatum.com"})


class People(cases.Case):
    def world(self, *entries, profile="laser", schemas=()):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(*entries), schemas=schemas)
        self.notes = self.stage.sink(stage.FOREIGN, name="notes")
        source = stage.ldap_source(self.slapd, profile=profile, cache="1s", negative_cache="1s")
        self.relay = self.stage.small_world(config={
            "directory": {"main": source},
            "domain": [{"name": "adatum.com", "action": "inbound", "host": "notes"}],
            "host": {"notes": {"address": self.notes.endpoint}}})
        self.password = self.stage.directory / "password"
        self.password.write_text(PASSWORD + "\n")
        return self.relay

    def splitmx(self, *words, code=0):
        done = subprocess.run([program("splitmx"), "--config", self.relay.config_path, *words],
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def recipient(self, *words, code=0):
        return self.splitmx("recipient", *words, "--apply", "--bind-dn", self.slapd.administrator,
                            "--password-file", str(self.password), code=code)

    def wait_until(self, holds, timeout=60):
        deadline = time.monotonic() + timeout
        while not holds():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def entry(self, filter_text, *attributes):
        return self.slapd.search(filter_text, *attributes)


class Converting(People):
    ROUNDS = 3

    def send_until(self, ended, replies):
        number = 0
        while not ended.is_set() or number == 0:
            number += 1
            to = ("carl@adatum.com", "C.Notes@adatum.com")[number % 2]
            content = mail.message(sender="ann@sender.example", to=to)
            sent = mail.submit(self.relay, "ann@sender.example", to, content)
            replies.append(sent.last)

    def wait_for_more(self, sink):
        seen = len(sink.messages)
        self.wait_until(lambda: len(sink.messages) > seen)

    def test_mail_under_load_never_bounces(self):
        self.world(ANNA, CARL)
        before = self.entry("(uid=carl)", "entryUUID", "mailLocalAddress")
        ended, replies = threading.Event(), []
        sender = threading.Thread(target=self.send_until, args=(ended, replies))
        sender.start()
        try:
            for _ in range(self.ROUNDS):
                self.recipient("convert", "carl@adatum.com", "--host", "mailboxes")
                self.wait_for_more(self.stage.mailboxes)
                self.recipient("convert", "c.notes@adatum.com", "--target", "carl@adatum.com")
                self.wait_for_more(self.notes)
        finally:
            ended.set()
            sender.join()
        self.assertEqual({reply.code for reply in replies}, {250}, replies)
        mailboxes, notes = self.stage.mailboxes, self.notes
        self.wait_until(lambda: len(mailboxes.messages) + len(notes.messages) == len(replies))
        self.assertEqual(self.stage.internet.messages, [])  # where reports would go
        # The same entry under the same name, with the same addresses.
        self.assertEqual(self.entry("(uid=carl)", "entryUUID", "mailLocalAddress"), before)


class Changing(People):
    def rcpt(self, address):
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.command("MAIL FROM:<ann@sender.example>")
            return client.command(f"RCPT TO:<{address}>").code

    def changes(self, suffix="dc=adatum,dc=com"):
        self.recipient("add", "mailbox", "new@adatum.com", "n.new@adatum.com", "--in", suffix,
                       "--name", "Nora, New", "--host", "mailboxes")
        self.assertEqual(self.rcpt("n.new@adatum.com"), 250)
        self.recipient("add", "custom", "kim@adatum.com", "--target", "kim@adatum.com", "--in",
                       suffix, "--name", "Kim, \"K\"")
        self.assertEqual(self.rcpt("kim@adatum.com"), 250)
        self.recipient("convert", "kim@adatum.com", "--host", "mailboxes")
        self.assertIn("mailboxes  RCPT", self.splitmx("recipient", "show", "kim@adatum.com"))
        self.recipient("convert", "new@adatum.com", "--target", "new@adatum.com")
        self.assertIn("notes  RCPT", self.splitmx("recipient", "show", "n.new@adatum.com"))
        # Not twice, and not against what is known.
        self.recipient("add", "mailbox", "kim@adatum.com", "--in", suffix, code=65)
        self.recipient("convert", "kim@adatum.com", code=65)
        self.recipient("remove", "n.new@adatum.com", "--address-only")
        self.splitmx("recipient", "show", "n.new@adatum.com", code=67)
        self.recipient("remove", "kim@adatum.com")
        self.splitmx("recipient", "show", "kim@adatum.com", code=67)
        self.splitmx("directory", "lint", "--offline", "--severity", "error")

    def test_laser(self):
        self.world(ANNA)
        self.changes()

    def test_own_schema(self):
        self.world(profile="splitmx", schemas=[SCHEMA])
        self.changes()

    def test_a_group_keeps_its_members(self):
        self.world(ANNA)
        self.slapd.add(f"dn: cn=team,{self.slapd.suffix}\nobjectClass: groupOfNames\ncn: team\n"
                       f"member: uid=anna,{self.slapd.suffix}\nmember: cn=other\n")
        self.recipient("remove", "anna@adatum.com", code=65)
        self.assertIn("uid=anna", self.entry("(cn=team)", "member"))
        self.recipient("remove", "anna@adatum.com", "--force")
        self.assertNotIn("uid=anna", self.entry("(cn=team)", "member"))
        self.assertEqual(self.entry("(uid=anna)"), "")

    def test_who_may_not_write_changes_nothing(self):
        self.world(CARL)
        self.splitmx("recipient", "convert", "carl@adatum.com", "--apply", code=69)
        self.password.write_text("wrong\n")
        self.recipient("convert", "carl@adatum.com", code=69)
        self.assertIn("mailRoutingAddress", self.entry("(uid=carl)", "mailRoutingAddress"))


class Linting(People):
    def test_a_server_is_read_page_by_page_and_its_faults_are_mended(self):
        many = [(f"user{number}", [f"user{number}@adatum.com"]) for number in range(1200)]
        nick = ("nick", ["nick@adatum.com"], {"mailRoutingAddress": "NOTES:Nick/Contoso"})
        self.world(ANNA, nick, *many)
        fix = self.stage.directory / "fix.ldif"
        text = self.splitmx("directory", "lint", "--offline", "--fix-ldif", str(fix), code=65)
        self.assertIn("D003 foreign-type", text)
        self.assertIn("in 1202 recipients", text)
        self.slapd.modify(fix.read_text())
        self.splitmx("directory", "lint", "--offline")
        self.assertEqual(len(self.splitmx("directory", "export", "--offline").splitlines()), 1202)
        self.assertIn("user777@adatum.com", self.splitmx("directory", "search", "USER777"))


class Schema(People):
    def test_check_tells_what_a_profile_lacks(self):
        self.world(ANNA, CARL)
        text = self.splitmx("schema", "check")
        self.assertIn("OpenLDAP", text)
        self.assertRegex(text, r"good +mailLocalAddress +address +in 2 of 2 entries")
        text = self.relay.config_path.read_text()
        self.relay.config_path.write_text(text.replace('"laser"', '"splitmx"'))
        text = self.splitmx("schema", "check", code=65)
        self.assertRegex(text, r"error splitmxMailbox +class +the server does not know it")

    def test_probe_writes_a_section_that_works(self):
        self.world(ANNA, CARL, *[(f"u{n}", [f"u{n}@adatum.com"]) for n in range(150)])
        section = self.splitmx("schema", "probe", "--uri", self.slapd.uri)
        self.assertIn("# 100 entries with mail addresses looked at below dc=adatum,dc=com", section)
        config = self.stage.directory / "probed.toml"
        config.write_text('[[domain]]\nname = "adatum.com"\naction = "inbound"\n'
                          '[host.mailboxes]\naddress = "127.0.0.2"\n'
                          '[routing]\nmailbox_host = "mailboxes"\n' + section)
        done = subprocess.run(
            [program("splitmx"), "--config", config, "resolve", "--offline", "u149@adatum.com"],
            capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("RCPT TO:<u149@adatum.com>", done.stdout)

    def test_our_own_schema_is_one_that_the_server_takes(self):
        path = self.stage.directory / "own.schema"
        path.write_text(subprocess.run([program("splitmx"), "schema", "print"], check=True,
                                       capture_output=True, text=True).stdout)
        self.world(profile="splitmx", schemas=[path])
        self.recipient("add", "mailbox", "new@adatum.com", "--in", self.slapd.suffix)
        self.assertRegex(self.splitmx("schema", "check"), r"good +splitmxAddress")


if __name__ == "__main__":
    cases.main()
