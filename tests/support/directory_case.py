"""What the situations about a faulty directory share: how an address is asked for, and what the
relay may answer while its directory is in trouble."""
import contextlib
import threading
import time

from support import cases, mail, stage

SENDER = "ann@sender.example"
# Longer than any directory's time limit in these tests, shorter than any client's patience.
REPLY_LIMIT = 12


class DirectoryCase(cases.Case):
    def setUp(self):
        super().setUp()
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")

    def rcpt(self, relay, address):
        time.sleep(0.005)  # past a cache of 1 ms
        with mail.Client(relay.address, relay.port, timeout=REPLY_LIMIT) as client:
            client.command(f"MAIL FROM:<{SENDER}>")
            return client.command(f"RCPT TO:<{address}>")

    def assert_cannot_say(self, relay, *addresses):
        for address in addresses:
            reply = self.rcpt(relay, address)
            self.assertEqual((reply.code, reply.status), (451, "4.4.3"), reply)

    def until(self, relay, address, code, timeout=30):
        """Asks until the reply is `code`; 451 is the only other one that is right meanwhile."""
        deadline = time.monotonic() + timeout
        while (reply := self.rcpt(relay, address)).code != code:
            self.assertEqual(reply.code, 451, reply)
            self.assertLess(time.monotonic(), deadline, f"still {reply}")
            time.sleep(0.05)


class Crowd:
    """Clients that ask for one address over and over, each reply on record as "250" or
    "451 4.4.3"; a context."""

    def __init__(self, relay, address, clients=4):
        self.relay, self.address, self.seen = relay, address, {}
        self._over, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self):
        while not self._over.is_set():
            with contextlib.suppress(ConnectionError), \
                    mail.Client(self.relay.address, self.relay.port) as client:
                self._talk(client)

    def _talk(self, client):
        for _ in range(50):
            if self._over.is_set():
                return
            client.command(f"MAIL FROM:<{SENDER}>")
            reply = client.command(f"RCPT TO:<{self.address}>")
            client.command("RSET")
            with self._lock:
                key = f"{reply.code} {reply.status}"
                self.seen[key] = self.seen.get(key, 0) + 1
            time.sleep(0.01)
