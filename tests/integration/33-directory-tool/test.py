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
                        rf"(?m)^server +{self.slapd.uri}, connected$",
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


del Directory

if __name__ == "__main__":
    cases.main()
