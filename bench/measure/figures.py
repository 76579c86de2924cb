"""Arithmetic and tables: pure functions, tested by tests/meta/bench_figures.py."""
import statistics

# One message costs its generator, the relay and the sink together about 74 us where generator and
# sink alone cost 40: of the bare sink's rate, this part is left to a relay that adds only what
# it cannot do without (docs/performance.md).
LIMIT_OF_SINK = 0.54
PARTNER = "partner.example"  # where custom recipients are


def limit(sink_rate):
    """L: messages a second that a perfect relay would carry on this machine in this minute."""
    return LIMIT_OF_SINK * sink_rate


def rate(count, start, end):
    """A second; `start` and `end` in seconds."""
    return count / (end - start) if end > start else 0.0


def cpu_us(seconds, count):
    return seconds * 1e6 / count if count else 0.0


def next_count(rate_seen, seconds, least=50, most=200_000):
    """How many messages take about `seconds`, at the rate that was seen."""
    return max(least, min(most, round(rate_seen * seconds)))


def median_row(rows):
    """Of several rounds: the median of each figure. All rows have the same figures."""
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def ratios(ours, other):
    """(how many times their rate, what part of their CPU) ours is; None where it cannot be said."""
    faster = ours["rate"] / other["rate"] if other["rate"] else None
    cheaper = other["cpu_us"] / ours["cpu_us"] if ours["cpu_us"] else None
    return faster, cheaper


def better_of(rows, names):
    """The name with the highest rate among `names` that were measured; None: none was."""
    there = [name for name in names if name in rows]
    return max(there, key=lambda name: rows[name]["rate"]) if there else None


def is_custom(number):
    """Every tenth of the people is a custom recipient (world.py)."""
    return number % 10 == 9


def custom_among(first, count):
    """How many of the recipients number `first` and on; the people are a multiple of ten."""
    return sum(map(is_custom, range(first, first + count)))


def wrong_counts(counts, messages, recipients, custom):
    """What the sink saw that should not be, as sentences; none when all is well. A message counts
    once for each host that got it. `custom` of the recipients are to be rewritten."""
    findings = []
    if counts["recipients"] != recipients:
        findings.append(f"{counts['recipients']} of {recipients} recipients got their mail")
    if counts["messages"] < messages:
        findings.append(f"only {counts['messages']} of {messages} messages came")
    rewritten = counts["domains"].get(PARTNER, 0)
    if rewritten != custom:
        findings.append(f"{rewritten} recipients were rewritten, {custom} are custom recipients")
    for name, text in (("misrouted", "came to the wrong host"), ("repeated", "came twice"),
                       ("wrong_length", "came with too little or too much content"),
                       ("without_trace", "came without a Received field")):
        if counts[name]:
            findings.append(f"{counts[name]} {text}")
    return findings


def number(value):
    """For people: as many digits as mean something, thousands apart."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
    return f"{value:,.{digits}f}".replace(",", " ")


def table(titles, rows):
    """Lines; the first column to the left, figures to the right. Titles may have a second line
    behind a '\n'."""
    cells = [[number(value) for value in row] for row in rows]
    heads = [(title.split("\n") + [""])[:2] for title in titles]
    widths = [max(len(text) for text in [*heads[i], *(row[i] for row in cells)])
              for i in range(len(titles))]
    lines = [[head[0] for head in heads], [head[1] for head in heads]]
    lines = [line for line in lines if any(line)] + [["-" * width for width in widths]] + cells
    return ["  ".join(text.ljust(width) if i == 0 else text.rjust(width)
                      for i, (text, width) in enumerate(zip(line, widths))).rstrip()
            for line in lines]
