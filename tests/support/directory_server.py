"""The life of a directory server under test, whatever its make: our child in the foreground, on
loopback, ended by its process id; and the tools of ldap-utils that talk to it."""
import signal
import socket
import subprocess
import time

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/bin", "LDAPCONF": "/dev/null", "LDAPNOINIT": "1"}


def run(command, text=None, timeout=120, environment=None):
    """Its standard output; RuntimeError with all it said when it fails."""
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False,
                          env=environment or ENVIRONMENT, timeout=timeout)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout


class DirectoryServer:
    """A subclass has `uri`, `suffix`, `address`, `port`, and who the administrator is."""

    process = None
    administrator = password = None
    environment = ENVIRONMENT  # of the tools
    patience = 10  # seconds to end in good order

    def spawn(self, command, log, timeout, **options):
        """Starts it and waits until it takes connections. `log` is a file's path."""
        with log.open("ab") as file:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file,
                                            stderr=file, **options)
        deadline = time.monotonic() + timeout
        while not self._accepts():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not start: "
                                   f"{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.02)
        return self

    def _accepts(self):
        try:
            socket.create_connection((self.address, self.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def _end(self, number):
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(self.patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def freeze(self):
        """Connections are still accepted by the kernel; nobody answers."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def modify(self, ldif, timeout=120):
        """`ldif` holds change records (RFC 2849): add, modify, delete, modrdn."""
        self.tool("ldapmodify", text=ldif, timeout=timeout)

    def add(self, ldif, timeout=120):
        self.tool("ldapmodify", "-a", text=ldif, timeout=timeout)

    def delete(self, dn):
        self.tool("ldapdelete", dn)

    def search(self, filter_text, *attributes):
        return self.tool("ldapsearch", "-LLL", "-b", self.suffix, filter_text, *attributes)

    def tool(self, name, *args, text=None, timeout=120):
        return run([name, "-x", "-H", self.uri, "-D", self.administrator, "-w", self.password,
                    *args], text=text, timeout=timeout, environment=self.environment)
