#!/usr/bin/env python3
"""A directory server that tells less than the truth: limits, withdrawn rights, old backups, cookies
of another life, many removals. What exists is never refused, and removals need two looks."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, stage
from support.following_case import FollowingCase

SUFFIX = "dc=adatum,dc=com"


def people(count):
    return [(f"p{i}", [f"p{i}@adatum.com"]) for i in range(count)]


class Wrong(FollowingCase):
    def world(self, count, **source):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(*people(count)))
        return self.relay_of(**source)

    def relay_of(self, **source):
        source = stage.ldap_source(self.slapd, timeout="2s", cache="1s", negative_cache="1s",
                                   **source)
        return self.stage.small_world(config={"directory": {"main": source}})

    def reconfigure(self, change):
        """Stops slapd, changes the text of its configuration, starts it again."""
        self.slapd.stop()
        file = self.slapd.directory / "slapd.conf"
        file.write_text(change(file.read_text()))
        self.slapd.start()


class Limits(Wrong):
    def test_a_size_limit_is_no_content(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(*people(700)), start=False)
        file = self.slapd.directory / "slapd.conf"
        file.write_text(file.read_text().replace("sizelimit unlimited", "sizelimit 500"))
        self.slapd.start()
        relay = self.relay_of()
        relay.wait_for_log(r"[Ss]ize limit", 90)
        self.until(relay, "p0@adatum.com", 250, never=(550,))
        self.until(relay, "p699@adatum.com", 250, never=(550,))
        self.until(relay, "nobody@adatum.com", 550)


class Rights(Wrong):
    """Nobody tells a client that its rights have changed; the next refresh looks as if entries were
    gone. The relay was away meanwhile, so that there is one."""

    def withdraw(self, relay, rights):
        relay.stop()
        self.reconfigure(lambda text: text + rights + "\naccess to * by * read\n")
        self.slapd.add(f"dn: uid=late,{SUFFIX}\nobjectClass: inetOrgPerson\n"
                       "objectClass: inetLocalMailRecipient\nuid: late\ncn: late\nsn: late\n"
                       "mailLocalAddress: late@adatum.com\n")
        relay.start()

    def test_half_the_tree_is_hidden(self):
        relay = self.world(200, refresh="3s", fresh="2s")
        relay.wait_for_log(r"main: read in", 90)
        hidden = "\n".join(f'access to dn.exact="uid=p{i},{SUFFIX}" by * none' for i in range(100))
        self.withdraw(relay, hidden)
        relay.wait_for_log(r"a refresh would remove 100 of 201 entries: held until", 90)
        self.all_are_known(relay, 200)
        self.until(relay, "late@adatum.com", 250)
        # Given back before the second look.
        self.reconfigure(lambda text: text.replace(hidden, ""))
        self.until(relay, "nobody@adatum.com", 550)
        self.all_are_known(relay, 200)
        self.assertNotIn("seen twice", relay.log)

    def test_a_directory_without_recipients_knows_nobody(self):
        relay = self.world(0)
        relay.wait_for_log(r"main: the directory shows no recipients: look at base, profile and "
                           r"the rights of bind_dn", 90)
        self.assertEqual(self.rcpt(relay, "anna@adatum.com"), 451)
        self.slapd.add(stage.people(("anna", ["anna@adatum.com"])).split("\n\n", 1)[1])
        self.until(relay, "anna@adatum.com", 250, never=(550,))
        self.until(relay, "nobody@adatum.com", 550)

    def test_seen_twice_is_true(self):
        relay = self.world(200, refresh="1s", fresh="2s")
        relay.wait_for_log(r"main: read in", 90)
        # An empty success.
        self.withdraw(relay, f'access to dn.children="{SUFFIX}" by * none')
        relay.wait_for_log(r"a refresh would remove 200 of 200 entries, and with them all "
                           r"recipients of adatum.com: held until", 90)
        relay.wait_for_log(r"seen twice, so it is true: 200 of 200 entries", 90)


class OtherLives(Wrong):
    def test_restored_from_an_older_backup(self):
        relay = self.world(100, refresh="3s", fresh="2s")
        relay.wait_for_log(r"main: read in", 90)
        self.slapd.stop()
        data = self.slapd.directory / "data"
        backup = self.slapd.directory / "backup"
        shutil.copytree(data, backup)
        self.slapd.start()
        self.slapd.add(f"dn: uid=late,{SUFFIX}\nobjectClass: inetOrgPerson\n"
                       "objectClass: inetLocalMailRecipient\nuid: late\ncn: late\nsn: late\n"
                       "mailLocalAddress: late@adatum.com\n")
        self.until(relay, "late@adatum.com", 250)
        self.slapd.stop()
        shutil.rmtree(data)
        shutil.copytree(backup, data)
        self.slapd.start()
        # At once, or at the second look when the server had to refuse the cookie.
        self.until(relay, "late@adatum.com", 550)
        self.all_are_known(relay, 100)

    def test_another_server_with_other_ids(self):
        """The cookie is nobody's any more, and every entry has another entryUUID."""
        relay = self.world(100)
        relay.wait_for_log(r"main: read in", 90)
        port = self.slapd.port
        self.slapd.stop()
        self.slapd = self.stage.slapd(stage.people(*people(101)), port=port, name="slapd2")
        self.until(relay, "p100@adatum.com", 250)
        self.all_are_known(relay, 101)


class Many(Wrong):
    def test_many_removals_one_by_one(self):
        count = 100_000 if cases.full_run() else 3_000
        relay = self.world(count)
        relay.wait_for_log(r"main: read in", 90)
        text = "".join(f"dn: uid=p{i},{SUFFIX}\nchangetype: delete\n\n" for i in range(count - 10))
        self.slapd.modify(text, timeout=600)
        self.until(relay, f"p{count - 11}@adatum.com", 550)
        relay.wait_for_log(r"the directory is removing many entries", 90)
        self.assertEqual(self.rcpt(relay, f"p{count - 1}@adatum.com"), 250)


del Wrong

if __name__ == "__main__":
    cases.main()
