#!/usr/bin/env python3
"""The queue as the operator reads it from the disk, beside the running relay and without it."""
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail
from support.daemon import program


class QueueOffline(cases.Case):
    def setUp(self):
        super().setUp()
        self.relay = self.stage.small_world(
            ("anna", ["anna@adatum.com"]), ("ben", ["ben@adatum.com"]),
            config={"queue": {"retry": ["1h"]}})
        self.stage.mailboxes.on("rcpt", "451 4.3.2 try later")

    def queue(self, *words, code=0):
        done = subprocess.run(
            [program("splitmx"), "--config", self.relay.config_path, "queue", *words, "--offline"],
            capture_output=True, check=False, timeout=60)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done

    def rows(self, *filters):
        out = self.queue("list", "--json", *filters).stdout.decode()
        return [json.loads(line) for line in out.splitlines()]

    def submit_two(self):
        for to, size in (("anna@adatum.com", 10), ("ben@adatum.com", 5000)):
            content = mail.message(f"to {to}", to=to, body=b"x" * 70 + b"\r\n" + b"y\r\n" * size)
            self.assertEqual(mail.submit(self.relay, "ann@sender.example", to, content).last.code, 250)
        deadline = time.monotonic() + 30
        while not all(row["queue_name"] == "deferred" for row in self.rows()):
            self.assertLess(time.monotonic(), deadline, "both are deferred in the end")
            time.sleep(0.05)

    def test_list_show_and_export(self):
        self.assertIn(b"no messages", self.queue("list").stdout)
        self.submit_two()
        for alive in (True, False):
            if not alive:
                self.relay.kill()
            rows = self.rows()
            self.assertEqual([row["recipients"][0]["address"] for row in rows],
                             ["anna@adatum.com", "ben@adatum.com"])
            first = rows[0]
            self.assertEqual(first["recipients"][0]["last_answer"], "451 4.3.2 try later")
            self.assertEqual(first["recipients"][0]["host"], "mailboxes")
            self.assertEqual(self.rows("--to", "BEN@adatum.com"), rows[1:])
            self.assertEqual(self.rows("--host", "mailboxes", "--older", "30m"), [])
            self.assertEqual(self.rows(first["queue_id"]), rows[:1])
            table = self.queue("list").stdout.decode()
            self.assertIn("451 4.3.2 try later", table)
            self.assertTrue(table.splitlines()[-1].startswith("2 messages, 2 recipients, "), table)
            shown = self.queue("show", first["queue_id"].lower()).stdout.decode()
            self.assertIn("answer  451 4.3.2 try later", shown)
            self.assertIn("entry   uid=anna,dc=adatum,dc=com", shown)
        ids = [row["queue_id"] for row in rows]
        exported = [self.queue("export", name).stdout for name in ids]
        self.relay.start()
        self.stage.mailboxes.forget_rules()
        self.relay.stop()
        for content in exported:
            self.assertTrue(content.startswith(b"Received: "), content[:80])
        self.assertEqual(len(exported[1]), rows[1]["message_size"])

    def test_what_is_not_there_and_what_means_nothing(self):
        missing = self.queue("show", "0000000001", code=65)
        self.assertEqual(missing.stderr, b"splitmx queue show: no message 0000000001\n")
        self.assertIn(b"--older: ", self.queue("list", "--older", "soon", code=64).stderr)
        self.assertIn(b"--to: ", self.queue("list", "--to", "anna", code=64).stderr)
        self.queue("show", "no id at all", code=64)


if __name__ == "__main__":
    cases.main()
