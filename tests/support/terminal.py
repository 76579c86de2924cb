"""A program at a terminal of its own, and the person in front of it."""
import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time


class Terminal:
    def __init__(self, command, environment=None, cwd=None):
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=cwd, start_new_session=True,
            env={**os.environ, "TERM": "dumb", **(environment or {})},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self._slave = slave  # kept: what was said stays readable after the program's end
        self._read, self._seen = "", 0

    @property
    def transcript(self):
        return self._read.replace("\r\n", "\n")

    @property
    def echoes(self):
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def expect(self, text, timeout=120):
        """Waits for it behind what was expected before."""
        deadline = time.monotonic() + timeout
        while (at := self._read.find(text, self._seen)) < 0:
            if not self._take(deadline):
                raise AssertionError(f"no {text!r} in:\n{self.transcript[-3000:]}")
        self._seen = at + len(text)

    def type(self, text):
        os.write(self._master, text.encode())

    def answer(self, question, text):
        self.expect(question)
        self.type(text + "\n")

    def wait(self, timeout=120):
        """The exit code; negative: the signal that ended it."""
        deadline = time.monotonic() + timeout
        while self._process.poll() is None and time.monotonic() < deadline:
            self._take(time.monotonic() + 0.1)
        while self._take(time.monotonic()):
            pass
        return self._process.wait(max(1, deadline - time.monotonic()))

    def close(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(20)
        os.close(self._master)
        os.close(self._slave)

    def _take(self, deadline):
        ready, _, _ = select.select([self._master], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        self._read += os.read(self._master, 65536).decode(errors="replace")
        return True
