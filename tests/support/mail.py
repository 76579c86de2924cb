"""Mail for tests: messages, a client that keeps every reply, dialogues from files, reports."""
import dataclasses
import email
import email.policy
import itertools
import pathlib
import re
import socket

_numbers = itertools.count(1)


@dataclasses.dataclass
class Reply:
    code: int
    lines: list

    @property
    def text(self):
        return " ".join(self.lines)

    @property
    def status(self):
        """The enhanced status code (RFC 3463), or an empty string."""
        found = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", self.lines[-1])
        return found.group(0) if found else ""

    def __str__(self):
        return f"{self.code} {self.text}"


class Client:
    """One SMTP connection, command by command. ConnectionError when the server goes away."""

    def __init__(self, address, port, *, source=None, timeout=60, greet=True):
        self.socket = socket.create_connection(
            (address, port), timeout, source_address=(source, 0) if source else None)
        self._input = self.socket.makefile("rb")
        self.extensions = []
        if greet:
            self.greeting = self.read_reply()
            self.extensions = self.command("EHLO client.example").lines[1:]

    def read_reply(self):
        lines = []
        while True:
            line = self._input.readline()
            if not line:
                raise ConnectionError("the server closed the connection")
            found = re.fullmatch(rb"(\d\d\d)([ -]?)(.*)\r\n", line)
            if not found:
                raise AssertionError(f"not a reply line: {line!r}")
            lines.append(found[3].decode("utf-8", "replace"))
            if found[2] != b"-":
                return Reply(int(found[1]), lines)

    def send(self, octets):
        self.socket.sendall(octets)

    def command(self, line):
        self.send(line.encode() + b"\r\n")
        return self.read_reply()

    def transaction(self, sender, rcpts, content, params=""):
        """One message. Gives the replies to MAIL, to each RCPT, and the last one."""
        replies = {"mail": self.command(f"MAIL FROM:<{sender}>{params}"), "rcpts": {}}
        for rcpt in rcpts if replies["mail"].code == 250 else ():
            replies["rcpts"][rcpt] = self.command(f"RCPT TO:<{rcpt}>")
        last = replies["mail"]
        if any(reply.code == 250 for reply in replies["rcpts"].values()):
            last = self.command("DATA")
            if last.code == 354:
                self.send(stuffed(content))
                last = self.read_reply()
        elif replies["rcpts"]:
            last = self.command("RSET")
        return Sent(replies["mail"], replies["rcpts"], last)

    def quit(self):
        try:
            return self.command("QUIT")
        finally:
            self.close()

    def close(self):
        self._input.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


@dataclasses.dataclass
class Sent:
    mail: Reply
    rcpts: dict  # address -> Reply
    last: Reply  # to the content, or to what ended the transaction

    def reply(self, rcpt):
        return self.rcpts.get(rcpt, self.mail)


def stuffed(content):
    """Octets for DATA: dots doubled, end of data behind (RFC 5321 4.5.2)."""
    if content and not content.endswith(b"\r\n"):
        content += b"\r\n"
    return re.sub(rb"(\A|\r\n)\.", rb"\1..", content) + b".\r\n"


def message(subject="test", sender="ann@sender.example", to="someone@adatum.com", body=None):
    """A small message with a Message-ID of its own."""
    number = next(_numbers)
    head = (f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n"
            f"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
            f"Message-ID: <{number}.{id(_numbers)}@client.example>\r\n\r\n")
    return head.encode() + (body if body is not None else f"Message {number}.\r\n".encode())


def submit(relay, sender, rcpts, content=None, *, source=None, params=""):
    """One message over a connection of its own."""
    rcpts = [rcpts] if isinstance(rcpts, str) else list(rcpts)
    content = message(sender=sender, to=rcpts[0]) if content is None else content
    with Client(relay.address, relay.port, source=source) as client:
        sent = client.transaction(sender, rcpts, content, params)
        client.quit()
        return sent


def play(path, address, port):
    """Plays a dialogue: `C: line` is sent, `S: pattern` must match the next reply as `CODE text`,
    `C+ line` is sent together with the next line, `E:` expects the end of the connection."""
    waiting = b""
    with Client(address, port, greet=False) as client:
        for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
            kind, text = line[:2], line[3:]
            if not line or line.startswith("#"):
                continue
            if kind in ("C:", "C+"):
                octets = text.encode().decode("unicode_escape").encode("latin-1") + b"\r\n"
                waiting += octets
                if kind == "C:":
                    client.send(waiting)
                    waiting = b""
            elif kind == "S:":
                reply = str(client.read_reply())
                if not re.match(text, reply):
                    raise AssertionError(f"{path}:{number}: expected {text!r}, got {reply!r}")
            elif kind == "E:":
                if client.socket.recv(100):
                    raise AssertionError(f"{path}:{number}: the connection goes on")
            else:
                raise ValueError(f"{path}:{number}: what is {line!r}?")


class Ndr:
    """A delivery report (RFC 3464). AssertionError when the message is none."""

    def __init__(self, content):
        parsed = email.message_from_bytes(content, policy=email.policy.SMTP)
        if parsed.get_content_type() != "multipart/report":
            raise AssertionError(f"no report: {content[:500]!r}")
        if parsed.get_param("report-type") != "delivery-status":
            raise AssertionError(f"report-type is {parsed.get_param('report-type')}")
        parts = list(parsed.iter_parts())
        self.parsed = parsed
        self.text = parts[0].get_content()
        status = next(p for p in parts if p.get_content_type() == "message/delivery-status")
        blocks = [dict(block.items()) for block in status.get_payload()]
        self.message_fields, self.recipients = blocks[0], [b for b in blocks[1:] if b]
        self.returned = parts[2].get_content() if len(parts) > 2 else None

    def final_recipients(self):
        """Address -> Status."""
        return {fields["Final-Recipient"].partition(";")[2].strip(): fields["Status"]
                for fields in self.recipients}
