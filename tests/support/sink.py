#!/usr/bin/env python3
"""A mail host for tests: takes SMTP or LMTP, records every message, fails on demand.

It is strict where a relay must be exact: lines end in CRLF, nothing is sent ahead of a reply that
must be waited for (RFC 2920 3.1). What breaks a rule is noted in `faults`.

One thread a connection; messages and counters are guarded by one lock. Loopback or a Unix socket.
As a program:  sink.py --listen 127.0.0.2:2526 --record DIR [--script FILE.json]
"""
import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import socket
import sys
import threading

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.sink_rule import Rule
from support.sink_session import Closed, Session


@dataclasses.dataclass
class Message:
    """One accepted message: envelope as sent, octets after removing the transparency dots."""

    mail_from: str
    mail_params: list
    rcpts: list  # accepted recipients, in order
    rcpt_params: dict  # address -> parameters
    content: bytes
    client: str
    helo: str
    session: int
    tls: str = ""  # "TLSv1.3"
    login: str = ""

    def header(self, name):
        """Values of a header field, unfolded."""
        head = self.content.split(b"\r\n\r\n", 1)[0].decode("latin-1")
        unfolded = re.sub(r"\r\n(?=[ \t])", "", head)
        pattern = re.compile(re.escape(name) + r":[ \t]*(.*)", re.IGNORECASE)
        return [m.group(1) for line in unfolded.split("\r\n") if (m := pattern.fullmatch(line))]

    def without_added_trace(self, count=1):
        """The content behind the `count` Received fields that the relays on its way added."""
        rest = self.content
        for _ in range(count):
            found = re.match(rb"Received:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", rest, re.IGNORECASE)
            if not found:
                raise AssertionError(f"no Received field in front of {rest[:200]!r}")
            rest = rest[found.end():]
        return rest


