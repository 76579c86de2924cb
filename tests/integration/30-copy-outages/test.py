#!/usr/bin/env python3
"""A directory that is followed: changes count at once, an outage is not noticed, nobody who exists
is ever refused, and in the end the relay knows what the directory knows."""
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage
from support.following_case import FollowingCase

PEOPLE = [(f"p{i}", [f"p{i}@adatum.com"]) for i in range(20)]


def person(name, *addresses):
    lines = [f"dn: uid={name},dc=adatum,dc=com", "objectClass: inetOrgPerson",
             "objectClass: inetLocalMailRecipient", f"uid: {name}", f"cn: {name}", f"sn: {name}"]
    return "\n".join(lines + [f"mailLocalAddress: {address}" for address in addresses]) + "\n"


class Copied(FollowingCase):
    def world(self, *, people=PEOPLE, start=True, slapd_options=None, **source):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(*people), **(slapd_options or {}))
        source = stage.ldap_source(self.slapd, timeout="1s", cache="1s", negative_cache="1s",
                                   **source)
        return self.stage.small_world(config={"directory": {"main": source}}, start=start)


class Changes(Copied):
    def test_add_modify_rename_leave_and_delete(self):
        relay = self.world()
        relay.wait_for_log(r"main: read in .* 20 mailboxes", 90)
        self.slapd.add(person("new", "new@adatum.com"))
        self.until(relay, "new@adatum.com", 250)
        self.slapd.modify("dn: uid=new,dc=adatum,dc=com\nchangetype: modify\n"
                          "replace: mailLocalAddress\nmailLocalAddress: other@adatum.com\n")
        self.until(relay, "other@adatum.com", 250)
        self.until(relay, "new@adatum.com", 550)
        self.slapd.modify("dn: uid=new,dc=adatum,dc=com\nchangetype: modrdn\n"
                          "newrdn: uid=renamed\ndeleteoldrdn: 1\n")
        self.slapd.add(person("second", "other@adatum.com"))
        self.until(relay, "other@adatum.com", 451, never=(550,))
        relay.wait_for_log(r"uid=renamed,dc=adatum,dc=com.*uid=second|"
                              r"uid=second,dc=adatum,dc=com.*uid=renamed", 90)
        # It leaves the filter.
        self.slapd.modify("dn: uid=second,dc=adatum,dc=com\nchangetype: modify\n"
                          "delete: mailLocalAddress\n-\ndelete: objectClass\n"
                          "objectClass: inetLocalMailRecipient\n")
        self.until(relay, "other@adatum.com", 250, never=(550,))
        self.slapd.delete("uid=renamed,dc=adatum,dc=com")
        self.until(relay, "other@adatum.com", 550)

    def test_moved_out_of_the_base_and_back(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        units = "".join(f"\ndn: ou={name},dc=adatum,dc=com\nobjectClass: organizationalUnit\n"
                        f"ou: {name}\n" for name in ("in", "out"))
        one = person("p", "p@adatum.com").replace("uid=p,", "uid=p,ou=in,")
        two = person("q", "q@adatum.com").replace("uid=q,", "uid=q,ou=in,")
        self.slapd = self.stage.slapd(stage.people() + units + "\n" + one + "\n" + two)
        relay = self.stage.small_world(config={"directory": {"main": stage.ldap_source(
            self.slapd) | {"base": "ou=in,dc=adatum,dc=com"}}})
        relay.wait_for_log(r"main: read in", 90)
        move = ("dn: uid=p,ou={},dc=adatum,dc=com\nchangetype: modrdn\nnewrdn: uid=p\n"
                "deleteoldrdn: 0\nnewsuperior: ou={},dc=adatum,dc=com\n")
        self.slapd.modify(move.format("in", "out"))
        self.until(relay, "p@adatum.com", 550)
        self.slapd.modify(move.format("out", "in"))
        self.until(relay, "p@adatum.com", 250)


class Outages(Copied):
    def outage(self, lose, give_back, **source):
        """Everybody who was known stays known; who came meanwhile is deferred, then known."""
        relay = self.world(**source)
        relay.wait_for_log(r"main: read in", 90)
        lose()
        for i in range(20):
            self.assertEqual(self.rcpt(relay, f"p{i}@adatum.com"), 250)
        self.assertEqual(mail.submit(relay, "ann@sender.example", "p1@adatum.com").last.code, 250)
        self.stage.mailboxes.wait_for(1)
        give_back()
        self.slapd.add(person("new", "new@adatum.com"))
        self.until(relay, "new@adatum.com", 250)
        self.until(relay, "nobody@adatum.com", 550)
        self.slapd.delete("uid=p3,dc=adatum,dc=com")
        self.until(relay, "p3@adatum.com", 550)
        return relay

    def test_stopped(self):
        self.outage(lambda: self.slapd.stop(), lambda: self.slapd.start())

    def test_killed(self):
        self.outage(lambda: self.slapd.kill(), lambda: self.slapd.start())

    def test_frozen(self):
        self.outage(lambda: self.slapd.freeze(), lambda: self.slapd.thaw(), fresh="1s")

    def test_a_silent_tls_peer(self):
        relay = self.world(slapd_options={"tls": True}, fresh="1s")
        relay.wait_for_log(r"main: read in", 90)
        self.slapd.freeze()
        self.until(relay, "nobody@adatum.com", 451)
        self.assertEqual(self.rcpt(relay, "p1@adatum.com"), 250)
        self.slapd.thaw()
        self.until(relay, "nobody@adatum.com", 550)

    def test_a_restart_without_a_server(self):
        relay = self.world()
        relay.wait_for_log(r"main: read in", 90)
        self.slapd.stop()
        relay.stop()
        relay.start()
        self.assertEqual(self.rcpt(relay, "p7@adatum.com"), 250)
        self.assertEqual(self.rcpt(relay, "nobody@adatum.com"), 451)
        self.slapd.start()
        self.until(relay, "nobody@adatum.com", 550)
        self.slapd.add(person("new", "new@adatum.com"))
        self.until(relay, "new@adatum.com", 250)

    def test_changes_while_the_relay_was_away(self):
        for forget in (False, True):
            with self.subTest(session_log_lost=forget):
                relay = self.world()
                relay.wait_for_log(r"main: read in", 90)
                relay.stop()
                self.slapd.delete("uid=p1,dc=adatum,dc=com")
                self.slapd.add(person("new", "new@adatum.com"))
                if forget:
                    self.slapd.stop()
                    self.slapd.start()
                relay.start()
                self.until(relay, "new@adatum.com", 250, never=(550,))
                self.until(relay, "p1@adatum.com", 550)
                self.assertEqual(self.rcpt(relay, "p2@adatum.com"), 250)
                self.next_stage()

    def test_the_snapshot_is_damaged(self):
        relay = self.world()
        relay.wait_for_log(r"main: read in", 90)
        relay.stop()
        (file,) = (relay.directory / "state/directory").glob("*.copy")
        octets = bytearray(file.read_bytes())
        octets[len(octets) // 2] ^= 0xFF
        file.write_bytes(octets)
        relay.start()
        relay.wait_for_log(r"the snapshot is not used, everything is read anew: .*damaged", 90)
        self.until(relay, "p1@adatum.com", 250, never=(550,))
        self.until(relay, "nobody@adatum.com", 550)

    def test_killed_at_any_moment(self):
        people = [(f"p{i}", [f"p{i}@adatum.com"]) for i in range(3000)]
        relay = self.world(people=people)
        for round_number in range(12):
            time.sleep(0.03 * round_number)
            relay.kill()
            relay.start()
            self.assertIn(self.rcpt(relay, f"p{round_number}@adatum.com"), (250, 451))
            self.slapd.add(person(f"new{round_number}", f"new{round_number}@adatum.com"))
        for address in ("p0", "p2999", "new0", "new11"):
            self.until(relay, f"{address}@adatum.com", 250, never=(550,))
        self.until(relay, "nobody@adatum.com", 550)

    def test_somebody_who_changes_kind_is_never_unknown(self):
        """A mailbox becomes a custom recipient and back, in one modification each, under load."""
        relay = self.world()
        relay.wait_for_log(r"main: read in", 90)
        replies, stop = set(), threading.Event()

        def load():
            while not stop.is_set():
                replies.add(self.rcpt(relay, "p5@adatum.com"))

        thread = threading.Thread(target=load)
        thread.start()
        try:
            for _ in range(30):
                for change in ("add: mailRoutingAddress\nmailRoutingAddress: p5@elsewhere.example",
                               "delete: mailRoutingAddress"):
                    self.slapd.modify("dn: uid=p5,dc=adatum,dc=com\nchangetype: modify\n"
                                      f"{change}\n")
        finally:
            stop.set()
            thread.join()
        self.assertEqual(replies, {250})


del Copied

if __name__ == "__main__":
    cases.main()
