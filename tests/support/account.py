"""What the relay's log says became of each message it took.

A line is `TIME LEVEL ID WORD TEXT`. A message begins with `receive` or `report` and ends with
`remove`; between them every try is a `send`, `defer` or `fail` for one recipient.
"""
import collections
import dataclasses
import re

LINE = re.compile(r"\S+ \w+ +(\S+) +(\w+) +(.*)")
TRY = re.compile(r"(\S+) -> (\S+)(?: original=\S+)? delay=\S+ (.*)")


@dataclasses.dataclass
class Try:
    outcome: str  # send | defer | fail
    rcpt: str
    host: str
    text: str


class Account:
    """Of a log as it is now, possibly of several lives of one relay."""

    def __init__(self, log):
        self.taken, self.removed, self.tries = set(), set(), collections.defaultdict(list)
        for line in log.splitlines():
            found = LINE.fullmatch(line)
            if not found:
                continue
            name, word, text = found.groups()
            if word in ("receive", "report"):
                self.taken.add(name)
            elif word == "remove":
                self.removed.add(name)
            elif word in ("send", "defer", "fail") and (one := TRY.fullmatch(text)):
                self.tries[name].append(Try(word, *one.groups()))

    @property
    def open(self):
        return self.taken - self.removed

    def of(self, outcome, rcpt=""):
        """The texts of all tries that ended so, for recipients that contain `rcpt`."""
        return [one.text for tries in self.tries.values() for one in tries
                if one.outcome == outcome and rcpt in one.rcpt]
