"""Two mail systems that live together, as the articles set them up: our relay in front, a real directory
(slapd), a real store (Dovecot, by LMTP), a real foreign system; each a machine of its own (network.py).
"""
import re
import time

from support import cases, mail, network, peer_case, stage
from support.certificates import Authority, server_context
from support.daemon import Relay
from support.dovecot import Dovecot
from support.exim import Exim
from support.opensmtpd import OpenSmtpd
from support.postfix import Postfix

STRANGER = network.HERE
DIRECTORY, INTERNET, FOREIGN_STORE, COLLEAGUE = (f"192.0.2.{n}" for n in (11, 12, 13, 14))
RELAY, STORE, FOREIGN, SISTER = (f"192.0.2.{n}" for n in (25, 30, 40, 50))
SENDER = "ann@sender.example"
SYSTEMS = {"postfix": Postfix, "exim": Exim, "opensmtpd": OpenSmtpd}
PEERS = (*SYSTEMS, "dovecot")


class PlacedRelay(Relay):
    """At home in a place, on port 25."""

    def __init__(self, directory, config, place):
        self.place = place
        super().__init__(directory, stage.toml.merged(
            {"listen": [{"name": "main", "address": f"{place.address}:25"}]}, config))
        self.before_exec = place.enter

    address = property(lambda self: self.place.address)


