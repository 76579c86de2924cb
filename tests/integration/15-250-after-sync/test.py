#!/usr/bin/env python3
"""250 to the end of a message comes after the syncs that cover it: seen by strace."""
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail

SENDER, ANNA = "ann@sender.example", "anna@adatum.com"
CALLS = "trace=pwrite64,pwritev,writev,fdatasync,fsync,rename,sendto,sendmsg,write"


class Trace:
    """What the relay asks of the system, one call a line, in the order of their ends."""

    def __init__(self, relay, path):
        self.path = path
        self.process = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "4096", "-e", CALLS, "-o", path,
             "-p", str(relay.process.pid)], stderr=subprocess.PIPE, text=True)
        self.attached = "attached" in self.process.stderr.readline()

    def end(self):
        self.process.terminate()
        self.process.wait(30)
        self.process.stderr.close()
        begun, calls = {}, []
        for line in self.path.read_text(errors="replace").splitlines():
            thread, _, call = line.partition(" ")
            call = call.strip()
            if call.endswith("<unfinished ...>"):
                begun[thread] = call.removesuffix("<unfinished ...>").rstrip()
            elif found := re.match(r"<\.\.\. \w+ resumed>(.*)", call):
                calls.append(begun.pop(thread, "") + found[1])
            else:
                calls.append(call)
        return calls


class AfterSync(cases.Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("strace"):
            self.skipTest("there is no strace")

    def first(self, calls, pattern, after=-1):
        """The first call behind `after` that fits."""
        for number, call in enumerate(calls[after + 1:], after + 1):
            if re.search(pattern, call):
                return number
        raise AssertionError(f"no {pattern} behind call {after}:\n" + "\n".join(
            call[:200] for call in calls[-200:]))

    def assert_record_before(self, calls, name, said):
        """In the journal a record and its sync; in the database record, sync of the pages, and the
        page that makes them count, which is its own sync."""
        record = self.first(calls, rf'(data\.mdb|/journal)>.*id: {name}\\n')
        in_journal = "/journal>" in calls[record]
        file = r"/journal" if in_journal else r"data\.mdb"
        counts = self.first(calls, rf"^fdatasync\(\d+<.*{file}>\s*\)\s+= 0", record)
        if not in_journal:
            counts = self.first(calls, r"^pwrite64\(\d+<.*data\.mdb>.* = \d+$", counts)
        self.assertLess(counts, said, name)
        self.seen_in.add(file)
        return record

    def test_small_and_large(self):
        relay = self.stage.small_world(("anna", [ANNA]), config={"log": {"level": "warning"}})
        self.stage.mailboxes.on("rcpt", "451 4.2.0 wait")
        trace = Trace(relay, self.stage.directory / "trace")
        if not trace.attached:
            trace.end()
            self.skipTest("strace may not look at other processes here")
        small, large = [], []
        self.seen_in = set()
        for number in range(12):
            body = b"octets\r\n" * (40000 if number % 4 == 3 else 10)
            reply = mail.submit(relay, SENDER, ANNA, mail.message("m", body=body)).last
            self.assertEqual(reply.code, 250, reply)
            (large if number % 4 == 3 else small).append(reply.text.split()[-1])
        time.sleep(0.2)
        calls = trace.end()
        for name in small + large:
            said = self.first(calls, rf"^send\w+\(.*250 2\.6\.0 Stored as {name}")
            record = self.assert_record_before(calls, name, said)
            if name in large:
                file = self.first(calls, rf"^fdatasync\(\d+<.*/body/{name}\.tmp>\s*\)\s+= 0")
                renamed = self.first(calls, rf"^rename\(.*/body/{name}\.tmp.* = 0", file)
                folder = self.first(calls, r"^fsync\(\d+<.*/body>\s*\)\s+= 0", renamed)
                self.assertLess(folder, record, name)
        self.assertEqual(len(self.seen_in), 2, self.seen_in)
        relay.kill()


if __name__ == "__main__":
    cases.main()
