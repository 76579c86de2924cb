#!/usr/bin/env python3
"""Active Directory is followed by DirSync as docs/directory.md says: a change counts within seconds,
an outage is not noticed, nobody who exists is refused, and deletions are found with the right for it
and without. A short part in every run where Samba is installed, the rest with --full."""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, samba
from support.active_directory_case import ActiveDirectoryCase, change, rename, users
from support.samba import SUFFIX, contact, user

FULL = unittest.skipUnless(cases.full_run(), "a long variant: ./test --full")


def group(name, address, *members):
    return (f"dn: CN={name},CN=Users,{SUFFIX}\nobjectClass: group\nsAMAccountName: {name}\n"
            f"mail: {address}\n" + "".join(f"member: CN={member},CN=Users,{SUFFIX}\n"
                                            for member in members) + "\n")


class Changes(ActiveDirectoryCase):
    def test_changes(self):
        self.server = self.domain_controller(
            users(5) + group("all", "all@adatum.com", "p1", "p2"))
        relay = self.relay_of(self.server, refresh="3s")
        relay.wait_for_log(r"this account is not shown deletions", 90)
        self.come_and_change(relay)
        self.reply_to_old_mail(relay)
        self.rename_a_member(relay)
        self.leave(relay)

    def come_and_change(self, relay):
        self.server.add(user("new", "new@adatum.com", "second@adatum.com"))
        self.until(relay, "new@adatum.com", 250)
        self.server.modify(change("new", "replace: proxyAddresses",
                                  "proxyAddresses: SMTP:other@adatum.com"))
        self.until(relay, "other@adatum.com", 250)
        self.until(relay, "second@adatum.com", 550)
        self.server.add(contact("carl", "carl@contoso.com", "carl@adatum.com"))
        self.until(relay, "carl@adatum.com", 250)
        self.server.add(user("odd", "odd@adatum.com").rstrip("\n")
                        + "\nproxyAddresses: sip:odd@adatum.com\nproxyAddresses: X400:c=DE;s=Odd\n\n")
        self.until(relay, "odd@adatum.com", 250)
        self.until_skipped(relay, {"SIP": 1, "X400": 1})
        # Disabled: the delta has userAccountControl and nothing else.
        self.server.modify(change("new", "replace: userAccountControl", "userAccountControl: 546"))
        self.until(relay, "other@adatum.com", 550)

    def until_skipped(self, relay, expected):
        """A 250 may have been the server's own word; the copy counts a moment later."""
        deadline = time.monotonic() + 60
        while (skipped := relay.directory_status()["skipped"]) != expected:
            self.assertLess(time.monotonic(), deadline, skipped)
            time.sleep(0.1)

    def reply_to_old_mail(self, relay):
        """By legacyExchangeDN, and by what the list of the unknown proposes, in any case."""
        old = "IMCEAEX-_O=OLD_OU=FIRST+20GROUP+20+28FYDIBOHF23SPDLT+29_CN=RECIPIENTS_CN="
        self.server.modify(change("p2", "add: legacyExchangeDN",
                                  "legacyExchangeDN: /o=Old/ou=First Group (FYDIBOHF23SPDLT)"
                                  "/cn=Recipients/cn=Somebody_2"))
        self.until(relay, f"{old}SOMEBODY+5F2@adatum.com", 250)
        self.assertEqual(self.rcpt(relay, f"{old}P0@adatum.com"), 550)
        listed = relay.tool("directory", "x500").stdout
        self.assertIn("(FYDIBOHF23SPDLT)/CN=RECIPIENTS/CN=P0\n", listed)
        self.assertIn(f"probably p0@adatum.com, CN=p0,CN=Users,{SUFFIX}", listed)
        self.server.modify(relay.tool("directory", "x500", "--ldif").stdout)
        self.until(relay, f"{old}P0@adatum.com", 250)
        deadline = time.monotonic() + 60  # until the copy has it, too
        while "that nobody has." not in (shown := relay.tool("directory", "x500").stdout):
            self.assertLess(time.monotonic(), deadline, shown)
            time.sleep(0.1)
        shown = relay.tool("resolve", f"{old}p0@adatum.com", "--explain").stdout
        self.assertIn("The address stands for an X500 address", shown)

    def rename_a_member(self, relay):
        """The server rewrites the group's member by itself, and the group does not count as changed."""
        self.server.modify(rename("p1", "renamed"))
        relay.wait_for_log(r"main: ", 90)
        self.server.add(user("after", "after@adatum.com"))
        self.until(relay, "after@adatum.com", 250)
        self.assertEqual(mail.submit(relay, "ann@sender.example", "all@adatum.com").last.code, 250)
        messages = self.stage.mailboxes.wait_for(1)
        self.assertEqual(sorted(r for m in messages for r in m.rcpts),
                         ["p1@adatum.com", "p2@adatum.com"])

    def leave(self, relay):
        # All its addresses go: nothing is left that a filter about addresses would find.
        self.server.modify(change("p3", "delete: proxyAddresses"))
        self.until(relay, "p3@adatum.com", 550)
        self.server.delete(f"CN=p4,CN=Users,{SUFFIX}")
        self.until(relay, "p4@adatum.com", 550)
        self.assertEqual(self.rcpt(relay, "p2@adatum.com"), 250)

    @FULL
    def test_deletions_at_once_with_the_right_for_it(self):
        server = self.domain_controller(users(5))
        relay = self.relay_of(server, refresh="1h", bind_dn="eager@ad.adatum.com")
        server.delete(f"CN=p4,CN=Users,{SUFFIX}")
        self.until(relay, "p4@adatum.com", 550)
        self.assertNotIn("not shown deletions", relay.log)
        # And those of an absence.
        relay.stop()
        server.delete(f"CN=p3,CN=Users,{SUFFIX}")
        relay.start()
        self.until(relay, "p3@adatum.com", 550)
        self.assertEqual(self.rcpt(relay, "p2@adatum.com"), 250)

    @FULL
    def test_moved_out_of_the_base_and_back_and_a_container_renamed(self):
        units = "".join(f"dn: OU={name},{SUFFIX}\nobjectClass: organizationalUnit\n\n"
                        for name in ("in", "out"))
        unit = f"dn: OU=team,OU=in,{SUFFIX}\nobjectClass: organizationalUnit\n\n"
        server = self.domain_controller(units + unit + user("p", "p@adatum.com", where="OU=in")
                                        + user("q", "q@adatum.com", where="OU=team,OU=in"))
        relay = self.relay_of(server, base=f"OU=in,{SUFFIX}")
        server.modify(rename("p", "p", where="OU=in", to="OU=out"))
        self.until(relay, "p@adatum.com", 550)
        server.modify(rename("p", "p", where="OU=out", to="OU=in"))
        self.until(relay, "p@adatum.com", 250)
        server.modify(f"dn: OU=team,OU=in,{SUFFIX}\nchangetype: modrdn\nnewrdn: OU=crew\n"
                      "deleteoldrdn: 1\n\n")
        relay.wait_for_log(r"what is below it moved with it", 90)
        self.until(relay, "q@adatum.com", 250, never=(550,))