class Coexistence(peer_case.WithPeer):
    """`name`: of the foreign system. `people` are in the directory (stage.people); `domains`, `users`,
    `elsewhere` and `returns` are the foreign system's (peer.py); `config` is the relay's beyond what is
    said here."""

    name, people, config = "postfix", (), {}
    domains, users, elsewhere, returns = (), (), (), False

    @classmethod
    def build(cls, where):
        cls.network = network.Network()
        where.on_close(cls.network.close)
        cls.authority = Authority(where.directory)
        cls.internet = cls.sink("internet", INTERNET)
        cls.internet.tls = server_context(*cls.authority.issue("internet"))
        cls.foreign_store = cls.sink("foreign-store", FOREIGN_STORE)
        cls.network.own(COLLEAGUE)
        cls.directory = where.slapd(stage.people(*cls.people), tls=True,
                                    address=cls.network.own(DIRECTORY))
        cls.store = cls.start_peer(Dovecot(
            STORE, [address for _, addresses, *_ in cls.people for address in addresses],
            place=cls.network.place("store", STORE)))
        cls.relay = cls.start_relay("relay", RELAY, cls.config)
        cls.relay.wait_for_log("main: read in")  # before, a server that is slow here would be a 451
        cls.foreign = cls.start_foreign(cls.name, FOREIGN, cls.domains, cls.users)

    @classmethod
    def sink(cls, name, address):
        return cls.stage.sink(cls.network.own(address), name=name,
                              extensions=("PIPELINING", "8BITMIME", "SIZE 104857600"))

    @classmethod
    def start_peer(cls, one):
        cls.stage.on_close(one.stop)
        return one.start()

    @classmethod
    def start_relay(cls, name, address, config):
        hostname = f"{name}.adatum.com"
        certificate, key = cls.authority.issue(hostname)
        base = {
            "server": {"hostname": hostname},
            "host": {"store": {"address": f"{STORE}:24", "protocol": "lmtp"},
                     "internet": {"address": cls.internet.endpoint}},
            "routing": {"mailbox_host": "store", "outbound": "internet"},
            "relay": {"allow": [f"{FOREIGN}/32", f"{COLLEAGUE}/32"]},
            "directory": {"main": stage.ldap_source(cls.directory)},
            "tls": {"certificate": str(certificate), "key": str(key)}}
        relay = PlacedRelay(cls.stage.folder(name), stage.toml.merged(base, config),
                            cls.network.place(name, address))
        cls.stage.on_close(relay.kill)
        cls.stage.on_close(relay.stop)
        return relay.start()

    @classmethod
    def start_foreign(cls, name, address, domains, users, **more):
        """It knows those users, and gives all else to our relay."""
        options = {"store": (FOREIGN_STORE, cls.foreign_store.port), "relay": (RELAY, 25),
                   "clients": "192.0.2.0/24", "elsewhere": cls.elsewhere,
                   "returns": cls.returns} | more
        return cls.start_peer(SYSTEMS[name](
            address, domains=domains, users=users, place=cls.network.place(name, address),
            certificate=cls.authority.issue(name, f"IP:{address}"), **options))

    # ---- mail

    def send(self, server, rcpts, content=None, sender=SENDER, source=STRANGER):
        """All are taken. The content that was sent."""
        rcpts = [rcpts] if isinstance(rcpts, str) else rcpts
        content = content or mail.message(to=rcpts[0], body=peer_case.BODY)
        sent = mail.submit(server, sender, rcpts, content, source=source)
        self.assertEqual(sent.last.code, 250, sent)
        self.assertEqual([reply.code for reply in sent.rcpts.values()], [250] * len(rcpts), sent)
        return content

    def refused(self, server, rcpt, expected, source=STRANGER):
        reply = mail.submit(server, SENDER, rcpt, source=source).reply(rcpt)
        self.assertEqual(f"{reply.code} {reply.status}", expected, reply)

    def stored(self, user, content, sender=SENDER, trace=1):
        """The content is in our store, for that user, unchanged; with so many Received fields of ours and
        others in front of it. The fields, unfolded."""
        wanted = content.replace(b"\r\n", b"\n")  # Dovecot keeps lines as files have them
        one = self.wait(lambda: [m for m in self.store.mail_of(user) if m.endswith(wanted)],
                        f"mail for {user} in the store")
        head = re.sub(rb"\n[ \t]+", b" ", one[:len(one) - len(wanted)]).decode()
        self.assertTrue(head.startswith(f"Return-Path: <{sender}>\n"), head)
        self.assertIn(f"\ndelivered-to: {user}\n", head.lower())
        fields = re.findall(r"^Received: (.*)$", head, re.MULTILINE)
        self.assertEqual(len(fields), trace + 1, head)  # the first is Dovecot's
        return fields[1:]

    def arrived(self, sink, rcpts, content, sender=SENDER, trace=1):
        """The content is at that sink, once for each of them, with so many Received fields in front."""
        def copies():
            return [m for m in sink.messages if m.content.endswith(content)]
        self.wait(lambda: [rcpts] if {r for m in copies() for r in m.rcpts} >= rcpts else [],
                  f"mail for {rcpts} at {sink.name}")
        self.assertEqual(sorted(r for m in copies() for r in m.rcpts), sorted(rcpts))
        for message in copies():
            self.assertEqual(message.mail_from, sender)
            self.assertEqual(message.without_added_trace(trace), content)

    def report(self, text, rcpt=SENDER):
        """The only report to that sender in which this stands, by whomever it is."""
        return self.wait(lambda: [m for m in self.internet.messages if m.mail_from == ""
                                  and m.rcpts == [rcpt] and text in plain(m.content)],
                         f"report to {rcpt} that says {text}")

    def wait(self, find, what):
        """What `find` gives: one thing in the end."""
        deadline = time.monotonic() + 60
        while not (found := find()):
            if time.monotonic() > deadline:
                self.fail(f"no {what}\n{self.logs()}")
            time.sleep(0.05)
        self.assertEqual(len(found), 1, f"{what}\n{self.logs()}")
        return found[0]

    def logs(self):
        return "\n".join(one.log[-4000:] for one in (self.relay, self.foreign, self.store))


def plain(content):
    return " ".join(content.decode("latin-1").split())


def for_each_system(case):
    """The same case beside each foreign system; a private machine must have been entered."""
    return {f"{case.__name__}With{system.__name__}": type(
        f"{case.__name__}With{system.__name__}", (case,), {"name": name, "__module__": "__main__"})
            for name, system in SYSTEMS.items()}


