"""What the situations about a faulty next hop share: three people whose mailboxes are on one host
that misbehaves as the test says, and the proof that nothing of theirs is lost."""
import time

from support import cases, mail, stage, toml
from support.account import Account

NAMES = ("anna", "bert", "cleo")
PEOPLE = tuple((name, [f"{name}@adatum.com"]) for name in NAMES)
RCPTS = [f"{name}@adatum.com" for name in NAMES]
SENDER = "ann@sender.example"
# The time limit for a host that is to be found out: far above what a good one takes here.
SHORT = "2s"


class NextHopCase(cases.Case):
    """`self.relay`, `self.sink` (the host of the mailboxes), `self.internet` (gets the reports)."""

    timeout = SHORT

    def world(self, *people, mailboxes=None, protocol="smtp", config=None, start=True,
              **host):
        """`people` come on top of anna, bert and cleo; `host` are keys of [host.mailboxes]."""
        # A small buffer, so that a host which does not read is felt at once.
        sink = mailboxes or self.stage.sink(
            stage.MAILBOXES, name="mailboxes", protocol=protocol, receive_buffer=65536)
        host = {"address": sink.endpoint, "protocol": protocol, "timeout": self.timeout} | host
        base = {"host": {"mailboxes": host}, "queue": {"retry": ["250ms"] * 20}}
        self.relay = self.stage.small_world(
            *PEOPLE, *people, mailboxes=sink, config=toml.merged(base, config or {}),
            start=start)
        self.sink, self.internet = sink, self.stage.internet
        self.sent = {}  # Message-ID -> content

    def send(self, rcpts=RCPTS, sender=SENDER, body=None, client=None):
        """One message that is acknowledged, over a connection of its own if there is no client; its
        content."""
        content = mail.message(sender=sender, to=rcpts[0], body=body)
        sent = (client.transaction(sender, rcpts, content) if client
                else mail.submit(self.relay, sender, rcpts, content))
        last = sent.last
        self.assertEqual(last.code, 250, last)
        self.sent[message_id(content)] = content
        return content

    def settled(self, timeout=60):
        """Waits until the relay has nothing left of what it took; the account of it."""
        deadline = time.monotonic() + timeout
        while ((account := Account(self.relay.log)).open
               or len(account.taken) < max(1, len(self.sent))):
            if time.monotonic() > deadline:
                raise AssertionError(f"still in the queue: {account.open}\n{self.relay.log[-4000:]}")
            time.sleep(0.05)
        return account

    def assert_each_once(self, rcpts=RCPTS, timeout=60):
        """Every one of them gets what was sent, once and octet for octet; nobody gets a report."""
        account = self.settled(timeout)
        self.relay.stop()
        expected = sorted(rcpts * len(self.sent))
        self.assertEqual(self.sink.recipients(), expected, self.relay.log[-4000:])
        self.assert_intact()
        self.assertEqual(self.internet.messages, [])
        return account

    def assert_intact(self):
        for message in self.sink.messages:
            self.assertEqual(message.without_added_trace(),
                             self.sent[message.header("Message-ID")[0]])

    def report(self, count=1):
        """The only report, to the sender, under the null reverse-path."""
        first, *more = self.internet.wait_for(count)
        self.assertEqual(len(more), count - 1)
        self.assertEqual((first.mail_from, first.rcpts), ("", [SENDER]))
        return mail.Ndr(first.content)


def message_id(content):
    head = content.split(b"\r\n\r\n", 1)[0]
    return next(line.split(b": ", 1)[1].decode() for line in head.split(b"\r\n")
                if line.startswith(b"Message-ID: "))
