"""The server's side of one SMTP or LMTP connection of a test sink (RFC 5321, RFC 2033)."""
import base64
import re
import socket
import ssl
import struct
import time


class Closed(Exception):
    """The conversation is over."""


class Session:
    """One connection, in its own thread."""

    def __init__(self, sink, peer, client, number):
        self.sink, self.peer, self.client, self.number = sink, peer, client, number
        self.buffer, self.helo, self.closing = b"", "", False
        self.login = ""
        self.is_kept = False  # content has come before
        self.reset()

    def reset(self):
        self.mail_from, self.mail_params = None, []
        self.rcpts, self.rcpt_params = [], {}

    def run(self):
        self.answer("connect", self.client, f"220 {self.sink.name} ready")
        while True:
            line = self.read_line()
            self.sink._note(lambda: self.sink.commands.append((self.number, line)))
            verb, _, argument = line.partition(" ")
            handler = getattr(self, "do_" + verb.lower(), None)
            if handler is None:
                self.send(f"500 5.5.2 {verb[:20]} is not known here")
            else:
                handler(argument)

    # ---- octets

    def read_more(self):
        octets, seconds = self.sink.pace or (65536, 0)
        if seconds:
            time.sleep(seconds)
        more = self.peer.recv(octets)
        if not more:
            raise Closed
        self.buffer += more

    def read_line(self):
        while b"\n" not in self.buffer:
            self.read_more()
        line, self.buffer = self.buffer.split(b"\n", 1)
        if not line.endswith(b"\r") or b"\r" in line[:-1]:
            self.sink._fault(f"command does not end in CRLF: {line[:80]!r}")
        if len(line) > 511:
            self.sink._fault(f"command of {len(line) + 1} octets: {line[:80]!r}")
        return line.rstrip(b"\r").decode("utf-8", "surrogateescape")

    def send(self, reply):
        if self.sink.thinking:
            time.sleep(self.sink.thinking)
        self.peer.sendall(reply.encode() + b"\r\n")
        if self.closing:
            raise Closed

    def decide(self, step, text, reply):
        """The reply to give: `reply`, or a rule's. A rule may hang or end the connection."""
        rule = self.sink._rule(step, text, self.is_kept)
        return reply if rule is None else self.act(rule)

    def act(self, rule):
        """The reply that the rule gives; Closed when it gives none."""
        if rule.action == "reply":
            self.closing = rule.then == "close" or rule.reply.startswith("421")
            return rule.reply
        if rule.action == "hang":
            self.sink._hang()
        elif rule.action == "reset":
            self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif rule.action == "raw":
            self.peer.sendall(rule.reply.encode("latin-1"))
            if rule.then != "close":
                self.listen_only()
        elif rule.action == "drip":
            self.drip(rule.reply.encode("latin-1"))
        raise Closed

    def listen_only(self):
        while self.peer.recv(65536):
            pass

    def drip(self, octets):
        for place in range(len(octets) - 1):
            self.peer.sendall(octets[place:place + 1])
            time.sleep(0.1)
        self.listen_only()

    def answer(self, step, text, reply):
        """True when the answer was a yes."""
        reply = self.decide(step, text, reply)
        self.send(reply)
        return reply[0] in "23"

    def must_be_last(self, verb):
        # RFC 2920 3.1: these commands end a group; RFC 5321: without PIPELINING every one does.
        if self.buffer:
            self.sink._fault(f"sent ahead of the reply to {verb}: {self.buffer[:60]!r}")

    def may_be_grouped(self, verb):
        if "PIPELINING" not in self.sink.extensions:
            self.must_be_last(verb)

    # ---- commands

    def do_ehlo(self, argument):
        self.must_be_last("EHLO")
        if self.sink.protocol == "lmtp":
            return self.send("500 5.5.1 this is LMTP, say LHLO")
        self.greet(argument)

    def do_lhlo(self, argument):
        self.must_be_last("LHLO")
        if self.sink.protocol != "lmtp":
            return self.send("500 5.5.1 this is SMTP, say EHLO")
        self.greet(argument)

    def greet(self, argument):
        self.reset()
        self.helo = argument
        lines = [f"{self.sink.name} greets {argument}", *self.sink.extensions]
        if self.sink.tls and not self.tls_version():
            lines.append("STARTTLS")
        elif self.sink.logins:
            lines.append("AUTH " + " ".join(self.sink.mechanisms))
        reply = "\r\n".join(
            f"250{'-' if i + 1 < len(lines) else ' '}{line}" for i, line in enumerate(lines))
        self.answer("ehlo", argument, reply)

    def tls_version(self):
        return self.peer.version() if isinstance(self.peer, ssl.SSLSocket) else ""

    def do_starttls(self, argument):
        self.must_be_last("STARTTLS")
        if self.tls_version() or not self.sink.tls:
            self.sink._fault("STARTTLS that was not offered")
            return self.send("503 5.5.1 not now")
        if not self.answer("starttls", argument, "220 go ahead"):
            return None
        if rule := self.sink._rule("handshake", ""):
            self.act(rule)
        clear = self.peer
        self.peer = self.sink.tls.wrap_socket(clear, server_side=True)  # SSLError is an OSError
        self.sink._note(lambda: (self.sink._sockets.discard(clear),
                                 self.sink._sockets.add(self.peer)))
        self.buffer, self.helo = b"", ""
        return self.reset()

    def do_auth(self, argument):
        self.must_be_last("AUTH")
        mechanism, _, initial = argument.partition(" ")
        if not self.tls_version() or mechanism not in self.sink.mechanisms:
            self.sink._fault(f"AUTH {mechanism} that was not offered")
            return self.send("504 5.5.4 not here")
        if mechanism == "PLAIN":
            _, name, password = base64.b64decode(initial).decode().split("\0")
        else:
            answers = []
            for question in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"):
                self.send(f"334 {question}")
                answers.append(base64.b64decode(self.read_line()).decode())
            name, password = answers
        if (self.sink.logins or {}).get(name) != password:
            return self.send("535 5.7.8 who are you")
        if self.answer("auth", name, "235 2.7.0 welcome"):
            self.login = name
        return None

    def do_helo(self, argument):
        self.must_be_last("HELO")
        self.reset()
        self.helo = argument
        self.answer("helo", argument, f"250 {self.sink.name}")

    def do_mail(self, argument):
        self.may_be_grouped("MAIL")
        path = parse_path("FROM:", argument)
        if path is None or not self.helo or self.mail_from is not None:
            self.sink._fault(f"bad MAIL {argument!r}")
            return self.send("503 5.5.1 bad MAIL")
        if self.sink.logins and not self.login:
            return self.send("530 5.7.0 who are you")
        if self.answer("mail", argument, "250 2.1.0 sender ok"):
            self.mail_from, self.mail_params = path
        return None

    def do_rcpt(self, argument):
        self.may_be_grouped("RCPT")
        path = parse_path("TO:", argument)
        if path is None:
            self.sink._fault(f"bad RCPT {argument!r}")
            return self.send("501 5.5.4 bad RCPT")
        if self.mail_from is None:
            # Fair in a pipelined group whose MAIL was refused.
            return self.send("503 5.5.1 MAIL first")
        rcpt, params = path
        reply = self.decide("rcpt", rcpt, "250 2.1.5 recipient ok")
        if reply[0] == "2":
            self.rcpts.append(rcpt)
            self.rcpt_params[rcpt] = params
        else:
            self.sink._note(lambda: self.sink.refused.append((rcpt, reply)))
        return self.send(reply)

    def do_data(self, argument):
        self.must_be_last("DATA")
        if not self.rcpts:
            return self.send("503 5.5.1 RCPT first" if not self.mail_from
                             else "554 5.5.1 no valid recipients")
        if not self.answer("data", argument, "354 go ahead"):
            return self.reset()
        content = self.read_content()
        if self.sink.protocol == "lmtp":
            self.finish_lmtp(content)
        else:
            self.finish(content)
        self.is_kept = True
        return self.reset()

    def read_content(self):
        rule = self.sink._rule("content", " ".join(self.rcpts))
        # As if a line had ended before: then the end of an empty message looks like any other.
        content, searched = bytearray(b"\r\n"), 0
        while True:
            content += self.buffer
            self.buffer = b""
            if rule and len(content) - 2 >= rule.after:
                # A reply in the middle: whatever it is, nothing that comes behind it is a command.
                self.peer.sendall(self.act(rule).encode() + b"\r\n")
                raise Closed
            end = content.find(b"\r\n.\r\n", searched)
            if end >= 0:
                break
            searched = max(0, len(content) - 4)
            self.read_more()
        raw, self.buffer = bytes(content[2:end + 2]), bytes(content[end + 5:])
        if self.buffer.startswith(b"MAIL"):
            self.sink._note(lambda: setattr(self.sink, "announced", self.sink.announced + 1))
        if not raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n"):
            self.sink._fault("bare CR or LF in content")
        if not raw.startswith(b".") and b"\r\n." not in raw:
            return raw
        if re.search(rb"(?:\A|\r\n)\.(?!\.)", raw):
            self.sink._fault("a leading dot was not doubled")
        return re.sub(rb"(\A|\r\n)\.", rb"\1", raw)

    def envelope(self, rcpts):
        return {"mail_from": self.mail_from, "mail_params": self.mail_params, "rcpts": rcpts,
                "rcpt_params": {rcpt: self.rcpt_params[rcpt] for rcpt in rcpts},
                "client": self.client, "helo": self.helo, "session": self.number,
                "tls": self.tls_version(), "login": self.login}

    def finish(self, content):
        self.settle(self.rcpts, content)

    def finish_lmtp(self, content):
        # RFC 2033 4.2: one reply for every recipient that was accepted, in order.
        for rcpt in self.rcpts:
            self.settle([rcpt], content)

    def settle(self, rcpts, content):
        rule = self.sink._rule("dot", " ".join(rcpts))
        stored = rule is not None and rule.stored
        if stored:
            self.sink._accept_message(self.envelope(rcpts), content)
        reply = "250 2.0.0 taken" if rule is None else self.act(rule)
        if reply[0] == "2" and not stored:
            # Before the reply is sent: who has seen it must find the message.
            self.sink._accept_message(self.envelope(rcpts), content)
        self.send(reply)

    def do_rset(self, argument):
        self.may_be_grouped("RSET")
        self.reset()
        self.answer("rset", argument, "250 2.0.0 reset")

    def do_noop(self, argument):
        self.answer("noop", argument, "250 2.0.0 ok")

    def do_quit(self, argument):
        self.answer("quit", argument, "221 2.0.0 bye")
        raise Closed


def parse_path(keyword, argument):
    """(address, parameters) of MAIL and RCPT, or None (RFC 5321 4.1.1.2, 4.1.1.3)."""
    found = re.fullmatch(keyword + r"<((?:\"(?:[^\"\\]|\\.)*\"|[^<>\"])*)>((?: [^ ]+)*)", argument,
                         re.IGNORECASE)
    return (found.group(1), found.group(2).split()) if found else None