class Sink:
    """Requires: address is loopback. Port 0 means any; `port` tells which."""

    def __init__(self, address="127.0.0.2", port=0, *, path=None, protocol="smtp", name="sink",
                 extensions=("PIPELINING", "8BITMIME", "SIZE 104857600", "DSN"), record=None,
                 pace=None, receive_buffer=None, tls=None, logins=None):
        self.address, self.port, self.path = address, port, path
        self.protocol, self.name, self.extensions = protocol, name, list(extensions)
        self.record = pathlib.Path(record) if record else None
        self.pace = pace  # (octets, seconds): read so slowly
        self.thinking = 0  # seconds before each reply
        self.tls = tls  # a server's SSLContext: STARTTLS is offered
        self.logins = logins  # {name: password}: AUTH is demanded, under TLS
        self.mechanisms = ["PLAIN", "LOGIN"]
        self.receive_buffer = receive_buffer  # octets that the kernel takes ahead of us, about
        self.messages, self.faults, self.commands = [], [], []
        self.connections = self.open_connections = self.most_open = self.hanging = 0
        self.announced = 0  # messages whose MAIL came along with the content before them
        self.refused = []  # (recipient, reply)
        self._rules, self._changed = [], threading.Condition()
        self._released, self._sockets, self._threads = threading.Event(), set(), []
        self._listener = None

    # ---- life

    def start(self):
        if self.path:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(self.path)
        else:
            family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
            self._listener = socket.socket(family)
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((self.address, self.port))
            self.port = self._listener.getsockname()[1]
        if self.receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        self._listener.listen(512)
        self._released.clear()
        if self.record:
            self.record.mkdir(parents=True, exist_ok=True)
        self._spawn(self._accept_loop, self._listener)
        return self

    def stop(self):
        """Ends all connections. The port stays known: start() opens the same one again."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._released.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self._changed:
            sockets = list(self._sockets)
        for peer in sockets:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()
        if self.path:
            pathlib.Path(self.path).unlink(missing_ok=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def endpoint(self):
        """As a [host.NAME] address is written."""
        if self.path:
            return f"unix:{self.path}"
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    # ---- script

    def on(self, step, reply="", **rule):
        """Adds a rule; the first one that fits acts."""
        with self._changed:
            self._rules.append(Rule(step, reply, **rule))
        return self

    def forget_rules(self):
        """From now on says yes to all; sessions that hang go on hanging until release()."""
        with self._changed:
            self._rules.clear()

    def release(self):
        """Ends every `hang` of now, by closing its connection."""
        with self._changed:
            self._released.set()
            self._released = threading.Event()

    def _hang(self):
        with self._changed:
            released = self._released
            self.hanging += 1
            self._changed.notify_all()
        released.wait()
        self._note(lambda: setattr(self, "hanging", self.hanging - 1))

    def _rule(self, step, text, is_kept=False):
        with self._changed:
            for rule in self._rules:
                if rule.kept and not is_kept:
                    continue
                if rule.step == step and re.search(rule.match, text, re.IGNORECASE):
                    if rule.times is not None:
                        rule.times -= 1
                        if rule.times <= 0:
                            self._rules.remove(rule)
                    return rule
        return None

    # ---- what was seen

    def wait_for(self, count, timeout=30):
        """The messages, once there are `count`; AssertionError when they do not come."""
        return self.wait_until(lambda sink: len(sink.messages) >= count, timeout,
                               f"{count} messages")

    def wait_until(self, condition, timeout=30, what="the condition"):
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self), timeout):
                raise AssertionError(
                    f"{self.name}: no {what} within {timeout} s; {json.dumps(self.state())[:2000]}")
            return list(self.messages)

    def take(self):
        """The messages so far; they are forgotten here."""
        with self._changed:
            messages, self.messages = self.messages, []
            return messages

    def messages_to(self, rcpt):
        with self._changed:
            return [m for m in self.messages if rcpt in m.rcpts]

    def recipients(self):
        with self._changed:
            return sorted(rcpt for message in self.messages for rcpt in message.rcpts)

    def state(self):
        return {
            "name": self.name, "listen": self.endpoint, "connections": self.connections,
            "most_open": self.most_open, "faults": self.faults,
            "refused": [list(item) for item in self.refused],
            "messages": [{"from": m.mail_from, "to": m.rcpts, "size": len(m.content),
                          "client": m.client, "session": m.session} for m in self.messages],
        }

    def _note(self, change):
        with self._changed:
            change()
            self._changed.notify_all()

    def _fault(self, text):
        self._note(lambda: self.faults.append(text))

    def _accept_message(self, envelope, content):
        message = Message(content=content, **envelope)

        def add():
            self.messages.append(message)
            if self.record:
                stem = self.record / f"{len(self.messages):05d}"
                stem.with_suffix(".eml").write_bytes(message.content)
                stem.with_suffix(".json").write_text(json.dumps(envelope, indent=1) + "\n")
        self._note(add)

    # ---- connections

    def _spawn(self, target, *args):
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()

    def _accept_loop(self, listener):
        while True:
            try:
                peer, address = listener.accept()
            except OSError:
                return
            with self._changed:
                if self._listener is not listener:
                    peer.close()
                    return
                self.connections += 1
                self.open_connections += 1
                self.most_open = max(self.most_open, self.open_connections)
                self._sockets.add(peer)
                session = Session(self, peer, address[0] if address else "", self.connections)
                self._changed.notify_all()
            self._spawn(self._serve, session)

    def _serve(self, session):
        try:
            session.run()
        except (Closed, OSError):
            pass
        finally:
            def gone():
                self.open_connections -= 1
                self._sockets.discard(session.peer)
            self._note(gone)
            session.peer.close()


def main():
    options = argparse.ArgumentParser(description="A mail host for tests.")
    options.add_argument("--listen", required=True, metavar="ADDRESS:PORT|unix:PATH")
    options.add_argument("--record", metavar="DIR", help="one .eml and .json per message")
    options.add_argument("--script", metavar="FILE", help="JSON list of rules: step, reply, ...")
    options.add_argument("--state", metavar="FILE", help="counters as JSON, at the end")
    options.add_argument("--protocol", choices=("smtp", "lmtp"), default="smtp")
    options.add_argument("--quiet", action="store_true")
    args = options.parse_args()
    if args.listen.startswith("unix:"):
        where = {"path": args.listen[5:]}
    else:
        address, _, port = args.listen.rpartition(":")
        where = {"address": address.strip("[]"), "port": int(port)}
    sink = Sink(**where, protocol=args.protocol, record=args.record)
    for rule in json.loads(pathlib.Path(args.script).read_text()) if args.script else []:
        sink.on(**rule)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sink.start()
    print(f"ready {args.protocol}={sink.endpoint} pid={os.getpid()}", flush=True)
    shown = 0
    while not stop.wait(0.2):
        for message in sink.messages[shown:]:
            shown += 1
            if not args.quiet:
                print(f"<{message.mail_from}> -> {' '.join(message.rcpts)} "
                      f"{len(message.content)} octets", flush=True)
    sink.stop()
    if args.state:
        pathlib.Path(args.state).write_text(json.dumps(sink.state(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
