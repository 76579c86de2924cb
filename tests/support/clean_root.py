"""A clean Debian with systemd at work in a container, for tests of the package: nothing of it is seen
outside, its network is a loopback of its own, and all ends with stop().

It is made of the machine's own package sources (mmdebstrap), once for a set of packages, and kept in
build/clean-roots. Needs root, mmdebstrap and systemd-nspawn; NotHere says what is missing.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

KEPT = pathlib.Path(__file__).resolve().parents[2] / "build/clean-roots"
TARGETS = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)\t$(ORIGIN)\t$(CODENAME)\t$(IDENTIFIER)"

# Services may do so in Debian 12, but in a container of its systemd-nspawn.
LANDLOCK = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"


class NotHere(Exception):
    """There can be no such container on this machine."""


def sources():
    """Lines for sources.list: where this machine gets Debian 12 from."""
    told = subprocess.run(["apt-get", "indextargets", "--format", TARGETS], capture_output=True,
                          text=True, check=True).stdout
    rows = {line.split("\t")[0] for line in told.splitlines()
            if line.split("\t")[1] == "Debian" and line.split("\t")[2].startswith("bookworm")}
    if not rows:
        raise NotHere("this machine gets no Debian 12 by apt-get")
    return "".join(f"{row}\n" for row in sorted(rows))


def tree_of(packages, answers):
    """The archive with the root that has these packages; `answers` for debconf-set-selections."""
    if os.geteuid() != 0:
        raise NotHere("only root can make a clean root")
    for program in ("mmdebstrap", "systemd-nspawn", "nsenter"):
        if not shutil.which(program):
            raise NotHere(f"no {program}")
    name = hashlib.sha256("\0".join([*sorted(packages), answers]).encode()).hexdigest()[:12]
    archive = KEPT / f"{name}.tar"
    if archive.exists():
        return archive
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as work:
        (pathlib.Path(work) / "answers").write_text(answers)
        fresh = pathlib.Path(work) / "root.tar"
        done = subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase",
             "--include=" + ",".join(["systemd", "systemd-sysv", *sorted(packages)]),
             "--essential-hook=chroot \"$1\" debconf-set-selections <" + f"{work}/answers",
             "bookworm", fresh, "-"],
            input=sources(), capture_output=True, text=True, check=False, cwd=work)
        if done.returncode != 0:
            raise NotHere("mmdebstrap: " + " ".join(done.stderr.strip().splitlines()[-2:]))
        fresh.rename(archive)
    return archive


class CleanRoot:
    """Requires: `archive` of tree_of()."""

    def __init__(self, archive):
        # Not below /tmp or /run, which the container puts its own over.
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=KEPT))
        self.root = self.folder / "root"
        self.root.mkdir()
        self.container, self.leader = None, None
        subprocess.run(["tar", "-xf", archive, "-C", self.root], check=True)

    def start(self):
        with open(self.folder / "console", "wb") as console:
            self.container = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--directory", self.root, "--boot", "--private-network",
                 f"--system-call-filter={LANDLOCK}", "--register=no", "--keep-unit", "--console=pipe", f"--machine=splitmx-{os.getpid()}"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        deadline = time.monotonic() + 300
        while self.run("systemctl", "is-system-running").stdout.strip() not in ("running", "degraded"):
            if self.container.poll() is not None or time.monotonic() > deadline:
                raise NotHere("systemd does not run in a container here: " + self.console[-500:])
            time.sleep(0.2)

    @property
    def console(self):
        return (self.folder / "console").read_text(errors="replace")

    def inside(self, *command):
        """The command line that runs `command` in the container."""
        if self.leader is None:
            children = pathlib.Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children")
            self.leader = next(iter(children.read_text().split()), None)
        return ["nsenter", "--target", self.leader or "0", "--all", *command]

    def run(self, *command, text=None):
        # What leaves the standard streams open, such as a server, must not be waited for.
        with tempfile.TemporaryFile("w+", errors="replace") as out, \
                tempfile.TemporaryFile("w+", errors="replace") as err:
            done = subprocess.run(self.inside(*command), input=text, stdout=out, stderr=err, text=True,
                                  check=False, timeout=600)
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, out.read(), err.read())

    def must(self, *command, text=None):
        """Standard output of a command that has to succeed."""
        done = self.run(*command, text=text)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n"
                                 f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def on_its_network(self, *command):
        """A program of this machine, in the container's network. Standard output."""
        self.inside()
        return subprocess.run(["nsenter", "--target", self.leader, "--net", *command], check=True,
                              capture_output=True, text=True, timeout=120).stdout

    def stop(self):
        if self.container is not None and self.container.poll() is None:
            self.container.terminate()
            try:
                self.container.wait(60)
            except subprocess.TimeoutExpired:
                self.container.kill()
                self.container.wait()
        subprocess.run(["rm", "-rf", "--one-file-system", self.folder], check=False)
