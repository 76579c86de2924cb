#!/usr/bin/env python3
"""kill -9 under load: what was acknowledged arrives, whatever the moment."""
import collections
import hashlib
import itertools
import os
import pathlib
import random
import sys
import threading
import time

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


class Tally:
    """What became of the rounds: every acknowledged message must come, whole, whatever happened."""

    def __init__(self):
        self.waiting, self.arrived = set(), {}  # since all was accounted for; name -> round
        self.rounds = self.acknowledged = self.lost = self.damaged = 0
        self.twice = collections.Counter()  # round -> messages that it made come again

    def take(self, messages):
        """What arrived in this round. A copy is owed to the kill that followed the arrival before."""
        for message in messages:
            name = message.header("Subject")[0]
            self.damaged += message.without_added_trace() != content(name)
            if name in self.arrived:
                self.twice[self.arrived[name]] += 1
            self.arrived[name] = self.rounds

    def most_twice(self):
        return max(self.twice.values(), default=0)

    def missing(self):
        return {name for name in self.waiting if name not in self.arrived}

    def account(self):
        """The queue is empty: what is not there will never come."""
        self.acknowledged += len(self.waiting)
        self.lost += len(self.missing())
        self.waiting.clear()
        self.arrived.clear()

    def __str__(self):
        return (f"{self.rounds} rounds: {self.acknowledged} acknowledged, {self.lost} lost, "
                f"{self.damaged} damaged, {self.twice.total()} twice, "
                f"at most {self.most_twice()} after one of them")


def content(name):
    """The same octets for the same name; no two messages share a line. Most are small, some of some
    60 000 octets, some large enough for a file of their own."""
    digest = hashlib.sha256(name.encode())
    line = f"{name} {digest.hexdigest()}\r\n".encode()
    kind = digest.digest()[0]
    lines = 2000 if kind < 16 else 700 if kind < 40 else kind // 4
    return b"Subject: " + name.encode() + b"\r\n\r\n" + line * lines


class KillRounds(cases.Case):
    """`SPLITMX_KILL_ROUNDS` rounds, 50 without it and 10 000 in a full run. A round is a start, a
    moment under load, and kill -9; now and then the queue is emptied, and all is accounted for."""

    CONNECTIONS = 8  # to the sink: so many transactions can be open when the end comes

    def test_rounds(self):
        rounds = int(os.environ.get("SPLITMX_KILL_ROUNDS") or
                     (10_000 if cases.full_run() else 50))
        chance = random.Random(os.environ.get("SPLITMX_KILL_SEED", "splitmx"))
        self.relay = self.stage.small_world(
            ("anna", ["anna@adatum.com"]), start=False,
            config={"host": {"mailboxes": {"connections": self.CONNECTIONS}},
                    "log": {"level": "warning"}})
        self.tally = Tally()
        for number in range(rounds):
            self.one_round(number, chance)
            if number % 50 == 49 or number == rounds - 1:
                self.account_for_all()
                print(self.tally, flush=True)
        self.assertEqual((self.tally.lost, self.tally.damaged), (0, 0), str(self.tally))
        self.assertLessEqual(self.tally.most_twice(), self.CONNECTIONS, str(self.tally))

    def one_round(self, number, chance):
        sink = self.stage.mailboxes
        self.tally.rounds += 1
        if chance.random() < 0.1:  # in the middle of the start
            self.relay.spawn()
            time.sleep(chance.uniform(0, 0.04))
            self.relay.kill()
            return self.count_copies()
        # In some rounds the host makes them wait, so that much is queued when the end comes.
        if chance.random() < 0.3:
            sink.on("rcpt", "451 4.2.0 wait", times=chance.randrange(1, 60))
        self.relay.start()
        clients = [threading.Thread(target=self.send, args=(f"r{number}-{client}",))
                   for client in range(4)]
        for client in clients:
            client.start()
        time.sleep(chance.uniform(0.01, 0.25))
        self.relay.kill()
        for client in clients:
            client.join()
        sink.forget_rules()
        return self.count_copies()

    def count_copies(self):
        """A copy that comes now is of a transaction that was open at an earlier kill."""
        sink = self.stage.mailboxes
        sink.wait_until(lambda s: s.open_connections == 0, what="end of the connections")
        self.tally.take(sink.take())

    def send(self, mark):
        try:
            with mail.Client(self.relay.address, self.relay.port, timeout=30) as client:
                for number in itertools.count():
                    name = f"{mark}-{number}"
                    sent = client.transaction("ann@sender.example", ["anna@adatum.com"],
                                              content(name))
                    if sent.last.code == 250:
                        self.tally.waiting.add(name)
        except (ConnectionError, OSError):
            pass

    def account_for_all(self):
        sink = self.stage.mailboxes
        self.tally.rounds += 1
        self.relay.start()
        missing = self.tally.missing()
        sink.wait_until(lambda s: missing <= set(subjects(s)), 120, "all acknowledged mail")
        self.relay.stop()
        self.count_copies()
        self.tally.account()
        bodies = list((self.relay.directory / "spool/body").iterdir())
        self.assertEqual(bodies, [], "an orphaned body file is still there")


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
                  and not path.name.endswith(".mdb") and path.name not in ("done", "journal")]
        self.assertEqual(bodies, [], "an orphaned body file is still there")


if __name__ == "__main__":
    cases.main()