class Outages(ActiveDirectoryCase):
    """Everybody who was known stays known; who came meanwhile is deferred, then known."""

    def outage(self, lose, give_back):
        self.server = self.domain_controller(users(5))
        relay = self.relay_of(self.server, refresh="3s")
        lose(self.server)
        for i in range(5):
            self.assertEqual(self.rcpt(relay, f"p{i}@adatum.com"), 250)
        self.assertEqual(mail.submit(relay, "ann@sender.example", "p1@adatum.com").last.code, 250)
        self.stage.mailboxes.wait_for(1)
        give_back(self.server)
        self.server.add(user("new", "new@adatum.com"))
        self.until(relay, "new@adatum.com", 250)
        self.until(relay, "nobody@adatum.com", 550)
        self.server.delete(f"CN=p3,CN=Users,{SUFFIX}")
        self.until(relay, "p3@adatum.com", 550)

    @FULL
    def test_stopped(self):
        self.outage(lambda server: server.stop(), lambda server: server.start())

    def test_killed(self):
        self.outage(lambda server: server.kill(), lambda server: server.start())

    @FULL
    def test_frozen(self):
        self.outage(lambda server: server.freeze(), lambda server: server.thaw())

    def test_changes_while_the_relay_was_away(self):
        server = self.domain_controller(users(5))
        relay = self.relay_of(server, refresh="1h")
        relay.stop()
        server.modify(change("p1", "replace: proxyAddresses", "proxyAddresses: SMTP:q1@adatum.com"))
        server.modify(change("p2", "delete: proxyAddresses"))
        server.delete(f"CN=p3,CN=Users,{SUFFIX}")
        server.add(user("late", "late@adatum.com"))
        relay.start()
        self.until(relay, "late@adatum.com", 250, never=(550,))
        self.until(relay, "q1@adatum.com", 250)
        for address in ("p1", "p2", "p3"):
            self.until(relay, f"{address}@adatum.com", 550)
        self.assertEqual(self.rcpt(relay, "p4@adatum.com"), 250)

    @FULL
    def test_a_restart_without_a_server(self):
        server = self.domain_controller(users(5))
        relay = self.relay_of(server)
        server.stop()
        relay.stop()
        relay.start()
        self.assertEqual(self.rcpt(relay, "p2@adatum.com"), 250)
        self.assertEqual(self.rcpt(relay, "nobody@adatum.com"), 451)
        server.start()
        self.until(relay, "nobody@adatum.com", 550)


