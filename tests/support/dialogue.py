"""The client's side of written dialogues (tests/integration/13-dialogues, tests/golden/dialogues), for
playing it to several servers and comparing what they answer."""
import dataclasses
import re
import socket

from support import mail


@dataclasses.dataclass
class Step:
    """What is sent in one write, and how many replies the dialogue expects to it."""

    lines: list
    octets: bytes
    replies: int = 0

    @property
    def text(self):
        """As a person reads it."""
        text = " / ".join(self.lines)
        text = "".join(c if " " <= c < "\x7f" else repr(c)[1:-1] for c in text).replace("|", "\\x7c")
        return text if len(text) <= 60 else text[:57] + "..."


def read(path):
    """The steps; the first one is the greeting, for which nothing is sent."""
    together = "C+ " in path.read_text() or "\nE:" in path.read_text()  # the form of 13-dialogues
    steps, waiting = [Step([], b"")], None
    for line in path.read_text().splitlines():
        kind, text = line[:2], line[3:]
        if kind in ("C:", "C+", "R:"):
            octets = text.encode() + b"\r\n"
            if kind == "R:" or together:
                octets = text.replace("\\0", "\\x00").encode().decode("unicode_escape").encode("latin-1")
                octets += b"\r\n" if together else b""
            waiting = waiting or Step([], b"")
            waiting.lines.append(text)
            waiting.octets += octets
            if kind == "C:" and together:
                steps.append(waiting)
                waiting = None
        elif kind in ("S:", "X:", "K:", "D:", "E:"):
            if waiting:
                steps.append(waiting)
                waiting = None
            if kind == "S:" and not re.match(r"\d\d\d-", text):
                steps[-1].replies += 1
    return steps


class Player:
    """One server that hears the steps. What it answers: "250 2.1.0", "354", "closed", "silent"."""

    def __init__(self, address, port):
        self.client = mail.Client(address, port, timeout=3, greet=False)

    def play(self, step):
        try:
            self.client.send(step.octets)
        except OSError:
            pass  # it says so when we listen
        answers = []
        while len(answers) < step.replies:
            try:
                reply = self.client.read_reply()
            except (TimeoutError, socket.timeout):
                return [*answers, "silent"]
            except OSError:
                return [*answers, "closed"]
            answers.append(f"{reply.code} {reply.status}".strip())
        return answers

    def close(self):
        self.client.close()


def compare(path, ours, theirs):
    """Plays it to both, step by step; (step, what ours says, what theirs says) where that differs. Where
    one took a sender and the other did not, the transaction is ended, so that both go on alike."""
    for step in read(path):
        said = [player.play(step) for player in (ours, theirs)]
        if said[0] == said[1]:
            continue
        yield step, *said
        if any(answer[:3] in ("221", "421", "521", "clo", "sil") for one in said for answer in one):
            return
        if sum(one[-1:] == ["354"] for one in said) == 1:
            return  # what comes is content to one of them
        for player, answers in zip((ours, theirs), said):
            if step.octets.upper().startswith(b"MAIL") and answers[0][0] == "2":
                player.play(Step([], b"RSET\r\n", 1))
