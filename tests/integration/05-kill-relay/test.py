#!/usr/bin/env python3
"""kill -9 under load: what was acknowledged arrives, whatever the moment."""
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail

CLIENTS = 6


class Load:
    """Clients that send numbered messages until the relay is gone."""

    def __init__(self, relay, mark):
        self.acknowledged, self.lock = set(), threading.Condition()
        self.threads = [threading.Thread(target=self._send, args=(relay, f"{mark}-{number}"))
                        for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _send(self, relay, mark):
        try:
            with mail.Client(relay.address, relay.port) as client:
                for number in range(100000):
                    name = f"{mark}-{number}"
                    # Every seventh is too large to live inside the database.
                    body = b"x" * 70 + b"\r\n"
                    body *= 3000 if number % 7 == 0 else 20
                    sent = client.transaction("ann@sender.example", ["anna@adatum.com"],
                                              mail.message(name, body=body))
                    if sent.last.code == 250:
                        with self.lock:
                            self.acknowledged.add(name)
                            self.lock.notify_all()
        except (ConnectionError, OSError):
            pass

    def wait_for(self, count):
        with self.lock:
            assert self.lock.wait_for(lambda: len(self.acknowledged) >= count, 120), "no load"

    def join(self):
        for thread in self.threads:
            thread.join()


def subjects(sink):
    return [message.header("Subject")[0] for message in sink.messages]


class KillRelay(cases.Case):
    def test_every_acknowledged_message_arrives(self):
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]))
        sink = self.stage.mailboxes
        acknowledged = set()
        for life in range(10 if cases.full_run() else 3):
            load = Load(relay, f"life{life}")
            # In some lives deliveries stand still, so that much is queued when the end comes.
            load.wait_for(60 + 40 * life)
            relay.kill()
            load.join()
            acknowledged |= load.acknowledged
            if life % 2 == 0:
                sink.on("rcpt", "451 4.2.0 wait", times=20)
            relay.start()
        sink.forget_rules()
        sink.wait_until(lambda s: acknowledged <= set(subjects(s)), 120, "all acknowledged mail")
        relay.stop()
        twice = len(subjects(sink)) - len(set(subjects(sink)))
        # Only what was in flight to the sink when the relay died may come twice.
        self.assertLessEqual(twice, 20 * (10 if cases.full_run() else 3))

    def test_a_cut_transaction_leaves_nothing(self):
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]))
        client = mail.Client(relay.address, relay.port)
        for line in ("MAIL FROM:<ann@sender.example>", "RCPT TO:<anna@adatum.com>", "DATA"):
            self.assertIn(client.command(line).code, (250, 354))
        client.send(b"Subject: half\r\n\r\n" + b"x" * 300000)
        relay.kill()
        client.close()
        relay.start()
        self.assertEqual(mail.submit(relay, "ann@sender.example", "anna@adatum.com").last.code, 250)
        self.stage.mailboxes.wait_for(1)
        relay.stop()
        self.assertEqual(subjects(self.stage.mailboxes), ["test"])
        bodies = [path for path in (relay.directory / "spool").rglob("*")
                  if path.is_file() and path.stat().st_size >= 128 * 1024
                  and not path.name.endswith(".mdb")]
        self.assertEqual(bodies, [], "an orphaned body file is still there")


if __name__ == "__main__":
    cases.main()
