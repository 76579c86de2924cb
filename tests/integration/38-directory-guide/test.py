#!/usr/bin/env python3
"""docs/directory.md is true: its LDIF, on an OpenLDAP as Debian sets it up, lets the relay follow."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, guide, slapd

DEBIAN = pathlib.Path("/usr/share/slapd/slapd.init.ldif")
SUFFIX, ADMIN = "dc=example,dc=com", "cn=admin,dc=example,dc=com"
RELAY = "cn=splitmx,dc=example,dc=com"
PASSWORD = "secret"
PEOPLE = 600  # more than the 500 that slapd gives anybody


def content():
    yield f"dn: {SUFFIX}\nobjectClass: organization\nobjectClass: dcObject\no: x\ndc: example\n"
    for i in range(PEOPLE):
        yield (f"dn: cn=u{i},{SUFFIX}\nobjectClass: inetOrgPerson\ncn: u{i}\nsn: x\n"
               f"mail: u{i}@example.com\nuserPassword: hidden\n")


class DirectoryGuide(cases.Case):
    def setUp(self):
        super().setUp()
        if not slapd.available() or not DEBIAN.exists():
            self.skipTest("slapd or ldap-utils is not installed")
        self.home = pathlib.Path(self.stage.directory) / "openldap"
        for name in ("config", "data"):
            (self.home / name).mkdir(parents=True, mode=0o700)
        self.port = slapd.free_port()
        self.local = "ldapi://" + str(self.home / "socket").replace("/", "%2F")
        self.load("0", self.debian_configuration())
        self.load("1", "\n".join(content()))
        self.process = None
        self.addCleanup(self.stop)
        self.start()

    def debian_configuration(self):
        """As the package's own script makes it, with the schema of the profile `laser`; who may
        change it by ldapi is us, not root."""
        text = DEBIAN.read_text(encoding="utf-8")
        return (text.replace("@SUFFIX@", SUFFIX).replace("@PASSWORD@", PASSWORD)
                .replace("inetorgperson.ldif", "inetorgperson.ldif\n"
                         "include: file:///etc/ldap/schema/misc.ldif")
                .replace("/var/lib/ldap", str(self.home / "data"))
                .replace("/var/run/slapd", str(self.home))
                .replace("gidNumber=0+uidNumber=0",
                         f"gidNumber={os.getgid()}+uidNumber={os.getuid()}"))

    def load(self, database, ldif):
        source = self.home / f"{database}.ldif"
        source.write_text(ldif)
        done = subprocess.run(
            [slapd.SLAPD, "-Tadd", "-q", "-F", self.home / "config", "-n", database, "-l", source],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def start(self):
        log = (self.home / "log").open("ab")
        self.process = subprocess.Popen(
            [slapd.SLAPD, "-d", "0", "-F", self.home / "config", "-h",
             f"ldap://127.0.0.1:{self.port} {self.local}"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + 20
        while self.client("ldapsearch", "-x", "-s", "base", "-b", "", "1.1").returncode != 0:
            self.assertLess(time.monotonic(), deadline, (self.home / "log").read_text())
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def client(self, tool, *args, text=None):
        return subprocess.run(
            [shutil.which(tool), "-H", self.local, *args], input=text, text=True,
            capture_output=True, check=False, timeout=60,
            env={"PATH": "/usr/bin:/bin", "LDAPNOINIT": "1"})

    def follow(self):
        return self.client("ldapsearch", "-x", "-D", RELAY, "-w", PASSWORD, "-b", SUFFIX,
                           "-E", "!sync=ro", "(mail=*)", "mail", "userPassword")

    def apply(self, block, *who):
        done = self.client("ldapmodify", *who, text=block)
        self.assertEqual(done.returncode, 0, done.stderr)

    def set_up_relay(self, change=lambda configuration: configuration):
        account, configuration = guide.ldif_blocks("OpenLDAP")
        hashed = subprocess.run([slapd.SLAPD, "-Tpasswd", "-s", PASSWORD], capture_output=True,
                                text=True, check=True).stdout.strip()
        account = account.replace("{SSHA}PASTE-WHAT-SLAPPASSWD-PRINTS", hashed)
        self.apply(account, "-x", "-D", ADMIN, "-w", PASSWORD)
        # Not yet: the server does not know the control.
        self.assertNotEqual(self.follow().returncode, 0)
        self.apply(change(configuration), "-Q", "-Y", "EXTERNAL")

    def assert_everything(self, answer):
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertEqual(answer.stdout.count("\nmail: "), PEOPLE)
        self.assertNotIn("userPassword:", answer.stdout)
        self.assertIn("control: 1.3.6.1.4.1.4203.1.9.1.3", answer.stdout)  # with the cookie

    def test_its_ldif_lets_the_relay_follow(self):
        self.set_up_relay()
        self.assert_everything(self.follow())
        # Others see what they saw before, and are limited as before.
        other = self.client("ldapsearch", "-x", "-b", SUFFIX, "(mail=*)", "mail")
        self.assertEqual((other.returncode, other.stdout.count("\nmail: ")), (4, 500))

    def test_the_attributes_it_names_are_enough(self):
        less = re.search(r"`(to attrs=entry,[\w,]+)`", guide.section("OpenLDAP"))[1]
        # The last rule of Debian lets everybody read: of what is left it must not be the reason.
        nobody = (f"\ndn: olcDatabase={{1}}mdb,cn=config\nchangetype: modify\nadd: olcAccess\n"
                  f'olcAccess: {{2}}to * by dn.exact="{RELAY}" none by * break\n')
        self.set_up_relay(lambda text: text.replace("{1}to *", "{1}" + less) + nobody)
        self.assert_everything(self.follow())

    def test_its_slapd_conf_is_one(self):
        text = guide.section("OpenLDAP")
        lines = re.search(r"\n    moduleload syncprov .*?\n((?:    .*\n)+)", text)[1]
        conf = self.home / "slapd.conf"
        conf.write_text(f"include /etc/ldap/schema/core.schema\nmodulepath {slapd.MODULES}\n"
                        f"moduleload back_mdb\nmoduleload syncprov\ndatabase mdb\n"
                        f"suffix {SUFFIX}\ndirectory {self.home}/data\n"
                        + re.sub("^ +", "", lines, flags=re.MULTILINE))
        done = subprocess.run([slapd.SLAPD, "-Ttest", "-u", "-f", conf], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    cases.main()
