#!/usr/bin/env python3
"""Plays every *.smtp dialogue of this directory against one relay."""
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail

HERE = pathlib.Path(__file__).resolve().parent


class Dialogues(cases.SharedCase):
    @classmethod
    def build(cls, where):
        cls.relay = where.small_world(
            ("anna", ["anna@adatum.com"]), ("bert", ["bert@adatum.com"]),
            ("quoted", ['"two words"@adatum.com']),
            config={"server": {"max_message": "1MiB"}, "limits": {"errors": 10}})


def _add(path):
    def test(self):
        mail.play(path, self.relay.address, self.relay.port)
    setattr(Dialogues, "test_" + path.stem.replace("-", "_"), test)


for _path in sorted(HERE.glob("*.smtp")):
    _add(_path)

class Names(cases.Case):
    def test_the_postmaster_of_our_own_name(self):
        # No [[domain]] covers the name, and reports come from postmaster@gate.other.example.
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]),
                                       config={"server": {"hostname": "gate.other.example"}})
        ours = "postmaster@gate.other.example"
        with mail.Client(relay.address, relay.port) as client:
            sent = client.transaction("", [ours], mail.message("to the postmaster"))
            self.assertEqual(sent.last.code, 250)
            client.command("MAIL FROM:<ann@sender.example>")
            self.assertEqual(client.command("RCPT TO:<abuse@gate.other.example>").code, 550)
        # The host behind us knows nothing of our name, but has to take Postmaster.
        self.stage.mailboxes.wait_until(lambda s: s.recipients(), what="the message")
        self.assertEqual(self.stage.mailboxes.recipients(), ["Postmaster"])

    def test_case_is_for_other_peoples_hosts_to_judge(self):
        relay = self.stage.small_world(
            ("anna", ["anna@adatum.com"]),
            config={"domain": [{"name": "adatum.com", "action": "inbound"},
                               {"name": "legacy.example", "action": "relay",
                                "always_relay": True, "host": "internet"}]})
        mail.submit(relay, "ann@sender.example", ["Bob@legacy.example", "bob@legacy.example"])
        self.stage.internet.wait_until(lambda s: len(s.recipients()) == 2, what="both")
        self.assertEqual(sorted(self.stage.internet.recipients()),
                         ["Bob@legacy.example", "bob@legacy.example"])
        mail.submit(relay, "ann@sender.example", ["Anna@adatum.com", "anna@adatum.com"])
        self.stage.mailboxes.wait_until(lambda s: s.recipients(), what="the message")
        self.assertEqual(len(self.stage.mailboxes.recipients()), 1)


class TimeLimits(cases.Case):
    def test_who_says_nothing_is_told_why_it_ends(self):
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]),
                                       config={"limits": {"command_timeout": "1s",
                                                          "data_timeout": "1s"}})
        for lines in ([], ["EHLO client.example"],
                      ["EHLO client.example", "MAIL FROM:<ann@sender.example>",
                       "RCPT TO:<anna@adatum.com>", "DATA", "Subject: cut"]):
            with self.subTest(lines=lines), \
                    socket.create_connection((relay.address, relay.port), 20) as client:
                heard = client.recv(4096)
                for line in lines:
                    client.sendall(line.encode() + b"\r\n")
                    if not line.startswith("Subject"):
                        heard = client.recv(4096)
                while got := client.recv(4096):
                    heard += got
                self.assertRegex(heard.decode().splitlines()[-1], r"^421 4\.4\.2 ")


if __name__ == "__main__":
    cases.main()
