#!/usr/bin/env python3
"""What a supervisor with systemd's protocol is told: READY, STATUS, RELOADING, STOPPING, WATCHDOG only
while the loops turn, and more time for a start that takes long."""
import os
import pathlib
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, stage


class Supervisor:
    """A socket that keeps what it is told."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.heard, self.changed = [], threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                lines = self.socket.recv(65536).decode().splitlines()
            except OSError:
                return
            with self.changed:
                self.heard += lines
                self.changed.notify_all()

    def wait_for(self, fits, since=0):
        """The index behind the first line that fits."""
        with self.changed:
            def found():
                return next((at for at, line in enumerate(self.heard[since:], since) if fits(line)), None)
            if not self.changed.wait_for(lambda: found() is not None, 120):
                raise AssertionError(self.heard)
            return found() + 1


class Supervised(cases.Case):
    def world(self, *, watchdog=None, start=True, **config):
        self.supervisor = Supervisor(self.stage.directory / "notify")
        self.stage.on_close(self.supervisor.socket.close)
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]), config=config, start=False)
        relay.environment = {"NOTIFY_SOCKET": str(self.stage.directory / "notify")}
        if watchdog:
            relay.environment["WATCHDOG_USEC"] = str(watchdog)
        return relay.start() if start else relay

    def test_from_the_start_to_the_end(self):
        relay = self.world()
        heard = self.supervisor
        ready = heard.wait_for(lambda line: line == "READY=1")
        usual = "STATUS=0 clients, 0 messages in the queue; directory main LIVE"
        heard.wait_for(lambda line: line == usual)
        relay.reload()
        reloading = heard.wait_for(lambda line: line == "RELOADING=1", ready)
        done = heard.wait_for(lambda line: line == "READY=1", reloading)
        heard.wait_for(lambda line: line == usual, done)  # no longer that it reads the configuration
        relay.wait_for_log(r"reload +config=")
        relay.stop()
        heard.wait_for(lambda line: line == "STOPPING=1", done)
        self.assertNotIn("WATCHDOG=1", heard.heard)  # nobody asked for it

    def test_a_reload_that_fails_is_over_too(self):
        relay = self.world()
        relay.rewrite({"queue": {"retyr": "1s"}})
        relay.reload()
        reloading = self.supervisor.wait_for(lambda line: line == "RELOADING=1")
        self.supervisor.wait_for(lambda line: line == "READY=1", reloading)

    def test_the_watchdog_hears_of_loops_that_turn(self):
        self.world(watchdog=1_000_000)
        at = 0
        for _ in range(3):
            at = self.supervisor.wait_for(lambda line: line == "WATCHDOG=1", at)

    def test_a_start_that_takes_long_is_given_time(self):
        relay = self.world(start=False)
        secret = self.stage.directory / "secret"
        os.mkfifo(secret)
        relay.rewrite({"host": {"smart": {"address": "127.0.0.9:25", "tls": "verify", "username": "a",
                                          "password": f"file:{secret}"}}})
        relay.spawn()
        self.supervisor.wait_for(lambda line: line == "EXTEND_TIMEOUT_USEC=60000000")
        self.assertNotIn("READY=1", self.supervisor.heard)
        with secret.open("w") as pipe:
            # Whoever reads it once more finds a file.
            (self.stage.directory / "file").write_text("hush\n")
            os.replace(self.stage.directory / "file", secret)
            pipe.write("hush\n")
        self.supervisor.wait_for(lambda line: line == "READY=1")


if __name__ == "__main__":
    cases.main()
