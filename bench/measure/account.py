"""CPU time and memory of a program with all that descends from it."""
import contextlib
import os
import pathlib
import signal
import threading
import time

SETTLE = 0.3  # seconds until what is left to do for the last message is done
TICKS = os.sysconf("SC_CLK_TCK")


def lines_of(path):
    return pathlib.Path(path).read_text(encoding="utf-8").splitlines()


def own_group():
    """The folder of our control group (version 2), where a group of its own can be made; or None."""
    try:
        mount = next(fields[1] for fields in map(str.split, lines_of("/proc/self/mounts"))
                     if fields[2] == "cgroup2")
        path = next(line[3:] for line in lines_of("/proc/self/cgroup") if line.startswith("0::"))
    except (OSError, StopIteration):
        return None
    return pathlib.Path(mount) / path.lstrip("/")


class Account:
    """A control group counts exactly, also children that nobody waits for. Where none can be made,
    /proc is summed over the tree below `roots`: what a program's children spend is then lost if it
    does not wait for them, and `is_exact` is False."""

    def __init__(self, name):
        self.roots, self._group, self._home = (), None, own_group()
        if self._home is None:
            return
        group = self._home / f"splitmx-bench-{os.getpid()}-{name}"
        try:
            group.mkdir()
            (group / "cgroup.procs").write_text("0")  # may we? and back again
            (self._home / "cgroup.procs").write_text("0")
            (group / "cpu.stat").read_text()
            self._group = group
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()

    @property
    def is_exact(self):
        return self._group is not None

    @contextlib.contextmanager
    def entered(self):
        """What is started meanwhile belongs to it."""
        if self._group:
            (self._group / "cgroup.procs").write_text("0")
        try:
            yield
        finally:
            if self._group:
                (self._home / "cgroup.procs").write_text("0")

    def close(self):
        """Ends what its program has left behind."""
        deadline = time.monotonic() + 5
        while self._group:
            if time.monotonic() > deadline:
                for pid in self.pids():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(OSError):  # a process is still ending
                self._group.rmdir()
                self._group = None
            time.sleep(0.02)

    @property
    def cpu_seconds(self):
        if self._group:
            words = (self._group / "cpu.stat").read_text().split()
            return int(words[words.index("usage_usec") + 1]) / 1e6
        return sum(spent(pid) for pid in self.pids())

    def pids(self):
        if self._group:
            return [int(word) for word in (self._group / "cgroup.procs").read_text().split()]
        return tree(self.roots)

    @property
    def anonymous_octets(self):
        """Memory that the kernel cannot drop: what is shared by forks counts once, mapped files (the
        spool) do not count."""
        return sum(anonymous(pid) for pid in self.pids())


def fields_of(pid):
    """Of /proc/PID/stat from the state on; none when it is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None


def spent(pid):
    """By it and by the children it has waited for, in seconds."""
    fields = fields_of(pid)
    return sum(map(int, fields[11:15])) / TICKS if fields else 0.0


def tree(roots):
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := fields_of(name)):
            children.setdefault(int(fields[1]), []).append(int(name))
    found = list(roots)
    for pid in found:  # grows meanwhile
        found += children.get(pid, [])
    return found


def anonymous(pid):
    try:
        for name, title in (("smaps_rollup", "Pss_Anon:"), ("status", "RssAnon:")):
            for line in lines_of(f"/proc/{pid}/{name}"):
                if line.startswith(title):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass  # it is gone
    return 0


class Measurement:
    """CPU seconds and peak of memory between `with` and its end. Looks at memory four times a second."""

    def __init__(self, account):
        self.account, self.cpu_seconds, self.peak_octets = account, 0.0, 0
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while True:
            self.peak_octets = max(self.peak_octets, self.account.anonymous_octets)
            if self._over.wait(0.25):
                return

    def __enter__(self):
        self._before = self.account.cpu_seconds
        self._watcher.start()
        return self

    def __exit__(self, *_):
        time.sleep(SETTLE)
        self._over.set()
        self._watcher.join()
        self.cpu_seconds = self.account.cpu_seconds - self._before
