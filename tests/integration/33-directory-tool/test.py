#!/usr/bin/env python3
"""`splitmx directory`, answered by the running relay: how it follows its server, reading again, and
letting removals happen that it holds."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

SUFFIX = "dc=adatum,dc=com"


def people(count):
    return [(f"p{i:03}", [f"p{i}@adatum.com"]) for i in range(count)]


class Directory(cases.Case):
    def world(self, count=20, **source):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(*people(count)))
        source = stage.ldap_source(self.slapd, timeout="2s", negative_cache="1s", **source)
        self.relay = self.stage.small_world(config={"directory": {"main": source}})
        if source.get("sync") != "off":
            self.relay.wait_for_log(r"main: read in", 90)

    def splitmx(self, *words, code=0, stdin=""):
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", self.relay.config_path, "directory", *words],
            input=stdin, text=True, capture_output=True, check=False, timeout=120)
        self.assertEqual(done.returncode, code, f"{words}\n{done.stdout}{done.stderr}")
        return done

    def rows(self, *words, code=0):
        return [json.loads(line) for line in
                self.splitmx(*words, "--json", code=code).stdout.splitlines()]

    def rcpt(self, address):
        with mail.Client(self.relay.address, self.relay.port, timeout=30) as client:
            client.command("MAIL FROM:<ann@sender.example>")
            return client.command(f"RCPT TO:<{address}>").code

    def lose(self, *numbers):
        """The account sees these no more, and nobody tells the relay."""
        self.slapd.stop()
        file = self.slapd.directory / "slapd.conf"
        hidden = "".join(f'access to dn.exact="uid=p{i:03},{SUFFIX}" by * none\n' for i in numbers)
        file.write_text(file.read_text() + hidden + "access to * by * read\n")
        self.slapd.start()


class Status(Directory):
    def test_a_copy_that_is_live(self):
        self.world()
        row, = self.rows("status")
        self.assertEqual((row["name"], row["state"], row["method"]), ("main", "LIVE", "syncrepl"))
        self.assertEqual((row["server"], row["connected"]), (self.slapd.uri, True))
        self.assertEqual(row["entries"], {"mailboxes": 20, "custom_recipients": 0, "groups": 0,
                                          "others": 0})
        self.assertEqual((row["problems"], "held" in row), ([], False))
        self.assertGreater(row["last_heard"], 0)
        text = self.splitmx("status", "main").stdout
        for pattern in (r"(?m)^main +LIVE, heard of \d+ s ago$",
                        rf"(?m)^server +{self.slapd.uri}, connected for \d+ s, in clear$",
                        r"(?m)^holds +20 recipients: 20 mailboxes, 0 custom recipients, 0 groups$"):
            self.assertRegex(text, pattern)
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 80, text)
        self.assertIn("there is no [directory.mian]", self.splitmx("status", "mian", code=65).stderr)

    def test_other_ways(self):
        for source, method, state in (({"sync": "poll"}, "poll", "LIVE"),
                                      ({"sync": "off"}, "live", "DIRECT")):
            with self.subTest(source):
                self.world(**source)
                row, = self.rows("status")
                self.assertEqual((row["method"], row["state"]), (method, state))
                outcome, = self.rows("sync")
                self.assertEqual(outcome["outcome"], "no_copy" if method == "live" else "read")
                self.next_stage()
        self.relay = self.stage.small_world(("anna", ["anna@adatum.com"]))
        self.assertIn("LIVE, a file", self.splitmx("status").stdout)

    def test_nobody_answers(self):
        self.world()
        self.relay.stop()
        self.assertIn("no splitmxd answers", self.splitmx("status", code=69).stderr)


class People(Directory):
    """What lint, search and export say comes from the copy: it is what mail goes by."""

    LINTED = [("anna", ["anna@adatum.com", "pat@adatum.com"]), ("bert", ["Pat@Adatum.com"]),
              ("carl", ["carl@adatum.com", "carl..x@adatum.com"], {"mailHost": "nowhere"})]

    def linted(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(*self.LINTED))
        self.relay = self.stage.small_world(
            config={"directory": {"main": stage.ldap_source(self.slapd)}})
        self.relay.wait_for_log(r"main: read in", 90)

    def exported(self, *words):
        return [json.loads(line) for line in self.splitmx("export", *words).stdout.splitlines()]

    def test_lint_says_what_the_server_shows(self):
        self.linted()
        online = self.rows("lint", code=65)
        asked = self.rows("lint", "--server", code=65)
        self.assertEqual([(one["id"], one["text"].lower()) for one in online],
                         [(one["id"], one["text"].lower()) for one in asked])
        self.assertIn("duplicate-address", [one["name"] for one in online])
        self.assertIn("malformed-address", [one["name"] for one in online])
        # From the copy: also when the server is gone, and after a restart.
        self.slapd.stop()
        self.relay.stop()
        self.relay.start()
        done = self.splitmx("lint", "--json", code=65)
        self.assertEqual([json.loads(line)["id"] for line in done.stdout.splitlines()],
                         [one["id"] for one in online])
        self.assertIn("note: the copy of main is STALE", done.stderr)

    def test_changes_need_whole_entries(self):
        self.linted()
        file = self.stage.directory / "fix.ldif"
        said = self.splitmx("lint", "--fix-ldif", str(file), code=65).stderr
        self.assertIn("note: --fix-ldif needs whole entries: the server itself is read\n", said)
        self.assertIn("dn: uid=", file.read_text())
        said = self.splitmx("export", "--format", "ldif")
        self.assertIn("the server itself is read", said.stderr)
        self.assertIn("mailHost: nowhere", said.stdout)

    def test_another_configuration(self):
        self.linted()
        self.relay.rewrite({"limits": {"errors": 5}})
        self.assertIn("is not what the relay goes by", self.splitmx("lint", code=65).stderr)

    def test_search_and_export(self):
        self.world(3000)
        said = self.splitmx("search", "p2999@").stdout
        self.assertIn("p2999@adatum.com  mailbox, default host\n    uid=p2999,dc=adatum,dc=com\n",
                      said)
        self.assertIn("1 of 3000 recipients, by address and DN", said)
        self.splitmx("search", "nobody", code=67)
        online, asked = self.exported(), self.exported("--server")
        key = lambda one: (one["dn"], one["addresses"], one["kind"], one["host"])
        self.assertEqual(sorted(map(key, online)), sorted(map(key, asked)))
        self.assertEqual(len(self.splitmx("export", "--format", "csv").stdout.splitlines()), 3001)

    def test_without_a_copy(self):
        self.world(sync="off")
        said = self.splitmx("search", "p1", code=69).stderr
        self.assertIn('directory "main" has no complete copy (DIRECT)\n--server asks', said)
        self.relay.stop()
        said = self.splitmx("export", code=69).stderr
        self.assertRegex(said, r"no splitmxd answers at .*\n--server asks the directory server itself")
        self.splitmx("search", "--server", "p001")

    def test_a_group_larger_than_a_request(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        members = "".join(f"member: uid=somebody-with-a-long-name-{i},{SUFFIX}\n"
                          for i in range(8000))
        self.slapd = self.stage.slapd(
            stage.people() + f"\ndn: cn=all,{SUFFIX}\nobjectClass: groupOfNames\n"
            "objectClass: inetLocalMailRecipient\ncn: all\nmailLocalAddress: all@adatum.com\n"
            + members)
        self.relay = self.stage.small_world(config={"directory": {"main": stage.ldap_source(
            self.slapd)}})
        self.relay.wait_for_log(r"main: read in", 90)
        one, = self.exported()
        self.assertEqual((one["kind"], len(one["members"])), ("group", 8000))


class Sync(Directory):
    def test_everything_is_read_again(self):
        self.world()
        said = self.splitmx("sync").stdout
        self.assertRegex(said, r"^main: read in \d+ ms, 0 entries changed, 0 removed; 20 recipients$")
        self.lose(3)  # fewer than the guard looks at
        outcome, = self.rows("sync", "main")
        self.assertEqual((outcome["outcome"], outcome["removed"]), ("read", 1))
        self.assertEqual(self.rcpt("p3@adatum.com"), 550)
        self.relay.wait_for_log(rf"admin +directory sync \[main\] by=\S+ uid={os.getuid()} .*read")

    def test_the_server_is_gone(self):
        self.world()
        self.slapd.stop()
        said = self.splitmx("sync", code=69).stdout
        self.assertIn("main: cannot be read: ", said)
        self.assertEqual(self.rcpt("p3@adatum.com"), 250)
        row, = self.rows("status")
        self.assertEqual((row["state"], row["connected"]), ("STALE", False))
        self.assertIn("STALE, heard of", self.splitmx("status").stdout)
        self.splitmx("sync", "--wait", "soon", code=64)


class Accept(Directory):
    def test_what_is_held_is_shown_and_accepted(self):
        self.world(200, refresh="1h")
        self.lose(*range(100))
        held, = self.rows("sync", code=75)
        self.assertEqual((held["outcome"], held["held"]["lost"], held["removed"]), ("held", 100, 0))
        row, = self.rows("status")
        self.assertEqual((row["held"]["lost"], row["held"]["entries"]), (100, 200))
        self.assertEqual(len(row["held"]["examples"]), 10)
        text = self.splitmx("status").stdout
        self.assertRegex(text, r"(?m)^HELD +100 of 200 entries missing, first seen \d+ s ago; still served:$")
        self.assertRegex(text, rf"(?m)^ +uid=p0\d\d,{SUFFIX}$")
        self.assertRegex(text, r"(?m)^ +and 90 more$")
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 80, text)
        self.assertEqual(self.rcpt("p5@adatum.com"), 250)
        # No answer to the question is a no.
        asked = self.splitmx("accept", stdin="")
        self.assertIn("main: let go 100 of 200 entries? [y/N]", asked.stderr)
        self.assertEqual(self.rcpt("p5@adatum.com"), 250)
        self.assertEqual(self.splitmx("accept", "main", stdin="y\n").stdout,
                         "main: 100 of 200 entries are removed\n")
        self.assertEqual(self.rcpt("p5@adatum.com"), 550)
        self.assertEqual(self.rcpt("p150@adatum.com"), 250)
        self.relay.wait_for_log(r"admin +directory accept \[main\] by=\S+ .*accepted")
        self.assertEqual(self.splitmx("accept", "--yes").stdout, "nothing is held\n")
        self.assertNotIn("held", self.rows("status")[0])

    def test_looking_again_is_the_second_look(self):
        self.world(200, refresh="1h")
        self.lose(*range(100))
        self.rows("sync", code=75)
        outcome, = self.rows("sync")
        self.assertEqual((outcome["outcome"], outcome["removed"]), ("read", 100))


class OldNames(Directory):
    def test_names_that_nobody_has_outlive_a_restart(self):
        self.world()
        for address in ("IMCEAEX-_o=Old_cn=p7@adatum.com", "IMCEAEX-_O=OLD_CN=P7@adatum.com",
                        "IMCEAEX-_o=Old_cn=zoe@adatum.com"):
            self.assertEqual(self.rcpt(address), 550)
        before = self.rows("x500")
        self.assertEqual([(row["x500"], row["count"]) for row in before],
                         [("/O=OLD/CN=P7", 2), ("/o=Old/cn=zoe", 1)])
        self.assertEqual(before[0]["owner"], f"uid=p007,{SUFFIX}")
        self.relay.stop()
        self.relay.start()
        self.assertEqual(self.rows("x500"), before)
        self.assertEqual(self.rcpt("IMCEAEX-_o=Old_cn=zoe@adatum.com"), 550)
        self.assertEqual([row["count"] for row in self.rows("x500")], [2, 2])
        # A file that is not what was written is told of, and nothing else.
        self.relay.stop()
        file = self.relay.directory / "state/unfound-x500"
        file.write_bytes(file.read_bytes().replace(b"zoe", b"eve"))
        self.relay.start()
        self.relay.wait_for_log(r"warn +- +x500 +what was not found before is forgotten: \S+unfound-x500: ")
        self.assertEqual(self.rows("x500"), [])


del Directory

if __name__ == "__main__":
    cases.main()
