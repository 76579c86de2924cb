"""splitmxd under test: writes its configuration, waits for its `ready` line, ends it by process id.

SPLITMX_BIN names the directory of the programs (default: build/release/bin). What a sanitizer
reports is an error wherever it shows.
"""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import threading

from support import toml

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAKS = ROOT / "tests/support/leaks.supp"
SANITIZER_REPORT = re.compile(
    r"ERROR: (Address|Leak|Thread)Sanitizer|runtime error:|SUMMARY: \w+Sanitizer")


def program(name):
    folder = pathlib.Path(os.environ.get("SPLITMX_BIN") or ROOT / "build/release/bin")
    return folder.resolve() / name


def has_address_sanitizer():
    """It keeps freed memory and shadows all of it: no size is the program's own."""
    return b"__asan_init" in program("splitmxd").read_bytes()


def defaults(directory):
    """What every relay under test has: loopback, its own directories, quick retries."""
    return {
        "server": {"hostname": "relay1.adatum.com", "state_dir": str(directory / "state")},
        "listen": [{"name": "main", "address": "127.0.0.1:0"}],
        "spool": {"path": str(directory / "spool"), "map_size": "256MiB"},
        "queue": {"retry": ["1s"] * 20},
        "admin": {"socket": str(directory / "control.sock"), "http": "off"},
        "log": {"level": "debug"},
    }


class Relay:
    """Requires: `directory` exists; it may hold the spool of an earlier relay.
    `config` is a dict on top of `defaults`, or the whole text of a configuration file."""

    def __init__(self, directory, config):
        self.directory = pathlib.Path(directory)
        (self.directory / "state").mkdir(exist_ok=True)
        self.config_path = self.directory / "splitmx.toml"
        self.environment = {}  # on top of ours, from the next start on
        self.before_exec = None  # called in the new process
        self.flags = []  # of the program, from the next start on
        self.process, self.ports, self.exit_code = None, [], None
        self.admin = "off"  # as the ready line says
        self._log, self._changed, self._readers = [], threading.Condition(), []
        self._ready, self._said_all = None, False  # standard output has ended
        self.tables = None if isinstance(config, str) else defaults(self.directory)
        if self.tables is None:
            self.config_path.write_text(config)
        else:
            self.rewrite(config)

    def rewrite(self, config):
        """Puts `config` on top of what the file says; None removes. A running relay is not told."""
        self.tables = toml.merged(self.tables, config)
        self.config_path.write_text(toml.dump(self.tables))

    # ---- life

    def start(self, timeout=60):
        """Returns when all listeners are open; RuntimeError with the log when they never are."""
        self.spawn()
        with self._changed:
            done = self._changed.wait_for(
                lambda: self._ready is not None or self._said_all, timeout)
        if not done or self._ready is None:
            self.kill()
            raise RuntimeError(f"splitmxd does not get ready (exit code {self.exit_code}):\n"
                               f"{self.log[-8000:]}")
        return self

    def spawn(self):
        """Starts the program without waiting for anything."""
        environment = os.environ | self.environment
        environment.setdefault("ASAN_OPTIONS", "exitcode=99")
        # It is read at the end, out of the sandbox: the folder of the configuration is within.
        leaks = shutil.copy(LEAKS, self.directory)
        environment.setdefault("LSAN_OPTIONS", f"suppressions='{leaks}':print_suppressions=0")
        environment.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:exitcode=99")
        self._ready, self.ports, self.exit_code, self._said_all = None, [], None, False
        self.process = subprocess.Popen(
            [program("splitmxd"), "--config", self.config_path, *self.flags], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
            env=environment, cwd=self.directory, preexec_fn=self.before_exec)
        self._readers = [
            threading.Thread(target=self._read_stdout, args=(self.process.stdout,), daemon=True),
            threading.Thread(target=self._read_stderr, args=(self.process.stderr,), daemon=True)]
        for reader in self._readers:
            reader.start()

    def _read_stdout(self, stream):
        for line in stream:
            with self._changed:
                found = re.fullmatch(r"ready smtp=(\S+) admin=(\S+)\n", line)
                if found and self._ready is None:
                    self.ports = [int(one.rpartition(":")[2]) for one in found[1].split(",")]
                    self.admin = found[2]
                    self._ready = line.strip()
                else:
                    self._log.append(f"unexpected line on standard output: {line}")
                self._changed.notify_all()
        with self._changed:
            self._said_all = True
            self._changed.notify_all()

    def _read_stderr(self, stream):
        for line in stream:
            with self._changed:
                self._log.append(line)
                self._changed.notify_all()

    def wait(self, timeout=60):
        """The exit code, once the program has ended by itself."""
        self.exit_code = self.process.wait(timeout)
        for reader in self._readers:
            reader.join(10)
        self.process.stdout.close()
        self.process.stderr.close()
        self.process = None
        return self.exit_code

    def stop(self, timeout=60):
        """SIGTERM. AssertionError unless it ends in time, with 0 and no sanitizer's report."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"splitmxd ignores SIGTERM:\n{self.log[-8000:]}") from None
        self.check_log()
        if code != 0:
            raise AssertionError(f"splitmxd ended with {code}:\n{self.log[-8000:]}")

    def reload(self):
        """SIGHUP. Does not wait: what comes of it is in the log."""
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # ---- what it uses

    @property
    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def limit_open_files(self, number):
        """From now on. It may have more open already, and keeps them."""
        _, hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (min(number, hard), hard))

    @property
    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @property
    def resident_octets(self):
        pages = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def forget_peak(self):
        """From now on `peak_octets` counts anew."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    @property
    def peak_octets(self):
        """The most that was resident."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    # ---- what it tells

    @property
    def address(self):
        return "127.0.0.1"

    @property
    def port(self):
        return self.ports[0]

    @property
    def ready_line(self):
        return self._ready

    @property
    def log(self):
        with self._changed:
            return "".join(self._log)

    def wait_for_log(self, pattern, timeout=30):
        with self._changed:
            if not self._changed.wait_for(lambda: re.search(pattern, "".join(self._log)), timeout):
                raise AssertionError(f"no {pattern!r} in the log:\n{''.join(self._log)[-4000:]}")

    def check_log(self):
        if found := SANITIZER_REPORT.search(self.log):
            raise AssertionError(f"sanitizer report:\n{self.log[found.start():][:6000]}")

    def resolve(self, *args, timeout=60):
        """`splitmx resolve --offline --json` with this relay's configuration: (rows, exit code)."""
        done = subprocess.run(
            [program("splitmx"), "--config", self.config_path, "resolve", "--offline", "--json",
             *args], text=True, capture_output=True, check=False, timeout=timeout)
        try:
            return [json.loads(line) for line in done.stdout.splitlines()], done.returncode
        except json.JSONDecodeError:
            raise AssertionError(f"splitmx resolve: {done.stdout}{done.stderr}") from None

    def tool(self, *args, timeout=60):
        """`splitmx ARGS`, with the configuration of this relay."""
        return subprocess.run([program("splitmx"), "--config", self.config_path, *args], text=True,
                              capture_output=True, check=False, timeout=timeout)

    def directory_status(self, name="main", timeout=60):
        """`splitmx directory status NAME --json`, of the relay that runs."""
        done = self.tool("directory", "status", name, "--json", timeout=timeout)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            raise AssertionError(f"splitmx directory status: {done.stdout}{done.stderr}") from None
