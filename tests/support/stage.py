"""Everything one situation needs, in one temporary directory, taken down in reverse order.

Each role has a loopback address of its own: the relay refuses to hand an address back unchanged to
the system it came from, and compares systems by address.
"""
import atexit
import contextlib
import pathlib
import shutil
import tempfile

from support import toml
from support.daemon import Relay
from support.sink import Sink
from support.slapd import Slapd
from support.slapd import available as slapd_available  # noqa: F401

CLIENT = "127.0.0.1"      # strangers
MAILBOXES = "127.0.0.2"   # the host of our own mailboxes
FOREIGN = "127.0.0.3"     # the foreign mail system that shares a domain
INTERNET = "127.0.0.4"    # everybody else: where outbound mail and reports go
SISTER = "127.0.0.5"      # another organisation
SMARTHOST = "127.0.0.6"
COLLEAGUE = "127.0.0.7"   # a client that may relay


class Stage:
    def __init__(self):
        self._stack = contextlib.ExitStack()
        atexit.register(self._stack.close)  # also when a test is ended from outside
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="splitmx-"))
        self._stack.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self.sinks = []

    def folder(self, name):
        path = self.directory / name
        path.mkdir(exist_ok=True)
        return path

    def on_close(self, function, *args, **options):
        """Runs when the stage is taken down, after everything that was set up later."""
        self._stack.callback(function, *args, **options)

    def sink(self, address=MAILBOXES, **options):
        sink = Sink(address, **options).start()
        self._stack.callback(sink.stop)
        self.sinks.append(sink)
        return sink

    def slapd(self, ldif, *, start=True, name="slapd", **options):
        server = Slapd(self.folder(name), ldif, **options)
        self._stack.callback(server.stop)
        return server.start() if start else server

    def relay(self, config, *, start=True, name="relay"):
        relay = Relay(self.folder(name), config)
        self._stack.callback(relay.kill)
        self._stack.callback(relay.stop)  # first: it must end well
        return relay.start() if start else relay

    def small_world(self, *entries, config=None, mailboxes=None, start=True):
        """A relay for adatum.com with these people (see `people`) from a file, a host for their
        mailboxes and one for everybody else: `self.mailboxes`, `self.internet`, `self.relay1`."""
        self.mailboxes = mailboxes or self.sink(MAILBOXES, name="mailboxes")
        self.internet = self.sink(INTERNET, name="internet")
        config = config or {}
        if "directory" not in config:
            config = config | {"directory": {"main": ldif_source(self, people(*entries))}}
        self.relay1 = self.relay(toml.merged({
            "domain": [{"name": "adatum.com", "action": "inbound"}],
            "host": {"mailboxes": {"address": self.mailboxes.endpoint},
                     "internet": {"address": self.internet.endpoint}},
            "routing": {"mailbox_host": "mailboxes", "outbound": "internet"},
        }, config), start=start)
        return self.relay1

    def close(self):
        """AssertionError when a relay did not end well or a sink was spoken to wrongly."""
        atexit.unregister(self._stack.close)
        self._stack.close()
        faults = [f"{sink.name}: {fault}" for sink in self.sinks for fault in sink.faults]
        if faults:
            raise AssertionError("the relay broke the protocol:\n" + "\n".join(faults[:20]))


def ldap_source(slapd, **more):
    """A [directory] table for that server."""
    source = {"uri": slapd.uri, "base": slapd.suffix, "profile": "laser"}
    if slapd.tls:
        source["tls_ca"] = str(slapd.certificate)
    return source | more


def ldif_source(stage, ldif, name="people.ldif", **more):
    """A [directory] table for a file, when the test is not about the server."""
    path = stage.directory / name
    path.write_text(ldif)
    return {"uri": f"ldif:{path}", "profile": "laser"} | more


def people(*entries, suffix="dc=adatum,dc=com"):
    """LDIF in the laser profile. An entry is (uid, addresses, {attribute: value or list})."""
    blocks = [f"dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\no: A. Datum\n"
              f"dc: {suffix.split(',')[0].partition('=')[2]}\n"]
    for uid, addresses, *more in entries:
        attributes = more[0] if more else {}
        lines = [f"dn: uid={uid},{suffix}", "objectClass: inetOrgPerson",
                 "objectClass: inetLocalMailRecipient", f"uid: {uid}", f"cn: {uid}", f"sn: {uid}"]
        lines += [f"mailLocalAddress: {address}" for address in addresses]
        for name, values in attributes.items():
            lines += [f"{name}: {value}" for value in
                      (values if isinstance(values, list) else [values])]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)
