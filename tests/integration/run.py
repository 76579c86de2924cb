#!/usr/bin/env python3
"""Runs the situations of this directory, several at a time; one line a test, failures in full.

    run.py [--jobs N] [--filter TEXT]... [--without TEXT]... [--results FILE.xml]

Exit: 0 when nothing failed. Each situation is a session of its own and has a time limit.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
OUTCOMES = ("ok", "FAILED", "skipped")
running, lock = set(), threading.Lock()


def run(directory, limit):
    """The rows that the situation reported; one of our own when it did not end well."""
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as report:
        process = subprocess.Popen(
            [sys.executable, "-B", directory / "test.py"], stdin=subprocess.DEVNULL,
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
        rows.append({"situation": directory.name, "name": "(whole)", "outcome": "FAILED",
                     "seconds": 0, "text": text})
        print(f"FAILED  {directory.name}\n    " + text.replace("\n", "\n    "), flush=True)
    return rows


def end(process):
    """Ends the situation and the servers it started: its own session, nobody else's."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def write_results(path, rows):
    counts = {outcome: sum(row["outcome"] == outcome for row in rows) for outcome in OUTCOMES}
    suite = xml.Element("testsuite", name="integration", tests=str(len(rows)),
                        failures=str(counts["FAILED"]), skipped=str(counts["skipped"]))
    for row in rows:
        case = xml.SubElement(suite, "testcase", classname=row["situation"], name=row["name"],
                              time=str(row["seconds"]))
        if row["outcome"] != "ok":
            kind = "failure" if row["outcome"] == "FAILED" else "skipped"
            printable = "".join(c for c in row["text"] if c >= " " or c in "\n\t")
            xml.SubElement(case, kind, message=printable[:200]).text = printable
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--filter", action="append", default=[], metavar="TEXT")
    options.add_argument("--without", action="append", default=[], metavar="TEXT")
    options.add_argument("--results", metavar="FILE.xml")
    options.add_argument("--limit", type=int, default=600, help="seconds for one situation")
    args = options.parse_args()
    wanted = [path.parent for path in sorted(HERE.glob("*/test.py"))
              if (not args.filter or any(text in path.parent.name for text in args.filter))
              and not any(text in path.parent.name for text in args.without)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pool = concurrent.futures.ThreadPoolExecutor(args.jobs)
    try:
        futures = [pool.submit(run, directory, args.limit) for directory in wanted]
        rows = [row for future in futures for row in future.result()]
    except (KeyboardInterrupt, SystemExit):
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(running):
            end(process)
        return 130
    if args.results:
        write_results(args.results, rows)
    counts = [sum(row["outcome"] == outcome for row in rows) for outcome in OUTCOMES]
    print(f"{counts[0]} passed, {counts[1]} failed, {counts[2]} skipped")
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main())
