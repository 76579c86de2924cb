#!/usr/bin/env python3
"""Citations in the sources: in one form, and of what exists.

    citations.py ROOT      `RFC 5321 4.5.3.1.8`, `Q258203`; sections.txt lists what may be cited.
"""
import pathlib
import re
import sys

import sources

RFC = re.compile(r"\bRFC (\d+)(?:[ ]([A-Z](?:\.\d+)*|\d+(?:\.\d+)*)(?![\w-]))?")
ARTICLE = re.compile(r"\bQ\d{6}\b")
# Other ways of writing the same; the URL of a document is none of ours.
WRONG = re.compile(r"\b(?:RFC[-_]?|(?:Rfc|rfc)[-_ ])\d{3,5}\b(?![\w.]*\.(?:txt|html))"
                   r"|\bRFC \d+,? (?:[Ss]ection|sec\.|§)|\bKB ?Q?\d{6}\b")


def listed(text):
    """(RFC number -> its sections, articles)."""
    standards, articles, current = {}, set(), None
    for line in text.splitlines():
        line = line.split("#", 1)[0]
        if found := re.match(r"RFC (\d+) \S", line):
            current = standards.setdefault(found[1], set())
        elif line.startswith("Q"):
            articles |= set(line.split())
        elif line.strip():
            current |= set(line.split())
    return standards, articles


def findings_in(path, text, standards, articles):
    for found in WRONG.finditer(text):
        place = f"{path}:{sources.line_of(text, found.start())}"
        yield f"{place}: write {found[0]!r} as `RFC NUMBER SECTION` or `QNUMBER`"
    for found in RFC.finditer(text):
        number, section = found.groups()
        place = f"{path}:{sources.line_of(text, found.start())}"
        if number not in standards:
            yield f"{place}: RFC {number} is not listed in tests/meta/sections.txt"
        elif section and section not in standards[number]:
            # A number behind the name may belong to the sentence; a section has a dot or is listed.
            if "." in section or section.isdigit():
                yield f"{place}: RFC {number} has no section {section} in tests/meta/sections.txt"
    for found in ARTICLE.finditer(text):
        if found[0] not in articles:
            yield f"{path}:{sources.line_of(text, found.start())}: {found[0]} is not listed"


def self_test():
    standards, articles = listed("RFC 5321 SMTP\n  4.4 4.5.1\n\nQ258203 # x\n")
    rows = {
        "// RFC 5321 4.5.1, RFC 5321 4.4; Q258203. RFC 5321": 0,
        "// RFC 5321 9.9.9": 1,
        "// RFC 1": 1,
        "// RFC5321 4.4": 1,
        "// RFC 5321 section 4.4": 1,
        "// Q123456": 1,
    }
    for text, count in rows.items():
        found = list(findings_in("row", text, standards, articles))
        assert len(found) == count, f"self-test: {text}: {found}"


def main(root):
    standards, articles = listed((root / "tests/meta/sections.txt").read_text(encoding="utf-8"))
    paths = [path for path in sources.files(root, ".cpp", ".hpp", ".py", ".md", ".smtp", ".schema")
             if path.parent.as_posix() != "tests/meta"]
    findings = [finding for path in paths for finding in findings_in(
        path, (root / path).read_text(encoding="utf-8"), standards, articles)]
    return sources.finish("citations", findings, len(paths))


if __name__ == "__main__":
    self_test()
    sys.exit(main(pathlib.Path(sys.argv[1])))
