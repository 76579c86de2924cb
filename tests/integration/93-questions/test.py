#!/usr/bin/env python3
"""docs/questions.md: its commands, run in their order, print what stands there. ACCEPT=1 writes."""
import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, console, daemon, mail, stage, toml

PAGE = daemon.ROOT / "docs/questions.md"
JSON_PAGE = daemon.ROOT / "docs/json.md"
PEOPLE = (("anna", ["anna@adatum.com"]),
          ("carl", ["carl@contoso.com"], {"mailRoutingAddress": "carl@contoso.com"}),
          ("kim", ["kim@contoso.com"], {"mailRoutingAddress": "kim@contoso.com"}),
          ("lee", ["lee@contoso.com"], {"mailRoutingAddress": "lee@contoso.com"}),
          ("pat", ["pat@adatum.com"]), ("pat2", ["pat@adatum.com"]))
FILES = {
    "wave3.ldif": "dn: uid=kim,dc=adatum,dc=com\nchangetype: modify\ndelete: mailRoutingAddress\n-\n\n"
                  "dn: uid=lee,dc=adatum,dc=com\nchangetype: delete\n",
    "all-addresses.txt": "".join(f"{one}@contoso.com\n" for one in ("carl", "kim", "lee"))
                         + "anna@adatum.com\n",
    "routing-tests.txt": "anna@adatum.com   mailbox           mailboxes\n"
                         "carl@contoso.com  custom_recipient  notes\n",
    "dialogue.txt": "EHLO mx.example.net\nMAIL FROM:<bob@example.net>\nRCPT TO:<zoe@contoso.com>\n"
                    "RCPT TO:<carl@contoso.com>\nDATA\nSubject: hello\n\nHello.\n.\nQUIT\n",
}


def members(value, path=""):
    """The names of all members, as docs/json.md writes them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from members(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, path + "[]")
    else:
        yield path


class Questions(cases.Case):
    def relay(self):
        """With one message that waits; its id."""
        notes = self.stage.sink(stage.FOREIGN, name="notes")
        notes.on("rcpt", "451 4.3.2 try later")
        relay = self.stage.small_world(config={
            "directory": {"main": stage.ldif_source(self.stage, stage.people(*PEOPLE))},
            "history": {"keep": "1d"}, "queue": {"retry": ["1h"]}, "routing": {"tests": "routing-tests.txt"},
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": "#contoso.com", "action": "inbound", "host": "notes"}],
            "host": {"notes": {"address": notes.endpoint}}}, start=False)
        for name, text in FILES.items():
            (relay.directory / name).write_text(text)
        (relay.directory / "new.toml").write_text(toml.dump(toml.merged(relay.tables, {
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": "#contoso.com", "action": "inbound"}]})))
        relay.start()
        reply = mail.submit(relay, "bob@example.net", "carl@contoso.com").last
        ids = [re.search(r"Stored as (\S+)", reply.text)[1]]
        relay.wait_for_log(rf"{ids[0]} wait ")
        return relay, ids

    def wait_for_history(self, relay, ident):
        """Records are written in groups."""
        for _ in range(600):
            told = console.run(relay, f"splitmx trace {ident}")
            later = console.run(relay, "splitmx trace kim@contoso.com")
            if " DEFER " in told and " DEFER " in later:
                return
            time.sleep(0.1)
        self.fail(told + later)

    def test_the_page_tells_the_truth(self):
        relay, ids = self.relay()
        console.check(self, PAGE, lambda line: console.run(relay, line, ids))
        self.assertLessEqual(max(map(len, PAGE.read_text().splitlines())), 116)

    def test_every_member_of_json_is_told(self):
        relay, ids = self.relay()
        mail.submit(relay, "bob@example.net", "kim@contoso.com")
        mail.submit(relay, "bob@example.net", "IMCEAEX-_O=ADATUM_CN=GONE@contoso.com")
        text = JSON_PAGE.read_text()
        sections = re.findall(r"^## `splitmx (.*?)`\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
        more = {"resolve": ["carl@contoso.com", "pat@adatum.com"],
                "resolve --diff": ["--with-ldif", "wave3.ldif", "kim@contoso.com"],
                "config diff": ["new.toml"], "directory search": ["carl"], "probe": ["carl@contoso.com"],
                "trace": [ids[0]],
                "replay": ["--with-ldif", "wave3.ldif"]}
        self.wait_for_history(relay, ids[0])
        for command, section in sections:
            with self.subTest(command=command):
                said = subprocess.run(
                    [daemon.program("splitmx"), "--config", relay.config_path, *command.split(),
                     "--json", *more.get(command, [])], text=True, capture_output=True, check=False,
                    timeout=60, cwd=relay.directory).stdout
                told = set(re.findall(r"`([^`]+)`", "".join(
                    line.split(" | ")[0] for line in section.splitlines(True) if line[0] == "|")))
                rows = [json.loads(line) for line in said.splitlines()]
                self.assertTrue(rows)
                self.assertTrue(set(rows[0]) - {"failed"} <= {one.split(".")[0].split("[")[0] for one in told})
                for name in members(rows):
                    name = name.removeprefix("[].")
                    name = re.sub(r"^directories\.\w+", "directories.NAME", name)
                    if not re.match(r"(now|then|decision)\.|minutes\.\d|hosts\[\]", name):
                        self.assertIn(name.removesuffix("[]"), {one.removesuffix("[]") for one in told})


if __name__ == "__main__":
    cases.main()
