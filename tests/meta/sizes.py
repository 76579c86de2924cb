#!/usr/bin/env python3
"""No source file over 500 lines. Long or tangled functions are told, where pmccabe is installed.

    sizes.py ROOT
"""
import pathlib
import shutil
import subprocess
import sys

import sources

FILE_LINES = 500
FUNCTION_LINES = 60
FUNCTION_PATHS = 15  # McCabe


def large_functions(root, paths):
    """Lines of pmccabe: paths, -, statements, first line, lines, file(line): name."""
    done = subprocess.run(["pmccabe", *paths], cwd=root, capture_output=True, text=True,
                          errors="replace", check=False)
    for line in done.stdout.splitlines():
        fields = line.split("\t")
        if len(fields) >= 6 and (
                int(fields[0]) > FUNCTION_PATHS or int(fields[4]) > FUNCTION_LINES):
            yield f"{fields[5]}: {fields[4]} lines, {fields[0]} paths"


def main(root):
    paths = sources.files(root, ".cpp", ".hpp", ".py", ".sh")
    findings = []
    for path in paths:
        lines = (root / path).read_text(encoding="utf-8").count("\n")
        if lines > FILE_LINES:
            findings.append(f"{path}: {lines} lines, at most {FILE_LINES}")
    if shutil.which("pmccabe"):
        rooms = [path for path in paths if path.suffix == ".cpp" and sources.room_of(path)]
        for function in large_functions(root, rooms):
            print(f"note: {function}")
    else:
        print("note: pmccabe is not installed, functions are not looked at")
    return sources.finish("sizes", findings, len(paths))


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
