#!/usr/bin/env python3
"""What fails in a situation runs once more, and only where that is no excuse (docs/adr/0046)."""
import contextlib
import importlib.util
import io
import os
import pathlib
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
TEST = '''import pathlib, sys
sys.path.insert(0, {tests!r})
from support import cases
cases.require_programs = lambda: None
def run(place):
    if place == {place!r}:
        mark = pathlib.Path(__file__).with_name("mark")
        mark.write_text(mark.read_text() + "x" if mark.exists() else "x")
        if len(mark.read_text()) <= {failures}:
            raise AssertionError({text!r})
class Situation(cases.SharedCase):
    @classmethod
    def build(cls, stage):
        run("setUpClass")
    def test_a(self):
        run("test_a")
cases.main()
'''
# (failures of each situation, text, what is allowed, the last line, the situation's name, what fails)
ROWS = (
    ((1,), "no luck", 2, "1 passed, 0 failed"), ((2,), "no luck", 2, "0 passed, 1 failed"),
    ((1, 1), "no luck", 2, "2 passed, 0 failed"), ((1, 1, 0), "no luck", 1, "1 passed, 2 failed"),
    ((1,), "no luck", 0, "0 passed, 1 failed"), ((1,), "splitmxd ended with -11", 2, "0 passed, 1 failed"),
    ((1,), "==1==ERROR: AddressSanitizer: heap-use-after-free", 2, "0 passed, 1 failed"),
    ((1,), "no luck", 2, "0 passed, 1 failed", "05-kill-relay"),
    ((1,), "no luck", 2, "1 passed, 0 failed", "06-class", "setUpClass"),
    ((2,), "no luck", 2, "0 passed, 1 failed", "06-class", "setUpClass"))


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said(work, arguments=()):
    out, before = io.StringIO(), sys.argv
    sys.argv = ["run.py", *arguments]
    try:
        with contextlib.redirect_stdout(out):
            work()
    finally:
        sys.argv = before
    return out.getvalue()


def main():
    faults = []
    run, summary = load(TESTS / "integration/run.py"), load(TESTS / "summary.py")
    for failures, text, allowed, last, *more in ROWS:
        name, place = (*more, *("", "test_a")[len(more):])
        with tempfile.TemporaryDirectory() as folder:
            run.HERE = pathlib.Path(folder)
            for number, count in enumerate(failures):
                situation = run.HERE / (name or f"0{number}-row")
                situation.mkdir()
                (situation / "test.py").write_text(
                    TEST.format(tests=str(TESTS), failures=count, text=text,
                                place=place))
            said(run.main, ["--again", str(allowed), "--results", folder + "/r.xml"])
            told = said(lambda: summary.main(folder, ["r"]))
        unsteady = sum(failures) if last.endswith(" 0 failed") else 0
        if last not in told.splitlines()[-1] or told.count("unsteady ") != unsteady:
            faults.append(f"{failures} {text!r}, {allowed} allowed:\n{told}")
    print("\n".join(faults) or f"{len(ROWS)} rows")
    return 1 if faults else 0


if __name__ == "__main__":
    os.environ.pop("SPLITMX_TEST_REPORT", None)
    sys.exit(main())
