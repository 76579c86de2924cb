"""OpenSMTPD, for tests; see peer.py."""
import pathlib

from support import peer

CONFIGURATION = """\
pki peer cert "{certificate}"
pki peer key "{key}"
table known {{ {users} }}
table elsewhere {{ {elsewhere} }}
table own {{ {domains} }}
listen on {address} port 25 hostname opensmtpd.{domain} tls pki peer
action "store" relay host "smtp://{store[0]}:{store[1]}" src {address}
action "others" relay host "smtp+tls://{relay[0]}:{relay[1]}" tls no-verify src {address}
match from any for rcpt-to <known> action "store"
match from any for rcpt-to <elsewhere> action "others"
match from src "{clients}" {others} action "others"
match from local {others} action "others"
"""
LOG = "/var/log/opensmtpd.log"


class OpenSmtpd(peer.Peer):
    def configure(self):
        config = peer.folder("/etc/opensmtpd")
        certificate, key = self.install_certificate(config, "root")
        (config / "smtpd.conf").write_text(CONFIGURATION.format(
            domain=self.domains[0], users=quoted(self.users), elsewhere=quoted(self.elsewhere or ["nobody@invalid"]),
            domains=quoted(self.domains),
            others="for any" if self.returns else "! for domain <own>", clients=self.clients,
            address=self.address, certificate=certificate, key=key, store=self.store,
            relay=self.relay))
        for path in ("/var/lib/opensmtpd/empty", "/var/empty", "/var/spool"):
            pathlib.Path(path).mkdir(parents=True, exist_ok=True)

    def launch(self):
        self.in_foreground(LOG, "/usr/sbin/smtpd", "-d", "-f", "/etc/opensmtpd/smtpd.conf")

    @property
    def log(self):
        return peer.text_of(LOG)


def quoted(words):
    return ", ".join(f'"{word}"' for word in words)
