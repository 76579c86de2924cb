#!/usr/bin/env python3
"""Messages a second and CPU per message of the relay, beside a bare sink in the same run.

usage: bench/relay.py [MESSAGES [CONNECTIONS [OCTETS]]]

Everything is on loopback and ends with this script. A closed loop: load -> relay -> sink. The rates of
one run compare with each other only; CPU per message compares better between runs.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.environ.get("SPLITMX_BIN", os.path.join(ROOT, "build/release/bin"))

CONFIG = """
[server]
hostname = "relay.bench.example"
[[listen]]
address = "127.0.0.1:0"
[limits]
connections_per_client = 1000
[[domain]]
name = "adatum.com"
action = "inbound"
[host.mailboxes]
address = "{sink}"
[routing]
mailbox_host = "mailboxes"
[directory.main]
uri = "ldif:people.ldif"
profile = "splitmx"
[spool]
path = "spool"
[log]
level = "{level}"
file = "relay.log"
"""
PERSON = """dn: uid=anna,o=adatum
objectClass: splitmxMailbox
splitmxAddress: anna@adatum.com
"""


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(words, **options):
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **options)
    line = process.stdout.readline()
    if not line.startswith("ready"):
        sys.exit(f"{words[0]} did not start: {line}")
    return process, line.split()


def finish(process):
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=60)[0]


def load(address, connections, messages, octets):
    words = [f"{BIN}/bench_load", address, str(connections), str(messages), str(octets), "anna@adatum.com"]
    return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measure_sink(messages, connections, octets):
    sink, ready = start([f"{BIN}/bench_sink", "127.0.0.2:0"])
    result = load(ready[1], connections, messages, octets)
    result["cpu_us"] = cpu_seconds(sink.pid) / messages * 1e6
    finish(sink)
    return result


def wait_for_empty_queue(log, messages):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with open(log, errors="replace") as lines:
            if sum(" remove " in line for line in lines) >= messages:
                return
        time.sleep(0.2)


def measure_relay(folder, messages, connections, octets):
    sink, sink_ready = start([f"{BIN}/bench_sink", "127.0.0.2:0"])
    with open(f"{folder}/splitmx.toml", "w") as file:
        file.write(CONFIG.format(sink=sink_ready[1], level=os.environ.get("LEVEL", "info")))
    with open(f"{folder}/people.ldif", "w") as file:
        file.write(PERSON)
    relay, ready = start([f"{BIN}/splitmxd", "--config", f"{folder}/splitmx.toml"])
    address = ready[1].removeprefix("smtp=")
    load(address, connections, 200, octets)
    before = cpu_seconds(relay.pid)
    begun = time.monotonic()
    result = load(address, connections, messages, octets)
    wait_for_empty_queue(f"{folder}/relay.log", messages + 200)
    result["delivered_per_second"] = messages / (time.monotonic() - begun)
    result["cpu_us"] = (cpu_seconds(relay.pid) - before) / messages * 1e6
    status = open(f"/proc/{relay.pid}/status").read()
    result["peak_kib"] = int(status.split("VmHWM:")[1].split()[0])
    finish(relay)
    counts = json.loads(finish(sink))
    result["arrived"] = counts["messages"] - 200
    result["without_trace"] = counts["without_trace"]
    return result


def main():
    numbers = [int(word) for word in sys.argv[1:]] + [None] * 3
    messages, connections, octets = (given or usual for given, usual in zip(numbers, (20000, 50, 4096)))
    folder = tempfile.mkdtemp(prefix="splitmx-bench-", dir=os.environ.get("BENCH_DIR"))
    try:
        sink = measure_sink(messages, connections, octets)
        relay = measure_relay(folder, messages, connections, octets)
    finally:
        shutil.rmtree(folder)
    print(f"{messages} messages of {octets} octets over {connections} connections")
    print(f"{'':12} {'accepted/s':>10} {'cpu us/msg':>10} {'p50 ms':>8} {'p99 ms':>8}")
    for name, row in (("bare sink", sink), ("relay", relay)):
        print(f"{name:12} {row['per_second']:>10} {row['cpu_us']:>10.1f} {row['p50_ms']:>8} {row['p99_ms']:>8}")
    print(f"relay: delivered {relay['delivered_per_second']:.0f}/s, peak {relay['peak_kib'] // 1024} MiB, "
          f"{relay['per_second'] / sink['per_second']:.2f} of the bare sink's rate")
    if relay["arrived"] != messages or relay["without_trace"]:
        sys.exit(f"WRONG: {relay['arrived']} of {messages} arrived, {relay['without_trace']} without trace field")


main()
