#!/usr/bin/env python3
"""Plays every *.smtp dialogue of this directory against one relay."""
import pathlib
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

if __name__ == "__main__":
    cases.main()
