"""Pages whose ```console blocks are run and compared: what stands there is what is printed."""
import os
import re
import shlex
import subprocess

from support import daemon

BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)

SAME_FOR_ALL = (
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z", "2026-11-21 09:12:44Z"),
    (r"127\.0\.0\.\d:\d+", "10.0.0.1:25"), (r"127\.0\.0\.\d", "10.0.0.1"),
    (r"\([0-9a-f]{8}\)", "(0a1b2c3d)"), (r"\(uid \d+, pid \d+\)", "(uid 0, pid 4711)"),
    (r" +\d\.\d{3} s\b", "  0.001 s"),
    (r"/tmp/splitmx-\S*?/relay/", "/etc/splitmx/"), (r"/tmp/splitmx-\S*?/", "/etc/splitmx/"),
    (r"\b\d+ s ago", "3 s ago"), (r"\bin \d+ (s|min)\b", "in 55 min"),
    (r"\b\d+K used", "20K used"), (r"by root", "by admin"), (r"\b\d+ ms\b", "812 ms"),
    (r"\b\d+ s\)", "3 s)"), (r"for \d+ s\b", "for 3 s"),
    (r"\b\d+ octets", "317 octets"), (r"0:0\d\b", "0:00"))


def with_even_times(text):
    """Replies that came in one piece or in several, made equal: each has its time in its first
    line."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = re.match(r"(?: +\d\.\d{3} s|         )  < \d{3}", line)
        before = re.match(r".{9}  < \d{3}-", lines[number - 1]) if number else None
        if found:
            lines[number] = (" " * 9 if before else "  0.001 s") + line[found.end() - 7:]
    return "\n".join(lines)


def normalised(text, ids=()):
    """What differs from run to run, made equal."""
    for number, ident in enumerate(ids, 1):
        text = text.replace(ident, f"8FQ2K7M1D{number}")
    for pattern, fixed in SAME_FOR_ALL:
        text = re.sub(pattern, fixed, text)
    return with_even_times(text)


def run(relay, line, ids=(), columns=None):
    """One command line of a page, `splitmx ...` with at most a `< FILE` in the relay's folder; as on a
    terminal of so many columns."""
    command, _, source = line.partition(" < ")
    known = {f"8FQ2K7M1D{number}": ident for number, ident in enumerate(ids, 1)}
    words = [known.get(word, word) for word in shlex.split(command)][1:]
    with open(relay.directory / source.strip() if source else os.devnull, "rb") as stdin:
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", relay.config_path, *words], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=stdin, check=False, timeout=60,
            cwd=relay.directory, env=os.environ | ({"COLUMNS": str(columns)} if columns else {}))
    return normalised(done.stdout, ids)


def check(case, page, play):
    """play(line) gives the output of a command. ACCEPT=1 writes it into the page."""
    def played(block):
        out = []
        for line in block[1].splitlines():
            if line.startswith("$ "):
                out += [line, *play(line[2:]).splitlines()]
        return "```console\n" + "\n".join(out) + "\n```\n"

    before = page.read_text()
    after = BLOCK.sub(played, before)
    if os.environ.get("ACCEPT") == "1":
        page.write_text(after)
    else:
        case.assertEqual(before, after)
