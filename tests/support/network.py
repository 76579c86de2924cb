"""Several machines for one situation, inside of a private machine (private_machine.py): each place is a
network namespace with one address of its own and port 25 to itself; all are on one bridge. The test
itself has as many addresses there as it wants: those of strangers, sinks and the directory.

Addresses are of 192.0.2.0/24, which is for documentation. Files are shared: a place is only where a program connects
from. All of it ends with the private machine.
"""
import ctypes
import os
import pathlib
import subprocess
import unittest

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_NETWORK = 0x40000000  # CLONE_NEWNET
HERE = "192.0.2.1"  # of the test itself: strangers who send mail


class Place:
    """`enter` is for Popen(preexec_fn=...)."""

    def __init__(self, name, address):
        self.name, self.address = name, address
        self._namespace = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)

    def enter(self):
        if LIBC.setns(self._namespace, NEW_NETWORK) != 0:
            raise OSError(ctypes.get_errno(), f"cannot go to {self.name}")

    def close(self):
        os.close(self._namespace)


class Network:
    """SkipTest where the kernel has no bridges."""

    def __init__(self):
        self.places = {}
        try:
            # Without an address of its own it would take another one as places come and go, and who
            # is there already would go on speaking to the old one.
            run("link", "add", "bridge", "address", "02:00:00:00:00:01", "type", "bridge")
        except subprocess.CalledProcessError as error:
            raise unittest.SkipTest(f"no bridge can be made here: {error.stderr.strip()}") from None
        run("link", "set", "bridge", "up")
        self.own(HERE)

    def own(self, address):
        """One more address of the test itself."""
        run("address", "replace", f"{address}/24", "dev", "bridge", "nodad")
        return address

    def place(self, name, address):
        pathlib.Path("/run/netns").mkdir(exist_ok=True)
        run("netns", "add", name)
        run("link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
        run("link", "set", f"to-{name}", "master", "bridge", "up")
        run("-n", name, "link", "set", "lo", "up")
        run("-n", name, "address", "add", f"{address}/24", "dev", "eth0", "nodad")
        run("-n", name, "link", "set", "eth0", "up")
        self.places[name] = Place(name, address)
        return self.places[name]

    def close(self):
        for place in self.places.values():
            place.close()
            # With the namespace it would go some time later, and its name be taken until then.
            run("link", "del", f"to-{place.name}")
            run("netns", "del", place.name)
        run("link", "del", "bridge")


def run(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
