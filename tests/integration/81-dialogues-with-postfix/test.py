#!/usr/bin/env python3
"""Our written dialogues, played to our relay and to a Postfix that is configured alike. Where the codes
differ is in docs/beside-postfix.txt, with the reason; ACCEPT=1 adds what is new to it."""
import collections
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, dialogue, peer, peer_case, private_machine
from support.postfix import Postfix

FOLDERS = [daemon.ROOT / "tests" / name for name in ("integration/13-dialogues", "golden/dialogues")]
TABLE = daemon.ROOT / "docs/beside-postfix.txt"
NEW = "## (say why)"
DOMAINS = ("adatum.com", "example.com")
KNOWN = ["anna@adatum.com", "bert@adatum.com", '"two words"@adatum.com',
         *(f"{name}@example.com" for name in ("bob", "bob2", "bob3", "one", "two", "three", "zoe"))]
THERE, LIMIT, ERRORS = "127.0.0.20", 1000, 100


class Differences(peer_case.WithPeer):
    name = "postfix"

    @classmethod
    def build(cls, where):
        cls.relay = where.small_world(*((f"p{i}", [one]) for i, one in enumerate(KNOWN)), config={
            "server": {"max_message": f"{LIMIT}B"},
            "limits": {"errors": ERRORS, "unknown_recipients": 1000, "unknown_limit": 1000},
            "domain": [{"name": name, "action": "inbound"} for name in DOMAINS]})
        known = peer.folder("/etc/postfix") / "known"
        known.write_text("".join(  # as Postfix looks addresses up: without quotes
            "/^{}$/ known\n".format(re.escape(one.replace('"', "")))
            for one in [*KNOWN, "postmaster@adatum.com"]))
        cls.postfix = Postfix(THERE, parameters={
            "mynetworks": "127.0.0.99", "relay_domains": ", ".join(DOMAINS),
            "relay_recipient_maps": f"regexp:{known}", "relay_transport": "smtp:[127.0.0.3]:9",
            "smtpd_relay_restrictions": "reject_unauth_destination",
            "message_size_limit": LIMIT, "smtpd_hard_error_limit": ERRORS,
            "smtpd_soft_error_limit": ERRORS, "smtpd_error_sleep_time": 0,
            "smtpd_helo_required": "yes", "smtpd_discard_ehlo_keywords": "chunking", "strict_rfc821_envelopes": "yes",
            "smtpd_forbid_bare_newline": "reject", "smtpd_forbid_unauth_pipelining": "yes"})
        where.on_close(cls.postfix.stop)
        cls.postfix.start()

    def found(self):
        """What differs, as lines of the table, in order and without repetition."""
        rows = {}
        for path in (path for folder in FOLDERS for path in sorted(folder.glob("*.smtp"))):
            ours, theirs = (dialogue.Player(*where) for where in (
                ("127.0.0.1", self.relay.port), (THERE, 25)))
            for step, we, they in dialogue.compare(path, ours, theirs):
                # A group is told by its first answers that differ.
                if len(we) > 1 and len(we) == len(they):
                    we, they = zip(*((a, b) for a, b in zip(we, they) if a != b))
                rows[f"{step.text} | {', '.join(we)} | {', '.join(they)}"] = None
            ours.close()
            theirs.close()
        return list(rows)

    def test_each_difference_is_known_and_has_its_reason(self):
        found, known = self.found(), collections.defaultdict(list)
        heading = None
        for line in TABLE.read_text().splitlines() if TABLE.exists() else ():
            heading = line if line.startswith("## ") else heading
            if line and not line.startswith("#"):
                known[heading].append(line)
        every = [line for lines in known.values() for line in lines]
        if os.environ.get("ACCEPT"):
            known = {head: [line for line in lines if line in found] for head, lines in known.items()}
            known[NEW] = known.get(NEW, []) + [line for line in found if line not in every]
            head = TABLE.read_text().split("\n## ")[0] if TABLE.exists() else ""
            TABLE.write_text(head.rstrip() + "\n" + "".join(
                f"\n{title}\n" + "".join(f"{line}\n" for line in lines)
                for title, lines in known.items() if lines))
            return
        self.assertNotIn(NEW, known)
        self.assertEqual(sorted(found), sorted(every))


if __name__ == "__main__":
    private_machine.enter("postfix")
    cases.main()
