"""What all mail systems of other people have in common, in the machine of private_machine.py: one program
on port 25 of a loopback address of its own.

Each is a host of `peer.example` with one user, `guest`, whose mail goes to `store`; all else goes by way
of `relay`. So it is a next hop of ours and a client of ours at once. Beside a relay of ours it can be
more (see `Peer`).
"""
import pathlib
import shutil
import socket
import subprocess
import time

DOMAIN = "peer.example"
GUEST, NOBODY = f"guest@{DOMAIN}", f"nobody@{DOMAIN}"


class Peer:
    """`store` and `relay` are (address, port); `certificate` is (certificate, key).

    `users` of `domains` have their mail in the store, those `elsewhere` theirs by way of the relay;
    `clients` (a network) may relay. With `returns` it hands users of its domains whom it does not know to
    the relay too, as one half of a shared domain does that takes the other to be responsible. `place` is
    of network.py.
    """

    port = 25

    def __init__(self, address, *, store=None, relay=None, certificate=None, users=(GUEST,),
                 domains=(DOMAIN,), elsewhere=(), clients="127.0.0.0/8", returns=False, place=None):
        self.address, self.store, self.relay = address, store, relay
        self.users, self.domains, self.clients = list(users), list(domains), clients
        self.elsewhere, self.returns, self.place = list(elsewhere), returns, place
        self.certificate, self.process = certificate, None

    def start(self):
        if self.place is None:
            # Postfix takes no address that no interface has, loopback or not.
            subprocess.run(["ip", "address", "replace", f"{self.address}/8", "dev", "lo"], check=True)
        self.configure()
        self.launch()
        deadline = time.monotonic() + 30
        while not self.accepts():
            if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                raise RuntimeError(f"{type(self).__name__} does not start:\n{self.log[-4000:]}")
            time.sleep(0.02)
        return self

    def configure(self):
        raise NotImplementedError

    def launch(self):
        raise NotImplementedError

    def stop(self):
        process, self.process = self.process, None
        if process:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def log(self):
        raise NotImplementedError

    # ---- for those who build one

    def in_foreground(self, log, *command):
        with open(log, "ab") as file:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                            preexec_fn=self.place and self.place.enter)

    def accepts(self):
        try:
            socket.create_connection((self.address, self.port), 1).close()
            return True
        except OSError:
            return False

    def install_certificate(self, folder, owner):
        """(certificate, key) in `folder`, where `owner` alone can read the key."""
        folder = pathlib.Path(folder)
        placed = [folder / "peer.pem", folder / "peer.key"]
        for source, target in zip(self.certificate, placed):
            shutil.copy(source, target)
            target.chmod(0o600)
            shutil.chown(target, owner, owner)
        return placed


def folder(path, owner="root", mode=0o755):
    """An empty or old one, with that owner."""
    path = pathlib.Path(path)
    path.mkdir(parents=True, exist_ok=True)
    shutil.chown(path, owner, owner)
    path.chmod(mode)
    return path


def text_of(path):
    path = pathlib.Path(path)
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
