#!/usr/bin/env python3
"""docs/conformance.md against its tables, docs/conformance.txt and docs/beside-postfix.txt; and whether
each test is there.

    conformance.py ROOT           findings; exit 1 when there are any
    ACCEPT=1 conformance.py ROOT  writes the document anew
"""
import os
import pathlib
import re
import sys

HEAD = """# Conformance

What the relay does by which section, and the test that proves it; at the end, where its replies differ
from those of Postfix. Made from [conformance.txt](conformance.txt) and
[beside-postfix.txt](beside-postfix.txt) by `tests/meta/conformance.py`, which fails when a test that is
named here does not exist.
"""
POSTFIX = """
## Beside Postfix

Every written dialogue of the tests is played to the relay and to Postfix 3.7 that is configured alike
(`81-dialogues-with-postfix`). These replies differ; all others have the same codes.
"""


def rows_of(text):
    """(title, None) for a heading, else (section, behaviour, [tests])."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            yield number, line
        elif line and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split(" | ")]
            if len(cells) != 3:
                raise ValueError(f"line {number}: three columns expected")
            yield number, (cells[0], cells[1], [test.strip() for test in cells[2].split(";")])


def beside_postfix(text):
    """Its headings are reasons, its rows what is sent, what we say, what Postfix says."""
    out = [POSTFIX]
    for line in text.splitlines():
        if line.startswith("## "):
            out.append(f"\n{line[3:]}:\n\n| sent | splitmx | Postfix |\n|---|---|---|\n")
        elif line and not line.startswith("#"):
            sent, ours, theirs = line.split(" | ")
            out.append(f"| `{sent}` | {ours} | {theirs} |\n")
    return "".join(out)


def document(rows, postfix):
    out = [HEAD]
    for _, row in rows:
        if isinstance(row, str):
            out.append(f"\n{row}\n\n| section | behaviour | tests |\n|---|---|---|\n")
        else:
            tests = "; ".join(test if test.startswith("not done: ") else f"`{test}`" for test in row[2])
            out.append(f"| {row[0]} | {row[1]} | {tests} |\n")
    return "".join([*out, beside_postfix(postfix)])


def exists(root, test):
    if test.startswith("not done: "):
        return True
    if test.startswith("dialogue "):
        return (root / "tests/golden/dialogues" / f"{test[9:]}.smtp").exists()
    if found := re.fullmatch(r"([a-z_]+): (.+)", test):
        case = re.compile(r'TEST_CASE(?:_METHOD)?\((?:\w+, )?"' + re.escape(found[2].replace('"', '\\"')))
        files = (root / "tests/unit" / found[1]).glob("*.cpp")
        return any(case.search(re.sub(r'"\s*\n\s*"', "", path.read_text())) for path in files)
    situation, _, name = test.partition(" ")
    folder = root / "tests/integration" / situation
    if (folder / f"{name}.smtp").exists():
        return True
    program = folder / "test.py"
    if not program.exists():
        return False
    text = program.read_text()
    if "peer_case." in text:  # most tests of these are inherited
        text += (root / "tests/support/peer_case.py").read_text()
    return re.search(rf"def {re.escape(name)}\b", text) is not None


def main():
    root = pathlib.Path(sys.argv[1])
    rows = list(rows_of((root / "docs/conformance.txt").read_text()))
    findings = [f"docs/conformance.txt:{number}: no test {test!r}"
                for number, row in rows if not isinstance(row, str)
                for test in row[2] if not exists(root, test)]
    target = root / "docs/conformance.md"
    wanted = document(rows, (root / "docs/beside-postfix.txt").read_text())
    if os.environ.get("ACCEPT"):
        target.write_text(wanted)
    elif not target.exists() or target.read_text() != wanted:
        findings.append("docs/conformance.md is not what its tables say; ACCEPT=1 writes it")
    print("\n".join(findings), end="\n" if findings else "")
    print(f"conformance: {sum(not isinstance(row, str) for _, row in rows)} rows, {len(findings)} findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
