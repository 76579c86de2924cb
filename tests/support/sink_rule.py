"""What a test sink does instead of saying yes."""
import dataclasses
import re

STEPS = ("connect", "ehlo", "helo", "mail", "rcpt", "data", "content", "dot", "rset", "noop",
         "quit", "starttls", "handshake", "auth")
ACTIONS = ("reply", "raw", "drip", "hang", "close", "reset")


@dataclasses.dataclass
class Rule:
    """`match` is searched in the address (rcpt, dot of LMTP) or in the argument; `times` is how
    often it acts (None: always).

    reply  a reply of the grammar, its last CRLF added; the conversation goes on
    raw    these octets as they stand; then only listens, until the client has gone, or with
           `then` ends the connection
    drip   these octets one by one, and never the last one
    hang   nothing any more, until release()
    close  an orderly end; `reset`: a TCP reset

    `handshake` is behind the 220 to STARTTLS, in place of TLS.
    """

    step: str
    reply: str = ""
    action: str = "reply"
    match: str = ""
    times: int | None = None
    then: str = ""  # "close": end the connection behind it
    after: int = 0  # content: once so many octets have come
    stored: bool = False  # dot: takes the message all the same, so that it comes again
    kept: bool = False  # only where the connection has brought content before

    def __post_init__(self):
        if self.step not in STEPS:
            raise ValueError(f"unknown step {self.step!r}")
        if self.action not in ACTIONS:
            raise ValueError(f"unknown action {self.action!r}")
        if self.action == "reply" and not re.match(r"[2345]\d\d[ -]", self.reply):
            raise ValueError(f"a reply is a code and a text, not {self.reply!r}")
        if self.action in ("raw", "drip") and not self.reply:
            raise ValueError(f"{self.action} needs octets")
