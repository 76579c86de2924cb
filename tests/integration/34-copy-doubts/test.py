#!/usr/bin/env python3
"""What a directory server does not tell by itself: entries whose container got another name or place,
and entries that another server has. Nobody who exists is refused because of it."""
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

SUFFIX = "dc=adatum,dc=com"


def unit(name, parent=SUFFIX):
    return f"\ndn: ou={name},{parent}\nobjectClass: organizationalUnit\nou: {name}\n"


def person(name, parent):
    return (f"\ndn: uid={name},{parent}\nobjectClass: inetOrgPerson\n"
            f"objectClass: inetLocalMailRecipient\nuid: {name}\ncn: {name}\nsn: {name}\n"
            f"mailLocalAddress: {name}@adatum.com\n")


class Doubts(cases.Case):
    def world(self, ldif, **source):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people() + ldif)
        source = stage.ldap_source(self.slapd, timeout="2s", negative_cache="1s", **source)
        relay = self.stage.small_world(config={"directory": {"main": source}})
        relay.wait_for_log(r"main: read in", 90)
        return relay

    def rcpt(self, relay, address):
        with mail.Client(relay.address, relay.port, timeout=30) as client:
            client.command("MAIL FROM:<ann@sender.example>")
            return client.command(f"RCPT TO:<{address}>").code

    def until(self, relay, address, code, timeout=60):
        deadline = time.monotonic() + timeout
        while (reply := self.rcpt(relay, address)) != code:
            self.assertLess(time.monotonic(), deadline, f"{address}: still {reply}, not {code}")
            time.sleep(0.05)

    def entry(self, relay, address):
        done = subprocess.run([daemon.program("splitmx"), "--config", relay.config_path, "resolve",
                               "--json", address], text=True, capture_output=True, check=False,
                              timeout=60)
        return [route["entry"] for route in json.loads(done.stdout)["routes"]]

    def move(self, dn, rdn, superior=None):
        self.slapd.modify(f"dn: {dn}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: 1\n"
                          + (f"newsuperior: {superior}\n" if superior else ""))


class Containers(Doubts):
    def test_another_name(self):
        people = f"ou=people,{SUFFIX}"
        group = (f"\ndn: cn=all,{SUFFIX}\nobjectClass: groupOfNames\n"
                 "objectClass: inetLocalMailRecipient\ncn: all\nmailLocalAddress: all@adatum.com\n"
                 f"member: uid=anna,{people}\n")
        relay = self.world(unit("people") + person("anna", people) + group)
        self.assertEqual(self.entry(relay, "anna@adatum.com"), [f"uid=anna,{people}"])
        staff = f"ou=staff,{SUFFIX}"
        self.move(people, "ou=staff")
        self.slapd.modify(f"dn: cn=all,{SUFFIX}\nchangetype: modify\nreplace: member\n"
                          f"member: uid=anna,{staff}\n")
        relay.wait_for_log(r"an entry with others below it was changed.*everything is read anew", 60)
        deadline = time.monotonic() + 60
        while self.entry(relay, "all@adatum.com") != [f"uid=anna,{staff}"]:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(self.rcpt(relay, "anna@adatum.com"), 250)

    def test_into_the_base_and_out_of_it(self):
        inside, outside = f"ou=in,{SUFFIX}", f"ou=out,{SUFFIX}"
        relay = self.world(
            unit("in") + unit("out") + person("bert", inside) + unit("team", outside)
            + person("anna", f"ou=team,{outside}"), base=inside, refresh="1s")
        self.until(relay, "anna@adatum.com", 550)
        self.move(f"ou=team,{outside}", "ou=team", inside)
        self.until(relay, "anna@adatum.com", 250)
        self.move(f"ou=team,{inside}", "ou=team", outside)
        self.until(relay, "anna@adatum.com", 550)
        self.assertEqual(self.rcpt(relay, "bert@adatum.com"), 250)


class Referrals(Doubts):
    BRANCH = (f"\ndn: ou=branch,{SUFFIX}\nobjectClass: referral\nobjectClass: extensibleObject\n"
              f"ou: branch\nref: ldap://127.0.0.9:1/ou=branch,{SUFFIX}\n")

    def test_who_may_be_elsewhere_is_not_unknown(self):
        for sync in ("syncrepl", "poll", "off"):
            with self.subTest(sync=sync):
                people = unit("people") + person("anna", f"ou=people,{SUFFIX}")
                if sync == "off":
                    relay = self.live(people + self.BRANCH)
                else:
                    relay = self.world(people + self.BRANCH, sync=sync)
                    relay.wait_for_log(r"the server refers to ldap://127.0.0.9:1/ou=branch", 60)
                self.assertEqual(self.rcpt(relay, "anna@adatum.com"), 250)
                self.assertEqual(self.rcpt(relay, "nobody@adatum.com"), 451)
                self.next_stage()

    def live(self, ldif):
        self.slapd = self.stage.slapd(stage.people() + ldif)
        source = stage.ldap_source(self.slapd, timeout="2s", sync="off")
        return self.stage.small_world(config={"directory": {"main": source}})

    def test_read_as_a_directory_of_its_own_it_is_known(self):
        branch = f"ou=branch,{SUFFIX}"
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        other = self.stage.slapd(
            f"dn: {branch}\nobjectClass: organizationalUnit\nou: branch\n" + person("bert", branch),
            suffix=branch, name="branch")
        self.slapd = self.stage.slapd(
            stage.people() + person("anna", SUFFIX) + self.BRANCH.replace("127.0.0.9:1", "b.example"))
        relay = self.stage.small_world(config={"directory": {
            "main": stage.ldap_source(self.slapd), "branch": stage.ldap_source(other)}})
        for name in ("main", "branch"):
            relay.wait_for_log(rf"{name}: read in", 90)
        self.until(relay, "nobody@adatum.com", 550)
        for name in ("anna", "bert"):
            self.assertEqual(self.rcpt(relay, f"{name}@adatum.com"), 250)


del Doubts

if __name__ == "__main__":
    cases.main()
