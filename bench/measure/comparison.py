"""bench/compare's rounds and its tables."""
from measure import figures, programs, world
from measure.account import Account, Measurement, spent
from support.slapd import Slapd

POSTFIX = {"postfix-proxymap": "proxy:ldap", "postfix-ldap": "ldap", "postfix-lmdb": "lmdb"}
WITH_LDAP = ("postfix-proxymap", "postfix-ldap")
SYSTEMS = {
    "splitmx": "splitmx, live copy of the directory",
    "postfix-proxymap": "Postfix, LDAP tables by proxymap",
    "postfix-ldap": "Postfix, LDAP tables direct",
    "postfix-lmdb": "Postfix, lmdb tables",
    "exim": "Exim, LDAP lookups",
}
SHAPES = {"kept": ("on kept connections", 0), "each": ("a connection for each message", 1)}
TITLES = ["", "delivered\nmsg/s", "CPU\nus/msg", "slapd\nus/msg", "final p50\nms", "p99\nms",
          "peak\nMiB", "our rate\nx its", "its CPU\nx ours"]
PEOPLE = 1000
FIRST = 100  # messages, to see how fast it is


class Comparison:
    def __init__(self, folder, *, rounds, seconds, connections):
        self.folder, self.rounds, self.seconds = folder, rounds, seconds
        self.connections = connections
        self.rows = {shape: {} for shape in SHAPES}  # shape: system: a row for each round
        self.limits, self.inexact = {}, False  # shape: L

    def run(self, systems, say):
        """`say` is told each figure as it comes."""
        folder = self.folder / "slapd"
        folder.mkdir()
        with programs.Sink(east=f"{world.EAST}:2525", west=f"{world.WEST}:2525") as self.sink, \
                Slapd(folder, world.ldif(PEOPLE)) as self.directory:
            for number in range(self.rounds):
                for system in systems:
                    self.measure(system, lambda text, n=number, s=system: say(f"round {n + 1}  {s:<18}{text}"))
        for shape, (_, each) in SHAPES.items():
            bare = programs.bare_sink_rate(figures.next_count(5000, self.seconds), each=each,
                                           connections=self.connections)
            self.limits[shape] = figures.limit(bare)

    def make(self, system, account):
        from measure import rivals
        if system == "splitmx":
            source = {"uri": self.directory.uri, "base": self.directory.suffix, "profile": "laser"}
            return world.Ours(self.folder / system, self.sink.places, account, directory=source)
        if system == "exim":
            return rivals.Rival(rivals.EximRival(self.directory), account)
        server = rivals.PostfixRival(POSTFIX[system], self.directory, PEOPLE)
        return rivals.Rival(server, account)

    def measure(self, system, say):
        account = Account(system)
        self.inexact |= not account.is_exact
        try:
            with self.make(system, account) as server:
                for shape, (_, each) in SHAPES.items():
                    row = self.measure_shape(server, account, each)
                    self.rows[shape].setdefault(system, []).append(row)
                    say(f"{shape:<6}{figures.number(row['rate']):>8} msg/s")
        finally:
            account.close()

    def measure_shape(self, server, account, each):
        def deliver(messages, first):
            return programs.deliver(server.endpoint, self.sink, messages=messages, first=first,
                                    connections=self.connections, each=each, people=PEOPLE)
        warm = deliver(FIRST, 0)
        more = figures.next_count(warm["rate"], self.seconds / 5)
        warm = deliver(more, FIRST)
        messages = figures.next_count(warm["rate"], self.seconds)
        slapd = self.directory.process.pid
        before = spent(slapd)
        with Measurement(account) as measured:
            row = deliver(messages, FIRST + more)
        return {"rate": row["rate"], "cpu_us": figures.cpu_us(measured.cpu_seconds, messages),
                "slapd_us": figures.cpu_us(spent(slapd) - before, messages),
                "final_p50_ms": row["final_p50_ms"], "final_p99_ms": row["final_p99_ms"],
                "peak_mib": measured.peak_octets / 2**20}

    def lines(self):
        lines = []
        for shape, (text, _) in SHAPES.items():
            medians = {system: figures.median_row(rows) for system, rows in self.rows[shape].items()}
            if medians:
                lines += ["", f"4 KiB, {text}, {self.connections} at once; median of {self.rounds}"]
                lines += comparison_table(medians, self.limits[shape])
        if self.inexact:
            lines += ["", "No control group could be made: the CPU of children that nobody waits for "
                      "(Exim has such) is missing."]
        return lines


def comparison_table(medians, limit):
    """Lines. `medians` is system: row; `limit` is L for such connections."""
    ours = medians.get("splitmx")
    rows = []
    for system, row in medians.items():
        both = figures.ratios(ours, row) if ours and system != "splitmx" else (None, None)
        rows.append([SYSTEMS[system], *row.values(), *both])
    lines = figures.table(TITLES, rows)
    best = figures.better_of(medians, WITH_LDAP)
    if ours and best:
        faster, cheaper = figures.ratios(ours, medians[best])
        lines.append(f"splitmx: {faster:.1f} times the rate of the better Postfix with LDAP tables, "
                     f"at 1/{cheaper:.0f} of its CPU a message")
    if ours and limit:
        lines.append(f"splitmx: {ours['rate'] / limit:.2f} of L = {figures.number(limit)} msg/s")
    return lines
