#!/usr/bin/env python3
"""Subjects of commits: `room: What changes`, at most 72 characters, an empty line behind.

    commit_form.py ROOT    Merges are left out. Without a history there is nothing to check.
"""
import re
import subprocess
import sys

import sources

LIMIT = 72
SUBJECT = re.compile(r"[a-z][a-z0-9_/.+-]*(, [a-z][a-z0-9_/.+-]*)*: \S.*[^.\s]")
MOST = 500


def findings_in(commit, message):
    subject, _, rest = message.partition("\n")
    if len(subject) > LIMIT:
        yield f"{commit}: the subject has {len(subject)} characters, at most {LIMIT}: {subject}"
    if not SUBJECT.fullmatch(subject):
        yield f"{commit}: not `room: What changes`: {subject}"
    if rest.strip() and not rest.startswith("\n"):
        yield f"{commit}: no empty line behind the subject"


def self_test():
    for good in ("spool: Keep the order", "smtp/net, relay: Share it\n\nBecause.\n", "a: b c"):
        assert not list(findings_in("x", good)), f"self-test: {good}"
    for bad in ("Fix it", "spool: Ends in a dot.", "spool: " + "x" * 70, "spool: A\nB", "spool:X"):
        assert list(findings_in("x", bad)), f"self-test: {bad}"


def main(root):
    try:
        done = subprocess.run(
            ["git", "-C", root, "log", "--no-merges", f"-{MOST}", "--format=%h%x00%B%x00%x00"],
            capture_output=True, text=True, check=False)
    except OSError:
        print("commit_form: no git, nothing to check")
        return 0
    if done.returncode != 0:
        print(f"commit_form: no history, nothing to check ({done.stderr.strip()[:100]})")
        return 0
    commits = [entry.strip("\n").split("\0", 1) for entry in done.stdout.split("\0\0\n") if entry]
    findings = [finding for commit, message in commits for finding in findings_in(commit, message)]
    return sources.finish("commit_form", findings, len(commits))


if __name__ == "__main__":
    self_test()
    sys.exit(main(sys.argv[1]))
