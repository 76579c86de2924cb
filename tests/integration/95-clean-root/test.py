#!/usr/bin/env python3
"""The package in a clean Debian 12 under systemd, beside a real slapd, a Postfix that is the other mail
system of the domain, and a Dovecot that is the local store: installed, configured by `splitmx setup`,
upgraded with mail in the queue, its log rotated, removed, purged. Each test goes on where the one before
it ended."""
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, clean_root, daemon, dovecot

BESIDE = ("slapd", "ldap-utils", "postfix", "dovecot-lmtpd", "logrotate", "iproute2")
ANSWERS = """\
slapd slapd/domain string adatum.com
slapd shared/organization string Adatum
slapd slapd/password1 password secret
slapd slapd/password2 password secret
postfix postfix/main_mailer_type select Local only
postfix postfix/mailname string contoso.com
"""
PEOPLE = """\
dn: cn=splitmx,dc=adatum,dc=com
objectClass: organizationalRole
objectClass: simpleSecurityObject
userPassword: it reads

dn: uid=anna,dc=adatum,dc=com
objectClass: inetOrgPerson
objectClass: inetLocalMailRecipient
cn: Anna
sn: Ahrens
mailLocalAddress: anna@adatum.com

dn: uid=carl,dc=adatum,dc=com
objectClass: inetOrgPerson
objectClass: inetLocalMailRecipient
cn: Carl
sn: Claes
mailLocalAddress: carl@contoso.com
mailRoutingAddress: carl@contoso.com
"""
SETUP = ("splitmx", "setup", "--yes", "--directory", "ldap://127.0.0.1", "--no-starttls", "--bind-dn",
         "cn=splitmx,dc=adatum,dc=com", "--password-from", "credential:ldap-password", "--shared-domain",
         "contoso.com", "--foreign-host", "127.0.0.2", "--local-host", "lmtp:127.0.0.3:24", "--hostname",
         "relay1.adatum.com", "--postmaster", "postmaster@adatum.com", "--listen", "127.0.0.1:25")
MORE = """
[queue]
retry = ["1s"]

[log]
file = "/var/log/splitmx/splitmx.log"
"""
POSTFIX = ("inet_interfaces = 127.0.0.2", "inet_protocols = ipv4", "mydestination = contoso.com, localhost",
           "myhostname = notes1.contoso.com", "myorigin = contoso.com", "default_transport = smtp",
           "relayhost = [127.0.0.1]:25", "smtp_dns_support_level = disabled",
           "smtp_bind_address = 127.0.0.2", "mynetworks = 127.0.0.0/8")
SUBMIT = """\
import sys; sys.path.insert(0, sys.argv[1])
from support import mail
class Relay: address, port = "127.0.0.1", 25
sent = mail.submit(Relay, "bob@example.net", sys.argv[2])
print(sent.reply(sys.argv[2]), sent.last, sep="\\n")
"""
LOG = "/var/log/splitmx/splitmx.log"


