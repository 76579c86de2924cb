"""docs/directory.md, for tests that do what it says."""
import pathlib
import re

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs/directory.md"


def section(title):
    text = PATH.read_text(encoding="utf-8")
    return re.search(rf"\n## {re.escape(title)}\n(.*?)(?=\n## |\Z)", text, re.DOTALL)[1]


def ldif_blocks(title):
    return re.findall(r"```ldif\n(.*?)```", section(title), re.DOTALL)
