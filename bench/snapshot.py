#!/usr/bin/env python3
"""A start with no directory server to be reached: how soon a relay answers out of its snapshot.

usage: bench/snapshot.py [ENTRIES]

ENTRIES (1 000 000) people with three addresses each are put into a private slapd, followed once, and
kept in the relay's snapshot. Then the server ends, and the relay starts again: the time is that from the
start of the program to the first right answer to RCPT.
"""
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import mail, stage  # noqa: E402


def person(i):
    return f"u{i}", [f"user{i}@adatum.com", f"First.Last{i}@adatum.com", f"u{i}@adatum.com"]


def start_and_ask(relay, address):
    began = time.monotonic()
    relay.start()
    ready = time.monotonic() - began
    with mail.Client(relay.address, relay.port, timeout=60) as client:
        client.command("EHLO client.example")
        while True:
            client.command("MAIL FROM:<ann@sender.example>")
            code = client.command(f"RCPT TO:<{address}>").code
            if code == 250:
                return ready, time.monotonic() - began
            if code >= 500:
                sys.exit(f"bench/snapshot.py: {code} for {address}")
            client.command("RSET")
            time.sleep(0.001)


def main():
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    where = stage.Stage()
    server = where.slapd(stage.people(*map(person, range(entries))),
                         database_config=["maxsize 17179869184", "searchstack 16"], start=False)
    server.start(120)
    relay = where.small_world(config={
        "directory": {"main": stage.ldap_source(server, timeout="60s")},
        "limits": {"exempt": ["127.0.0.0/8"]}})
    relay.wait_for_log(r"main: read in", 900)
    print(re.search(r"main: (read in .*)", relay.log)[1])
    relay.stop(120)
    server.stop()
    for _ in range(3):
        ready, answered = start_and_ask(relay, f"u{entries // 2}@adatum.com")
        print(f"{entries} entries  listening after {ready:.3f} s, first right answer after "
              f"{answered:.3f} s")
        relay.stop(120)
    where.close()


if __name__ == "__main__":
    main()
