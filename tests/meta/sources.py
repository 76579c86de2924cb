"""The source files of the tree, and their text without comments and literals."""
import pathlib
import re

ROOMS = ("mail", "resolver", "dns", "tls", "smtp/net", "smtp", "ldap/net", "ldap", "schema", "lint", "migration",
         "spool/disk", "spool", "queue", "control", "observe", "http", "history", "config", "directory/copy", "directory", "relay", "relay/desk", "relay/daemon", "admin")
OUTSIDE = {".git", "build", "__pycache__"}


def files(root, *suffixes):
    """Paths relative to `root`, sorted; what is built or hidden is left out."""
    found = []
    for path in sorted(pathlib.Path(root).rglob("*")):
        relative = path.relative_to(root)
        if path.is_file() and not OUTSIDE & set(relative.parts) and path.suffix in suffixes:
            found.append(relative)
    return found


def room_of(path):
    """The room whose folder holds that file itself, or None."""
    folder = path.parent.as_posix()
    return folder if folder in ROOMS else None


_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'                            # comments
    r'|R"(?P<mark>[^()\\ ]{0,16})\(.*?\)(?P=mark)"'  # raw strings
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)+'",         # not the separator of digits
    re.DOTALL)


def code_only(text):
    """Same length and lines; comments are blank, literals are blank between their quotes."""
    def blank(found):
        token = found.group(0)
        inner = re.sub(r"[^\n]", " ", token)
        return inner if token.startswith("/") else token[0] + inner[1:-1] + token[-1]
    return _TOKEN.sub(blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def finish(name, findings, checked):
    """Prints the findings; the exit code."""
    for finding in findings:
        print(finding)
    print(f"{name}: {checked} checked, {len(findings)} findings")
    return 1 if findings else 0
