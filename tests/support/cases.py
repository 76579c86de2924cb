"""Base classes of integration tests, and the way they report: one line a test."""
import json
import os
import pathlib
import signal
import sys
import time
import unittest

from support import daemon
from support.stage import Stage


class Case(unittest.TestCase):
    """A fresh stage for each test."""

    maxDiff = None

    def setUp(self):
        require_programs()
        self.stage = Stage()
        self.addCleanup(lambda: self.stage.close())

    def next_stage(self):
        """For the next row of a table: everything is taken down, and must end well."""
        self.stage.close()
        self.stage = Stage()


class SharedCase(unittest.TestCase):
    """One stage for all tests of the class, set up by `build(stage)`."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        require_programs()
        cls.stage = Stage()
        cls.addClassCleanup(cls.stage.close)
        cls.build(cls.stage)

    @classmethod
    def build(cls, stage):
        raise NotImplementedError


def require_programs():
    for name in ("splitmxd", "splitmx"):
        if not daemon.program(name).exists():
            raise RuntimeError(f"{daemon.program(name)} is not there: build first")


def full_run():
    """Long variants are wanted (./test --full)."""
    return os.environ.get("SPLITMX_TEST_FULL") == "1"


class Report(unittest.TestResult):
    """Prints a line a test; appends a JSON line to the file SPLITMX_TEST_REPORT, if it is named."""

    def __init__(self):
        super().__init__()
        self.situation = pathlib.Path(sys.argv[0]).resolve().parent.name
        self._started = time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()

    def _tell(self, test, outcome, text=""):
        seconds = time.monotonic() - self._started
        name = test.id().removeprefix("__main__.")
        print(f"{outcome:<7} {self.situation}/{name}  {seconds:.1f} s", flush=True)
        if text:
            print("    " + text.rstrip().replace("\n", "\n    "), flush=True)
        if path := os.environ.get("SPLITMX_TEST_REPORT"):
            row = {"situation": self.situation, "name": name, "outcome": outcome,
                   "seconds": round(seconds, 3), "text": text}
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    def addSuccess(self, test):
        super().addSuccess(test)
        self._tell(test, "ok")

    def addError(self, test, err):
        super().addError(test, err)
        self._tell(test, "FAILED", self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._tell(test, "FAILED", self.failures[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._tell(subtest, "FAILED", self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._tell(test, "skipped", reason)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A job in the background of a shell ignores it, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    names = sys.argv[1:]
    loader = unittest.TestLoader()
    suite = (loader.loadTestsFromNames(names, sys.modules["__main__"]) if names
             else loader.loadTestsFromModule(sys.modules["__main__"]))
    if loader.errors:
        sys.exit("\n".join(loader.errors))
    report = Report()
    suite.run(report)
    sys.exit(0 if report.wasSuccessful() else 1)
