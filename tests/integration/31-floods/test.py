#!/usr/bin/env python3
"""Clients that flood, hold connections and never end: bounded in connections, memory and work,
while everybody else is served."""
import pathlib
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, next_hop, stage
from support.next_hop import RCPTS, SENDER

STRANGER, MANY = "127.0.0.9", 200
# Far above what any of this needs, far below what keeping it all would take.
MEMORY = 64 << 20


class Floods(next_hop.NextHopCase):
    timeout = "10s"

    def world(self, **limits):
        super().world(config={"limits": limits})
        self.send()  # once warm
        self.sink.wait_for(1)
        self.before = self.relay.resident_octets

    def assert_bounded(self):
        self.assertLess(self.relay.resident_octets - self.before, MEMORY)

    def assert_others_are_served(self):
        self.send()
        self.settled()

    def connect(self, source=STRANGER):
        return socket.create_connection((self.relay.address, self.relay.port), 30,
                                        source_address=(source, 0))

    def test_many_idle_clients(self):
        self.world(connections=100, connections_per_client=60)
        idle = [self.connect() for _ in range(MANY)]
        greeted = [client.recv(200)[:4] for client in idle]
        self.assertEqual(greeted.count(b"220 "), 60)
        self.assertEqual(greeted.count(b"421 "), MANY - 60)
        self.assert_others_are_served()  # another address has places left
        others = [self.connect("127.0.0.10") for _ in range(60)]
        self.assertEqual([client.recv(200)[:4] for client in others].count(b"220 "), 40)
        for client in idle + others:
            client.close()
        self.assert_bounded()
        # The relay has still to notice that they are gone.
        deadline = time.monotonic() + 30
        greeting = b""
        while not greeting.startswith(b"220 "):
            self.assertLess(time.monotonic(), deadline, greeting)
            with self.connect() as again:
                greeting = again.recv(200)
        self.assert_others_are_served()

    def test_half_open_clients(self):
        # They vanish without a word: resets, and ends that come before anything was read.
        self.world(connections_per_client=1000, command_timeout="2s", data_timeout="2s")
        for number in range(MANY):
            client = self.connect()
            if number % 4 == 0:
                client.sendall(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\n")
            elif number % 4 == 1:
                client.sendall(b"EHL")
            elif number % 4 == 2:
                client.shutdown(socket.SHUT_WR)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        silent = [self.connect() for _ in range(MANY)]
        self.assert_others_are_served()
        for client in silent:  # each is told, and let go
            text = b""
            while more := client.recv(1000):
                text += more
            self.assertIn(b"\r\n421 4.4.2 ", text)
            client.close()
        self.assert_bounded()

    def test_content_without_end(self):
        # No line end, for ever: refused for its size when it ends, and never kept.
        self.super_size("10MiB", b"x" * 65536, 40 << 20)

    def test_lines_without_end(self):
        self.super_size("10MiB", b"\r\n" * 32768, 40 << 20)

    def super_size(self, limit, piece, octets):
        super().world(config={"server": {"max_message": limit}})
        self.send()
        self.sink.wait_for(1)
        self.before = self.relay.resident_octets
        with mail.Client(self.relay.address, self.relay.port) as client:
            for line in (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{RCPTS[0]}>", "DATA"):
                self.assertIn(client.command(line).code, (250, 354))
            for _ in range(octets // len(piece)):
                client.send(piece)
            self.assert_bounded()
            client.send(b"\r\n.\r\n")
            self.assertEqual(client.read_reply().code // 10, 55)
        self.assert_others_are_served()

    def test_a_command_without_end(self):
        self.world()
        with self.connect() as client:
            client.recv(200)
            try:
                for _ in range(1000):
                    client.sendall(b"A" * 65536)
                client.sendall(b"\r\n")
                self.assertEqual(client.recv(1), b"5")
            except (ConnectionError, TimeoutError):
                pass  # shown the door
        self.assert_bounded()
        self.assert_others_are_served()

    def test_thousands_of_commands(self):
        # In one write: answered one by one, to the limits of RFC 5321 4.5.3.1.8 and of errors.
        self.world(recipients=500)
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.command(f"MAIL FROM:<{SENDER}>")
            lines = "".join(f"RCPT TO:<{RCPTS[n % 3]}>\r\n" for n in range(3000))
            sender = threading.Thread(target=client.send, args=(lines.encode(),))
            sender.start()
            codes = []
            try:
                while len(codes) < 3000:
                    codes.append(client.read_reply().code)
            except (ConnectionError, OSError):
                pass
            sender.join()
        self.assertEqual(codes.count(250), 500)
        self.assertIn(set(codes[500:]), ({452}, {452, 421}))
        self.assert_bounded()
        self.assert_others_are_served()

    def test_thousands_of_senders(self):
        self.world()
        with mail.Client(self.relay.address, self.relay.port) as client:
            lines = f"MAIL FROM:<{SENDER}>\r\nRSET\r\n" * 5000
            sender = threading.Thread(target=client.send, args=(lines.encode(),))
            sender.start()
            codes = [client.read_reply().code for _ in range(10000)]
            sender.join()
        self.assertEqual(set(codes), {250})
        self.assert_bounded()
        self.assert_others_are_served()

    def test_a_client_that_never_reads(self):
        # Its replies fill what the kernel takes; then it is let go, and nobody waits for it.
        self.world(command_timeout="2s")
        with self.connect() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(20)
            try:
                for _ in range(2000):
                    client.sendall(b"NOOP\r\n" * 5000)
                self.fail("60 MB of replies were taken, and nobody has read them")
            except (ConnectionError, TimeoutError):
                pass
            self.assert_bounded()
        self.assert_others_are_served()

    def test_errors_end_the_session(self):
        self.world(errors=10)
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.send(b"WHAT\r\n" * 5000)
            codes = []
            try:
                while True:
                    codes.append(client.read_reply().code)
            except (ConnectionError, OSError):
                pass
        self.assertLessEqual(len(codes), 12)
        self.assertEqual(codes[-1], 421)
        self.assert_others_are_served()


if __name__ == "__main__":
    cases.main()
