#!/usr/bin/env python3
"""The configurations on README.md and docs/guides are ones: each passes `config check` without a word, and
those of the five articles decide as the article has it."""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon

ROOT = daemon.ROOT
GUIDES = sorted(path for path in (ROOT / "docs/guides").glob("*.md") if path.name != "README.md")
# Article -> address, kind of its route, and where to, by the people of schema/sample.ldif.
ARTICLES = {
    "Q264557": ("anna@adatum.com", "mailbox", "mbx1.adatum.com"),
    "Q307628": ("administrator@cpandl.net", "mailbox", "mbx1.adatum.com"),
    "Q258203": ("carl@contoso.com", "custom_recipient", "notes"),
    "Q259531": ("anybody@north.branches.example", "relay", "branches"),
    "Q201127": ("anybody@africa.example", "relay", "europe"),
}


def blocks(text):
    return re.findall(r"```toml\n(.*?)```", text, re.DOTALL)


class SetUps(cases.Case):
    def setUp(self):
        super().setUp()
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        self.section = re.search(r"\n## The five set-ups\n(.*?)(?=\n## )", text, re.DOTALL)[1]
        secret = self.stage.directory / "ldap-password"
        secret.write_text("secret\n")
        secret.chmod(0o600)
        self.beginning = blocks(self.section)[0].replace("/etc/splitmx/ldap-password", str(secret))

    def splitmx(self, text, *words):
        file = self.stage.directory / "splitmx.toml"
        file.write_text(text)
        return subprocess.run([daemon.program("splitmx"), "--config", file, *words], text=True,
                              capture_output=True, check=False, timeout=60)

    def check(self, text):
        done = self.splitmx(text, "config", "check", "--strict")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def with_sample(self):
        """The beginning, with the people of the sample instead of a server."""
        people = f'[directory.main]\nuri = "ldif:{ROOT}/schema/sample.ldif"\nprofile = "laser"\n'
        return re.sub(r"\[directory\.main\]\n(?:\S[^\n]*\n)+", people, self.beginning)

    def test_the_five_set_ups(self):
        found = re.findall(r"\((Q\d+)\)[^`]*```toml\n(.*?)```", self.section, re.DOTALL)
        self.assertEqual({article for article, _ in found}, set(ARTICLES))
        for article, block in found:
            with self.subTest(article):
                self.check(self.beginning + block)
                address, kind, host = ARTICLES[article]
                done = self.splitmx(self.with_sample() + block, "resolve", "--offline", "--json", address)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                route, = json.loads(done.stdout)["routes"]
                where = route["addresses"][0] if kind == "mailbox" else route["host"]
                self.assertEqual((route["kind"], where), (kind, host))

    def test_the_guides(self):
        self.assertGreaterEqual(len(GUIDES), 5)
        for guide in GUIDES:
            for block in blocks(guide.read_text(encoding="utf-8")):
                with self.subTest(guide.name):
                    self.check(self.beginning + block)

    def test_links_lead_somewhere(self):
        for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/guides").glob("*.md")):
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page}: {target}")


if __name__ == "__main__":
    cases.main()
