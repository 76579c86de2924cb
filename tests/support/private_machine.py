"""A machine of its own for a situation with other people's mail systems (contract.md 5): they want root,
fixed paths and port 25. `enter()` runs the program again in namespaces of its own (mounts, network,
processes) in which they look installed. Nothing of it is seen outside, and all ends with the program.

There: loopback alone; /usr with the trees that packaging/fetch-peers has made on top; /etc, /var and
/run over the real ones, changes going to memory.
"""
import os
import pathlib
import shutil
import subprocess
import sys

PEERS = pathlib.Path(__file__).resolve().parents[2] / "build/peers"
INSIDE = "SPLITMX_PRIVATE_MACHINE"
USERS = {"postfix": 2001, "postdrop": 2002, "Debian-exim": 2003, "opensmtpd": 2004, "opensmtpq": 2005,
         "dovecot": 2006, "dovenull": 2007, "vmail": 2008, "haproxy": 2009}


def has(peer):
    return (PEERS / peer / ".complete").exists()


def why_not(peer):
    """Why there can be no `peer` here; None when it is there."""
    if not has(peer):
        return f"no build/peers/{peer}: run packaging/fetch-peers"
    return os.environ.get(INSIDE, "this situation did not enter a private machine") or None


def enter(*peers):
    """Does not return the first time, unless there is nothing to enter for; call it first of all."""
    if INSIDE in os.environ or not any(has(peer) for peer in peers):
        return
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    tried = subprocess.run([*command, sys.executable, "-B", __file__], capture_output=True, text=True,
                           check=False) if shutil.which("unshare") else None
    if tried is None or tried.returncode != 0:
        why = tried.stderr.strip().splitlines()[-1:] if tried else ["no unshare"]
        os.environ[INSIDE] = "no private mounts, network and processes here: " + "".join(why)
        return
    os.environ[INSIDE] = ""
    os.execvp("unshare", [*command, sys.executable, "-B", __file__, sys.executable, "-B", *sys.argv])


def build():
    """In the namespaces: makes the machine."""
    run("ip", "link", "set", "lo", "up")
    scratch = PEERS / "machine"  # empty for everybody else
    scratch.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "-o", "mode=755", "machine", scratch)
    trees = [str(PEERS / peer) for peer in ("postfix", "exim", "opensmtpd", "dovecot", "haproxy") if has(peer)]
    overlay("usr", trees)
    for name in ("etc", "var"):
        for kind in ("upper", "work"):
            (scratch / name / kind).mkdir(parents=True)
        overlay(name, trees, f"upperdir={scratch}/{name}/upper", f"workdir={scratch}/{name}/work")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "run", "/run")
    with open("/etc/passwd", "a", encoding="ascii") as passwd, \
            open("/etc/group", "a", encoding="ascii") as group:
        for name, number in USERS.items():
            passwd.write(f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n")
            group.write(f"{name}:x:{number}:\n")


def overlay(name, trees, *options):
    lower = [f"{tree}/{name}" for tree in trees if os.path.isdir(f"{tree}/{name}")]
    run("mount", "-t", "overlay", "machine", "-o",
        ",".join(["lowerdir=" + ":".join([*lower, f"/{name}"]), *options]), f"/{name}")


def run(*arguments):
    subprocess.run(list(map(str, arguments)), check=True)


if __name__ == "__main__":
    build()
    if len(sys.argv) > 1:
        os.execv(sys.argv[1], sys.argv[1:])
