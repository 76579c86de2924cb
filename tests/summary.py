#!/usr/bin/env python3
"""Counts the tests in the result files of a directory; the last line of ./test.

    summary.py DIRECTORY NAME...   reads DIRECTORY/NAME.xml; a file that is missing is a failure
Exit: 0 when something passed and nothing failed; a test that passed only when it ran once more is
named. A unit test program counts as its Catch2 cases, anything else as one.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

ALL_PASSED = re.compile(r"All tests passed \([\d]+ assertions? in (\d+) test cases?\)")
SOME_FAILED = re.compile(r"test cases:\s*\d+(?: \|\s*(\d+) passed)?(?: \|\s*(\d+) failed)?")


def counts_of(case):
    """(passed, failed, skipped) of one <testcase>."""
    output = case.findtext("system-out") or ""
    if (skipped := case.find("skipped")) is not None:
        # ctest calls it skipped when a program was never built.
        missing = "Unable to find" in (skipped.get("message") or "")
        return (0, 1, 0) if missing else (0, 0, 1)
    failed = (case.find("failure") is not None or case.find("error") is not None
              or case.get("status") == "fail")
    if found := ALL_PASSED.search(output):
        # A sanitizer may end the program badly behind its last case.
        return int(found[1]), int(failed), 0
    if failed and (found := SOME_FAILED.search(output)):
        return int(found[1] or 0), max(1, int(found[2] or 0)), 0
    return (0, 1, 0) if failed else (1, 0, 0)


def name_of(case):
    classname, name = case.get("classname") or "", case.get("name")
    return name if classname in ("", name) else f"{classname}/{name}"


def main(directory, names):
    total, failed_names, unsteady = [0, 0, 0], [], []
    for path in (pathlib.Path(directory) / f"{name}.xml" for name in names):
        if not path.exists():
            total[1] += 1
            failed_names.append(f"{path.stem}: no results")
            continue
        for case in xml.parse(path).getroot().iter("testcase"):
            counts = counts_of(case)
            total = [one + more for one, more in zip(total, counts)]
            if counts[1]:
                failed_names.append(f"{path.stem}: {name_of(case)}")
            if (case.findtext("system-out") or "").startswith("unsteady\n"):
                unsteady.append(f"{path.stem}: {name_of(case)}")
    for name in unsteady:
        print(f"unsteady  {name} failed, and passed when it ran once more")
    for name in failed_names:
        print(f"failed  {name}")
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