class OtherTruths(ActiveDirectoryCase):
    def test_another_domain_controller_takes_over(self):
        """Its numbers are its own: everything is read, and nobody is lost on the way."""
        first = self.domain_controller(users(5), start=True)
        first.stop()
        second = self.domain_controller(name="dc2", start=False, address="127.0.0.12")
        second.copy_from(first.directory)
        first.start()
        second.start()
        second.add(user("late", "late@adatum.com"))
        relay = self.relay_of(first, second)
        self.until(relay, "late@adatum.com", 550)  # the first one does not have it
        first.stop()
        self.until(relay, "late@adatum.com", 250)
        self.all_are_known(relay, 5)
        self.until(relay, "nobody@adatum.com", 550)
        # Back again: what only the other one has is unknown, and nobody else meanwhile.
        first.start()
        second.stop()
        deadline = time.monotonic() + 90
        while self.rcpt(relay, "late@adatum.com") != 550:
            self.all_are_known(relay, 5)
            self.assertLess(time.monotonic(), deadline)
        self.all_are_known(relay, 5)

    def test_restored_from_an_older_backup(self):
        server = self.domain_controller(users(5))
        server.stop()
        backup = self.domain_controller(name="backup", start=False)
        backup.copy_from(server.directory)
        server.start()
        relay = self.relay_of(server, refresh="1h")
        server.add(user("late", "late@adatum.com"))
        self.until(relay, "late@adatum.com", 250)
        server.stop()
        server.copy_from(backup.directory)
        server.start()
        self.until(relay, "late@adatum.com", 550)
        self.assertEqual(self.rcpt(relay, "p1@adatum.com"), 250)

    @FULL
    def test_a_right_is_withdrawn(self):
        """Half of the people are in a folder that the account may no longer see."""
        unit = f"dn: OU=half,{SUFFIX}\nobjectClass: organizationalUnit\n\n"
        half = "".join(user(f"h{i}", f"h{i}@adatum.com", where="OU=half") for i in range(60))
        server = self.domain_controller(unit + half + users(60))
        relay = self.relay_of(server, refresh="3s")
        server.stop()
        server.hide("relay", f"OU=half,{SUFFIX}")
        server.start()
        relay.wait_for_log(r"a refresh would remove 60 of \d+ entries: held until", 90)
        for i in (0, 30, 59):
            self.assertEqual(self.rcpt(relay, f"h{i}@adatum.com"), 250)

    @FULL
    def test_without_encryption_the_log_says_what_to_do(self):
        server = self.domain_controller(encryption_needed=True)
        relay = self.relay_of(server, wait=False)
        relay.wait_for_log(r"8 \(Strong.*use ldaps:// or starttls = true", 90)
        self.assertEqual(self.rcpt(relay, "anna@adatum.com"), 451)

    @FULL
    def test_a_wrong_password(self):
        relay = self.relay_of(self.domain_controller(), wait=False, password="wrong")
        relay.wait_for_log(r"49 \(Invalid credentials\).*check ", 90)
        self.assertEqual(self.rcpt(relay, "anna@adatum.com"), 451)

    @FULL
    def test_the_global_catalogue_is_read_by_pages(self):
        server = self.domain_controller(users(5))
        relay = self.relay_of(server, uri=server.uri + ":3268", refresh="2s")
        self.assertEqual(self.rcpt(relay, "p1@adatum.com"), 250)
        server.add(user("new", "new@adatum.com"))
        self.until(relay, "new@adatum.com", 250)


if __name__ == "__main__":
    samba.in_namespace()
    unittest.addModuleCleanup(ActiveDirectoryCase.forget)
    cases.main()
