"""The generators and the sink, as processes that end with us."""
import contextlib
import json
import os
import pathlib
import select
import subprocess

from measure import figures

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    """A measurement that says nothing; its text is for people."""


def program(name):
    """SPLITMX_BENCH is where the bench programs are, SPLITMX_BIN where all are."""
    folder = pathlib.Path(os.environ.get("SPLITMX_BENCH") or os.environ.get("SPLITMX_BIN")
                          or ROOT / "build/release/bin")
    path = folder.resolve() / name
    if not path.exists():
        raise Failure(f"{path} is not there: cmake --preset release && "
                      "cmake --build --preset release --target splitmxd splitmx bench")
    return path


def arguments(**options):
    return [f"{name}={value}" for name, value in options.items()]


def generate(name, to, **options):
    """What bench_load or bench_rcpt printed; Failure when it was refused anything."""
    done = subprocess.run([program(name), f"to={to}", *arguments(**options)], capture_output=True,
                          text=True, check=False)
    try:
        result = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise Failure(f"{name}: {done.stdout}{done.stderr}") from None
    if done.returncode != 0:
        said = ", ".join(f"{key} {value}" for key, value in result.items() if "_ms" not in key)
        raise Failure(f"{name} was not served: {said}")
    return result


class Sink:
    """bench_sink; `places` are NAME: ADDRESS:PORT, and afterwards the true ones."""

    def __init__(self, **places):
        self._process = subprocess.Popen([program("bench_sink"), *arguments(**places)], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        words = self._line(20).split()
        if words[:1] != ["ready"]:
            raise Failure(f"bench_sink does not start: {' '.join(words)}")
        self.places = dict(word.split("=") for word in words[1:])
        self.pid = self._process.pid

    def _say(self, command):
        try:
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failure(f"bench_sink has ended with {self._process.wait(20)}") from None

    def _line(self, seconds):
        """The next one; empty when none comes in time. There is never more than one to read."""
        readable, _, _ = select.select([self._process.stdout], [], [], seconds)
        return self._process.stdout.readline() if readable else ""

    def expect(self, recipients):
        self._say(f"expect {recipients}")

    def wait(self, seconds):
        """The counts once all have come; Failure with what there is when they do not."""
        if line := self._line(seconds):
            return json.loads(line)
        self._say("report")
        raise Failure(f"after {seconds} s the sink has no more than {self._line(20).strip()}")

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def deliver(to, sink, *, messages, first=0, recipients=1, patience=300, **options):
    """Sends, and waits for the last message to be in the sink. A row: rate (delivered), accepted_rate
    and the generator's waits. Failure unless all came, once, whole, and where they belong."""
    sink.expect(messages * recipients)
    sent = generate("bench_load", to, messages=messages, first=first, recipients=recipients, **options)
    counts = sink.wait(patience)
    custom = figures.custom_among(first * recipients, messages * recipients)
    if wrong := figures.wrong_counts(counts, messages, messages * recipients, custom):
        raise Failure("; ".join(wrong))
    waits = {name: value for name, value in sent.items() if name.endswith("_ms")}
    return waits | {"rate": figures.rate(messages, sent["start"], counts["last"]),
                    "accepted_rate": figures.rate(messages, sent["start"], sent["end"])}


def bare_sink_rate(messages, **options):
    """The generator beside a sink without a relay between them: what the machine can do just now."""
    with Sink(east="127.0.0.2:0") as sink:
        # Nobody has put a trace field before it.
        sink.expect(messages * options.get("recipients", 1))
        sent = generate("bench_load", sink.places["east"], messages=messages, hosts="east", **options)
        counts = sink.wait(60)
    if counts["repeated"] or counts["wrong_length"] or counts["misrouted"]:
        raise Failure(f"generator and sink disagree: {counts}")
    return figures.rate(messages, sent["start"], counts["last"])