class CleanRoot(cases.SharedCase):
    @classmethod
    def build(cls, stage):
        if not cases.full_run():
            raise cases.unittest.SkipTest("only with SPLITMX_TEST_FULL=1 (./test --full)")
        cls.packages = [cls.make_package(stage, version) for version in (None, "9.9.9")]
        depends = subprocess.run(["dpkg-deb", "--field", cls.packages[0], "Depends"],
                                 capture_output=True, text=True, check=True).stdout
        needed = {re.match(r"[^ |(]+", one.strip())[0] for one in depends.split(",")}
        try:
            archive = clean_root.tree_of({*BESIDE, *needed}, ANSWERS)
            cls.machine = clean_root.CleanRoot(archive)
            cls.addClassCleanup(cls.machine.stop)
            cls.before = cls.files()
            cls.machine.start()
        except clean_root.NotHere as why:
            raise cases.unittest.SkipTest(str(why)) from why
        for package in cls.packages:
            (cls.machine.root / "root" / package.name).write_bytes(package.read_bytes())

    @staticmethod
    def make_package(stage, version):
        made = subprocess.run(
            [daemon.ROOT / "packaging/build-deb", "--into", stage.directory,
             "--programs", daemon.program("splitmxd").parents[1],
             *(("--version", version) if version else ())], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise AssertionError(made.stderr)
        return pathlib.Path(made.stdout.strip())

    @classmethod
    def files(cls):
        """Paths in the container that have to do with us, but for what dpkg and the journal keep."""
        found = subprocess.run(["find", ".", "-xdev", "(", "-path", "./proc", "-o", "-path", "./sys", "-o",
                                "-path", "./var/log/journal", "-o", "-path", "./root", ")", "-prune", "-o",
                                "-iname", "*splitmx*", "-print"], cwd=cls.machine.root,
                               capture_output=True, text=True, check=True).stdout
        return set(found.split())

    def install(self, package):
        return self.machine.must("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y",
                                 "--no-install-recommends", f"/root/{package.name}")

    def submit(self, rcpt):
        told = self.machine.on_its_network(sys.executable, "-B", "-c", SUBMIT,
                                           str(daemon.ROOT / "tests"), rcpt)
        return told.splitlines()

    def wait_for(self, condition, what):
        deadline = time.monotonic() + 120
        while not (found := condition()):
            if time.monotonic() > deadline:
                self.fail(f"{what}:\n" + self.machine.run("tail", "-n", "40", LOG).stdout
                          + self.machine.run("journalctl", "--no-pager", "-n", "60").stdout)
            time.sleep(0.2)
        return found

    def stored(self, folder):
        """Messages of anna in the store."""
        return list((self.machine.root / folder.lstrip("/")).glob("anna/new/*"))

    def test_1_installed_and_not_started(self):
        told = self.install(self.packages[0])
        self.assertIn("splitmx setup", told)
        self.assertEqual(self.machine.must("systemctl", "is-enabled", "splitmx").strip(), "enabled")
        self.assertEqual(self.machine.run("systemctl", "is-active", "splitmx").stdout.strip(), "inactive")
        self.assertEqual(self.machine.must("systemctl", "list-units", "--failed", "--quiet"), "")
        # Postfix is still the machine's mail server.
        self.assertIn("postfix", self.machine.must("dpkg-query", "--search", "/usr/sbin/sendmail"))

    def test_2_mail_flows_there_and_back(self):
        self.prepare_neighbours()
        root = self.machine.root
        secret = root / "etc/splitmx/credentials/ldap-password"
        secret.write_text("it reads\n")
        secret.chmod(0o600)
        self.machine.must(*SETUP)
        config = root / "etc/splitmx/splitmx.toml"
        with open(config, "a", encoding="utf-8") as file:
            file.write(MORE)
        type(self).configuration = config.read_text()
        self.machine.must("splitmx", "config", "check")
        self.machine.must("systemctl", "start", "splitmx")
        self.wait_for(lambda: self.status()["directories"]["main"]["state"] == "LIVE", "the directory")
        sandbox = self.status()["sandbox"]
        if sandbox["on"]:
            self.assertIn("/var/spool/splitmx", sandbox["write"])
        else:
            self.assertRegex(sandbox["why_not"], "the kernel")  # cannot; nobody forbids it
        self.assertEqual(self.submit("anna@adatum.com")[1][:3], "250")
        self.assertEqual(self.submit("carl@contoso.com")[1][:3], "250")
        self.assertEqual(self.submit("zoe@contoso.com")[0][:9], "550 5.1.1")
        self.wait_for(lambda: len(self.stored("/var/vmail")) == 1, "anna has no mail")
        self.wait_for((root / "var/mail/carl").exists, "carl has no mail")
        # From the other system, by its own way out.
        self.machine.must("sendmail", "-f", "carl@contoso.com", "anna@adatum.com",
                          text="Subject: back\n\nfrom there\n")
        self.wait_for(lambda: len(self.stored("/var/vmail")) == 2, "nothing came back")
        exposure = self.machine.must("systemd-analyze", "security", "--no-pager", "splitmx.service")
        self.assertRegex(exposure, r"Overall exposure level for splitmx.service: (0\.\d|1\.[0-6]) ")

    def prepare_neighbours(self):
        root = self.machine.root
        self.machine.must("ldapadd", "-Q", "-Y", "EXTERNAL", "-H", "ldapi:///", "-f",
                          "/etc/ldap/schema/misc.ldif")
        self.machine.must("ldapadd", "-x", "-D", "cn=admin,dc=adatum,dc=com", "-w", "secret", text=PEOPLE)
        for user in ("vmail", "carl"):
            self.machine.must("useradd", user)
        (root / "etc/dovecot/dovecot.conf").write_text(dovecot.CONFIGURATION.format(
            address="127.0.0.3", domain="adatum.com", log="syslog"))
        (root / "etc/dovecot/users").write_text("anna@adatum.com:{PLAIN}secret::::::\n")
        self.machine.must("install", "-d", "-o", "vmail", "/var/vmail")
        for number in (2, 3):
            self.machine.must("ip", "address", "add", f"127.0.0.{number}/8", "dev", "lo")
        for parameter in POSTFIX:
            self.machine.must("postconf", "-e", parameter)
        self.machine.must("systemctl", "restart", "postfix", "dovecot")

    def status(self):
        return cases.json.loads(self.machine.run("splitmx", "status", "--json").stdout or
                                '{"directories": {"main": {"state": ""}}}')

    def queue(self):
        rows = self.machine.must("splitmx", "queue", "list", "--json").splitlines()
        return [cases.json.loads(row)["queue_id"] for row in rows]

    def test_3_an_upgrade_keeps_queue_and_configuration(self):
        self.machine.must("systemctl", "stop", "dovecot")
        self.assertEqual(self.submit("anna@adatum.com")[1][:3], "250")
        waiting = self.queue()
        self.assertEqual(len(waiting), 1)
        started = self.status()["started"]
        self.assertNotIn("splitmx setup", self.install(self.packages[1]))
        self.wait_for(lambda: self.status().get("started", started) != started, "not restarted")
        self.assertEqual(self.queue(), waiting)
        self.assertEqual((self.machine.root / "etc/splitmx/splitmx.toml").read_text(), self.configuration)
        self.machine.must("systemctl", "start", "dovecot")
        self.machine.must("splitmx", "queue", "retry", *waiting)
        self.wait_for(lambda: len(self.stored("/var/vmail")) == 3, "not delivered after the upgrade")

    def test_4_its_log_is_rotated(self):
        self.machine.must("logrotate", "--force", "/etc/logrotate.d/splitmx")
        self.submit("zoe@contoso.com")
        log, older = (self.machine.root / (LOG + end).lstrip("/") for end in ("", ".1"))
        self.wait_for(lambda: log.exists() and "unknown_recipient" in log.read_text(), "no new log")
        self.assertIn(" start ", older.read_text())

    def test_5_removed_and_purged(self):
        told = self.machine.must("apt-get", "remove", "-y", "splitmx")
        self.assertIn("apt purge splitmx", told)
        self.assertTrue((self.machine.root / "var/spool/splitmx/data.mdb").exists())
        self.assertTrue((self.machine.root / "etc/splitmx/splitmx.toml").exists())
        self.machine.must("apt-get", "purge", "-y", "splitmx")
        self.assertEqual(self.files() - self.before, set())
        for name in ("passwd", "group"):
            self.assertNotIn("splitmx", (self.machine.root / "etc" / name).read_text())
        self.assertEqual(self.machine.must("systemctl", "list-units", "--failed", "--quiet"), "")


if __name__ == "__main__":
    cases.main()
