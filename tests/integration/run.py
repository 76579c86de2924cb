#!/usr/bin/env python3
"""Runs the situations of this directory, several at a time; one line a test, failures in full.

    run.py [--jobs N] [--filter TEXT]... [--without TEXT]... [--results FILE.xml] [--again N]

Exit: 0 when nothing failed. Each situation is a session of its own and has a time limit. Where at
most N tests failed, each runs once more, alone, at the end: one that passes then is unsteady.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
OUTCOMES = ("ok", "FAILED", "skipped")
WHOLE = "(whole)"
# What no chance excuses: a relay that crashed, did not start or end, or broke the protocol; and
# whatever fails where mail might be lost.
DURABILITY = ("05-kill-relay", "12-disk-full", "14-damaged", "15-250-after-sync")
NO_CHANCE = re.compile(r"Sanitizer|runtime error:|splitmxd ended with|splitmxd ignores SIGTERM|"
                       r"splitmxd does not get ready|the relay broke the protocol")
running, lock = set(), threading.Lock()


def run(directory, limit, names=()):
    """The rows that the situation reported; one of our own when it did not end well. `names`: of its
    tests, all without."""
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as report:
        process = subprocess.Popen(
            [sys.executable, "-B", directory / "test.py", *names], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            start_new_session=True, env={**os.environ, "SPLITMX_TEST_REPORT": report.name})
        with lock:
            running.add(process)
        late = threading.Timer(limit, end, [process])
        late.start()
        other = []
        for line in process.stdout:
            if line.split(" ", 1)[0] in OUTCOMES or line.startswith("    "):
                sys.stdout.write(line)
                sys.stdout.flush()
            else:
                other.append(line)
        code = process.wait()
        late.cancel()
        with lock:
            running.discard(process)
        rows = [json.loads(line) for line in report]
    if not rows or (code != 0 and all(row["outcome"] != "FAILED" for row in rows)):
        text = f"ended with {code}; its limit is {limit} s\n" + "".join(other[-50:])
        rows.append({"situation": directory.name, "name": WHOLE, "outcome": "FAILED",
                     "seconds": 0, "text": text})
        print(f"FAILED  {directory.name}\n    " + text.replace("\n", "\n    "), flush=True)
    return rows


def names_of(name):
    """What to run for that to run once more: a test, a class that was not set up, or all there is."""
    if name == WHOLE or "Module (" in name:
        return []
    of_class = re.fullmatch(r"(?:setUp|tearDown)Class \((?:__main__\.)?(\w+)\)", name)
    return [of_class[1] if of_class else name.split(" ")[0]]


def run_again(rows, most, limit):
    """A second chance for what failed, unless it is more than chance makes fail. What passes then is
    told in the results."""
    failed = [row for row in rows if row["outcome"] == "FAILED"]
    if len(failed) > most or any(
            row["situation"] in DURABILITY or NO_CHANCE.search(row["text"]) for row in failed):
        return
    for row in failed:
        print(f"once more: {row['situation']}/{row['name']}", flush=True)
        second = run(HERE / row["situation"], limit, names_of(row["name"]))
        if all(one["outcome"] == "ok" for one in second):
            row["outcome"] = "unsteady"


def end(process):
    """Ends the situation and the servers it started: its own session, nobody else's."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def printable(text):
    return "".join(c for c in text if c >= " " or c in "\n\t")


def write_results(path, rows):
    counts = {outcome: sum(row["outcome"] == outcome for row in rows) for outcome in OUTCOMES}
    suite = xml.Element("testsuite", name="integration", tests=str(len(rows)),
                        failures=str(counts["FAILED"]), skipped=str(counts["skipped"]))
    for row in rows:
        case = xml.SubElement(suite, "testcase", classname=row["situation"], name=row["name"],
                              time=str(row["seconds"]))
        if row["outcome"] == "unsteady":
            xml.SubElement(case, "system-out").text = "unsteady\n" + printable(row["text"])
        elif row["outcome"] != "ok":
            kind = "failure" if row["outcome"] == "FAILED" else "skipped"
            text = printable(row["text"])
            xml.SubElement(case, kind, message=text[:200]).text = text
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--filter", action="append", default=[], metavar="TEXT")
    options.add_argument("--without", action="append", default=[], metavar="TEXT")
    options.add_argument("--results", metavar="FILE.xml")
    options.add_argument("--limit", type=int, default=600, help="seconds for one situation")
    options.add_argument("--again", type=int, default=0, metavar="N")
    args = options.parse_args()
    wanted = [path.parent for path in sorted(HERE.glob("*/test.py"))
              if (not args.filter or any(text in path.parent.name for text in args.filter))
              and not any(text in path.parent.name for text in args.without)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pool = concurrent.futures.ThreadPoolExecutor(args.jobs)
    try:
        futures = [pool.submit(run, directory, args.limit) for directory in wanted]
        rows = [row for future in futures for row in future.result()]
        run_again(rows, args.again, args.limit)
    except (KeyboardInterrupt, SystemExit):
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(running):
            end(process)
        return 130
    if args.results:
        write_results(args.results, rows)
    counts = [sum(row["outcome"] == outcome for row in rows) for outcome in OUTCOMES]
    unsteady = sum(row["outcome"] == "unsteady" for row in rows)
    print(f"{counts[0] + unsteady} passed, {counts[1]} failed, {counts[2]} skipped"
          + (f"; {unsteady} of those that passed failed at first" if unsteady else ""))
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main())
