#!/usr/bin/env python3
"""One relay follows an OpenLDAP and an Active Directory at once, through outages of each: what one of
them has is served while the other is away, and nobody is called unknown before both can say so."""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, samba, stage
from support.active_directory_case import ActiveDirectoryCase, users
from support.samba import SUFFIX, user


class TwoDirectories(ActiveDirectoryCase):
    def test_through_outages_of_each(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.domain = self.domain_controller(users(3))
        self.slapd = self.stage.slapd(stage.people(("anna", ["anna@adatum.com"])))
        common = {"timeout": "2s", "cache": "1s", "negative_cache": "1s", "fresh": "3s"}
        relay = self.stage.small_world(config={"directory": {
            "open": stage.ldap_source(self.slapd, **common),
            "ad": {"uri": self.domain.uri, "base": SUFFIX, "profile": "activedirectory",
                   "starttls": False, "bind_dn": "eager@ad.adatum.com",
                   "password": samba.PASSWORD} | common}})
        for name in ("open", "ad"):
            relay.wait_for_log(rf"{name}: read in", 90)
        self.until(relay, "nobody@adatum.com", 550)
        self.assertEqual({name: relay.directory_status(name)["method"] for name in ("open", "ad")},
                         {"open": "syncrepl", "ad": "dirsync"})
        self.without(relay, "ad", self.domain, lambda: self.slapd.add(
            stage.people(("late1", ["late1@adatum.com"])).split("\n\n", 1)[1]), "late1@adatum.com")
        self.without(relay, "open", self.slapd,
                     lambda: self.domain.add(user("late2", "late2@adatum.com")), "late2@adatum.com")
        # A 250 may have been the server's own word; what is asked next, only the copies can tell.
        self.until_status(relay, "open", lambda row: row["entries"]["mailboxes"] == 2)
        self.until_status(relay, "ad", lambda row: row["entries"]["mailboxes"] == 4)
        # Both at once, and a restart in the middle.
        self.domain.kill()
        self.slapd.kill()
        relay.stop()
        relay.start()
        for address in ("anna", "p1", "late1", "late2"):
            self.assertEqual(self.rcpt(relay, f"{address}@adatum.com"), 250, address)
        self.assertEqual(self.rcpt(relay, "nobody@adatum.com"), 451)
        self.domain.start()
        self.slapd.start()
        self.until(relay, "nobody@adatum.com", 550)
        self.domain.delete(f"CN=p1,CN=Users,{SUFFIX}")
        self.slapd.delete("uid=anna,dc=adatum,dc=com")
        self.until(relay, "p1@adatum.com", 550)
        self.until(relay, "anna@adatum.com", 550)

    def without(self, relay, name, server, change, address):
        """The other one goes on: what comes to it counts, and of both nobody is unknown."""
        server.stop()
        self.until(relay, "nobody@adatum.com", 451)
        for known in ("anna", "p1", "p2"):
            self.assertEqual(self.rcpt(relay, f"{known}@adatum.com"), 250)
        change()
        self.until(relay, address, 250, never=(550,))
        server.start()
        self.until(relay, "nobody@adatum.com", 550)
        # That may have been the server's own word: the copy is to have caught up.
        self.until_status(relay, name, lambda row: row["state"] == "LIVE")

    def until_status(self, relay, name, holds):
        deadline = time.monotonic() + 60
        while not holds(row := relay.directory_status(name)):
            self.assertLess(time.monotonic(), deadline, row)
            time.sleep(0.1)


if __name__ == "__main__":
    samba.in_namespace()
    unittest.addModuleCleanup(ActiveDirectoryCase.forget)
    cases.main()
