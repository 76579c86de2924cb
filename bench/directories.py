#!/usr/bin/env python3
"""How long a change of a directory takes to count at the relay, and how long a first load takes.

usage: bench/directories.py 389|ad [ENTRIES [CHANGES]]

A change is an address added to somebody, sent on an open connection; it counts when RCPT is answered with
250. The servers are private, on loopback, and end with this script; both need packages of
packaging/packages-full.txt.
"""
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import ds389, mail, samba, stage  # noqa: E402


class Modifier:
    """An ldapmodify that stays connected and is told one change after the other."""

    def __init__(self, uri, who, password):
        self.process = subprocess.Popen(
            ["ldapmodify", "-x", "-H", uri, "-D", who, "-w", password], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, text=True, bufsize=1)

    def send(self, ldif):
        self.process.stdin.write(ldif + "\n")
        self.process.stdin.flush()

    def end(self):
        self.process.stdin.close()
        self.process.wait(30)


def follow_389(where, entries):
    server = ds389.Ds389(ds389.people(*((f"p{i}", [f"p{i}@adatum.com"]) for i in range(entries))))
    where.on_close(server.remove)
    server.start()
    source = {"uri": server.uri, "base": server.suffix, "profile": "netscape",
              "bind_dn": ds389.RELAY_DN, "password": ds389.PASSWORD}

    def change(i, address):
        return (f"dn: uid=p{i % entries},{server.suffix}\nchangetype: modify\n"
                f"replace: mailAlternateAddress\nmailAlternateAddress: {address}\n")
    return source, Modifier(server.uri, ds389.ROOT_DN, ds389.PASSWORD), change


def follow_ad(where, entries):
    server = samba.Samba(where.folder("dc"))
    where.on_close(server.stop)
    server.account("relay")
    server.start()
    step = 500
    for at in range(0, entries, step):
        server.add("".join(samba.contact(f"p{i}", f"p{i}@contoso.com", f"p{i}@adatum.com")
                           for i in range(at, min(at + step, entries))), 600)
    source = {"uri": server.uri, "base": samba.SUFFIX, "profile": "activedirectory",
              "bind_dn": samba.RELAY, "password": samba.PASSWORD, "starttls": False}

    def change(i, address):
        return (f"dn: CN=p{i % entries},CN=Users,{samba.SUFFIX}\nchangetype: modify\n"
                f"replace: proxyAddresses\nproxyAddresses: SMTP:p{i % entries}@contoso.com\n"
                f"proxyAddresses: smtp:{address}\n")
    return source, Modifier(server.uri, samba.ADMINISTRATOR, samba.PASSWORD), change


def measure(kind, entries, changes):
    where = stage.Stage()
    source, modifier, change = (follow_ad if kind == "ad" else follow_389)(where, entries)
    relay = where.small_world(config={
        "directory": {"main": source}, "log": {"level": "info"},
        "limits": {"exempt": ["127.0.0.0/8"]}})
    relay.wait_for_log(r"main: read in", 600)
    print(re.search(r"main: (read in .*)", relay.log)[1])
    times = []
    with mail.Client(relay.address, relay.port, timeout=60) as client:
        client.command("MAIL FROM:<ann@sender.example>")
        for i in range(changes):
            address = f"new{i}@adatum.com"
            began = time.monotonic()
            modifier.send(change(i, address))
            while client.command(f"RCPT TO:<{address}>").code != 250:
                client.command("RSET")
                client.command("MAIL FROM:<ann@sender.example>")
                time.sleep(0.0005)
            times.append(time.monotonic() - began)
            client.command("RSET")
            client.command("MAIL FROM:<ann@sender.example>")
    modifier.end()
    times.sort()
    print(f"{changes} changes, from sending to effect: " + ", ".join(
        f"p{share} {1000 * times[min(len(times) - 1, len(times) * share // 100)]:.1f} ms"
        for share in (50, 95, 99)) + f", most {1000 * times[-1]:.1f} ms")
    where.close()


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("389", "ad"):
        sys.exit(__doc__)
    if sys.argv[1] == "ad":
        samba.in_namespace()
    measure(sys.argv[1], *(int(n) for n in (sys.argv[2:] + ["10000", "200"][len(sys.argv) - 2:])[:2]))
