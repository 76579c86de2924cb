#!/usr/bin/env python3
"""389 Directory Server is followed as docs/directory.md says: changes count at once, an outage is not
noticed, nobody who exists is refused, and what the server leaves out when a session is resumed is
found nevertheless. A short part in every run where the server is installed, the rest with --full."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, ds389, guide, mail
from support.ds389 import person
from support.following_case import FollowingCase

SUFFIX = "dc=adatum,dc=com"
FULL = unittest.skipUnless(cases.full_run(), "a long variant: ./test --full")


def change(uid, *lines):
    return f"dn: uid={uid},{SUFFIX}\nchangetype: modify\n" + "\n".join(lines) + "\n\n"


def people(count):
    return [(f"p{i}", [f"p{i}@adatum.com"]) for i in range(count)]


class Followed(FollowingCase):
    def world(self, *entries, ldif=None, source=None, **options):
        """A relay that has read `entries` from a 389 of its own."""
        if not ds389.available():
            self.skipTest("389-ds-base is not installed (packaging/packages-full.txt)")
        self.server = ds389.Ds389(ldif or ds389.people(*entries), **options)
        self.stage.on_close(self.server.remove)
        self.server.start()
        relay = self.relay_of(source)
        if not source or "base" not in source:
            relay.wait_for_log(r"main: read in", 90)
        return relay

    def relay_of(self, source):
        return self.stage.small_world(config={"directory": {"main": {
            "uri": self.server.uri, "base": SUFFIX, "profile": "netscape", "timeout": "2s",
            "bind_dn": ds389.RELAY_DN, "password": ds389.PASSWORD, "cache": "1s",
            "negative_cache": "1s", "fresh": "3s"} | (source or {})}})


class Changes(Followed):
    def test_changes_and_what_is_left_out_when_the_relay_was_away(self):
        relay = self.world(*people(20), ("locked", ["locked@adatum.com"], {"nsAccountLock": "true"}))
        self.changes(relay)
        self.away(relay)

    def changes(self, relay):
        self.assertEqual(self.rcpt(relay, "locked@adatum.com"), 550)
        self.server.add(person("new", "new@adatum.com"))
        self.until(relay, "new@adatum.com", 250)
        self.server.modify(change("new", "replace: mail", "mail: other@adatum.com"))
        self.until(relay, "other@adatum.com", 250)
        self.until(relay, "new@adatum.com", 550)
        self.server.modify(f"dn: uid=new,{SUFFIX}\nchangetype: modrdn\nnewrdn: uid=renamed\n"
                           "deleteoldrdn: 1\n")
        self.server.add(person("second", "other@adatum.com"))
        self.until(relay, "other@adatum.com", 451, never=(550,))
        relay.wait_for_log(r"uid=renamed,dc=adatum,dc=com.*uid=second|"
                           r"uid=second,dc=adatum,dc=com.*uid=renamed", 90)
        self.server.modify(change("second", "delete: objectClass", "objectClass: mailRecipient"))
        self.until(relay, "other@adatum.com", 250, never=(550,))
        self.server.delete(f"uid=renamed,{SUFFIX}")
        self.until(relay, "other@adatum.com", 550)

    def away(self, relay):
        relay.stop()
        self.server.modify(
            change("p1", "delete: objectClass", "objectClass: mailRecipient")  # not reported
            # Reported without its lock.
            + change("locked", "add: mailAlternateAddress", "mailAlternateAddress: l@adatum.com"))
        self.server.delete(f"uid=p2,{SUFFIX}")
        self.server.add(person("late", "late@adatum.com"))
        relay.start()
        self.until(relay, "late@adatum.com", 250, never=(550,))
        self.until(relay, "p1@adatum.com", 550)
        self.until(relay, "p2@adatum.com", 550)
        self.until(relay, "l@adatum.com", 550)
        self.all_but_the_first_are_known(relay)
        self.assertEqual(self.rcpt(relay, "nobody@adatum.com"), 550)

    def all_but_the_first_are_known(self, relay):
        for i in range(3, 20):
            self.assertEqual(self.rcpt(relay, f"p{i}@adatum.com"), 250)

    @FULL
    def test_moved_out_of_the_base_and_back(self):
        units = "".join(f"\ndn: ou={name},{SUFFIX}\nobjectClass: top\n"
                        f"objectClass: organizationalUnit\nou: {name}\n" for name in ("in", "out"))
        one = person("p", "p@adatum.com").replace("uid=p,", "uid=p,ou=in,")
        two = person("q", "q@adatum.com").replace("uid=q,", "uid=q,ou=in,")
        relay = self.world(ldif=ds389.people() + units + "\n" + one + "\n" + two,
                           source={"base": f"ou=in,{SUFFIX}"})
        relay.wait_for_log(r"main: read in", 90)
        move = (f"dn: uid=p,ou={{}},{SUFFIX}\nchangetype: modrdn\nnewrdn: uid=p\n"
                f"deleteoldrdn: 0\nnewsuperior: ou={{}},{SUFFIX}\n")
        self.server.modify(move.format("in", "out"))
        self.until(relay, "p@adatum.com", 550)
        self.server.modify(move.format("out", "in"))
        self.until(relay, "p@adatum.com", 250)
        self.assertEqual(self.rcpt(relay, "q@adatum.com"), 250)

    @FULL
    def test_a_container_gets_another_name(self):
        """389 says nothing of those in it; a group finds its member by the new name."""
        unit = f"\ndn: ou=old,{SUFFIX}\nobjectClass: top\nobjectClass: organizationalUnit\nou: old\n"
        group = (f"\ndn: cn=all,{SUFFIX}\nobjectClass: top\nobjectClass: groupOfUniqueNames\n"
                 "objectClass: mailGroup\ncn: all\nmail: all@adatum.com\n"
                 f"uniqueMember: uid=p,ou=old,{SUFFIX}\n")
        one = person("p", "p@adatum.com").replace("uid=p,", "uid=p,ou=old,")
        relay = self.world(ldif=ds389.people() + unit + "\n" + one + group)
        self.server.modify(f"dn: cn=changelog\nchangetype: modify\nadd: aci\naci: {ds389.READ}\n")
        self.server.modify(
            f"dn: ou=old,{SUFFIX}\nchangetype: modrdn\nnewrdn: ou=new\ndeleteoldrdn: 1\n\n"
            f"dn: cn=all,{SUFFIX}\nchangetype: modify\nreplace: uniqueMember\n"
            f"uniqueMember: uid=p,ou=new,{SUFFIX}\n")
        relay.wait_for_log(r"an entry with others below it was changed", 90)
        relay.wait_for_log(r"brought up to date .* 1 entries changed", 90)
        self.assertEqual(mail.submit(relay, "ann@sender.example", "all@adatum.com").last.code, 250)
        self.assertEqual(self.stage.mailboxes.wait_for(1)[0].rcpts, ["p@adatum.com"])


@FULL
class Guide(Followed):
    """docs/directory.md is true: its LDIF, on a 389 as it comes, lets the relay follow."""

    def test_its_ldif_lets_the_relay_follow(self):
        if not ds389.available():
            self.skipTest("389-ds-base is not installed (packaging/packages-full.txt)")
        plugins, account = (
            text.replace("dc=example,dc=com", SUFFIX).replace("PASTE-A-LONG-PASSWORD",
                                                              ds389.PASSWORD)
            for text in guide.ldif_blocks("389 Directory Server"))
        self.server = ds389.Ds389(ds389.people(*people(20), aci=ds389.NOBODY), bare=True)
        self.stage.on_close(self.server.remove)
        self.server.start()
        self.server.modify(plugins)
        self.server.stop()
        self.server.start()
        self.server.modify(account)
        relay = self.relay_of({})
        relay.wait_for_log(r"main: read in .* 20 mailboxes", 90)
        self.server.add(person("new", "new@adatum.com"))
        self.until(relay, "new@adatum.com", 250)
        self.assertEqual(relay.directory_status()["method"], "syncrepl")


@FULL
class Outages(Followed):
    """Everybody who was known stays known; who came meanwhile is deferred, then known."""

    def outage(self, lose, give_back):
        relay = self.world(*people(20))
        lose()
        for i in range(20):
            self.assertEqual(self.rcpt(relay, f"p{i}@adatum.com"), 250)
        self.assertEqual(mail.submit(relay, "ann@sender.example", "p1@adatum.com").last.code, 250)
        self.stage.mailboxes.wait_for(1)
        give_back()
        self.server.add(person("new", "new@adatum.com"))
        self.until(relay, "new@adatum.com", 250)
        self.until(relay, "nobody@adatum.com", 550)
        self.server.delete(f"uid=p3,{SUFFIX}")
        self.until(relay, "p3@adatum.com", 550)

    def test_stopped(self):
        self.outage(lambda: self.server.stop(), lambda: self.server.start())

    def test_killed(self):
        self.outage(lambda: self.server.kill(), lambda: self.server.start())

    def test_frozen(self):
        self.outage(lambda: self.server.freeze(), lambda: self.server.thaw())

    def test_a_restart_without_a_server(self):
        relay = self.world(*people(20))
        self.server.stop()
        relay.stop()
        relay.start()
        self.assertEqual(self.rcpt(relay, "p7@adatum.com"), 250)
        self.assertEqual(self.rcpt(relay, "nobody@adatum.com"), 451)
        self.server.start()
        self.until(relay, "nobody@adatum.com", 550)


@FULL
class OtherTruths(Followed):
    def test_a_size_limit_is_no_content(self):
        """The server falls silent where it cuts the answer; nothing is known then, nobody refused."""
        relay = self.world(*people(700), source={"base": SUFFIX, "fresh": "60s"}, limits=(
            "nsSizeLimit: 500\nnsLookThroughLimit: -1\nnsIdleTimeout: -1\n"))
        self.until(relay, "p0@adatum.com", 250, never=(550,))
        self.until(relay, "p699@adatum.com", 250, never=(550,))
        relay.wait_for_log(r"fell silent in the middle of a refresh.*nsSizeLimit|"
                           r"[Ss]ize limit", 120)

    def test_half_the_tree_is_hidden(self):
        relay = self.world(*people(200), source={"refresh": "3s", "fresh": "2s"})
        relay.stop()
        hidden = ds389.READ.replace(
            '(targetattr = "*")',
            '(targetattr = "*")(targetfilter = "(!(employeeType=hidden))")')
        self.server.modify("".join(
            change(f"p{i}", "replace: employeeType", "employeeType: hidden") for i in range(100)))
        self.server.grant(hidden)
        self.server.add(person("late", "late@adatum.com"))
        relay.start()
        relay.wait_for_log(r"a refresh would remove 100 of 201 entries: held until", 90)
        self.all_are_known(relay, 200)
        self.until(relay, "late@adatum.com", 250)
        # Given back before the second look.
        self.server.grant(ds389.READ)
        self.until(relay, "nobody@adatum.com", 550)
        self.all_are_known(relay, 200)
        self.assertNotIn("seen twice", relay.log)

    def test_restored_from_an_older_backup(self):
        relay = self.world(*people(100))
        self.server.stop()
        self.server.save()
        self.server.start()
        self.server.add(person("late", "late@adatum.com"))
        self.until(relay, "late@adatum.com", 250)
        self.server.stop()
        self.server.restore()
        self.server.start()
        # As many changes as before: the number of the last one tells nothing.
        self.server.add(person("other", "other@adatum.com"))
        self.until(relay, "late@adatum.com", 550)
        self.until(relay, "other@adatum.com", 250)
        self.all_are_known(relay, 100)

    def test_another_server_with_other_ids(self):
        relay = self.world(*people(100))
        port = self.server.port
        self.server.stop()
        self.server = ds389.Ds389(ds389.people(*people(101)), port=port)
        self.stage.on_close(self.server.remove)
        self.server.start()
        self.until(relay, "p100@adatum.com", 250)
        self.all_are_known(relay, 101)

    def test_the_changelog_no_longer_reaches_back(self):
        relay = self.world(*people(100))
        self.server.modify(change("p1", "replace: mail", "mail: q1@adatum.com"))
        self.until(relay, "q1@adatum.com", 250)
        relay.stop()
        self.server.modify(change("p2", "replace: mail", "mail: q2@adatum.com")
                           + change("p3", "replace: mail", "mail: q3@adatum.com"))
        for number in (1, 2, 3):
            self.server.delete(f"changenumber={number},cn=changelog")
        self.server.modify(change("p4", "replace: mail", "mail: q4@adatum.com"))
        relay.start()
        for i in (2, 3, 4):
            self.until(relay, f"q{i}@adatum.com", 250)
            self.until(relay, f"p{i}@adatum.com", 550)

    def test_many_removals_one_by_one(self):
        relay = self.world(*people(3000))
        self.server.modify("".join(f"dn: uid=p{i},{SUFFIX}\nchangetype: delete\n\n"
                                   for i in range(2990)), timeout=600)
        self.until(relay, "p2989@adatum.com", 550)
        relay.wait_for_log(r"the directory is removing many entries", 90)
        self.assertEqual(self.rcpt(relay, "p2999@adatum.com"), 250)


del Followed

if __name__ == "__main__":
    cases.main()
