#!/usr/bin/env python3
"""A start with a long queue: when the relay serves, when it knows its queue, and what that weighs.

usage: bench/restart.py [MESSAGES]

A spool of MESSAGES (100 000) that wait for an hour is made in a directory of its own. Beside it an
empty spool, as the base. The page cache is warm, as after a crash of the program alone.
"""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BIN = pathlib.Path(os.environ.get("SPLITMX_BIN", ROOT / "build/release/bin"))
FILL = pathlib.Path(os.environ.get("SPLITMX_BENCH", BIN)) / "bench_fill"

CONFIG = """
[server]
hostname = "relay.bench.example"
state_dir = "state"
[[listen]]
address = "127.0.0.1:0"
[[domain]]
name = "adatum.com"
action = "inbound"
[host.mailboxes]
address = "127.0.0.2:2525"
[routing]
mailbox_host = "mailboxes"
[directory.main]
uri = "ldif:people.ldif"
profile = "splitmx"
[log]
file = "relay.log"
"""
PERSON = """dn: uid=anna,o=adatum
objectClass: splitmxMailbox
splitmxAddress: anna@adatum.com
"""


def anonymous_octets(pid):
    """Without the mapped spool, which the kernel may drop at any time."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024


def banner(line):
    address, port = line.split("smtp=")[1].split(" ")[0].rsplit(":", 1)
    with socket.create_connection((address, int(port)), 10) as client:
        return client.recv(3)


def measure(directory, messages):
    (directory / "splitmx.toml").write_text(CONFIG)
    (directory / "people.ldif").write_text(PERSON)
    (directory / "state").mkdir()
    if messages:
        subprocess.run([FILL, directory / "state/spool", str(messages), "host:mailboxes"],
                       check=True)
    start = time.monotonic()
    relay = subprocess.Popen([BIN / "splitmxd", "--config", directory / "splitmx.toml"],
                             stdout=subprocess.PIPE, text=True)
    try:
        line = relay.stdout.readline()
        assert banner(line) == b"220", line
        serving = time.monotonic() - start
        log, known = directory / "relay.log", None
        while messages and not known:
            known = re.search(r"messages? in the queue, read in ([\d.]+) s", log.read_text())
            time.sleep(0.01)
        whole = time.monotonic() - start
        time.sleep(2)  # until the loops have entered what was read
        return serving, whole, anonymous_octets(relay.pid)
    finally:
        relay.terminate()
        relay.wait()


def main():
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="splitmx-restart-") as top:
        rows = []
        for count in (0, messages):
            directory = pathlib.Path(top) / str(count)
            directory.mkdir()
            rows.append(measure(directory, count))
            shutil.rmtree(directory)
    (empty, _, base), (serving, whole, octets) = rows
    print(f"empty spool      serving after {empty:.3f} s")
    print(f"{messages} messages  serving after {serving:.3f} s, queue known after {whole:.3f} s")
    print(f"                 {(octets - base) / messages:.0f} octets of memory each above the base "
          f"of {base / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
