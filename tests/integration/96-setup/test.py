#!/usr/bin/env python3
"""`splitmx setup` against a real directory: from flags alone, and as a dialogue on a terminal. What it
writes runs. tests/golden/setup has what is said; ACCEPT=1 writes it."""
import os
import pathlib
import re
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage
from support.terminal import Terminal

GOLDEN = daemon.ROOT / "tests/golden/setup"
SUFFIX = "dc=adatum,dc=com"
PEOPLE = (("anna", ["anna@adatum.com", "anna@contoso.com"]),
          ("bert", ["bert@adatum.com"]),
          ("carl", ["carl@contoso.com"], {"mailRoutingAddress": "carl@contoso.com"}),
          ("dora", ["dora@contoso.com"], {"mailRoutingAddress": "dora@contoso.com"}),
          ("eve", ["eve@adatum.com"], {"mailRoutingAddress": "eve@example.net"}))


class Setup(cases.Case):
    def setUp(self):
        super().setUp()
        self.folder = self.stage.folder("etc")
        self.file = self.folder / "splitmx.toml"
        self.password = self.stage.directory / "password"
        self.password.write_text("secret\n")

    def directory(self, *entries, **options):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(*(entries or PEOPLE)), **options)

    def account(self):
        return ["--bind-dn", self.slapd.administrator, "--password-file", self.password]

    def command(self, *flags):
        return [daemon.program("splitmx"), "setup", "--write", self.file, *flags]

    def splitmx(self, *flags, code=0, stdin=""):
        done = subprocess.run(self.command(*flags), input=stdin, text=True, capture_output=True,
                              check=False, timeout=120)
        self.assertEqual(done.returncode, code, f"{flags}\n{done.stdout}{done.stderr}")
        return done

    def unattended(self, *flags, code=0):
        return self.splitmx("--directory", self.slapd.uri, "--hostname", "relay1.adatum.com",
                            "--listen", "127.0.0.1:0", *flags, "--yes", code=code)

    def check(self, name, text):
        for here, there in ((str(self.folder), "/etc/splitmx"), (str(self.stage.directory), "/root")):
            text = text.replace(here, there)
        for pattern, fixed in ((r"\b\d{4}-\d\d-\d\d\b", "2026-11-26"), (r"127\.0\.0\.1:\d{4,5}", "10.0.0.9"),
                               (r"127\.0\.0\.2:\d+", "10.0.0.2"), (r"127\.0\.0\.3:\d+", "10.0.0.3"),
                               (r"  ! there is no user splitmx yet.*\n    these files\n", "")):
            text = re.sub(pattern, fixed, text)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)
        path = GOLDEN / name
        if os.environ.get("ACCEPT") == "1":
            path.write_text(text)
        self.assertEqual(path.read_text(), text)

    def assert_nothing_written(self):
        self.assertEqual(list(self.folder.iterdir()), [])

    def assert_good(self):
        done = subprocess.run([daemon.program("splitmx"), "config", "check", "--strict", self.file],
                              text=True, capture_output=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def relay(self):
        """Runs what was written, where this test may write."""
        text = self.file.read_text().replace("[server]\n", f'[server]\nstate_dir = "{self.stage.folder("state")}"\n')
        text = text.replace('"file:directory-password"', f'"file:{self.folder}/directory-password"')
        text += '\n[admin]\nhttp = "off"\nsocket = "control.sock"\n'
        return self.stage.relay(text)


class Unattended(Setup):
    def test_a_domain_shared_with_a_foreign_host(self):
        self.directory()
        mailboxes = self.stage.sink(stage.MAILBOXES, name="mailboxes")
        foreign = self.stage.sink(stage.FOREIGN, name="foreign")
        done = self.unattended(*self.account(), "--foreign-host", foreign.endpoint,
                               "--local-host", mailboxes.endpoint)
        self.check("shared.txt", done.stdout)
        self.assertEqual(done.stderr, "")
        self.assert_good()
        secret = self.folder / "directory-password"
        self.assertEqual((secret.read_text(), stat.S_IMODE(secret.stat().st_mode)), ("secret\n", 0o600))
        self.assertEqual(sorted(one.name for one in self.folder.iterdir()),
                         ["directory-password", "splitmx.toml"])
        relay = self.relay()
        relay.wait_for_log(r"main: read in", 90)
        for recipient, sink in (("anna@contoso.com", mailboxes), ("carl@contoso.com", foreign)):
            self.assertEqual(mail.submit(relay, "bob@example.net", recipient).last.code, 250)
            sink.wait_for(1)
        with mail.Client(relay.address, relay.port, timeout=60) as client:
            client.command("MAIL FROM:<bob@example.net>")
            self.assertEqual(client.command("RCPT TO:<zoe@contoso.com>").code, 550)

    def test_domains_relayed_to_another_organisation(self):
        self.directory()
        self.unattended("--domain", "adatum.com", "--shared-domain", "-", "--relay-domain",
                        "europe.example,africa.example", "--relay-host", "relay.europe.example",
                        "--local-host", "lmtp:unix:/run/dovecot/lmtp", "--foreign-network", "-", code=64)
        self.assert_nothing_written()
        self.unattended("--domain", "adatum.com", "--shared-domain", "-", "--relay-domain",
                        "europe.example,africa.example", "--relay-host", "relay.europe.example",
                        "--local-host", "lmtp:unix:/run/dovecot/lmtp")
        self.assert_good()
        text = self.file.read_text()
        for part in ('name         = ["europe.example", "africa.example"]', 'always_relay = true',
                     'address  = "unix:/run/dovecot/lmtp"\nprotocol = "lmtp"'):
            self.assertIn(part, text)
        self.assertNotIn("shared", text)

    def test_a_file_instead_of_a_server(self):
        people = self.stage.directory / "people.ldif"
        people.write_text(stage.people(*PEOPLE))
        done = self.splitmx("--directory", f"ldif:{people}", "--hostname", "relay1.adatum.com", "--yes",
                            "--foreign-host", "mx:contoso.com", "--local-host", "mbx1.adatum.com")
        self.assertIn("2 mailboxes, 3 custom recipients, 0 groups", done.stdout)
        self.assert_good()

    def test_a_password_that_stays_where_it_is(self):
        self.directory()
        credentials = self.folder / "credentials"
        credentials.mkdir()
        secret = credentials / "ldap-password"
        secret.write_text("secret\n")
        flags = ("--bind-dn", self.slapd.administrator, "--local-host", "mbx1.adatum.com",
                 "--foreign-host", "notes1.contoso.com")
        for where in ("credential:ldap-password", f"file:{secret}"):
            secret.chmod(0o644)
            done = self.unattended(*flags, "--password-from", where, "--force", code=64)
            self.assertIn("others may read the secret", " ".join(done.stderr.split()))
            secret.chmod(0o600)
            self.unattended(*flags, "--password-from", where, "--force")
            self.assertIn(f'password = "{where}"', self.file.read_text())
            self.assertFalse((self.folder / "directory-password").exists())
            self.assert_good()

    def test_limits_of_the_account_are_found(self):
        self.directory(*((f"p{i}", [f"p{i}@adatum.com"]) for i in range(40)),
                       database_config=("limits * size=20",))
        done = self.unattended("--local-host", "mbx1.adatum.com")
        said = " ".join(done.stdout.split())
        self.assertIn("4 (Size limit exceeded)", said)
        self.assertIn("lift its size and time limits", said)
        self.assertIn("There is no custom recipient.", said)
        self.assert_good()

    def test_what_is_there_is_kept(self):
        self.directory()
        flags = [*self.account(), "--foreign-host", "notes1.contoso.com", "--local-host", "mbx1.adatum.com"]
        self.file.write_text("# mine\n")
        self.assertIn("is there already", self.unattended(*flags, code=73).stderr)
        self.assertEqual(self.file.read_text(), "# mine\n")
        self.assertIn("Nothing was written", self.unattended(*flags, "--dry-run").stdout)
        self.assertEqual(self.file.read_text(), "# mine\n")
        self.unattended(*flags, "--force")
        self.assert_good()
        kept, = self.folder.glob("splitmx.toml.before-*")
        self.assertEqual(kept.read_text(), "# mine\n")

    def test_wrong_answers(self):
        self.directory()
        self.password.with_name("wrong").write_text("wrong\n")
        good = {"--directory": self.slapd.uri, "--hostname": "relay1.adatum.com", "--listen": "127.0.0.1:0",
                "--local-host": "mbx1.adatum.com", "--foreign-host": "notes1.contoso.com"}
        for more, code, text in (
                ({"--directory": "ldap://127.0.0.1:1"}, 69, "refused"),
                ({"--directory": "http://ldap1"}, 64, "--directory"),
                ({"--bind-dn": self.slapd.administrator, "--password-file": self.password.with_name("wrong")},
                 69, "check bind_dn and password"),
                ({"--bind-dn": self.slapd.administrator}, 64, "--password-file"),
                ({"--base": "dc=nowhere"}, 69, "dc=nowhere"),
                ({"--base": f"uid=anna,{SUFFIX}", "--profile": "novell"}, 64, "no profile \"novell\""),
                ({"--local-host": None}, 64, "--local-host is needed"),
                ({"--local-host": "mbx1:smtp"}, 64, "--local-host"),
                ({"--domain": "*.adatum.com"}, 64, "--domain"),
                ({"--shared-domain": "-"}, 64, "--foreign-host is for a shared domain"),
                ({"--postmaster": "postmaster"}, 64, "--postmaster"),
                ({"--listen": "25"}, 64, "--listen")):
            with self.subTest(more):
                flags = [word for pair in (good | more).items() if pair[1] is not None for word in pair]
                done = self.splitmx(*flags, "--yes", code=code)
                self.assertIn(text, " ".join(done.stderr.split()))
                self.assert_nothing_written()


class Dialogue(Setup):
    def terminal(self, *flags):
        terminal = Terminal(self.command(*flags))
        self.addCleanup(terminal.close)
        return terminal

    def test_from_the_first_question_to_the_file(self):
        self.directory()
        terminal = self.terminal()
        terminal.answer("Directory: ", "ldap://127.0.0.1:1")
        terminal.answer("Directory: ", self.slapd.uri)
        terminal.answer("anonymous]: ", self.slapd.administrator)
        terminal.expect("Password: ")
        self.assertFalse(terminal.echoes)
        terminal.type("not this\n")
        terminal.answer("(- for anonymous): ", "")
        terminal.expect("Password: ")
        terminal.type("secrex\x7ft\n")
        terminal.answer("Where people are", "dc=nowhere")
        terminal.answer("Where people are", "")
        self.assertTrue(terminal.echoes)
        terminal.answer("Profile [laser]: ", "")
        terminal.answer("Its name", "relay1.adatum.com")
        terminal.answer("Who answers for it", "")
        terminal.answer("Listen on", "25")
        terminal.answer("Listen on", "127.0.0.1:0")
        terminal.answer("Domains that are ours", "")
        terminal.answer("Shared with another", "")
        terminal.answer("Host of the other mail system", "")
        terminal.answer("Host of the other mail system", "notes1.contoso.com notes2.contoso.com:2525")
        terminal.answer("its own mail comes from", "10.0.9.1/24")
        terminal.answer("its own mail comes from", "10.0.9.0/24")
        terminal.answer("that name none", "mbx1.adatum.com")
        terminal.answer("passed on whole", "")
        terminal.answer("Smart host", "")
        terminal.answer("Networks that may send", "10.0.9.0/24")
        terminal.answer("Write it? [Y/n]: ", "y")
        self.assertEqual(terminal.wait(), 0, terminal.transcript)
        self.check("dialogue.txt", terminal.transcript)
        self.assertNotIn("secret", terminal.transcript)
        self.assert_good()
        self.assertEqual((self.folder / "directory-password").read_text(), "secret\n")

    def test_no_is_no(self):
        self.directory()
        terminal = self.terminal("--directory", self.slapd.uri, "--bind-dn", "-", "--base", SUFFIX)
        for question in ("Profile", "Its name", "Who answers", "Listen on", "Domains that are ours"):
            terminal.answer(question, "")
        terminal.answer("Shared with another", "-")
        terminal.answer("that name none", "mbx1.adatum.com")
        for question in ("passed on whole", "Smart host", "Networks that may"):
            terminal.answer(question, "")
        terminal.answer("Write it?", "maybe")
        terminal.answer("Write it?", "n")
        self.assertEqual(terminal.wait(), 0)
        self.assertIn("Nothing was written.", terminal.transcript)
        self.assert_nothing_written()

    def test_whoever_leaves_has_written_nothing(self):
        self.directory()
        for name, keys in (("end of input", "\x04"), ("Ctrl-C", "\x03")):
            for question in ("Directory: ", "Password: ", "Profile"):
                with self.subTest(name, at=question):
                    terminal = self.terminal()
                    if question != "Directory: ":
                        terminal.answer("Directory: ", self.slapd.uri)
                        terminal.answer("anonymous]: ", self.slapd.administrator)
                    if question == "Profile":
                        terminal.answer("Password: ", "secret")
                        terminal.answer("Where people are", "")
                    terminal.expect(question)
                    terminal.type(keys)
                    self.assertNotEqual(terminal.wait(), 0)
                    self.assertTrue(terminal.echoes)
                    self.assert_nothing_written()

    def test_answers_from_a_pipe(self):
        self.directory()
        done = self.splitmx("--directory", self.slapd.uri, code=65, stdin="\n\n")
        self.assertIn("nothing was written", " ".join(done.stderr.split()))
        self.assert_nothing_written()


if __name__ == "__main__":
    cases.main()
