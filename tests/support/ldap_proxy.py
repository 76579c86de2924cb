"""A proxy in front of a directory server that delays, cuts, corrupts, or answers itself.

What it does is changed while it runs: `delay`, `drop`, `corrupt` and `answer` act on what passes
from then on. Loopback only; two threads a connection. BER as far as LDAP messages need it
(RFC 4511 5.1).
"""
import contextlib
import socket
import struct
import threading

BIND, UNBIND, SEARCH = 0x60, 0x42, 0x63
BIND_RESPONSE, SEARCH_DONE, SEARCH_REFERENCE, EXTENDED_RESPONSE = 0x61, 0x65, 0x73, 0x78
# RFC 4511 A.1.
RESULT = {"operationsError": 1, "protocolError": 2, "timeLimitExceeded": 3, "sizeLimitExceeded": 4,
          "referral": 10, "adminLimitExceeded": 11, "noSuchObject": 32, "invalidCredentials": 49,
          "insufficientAccessRights": 50, "busy": 51, "unavailable": 52, "unwillingToPerform": 53,
          "loopDetect": 54, "other": 80}


class LdapProxy:
    def __init__(self, server, address="127.0.0.1"):
        """`server` is a Slapd; it may be restarted or replaced by another with the same port."""
        self.server, self.address = server, address
        self.delay = 0.0  # seconds that each piece of the server's octets waits
        self.corrupt = None  # function of the server's octets
        self.answers = {}  # tag of a request -> function(message id) -> octets instead of passing
        self.limit = None  # octets of the server that pass before the connection is cut
        self.silent = False  # takes connections and octets, and does nothing with them
        self.refusing = False  # takes connections and ends them at once
        self.connections, self.requests = 0, {}
        self._listener, self._lock = None, threading.Lock()
        self._sockets, self._forgotten = set(), set()

    def start(self):
        self._listener = socket.create_server((self.address, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept_loop, daemon=True).start()
        return self

    def stop(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    @property
    def uri(self):
        return f"ldap://{self.address}:{self.port}"

    # ---- what goes wrong

    def answer_searches(self, name, text="", referrals=()):
        """Every search gets this result of RFC 4511 A.1, with no entry."""
        self.answers[SEARCH] = lambda number: result(number, SEARCH_DONE, RESULT[name], text,
                                                     referrals)

    def answer_binds(self, name, text=""):
        self.answers[BIND] = lambda number: result(number, BIND_RESPONSE, RESULT[name], text)

    def cut(self, reset=False):
        """Ends all connections now."""
        with self._lock:
            sockets = list(self._sockets)
        for one in sockets:
            with contextlib.suppress(OSError):
                if reset:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    one.close()
                else:
                    one.shutdown(socket.SHUT_RDWR)

    def forget(self):
        """Connections of now are reset when they are used next, as by a firewall that has
        forgotten them."""
        with self._lock:
            self._forgotten |= self._sockets

    def say(self, octets):
        """To every client, out of turn."""
        with self._lock:
            clients = [one for one in self._sockets if one.getsockname()[1] == self.port]
        for one in clients:
            with contextlib.suppress(OSError):
                one.sendall(octets)

    def behave(self):
        """From now on only passes on what comes."""
        self.delay, self.corrupt, self.limit = 0.0, None, None
        self.silent = self.refusing = False
        self.answers.clear()

    # ---- connections

    def _accept_loop(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.refusing:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = None
        with self._lock:
            self._sockets.add(client)
        try:
            if self.silent:
                while client.recv(65536):
                    pass
                return
            server = socket.create_connection((self.server.address, self.server.port), 10)
            server.settimeout(None)
            with self._lock:
                self._sockets.add(server)
            threading.Thread(target=self._back, args=(server, client), daemon=True).start()
            self._forth(client, server)
        except OSError:
            pass
        finally:
            self._end(client, server)

    def _forth(self, client, server):
        """Requests, one message after the other: some are answered here."""
        buffer = b""
        while more := client.recv(65536):
            if client in self._forgotten:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            buffer += more
            while (size := message_size(buffer)) and size <= len(buffer):
                message, buffer = buffer[:size], buffer[size:]
                number, tag = parse(message)
                self.requests[tag] = self.requests.get(tag, 0) + 1
                if tag in self.answers:
                    client.sendall(self.answers[tag](number))
                else:
                    server.sendall(message)

    def _back(self, server, client):
        passed = 0
        try:
            while octets := server.recv(65536):
                if self.delay:
                    threading.Event().wait(self.delay)
                if self.corrupt:
                    octets = self.corrupt(octets)
                if self.limit is not None and passed + len(octets) > self.limit:
                    client.sendall(octets[:self.limit - passed])
                    break
                passed += len(octets)
                client.sendall(octets)
        except OSError:
            pass
        self._end(client, server)

    def _end(self, *sockets):
        for one in sockets:
            if one is None:
                continue
            with self._lock:
                self._sockets.discard(one)
                forgotten = one in self._forgotten
                self._forgotten.discard(one)
            with contextlib.suppress(OSError):
                if not forgotten:
                    one.shutdown(socket.SHUT_RDWR)
            one.close()


# ---- BER

def element(tag, content):
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def integer(value, tag=2):
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def result(number, tag, code, text="", referrals=()):
    """An LDAPResult (RFC 4511 4.1.9) as a whole message."""
    body = integer(code, 10) + element(4, b"") + element(4, text.encode())
    if referrals:
        body += element(0xa3, b"".join(element(4, uri.encode()) for uri in referrals))
    return element(0x30, integer(number) + element(tag, body))


def reference(number, *uris):
    """A SearchResultReference (RFC 4511 4.5.3)."""
    body = b"".join(element(4, uri.encode()) for uri in uris)
    return element(0x30, integer(number) + element(SEARCH_REFERENCE, body))


def notice_of_disconnection():
    """RFC 4511 4.4.1."""
    body = (integer(RESULT["unavailable"], 10) + element(4, b"") + element(4, b"going down") +
            element(0x8a, b"1.3.6.1.4.1.1466.20036"))
    return element(0x30, integer(0) + element(EXTENDED_RESPONSE, body))


def header(octets):
    """(octets of tag and length, length), or None while they have not come."""
    if len(octets) < 2:
        return None
    if octets[1] < 128:
        return 2, octets[1]
    count = octets[1] & 0x7f
    if len(octets) < 2 + count:
        return None
    return 2 + count, int.from_bytes(octets[2:2 + count], "big")


def message_size(octets):
    found = header(octets)
    return sum(found) if found else None


def parse(message):
    """(message id, tag of the operation)"""
    start, _ = header(message)
    id_start, id_size = header(message[start:])
    number = int.from_bytes(message[start + id_start:start + id_start + id_size], "big")
    return number, message[start + id_start + id_size]
