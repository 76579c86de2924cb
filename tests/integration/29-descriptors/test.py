#!/usr/bin/env python3
"""No more file descriptors: who is in goes on, who is not waits, what is sent is kept or put off,
nothing spins; and all goes on by itself when there are some again."""
import contextlib
import pathlib
import resource
import select
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, next_hop
from support.next_hop import RCPTS, SENDER

FREE = 12  # descriptors beyond those of an idle relay
LARGE = (b"x" * 78 + b"\r\n") * 4000  # a file of its own in the spool


class Descriptors(next_hop.NextHopCase):
    def setUp(self):
        super().setUp()
        self.clients = []
        self.stage.on_close(self.all_leave)

    def small_relay(self, free=FREE, **config):
        self.world(config={"limits": {"connections_per_client": 1000}} | config)
        self.relay.limit_open_files(self.relay.open_files + free)

    def fill(self, most=100):
        """Idle clients until one is not greeted. Connections are taken by the kernel anyway."""
        for _ in range(most):
            client = socket.create_connection((self.relay.address, self.relay.port), 10)
            self.clients.append(client)
            client.settimeout(1)
            try:
                self.assertTrue(client.recv(100).startswith(b"220 "))
            except TimeoutError:
                return
        self.fail(f"{most} clients were greeted with {FREE} descriptors")

    def all_leave(self):
        for client in self.clients:
            client.close()
        self.clients.clear()

    def test_clients_are_limited_by_open_files(self):
        self.world(config={"limits": {"connections": 5000, "connections_per_client": 5000}},
                   start=False)
        self.relay.before_exec = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (600, 600))
        self.relay.start()
        self.relay.wait_for_log(r"\[limits\] connections is 5000, but so few files may be open that "
                                r"456 are served at the same time \(LimitNOFILE of the service\)")

    def test_accept_pauses_and_goes_on(self):
        self.small_relay()
        self.fill()
        more = [socket.create_connection((self.relay.address, self.relay.port), 10)
                for _ in range(20)]
        before, start = self.relay.cpu_seconds, time.monotonic()
        lines = self.relay.log.count("Too many open files")
        time.sleep(2)
        passed = time.monotonic() - start
        # Not a loop that asks and asks, neither in time nor in lines.
        self.assertLess(self.relay.cpu_seconds - before, passed / 4)
        self.assertLess(self.relay.log.count("Too many open files") - lines, passed + 2)
        self.assertIn("cannot accept on", self.relay.log)
        self.clients.pop().close()
        self.all_leave()
        # Each loop accepts, so they may come in another order than they connected in.
        deadline = time.monotonic() + 30
        while more:
            ready, _, _ = select.select(more, [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, f"{len(more)} clients are not greeted")
            for client in ready:
                self.assertTrue(client.recv(100).startswith(b"220 "))
                client.close()
                more.remove(client)
        self.send()
        self.assert_each_once()

    def test_who_is_in_gets_mail_accepted_and_delivered(self):
        self.small_relay()
        inside = mail.Client(self.relay.address, self.relay.port)
        self.fill()
        sent = inside.transaction(SENDER, RCPTS, content := mail.message(to=RCPTS[0]))
        self.assertEqual(sent.last.code, 250)
        self.sent[next_hop.message_id(content)] = content
        self.all_leave()
        inside.close()
        self.assert_each_once()

    def test_a_body_file_that_cannot_be_opened_puts_off(self):
        self.small_relay()
        inside = mail.Client(self.relay.address, self.relay.port)
        self.fill()
        self.relay.limit_open_files(self.relay.open_files)
        for _ in range(3):
            sent = inside.transaction(SENDER, RCPTS, mail.message(body=LARGE))
            self.assertEqual(sent.last.code // 10, 45, sent.last)
            self.assertEqual(sent.last.status[0], "4")
        self.all_leave()
        content = mail.message(body=LARGE)
        self.sent[next_hop.message_id(content)] = content
        sent = inside.transaction(SENDER, RCPTS, content)
        while sent.last.code != 250:
            time.sleep(0.1)
            sent = inside.transaction(SENDER, RCPTS, content)
        inside.close()
        self.assert_each_once()

    def test_deliveries_wait_and_go_on(self):
        # Not even a socket to deliver by: the mail waits for it, and the host is not blamed.
        self.small_relay()
        inside = mail.Client(self.relay.address, self.relay.port)
        self.relay.limit_open_files(self.relay.open_files)
        for _ in range(5):
            content = mail.message(to=RCPTS[0])
            self.sent[next_hop.message_id(content)] = content
            self.assertEqual(inside.transaction(SENDER, RCPTS, content).last.code, 250)
        self.relay.wait_for_log("defer .* 451 .*Too many open files")
        self.assertEqual(self.sink.messages, [])
        self.relay.limit_open_files(4096)
        inside.close()
        self.assert_each_once()

    def test_more_mail_than_descriptors(self):
        # Fewer descriptors than connections to the host are allowed, and all of it arrives.
        self.small_relay(free=6, host={"mailboxes": {"connections": 50}})
        with contextlib.closing(mail.Client(self.relay.address, self.relay.port)) as inside:
            for number in range(40):
                content = mail.message(body=LARGE if number % 10 == 0 else None)
                sent = inside.transaction(SENDER, RCPTS, content)
                if sent.last.code == 250:
                    self.sent[next_hop.message_id(content)] = content
                else:
                    self.assertEqual(sent.last.status[0], "4", sent.last)
        self.assertGreaterEqual(len(self.sent), 36)
        self.assert_each_once()


if __name__ == "__main__":
    cases.main()
