#!/usr/bin/env python3
"""A spool without room says so to the client, keeps what it has, and goes on when there is room."""
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail

SENDER, ANNA = "ann@sender.example", "anna@adatum.com"


def deciding(sent):
    """The reply that says what became of the message: the one to RCPT when that is a no."""
    return sent.reply(ANNA) if sent.reply(ANNA).code != 250 else sent.last


class DiskFull(cases.Case):
    def submit(self, relay, content):
        with mail.Client(relay.address, relay.port) as client:
            return deciding(client.transaction(SENDER, [ANNA], content))

    def fill(self, relay, body, most):
        """Sends until there is no room; gives what was acknowledged."""
        acknowledged = []
        with mail.Client(relay.address, relay.port) as client:
            for number in range(most):
                content = mail.message(f"number {number}", body=body)
                sent = client.transaction(SENDER, [ANNA], content)
                last = deciding(sent)
                if last.code != 250:
                    self.assertEqual((last.code, last.status), (452, "4.3.1"), last)
                    return acknowledged
                acknowledged.append(content)
        raise AssertionError(f"{most} messages and still no end")

    def assert_drains_and_goes_on(self, relay, acknowledged):
        sink = self.stage.mailboxes
        sink.start()
        sink.wait_for(len(acknowledged), 120)
        arrived = sorted(m.without_added_trace() for m in sink.messages)
        self.assertEqual(arrived, sorted(acknowledged))
        deadline = time.monotonic() + 60
        content = mail.message("afterwards")
        while (last := self.submit(relay, content)).code != 250:
            self.assertEqual(last.code, 452, last)
            self.assertLess(time.monotonic(), deadline, "there is never room again")
            time.sleep(0.2)
        sink.wait_for(len(acknowledged) + 1)
        relay.stop()
        self.assertEqual(len(sink.messages), len(acknowledged) + 1)

    def test_database_is_full(self):
        relay = self.stage.small_world(
            ("anna", [ANNA]), config={"spool": {"map_size": "4MiB"},
                                      "queue": {"retry": ["1s", "1s", "1s", "1s"]}})
        self.stage.mailboxes.stop()
        acknowledged = self.fill(relay, (b"x" * 70 + b"\r\n") * 800, 400)
        self.assertGreater(len(acknowledged), 3)
        self.assert_drains_and_goes_on(relay, acknowledged)

    def test_survives_a_restart_while_full(self):
        relay = self.stage.small_world(
            ("anna", [ANNA]), config={"spool": {"map_size": "4MiB"}})
        self.stage.mailboxes.stop()
        acknowledged = self.fill(relay, (b"x" * 70 + b"\r\n") * 800, 400)
        relay.kill()
        relay.start()
        self.assert_drains_and_goes_on(relay, acknowledged)

    def test_disk_is_full(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small disk")
        disk = self.stage.folder("disk")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"no small disk: {done.stderr.strip()}")
        self.stage.on_close(subprocess.run, ["umount", disk], check=False)
        relay = self.stage.small_world(
            ("anna", [ANNA]), config={"spool": {"path": str(disk / "spool"), "map_size": "2MiB",
                                                "reserve": "16MiB", "body_file": "64KiB"}})
        self.stage.mailboxes.stop()
        acknowledged = self.fill(relay, (b"x" * 70 + b"\r\n") * 6000, 100)
        self.assertGreater(len(acknowledged), 3)
        self.assert_drains_and_goes_on(relay, acknowledged)

    def read_only(self, directory):
        """Nothing can be made there, until the function that is returned is called."""
        if os.geteuid() != 0:
            directory.chmod(0o500)
            return lambda: directory.chmod(0o700)
        # Root may write everywhere but on a file system that takes no writes.
        for command in (["mount", "--bind", directory, directory],
                        ["mount", "-o", "remount,bind,ro", directory]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                self.skipTest(f"no read-only folder: {done.stderr.strip()}")
        self.stage.on_close(subprocess.run, ["umount", "-q", directory], check=False)
        return lambda: subprocess.run(["umount", directory], check=True)

    def test_spool_is_read_only_for_a_while(self):
        # Bodies that are files cannot be made; what came in before, and what is small, goes on.
        relay = self.stage.small_world(("anna", [ANNA]), config={"queue": {"retry": ["1s"] * 99}})
        sink = self.stage.mailboxes
        large = mail.message("large", body=(b"x" * 70 + b"\r\n") * 6000)
        sink.on("rcpt", "451 4.2.0 not now")
        self.assertEqual(self.submit(relay, large).code, 250)
        make_writable = self.read_only(relay.directory / "spool/body")
        for _ in range(3):
            last = self.submit(relay, large)
            self.assertEqual((last.code, last.status), (451, "4.3.0"), last)
        relay.wait_for_log("cannot create .*: (Read-only file system|Permission denied)")
        small = mail.message("small")
        self.assertEqual(self.submit(relay, small).code, 250)
        sink.forget_rules()
        sink.wait_for(2)
        make_writable()
        self.assertEqual(self.submit(relay, large).code, 250)
        sink.wait_for(3)
        relay.stop()
        self.assertEqual(sorted(m.without_added_trace() for m in sink.messages),
                         sorted([large, small, large]))
        # What could not be removed is swept.
        relay.start()
        relay.stop()
        self.assertEqual(list((relay.directory / "spool/body").iterdir()), [])

    def test_queue_is_deep_enough(self):
        relay = self.stage.small_world(
            ("anna", [ANNA]), config={"queue": {"max_messages": 5, "retry": ["1s"] * 9}})
        self.stage.mailboxes.stop()
        acknowledged = self.fill(relay, b"little\r\n", 50)
        self.assertEqual(len(acknowledged), 5)
        relay.wait_for_log("no more mail for now: 5 messages in the queue")
        self.assert_drains_and_goes_on(relay, acknowledged)


if __name__ == "__main__":
    cases.main()
