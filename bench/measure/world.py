"""The people, and our relay among its hosts. Everyone is "uN.HOST@adatum.com", as bench/load_plan.hpp
makes them: even numbers have their mailbox on `east`, odd ones on `west`; every tenth is a custom
recipient, whose mail goes to partner.example by way of `west`. Hosts are known by their addresses, so
that one directory serves every relay."""
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support import stage, toml
from support.daemon import Relay, program

from measure.account import lines_of
from measure.figures import PARTNER, is_custom
from measure.programs import Failure

EAST, WEST, DEAD = "127.0.0.2", "127.0.0.3", "127.0.0.9"
DOMAIN = "adatum.com"
IN_MEMORY = {"tmpfs", "ramfs", "rootfs"}


def person(number):
    host, name = (WEST, "west") if number % 2 else (EAST, "east")
    address = f"u{number}.{name}@{DOMAIN}"
    if is_custom(number):
        return f"u{number}", [address], {"mailRoutingAddress": f"u{number}.west@{PARTNER}"}
    return f"u{number}", [address], {"mailHost": host}


def ldif(count):
    """`anna` has her mailbox on the dead host: what bench_fill queues is for her."""
    return stage.people(*map(person, range(count)), ("anna", [f"anna@{DOMAIN}"], {"mailHost": "dead"}))


def machine():
    """One line about where and when this is measured."""
    model = next((line.split(":")[1].strip() for line in lines_of("/proc/cpuinfo")
                  if line.startswith("model name")), os.uname().machine)
    return (f"{os.cpu_count()} x {model}, Linux {os.uname().release}, "
            f"load {os.getloadavg()[0]:.1f} at the beginning")


def most_clients():
    return min(12_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2)


def configuration(places, directory):
    """`places`: where the sink plays `east` and `west`."""
    return {
        "server": {"hostname": "relay.bench.example"},
        # Half of what the machine allows is for clients, so that enough is left for connections to hosts.
        "limits": {"connections": most_clients(), "exempt": ["127.0.0.0/8"]},
        "domain": [{"name": DOMAIN, "action": "inbound"}, {"name": PARTNER, "host": WEST}],
        "host": {EAST: {"address": places["east"]}, WEST: {"address": places["west"]},
                 "dead": {"address": f"{DEAD}:9"}},
        "routing": {"mailbox_host": EAST},
        "directory": {"main": directory},
        "spool": {"map_size": "16GiB"},
        "queue": {"retry": None},
        "log": {"level": "info", "file": "relay.log"}}


def new_directory(parent):
    """On a disk, for what is durable is measured; Failure when it would be in memory."""
    parent = pathlib.Path(parent)
    parent.mkdir(parents=True, exist_ok=True)
    kind = subprocess.run(["stat", "-f", "-c", "%T", parent], capture_output=True, text=True,
                          check=True).stdout.strip()
    if kind in IN_MEMORY:
        raise Failure(f"{parent} is in memory ({kind}): name a directory on a disk with --directory")
    return pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=parent))


class Ours:
    """splitmxd, accounted for. `directory` is the [directory.main] table, or None: people from a file."""

    name = "splitmx"

    def __init__(self, folder, places, account, *, people=1000, directory=None, config=None):
        self.folder, self.account = pathlib.Path(folder), account
        self.folder.mkdir(parents=True, exist_ok=True)
        if directory is None:
            (self.folder / "people.ldif").write_text(ldif(people))
            directory = {"uri": "ldif:people.ldif", "profile": "laser"}
        # A path to a Unix socket is short.
        self._short = tempfile.mkdtemp(prefix="splitmx-bench-")
        config = toml.merged(configuration(places, directory), config or {})
        config["admin"] = {"socket": f"{self._short}/control.sock"}
        self.relay = Relay(self.folder, config)

    def start(self):
        with self.account.entered():
            self.relay.start()
        self.account.roots = (self.relay.process.pid,)
        self._wait_for_copy()
        return self

    def _wait_for_copy(self):
        """Until every directory is copied and followed; a file is from the beginning."""
        if "ldif:" in self.relay.config_path.read_text():
            return
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            done = subprocess.run(
                [program("splitmx"), "--socket", f"{self._short}/control.sock", "status", "--json"],
                capture_output=True, text=True, check=False)
            if done.returncode == 0 and json.loads(done.stdout)["directories"]["main"]["state"] == "LIVE":
                return
            time.sleep(0.05)
        raise Failure(f"the copy of the directory does not get LIVE: {done.stdout}{done.stderr}")

    @property
    def endpoint(self):
        return f"{self.relay.address}:{self.relay.port}"

    def stop(self):
        self.relay.stop()
        shutil.rmtree(self._short, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *failure):
        if failure[0]:
            self.relay.kill()
        self.stop()
