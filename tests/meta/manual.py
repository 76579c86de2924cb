#!/usr/bin/env python3
"""The pages of the manual are good scdoc and good roff.

    manual.py ROOT         Without scdoc, or man, says so and looks at nothing.
"""
import pathlib
import shutil
import subprocess
import sys

PAGES = ("splitmx.1", "splitmx.toml.5", "splitmxd.8", "splitmx-schema.7")


def faults(page, roff):
    if not shutil.which("groff"):
        return []
    # -ww: every warning; what man-db itself would see.
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-rLL=80n", "-k"], input=roff, text=True,
                          capture_output=True, check=False)
    return [f"{page}: {line}" for line in done.stderr.splitlines() if "warning" in line or "error" in line]


def main(root):
    folder = pathlib.Path(root) / "docs/man"
    findings = [f"docs/man/{name}.scd is not there" for name in PAGES
                if not (folder / f"{name}.scd").exists()]
    if not shutil.which("scdoc"):
        print("note: scdoc is not installed, the pages are not looked at")
    else:
        for name in PAGES:
            done = subprocess.run(["scdoc"], input=(folder / f"{name}.scd").read_text(), text=True,
                                  capture_output=True, check=False)
            if done.returncode != 0:
                findings.append(f"{name}.scd: {done.stderr.strip()}")
            else:
                findings += faults(name, done.stdout)
    for finding in findings:
        print(finding)
    print(f"manual: {len(PAGES)} checked, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
