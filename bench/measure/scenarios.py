"""The scenarios of bench/run: each a class with a name, one line of help, and run(bench) -> rows."""
import contextlib
import subprocess
import sys

from measure import figures, programs, world
from measure.account import Account, Measurement

TITLES = {
    "messages": ["", "delivered\nmsg/s", "\nMB/s", "CPU\nus/msg", "peak\nMiB", "RCPT p50\nms",
                 "p99\nms", "final p50\nms", "p99\nms", "L\nmsg/s", "of L\n"],
    "rcpt": ["", "answered\nRCPT/s", "CPU\nus/RCPT", "peak\nMiB", "burst p50\nms", "p99\nms"],
}


class Bench:
    """What scenarios have in common: a folder on the disk, and how large this run is."""

    def __init__(self, folder, scale=1.0, connections=50):
        self.folder, self.scale, self.connections = folder, scale, connections

    def count(self, usual, least=20):
        return max(least, round(usual * self.scale))

    @contextlib.contextmanager
    def relay(self, name, config=None, prepare=None):
        """(relay, sink, account), all ended and removed afterwards."""
        account = Account(name)
        try:
            with programs.Sink(east=f"{world.EAST}:0", west=f"{world.WEST}:0") as sink:
                ours = world.Ours(self.folder / name, sink.places, account, config=config)
                if prepare:
                    prepare(ours)
                with ours:
                    yield ours, sink, account
        finally:
            account.close()
            subprocess.run(["rm", "-rf", self.folder / name], check=False)


class Messages:
    """A closed loop of clients; each message is in the sink before its count ends."""

    kind = "messages"

    def __init__(self, name, text, *, messages, octets=4096, recipients=1, connections=None, each=0,
                 queued=0, larger_every=0, larger=65_536):
        self.name, self.help = name, text
        self.larger_every, self.larger = larger_every, larger
        self.messages, self.octets, self.recipients = messages, octets, recipients
        self.connections, self.each, self.queued = connections, each, queued

    @property
    def mean_octets(self):
        if not self.larger_every:
            return self.octets
        return self.octets + (self.larger - self.octets) / self.larger_every

    def run(self, bench):
        shape = {"octets": self.octets, "recipients": self.recipients, "each": self.each,
                 "connections": self.connections or bench.connections,
                 "larger_every": self.larger_every, "larger": self.larger}
        messages = bench.count(self.messages, 1 if self.connections == 1 else 20)
        bare = programs.bare_sink_rate(messages, **shape)
        prepare = (lambda ours: fill(ours, bench.count(self.queued))) if self.queued else None
        with bench.relay(self.name, prepare=prepare) as (ours, sink, account):
            warm = max(messages // 20, 1)
            programs.deliver(ours.endpoint, sink, messages=warm, **shape)
            with Measurement(account) as spent:
                row = programs.deliver(ours.endpoint, sink, messages=messages, first=warm, **shape)
        limit = figures.limit(bare)
        return [[self.name, row["rate"], row["rate"] * self.mean_octets / 1e6,
                 figures.cpu_us(spent.cpu_seconds, messages), spent.peak_octets / 2**20,
                 row["rcpt_p50_ms"], row["rcpt_p99_ms"], row["final_p50_ms"], row["final_p99_ms"],
                 limit, f"{row['rate'] / limit:.2f}"]]


def fill(ours, count):
    """A queue for the dead host, due at once."""
    done = subprocess.run(
        [programs.program("bench_fill"), ours.folder / "spool", str(count), "host:dead", "0"],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise programs.Failure(f"bench_fill: {done.stderr.strip()}")


class Rcpt:
    """Only questions, pipelined; the directory is a copy in the relay."""

    kind = "rcpt"

    def __init__(self, name, text, *, known):
        self.name, self.help, self.known = name, text, known

    def run(self, bench):
        wanted = bench.count(1_000_000, 2000)
        code = "250" if self.known else "550"
        with bench.relay(self.name) as (ours, _, account):
            options = {"known": int(self.known), "connections": 10, "burst": 100}
            programs.generate("bench_rcpt", ours.endpoint, recipients=wanted // 20, **options)
            with Measurement(account) as spent:
                done = programs.generate("bench_rcpt", ours.endpoint, recipients=wanted, **options)
        if done["codes"] != {code: wanted}:
            raise programs.Failure(f"{wanted} times {code} was expected, and came {done['codes']}")
        return [[self.name, wanted / done["seconds"], figures.cpu_us(spent.cpu_seconds, wanted),
                 spent.peak_octets / 2**20, done["rcpt_p50_ms"], done["rcpt_p99_ms"]]]


class Script:
    """A script of its own, which prints its own lines."""

    kind = "lines"

    def __init__(self, name, text, script, *, usual):
        self.name, self.help, self.script, self.usual = name, text, script, usual

    def run(self, bench):
        done = subprocess.run([sys.executable, "-B", world.ROOT / "bench" / self.script, str(bench.count(self.usual))],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise programs.Failure(f"bench/{self.script}: {done.stdout}{done.stderr}")
        return done.stdout.splitlines()


ALL = [
    Messages("4k", "4 KiB, kept connections", messages=50_000),
    Messages("4k-each", "4 KiB, a connection for each message", messages=20_000, each=1),
    Messages("64k", "64 KiB, kept connections", messages=10_000, octets=65_536),
    Messages("64k-each", "64 KiB, a connection for each message", messages=5_000, octets=65_536, each=1),
    Messages("mixed", "4 KiB, every tenth 64 KiB, kept connections", messages=30_000, larger_every=10),
    Messages("50-rcpt", "4 KiB for 50 recipients on two hosts, kept connections", messages=3_000,
             recipients=50),
    Messages("dead-host", "4 KiB, kept connections, while 100 000 wait for a host that is dead",
             messages=50_000, queued=100_000),
    Messages("50mb", "a message of 50 MB at a time, on one connection", messages=10, octets=50_000_000,
             connections=1),
    Rcpt("rcpt-known", "RCPT of people there are, pipelined, no message", known=True),
    Rcpt("rcpt-unknown", "RCPT of people there are not, pipelined, no message", known=False),
    Script("idle", "10 000 idle connections, in clear and under TLS", "idle.py", usual=10_000),
    Script("restart", "a start with 100 000 messages in the queue", "restart.py", usual=100_000),
]
