"""Dovecot as a store of mail that speaks LMTP, for tests; see peer.py."""
import pathlib

from support import peer

CONFIGURATION = """\
protocols = lmtp
listen = {address}
base_dir = /run/dovecot
log_path = {log}
ssl = no
hostname = dovecot.{domain}
mail_location = maildir:/var/vmail/%n
first_valid_uid = 1
service lmtp {{
  inet_listener lmtp {{
    address = {address}
    port = 24
  }}
  unix_listener lmtp {{
    mode = 0666
  }}
}}
passdb {{
  driver = passwd-file
  args = /etc/dovecot/users
}}
userdb {{
  driver = passwd-file
  args = /etc/dovecot/users
  default_fields = uid=vmail gid=vmail home=/var/vmail/%n
}}
"""
LOG = "/var/log/dovecot.log"


class Dovecot(peer.Peer):
    port = 24
    socket_path = "/run/dovecot/lmtp"

    def __init__(self, address, users, place=None):
        super().__init__(address, users=users, place=place)

    def configure(self):
        config = peer.folder("/etc/dovecot")
        (config / "dovecot.conf").write_text(CONFIGURATION.format(
            address=self.address, domain=peer.DOMAIN, log=LOG))
        (config / "users").write_text("".join(f"{user}:{{PLAIN}}secret::::::\n" for user in self.users))
        peer.folder("/var/vmail", "vmail")
        peer.folder("/var/lib/dovecot")

    def launch(self):
        self.in_foreground(LOG, "/usr/sbin/dovecot", "-F", "-c", "/etc/dovecot/dovecot.conf")

    def mail_of(self, user):
        """The octets of each message in the user's mailbox."""
        folder = pathlib.Path("/var/vmail") / user.split("@")[0] / "new"
        return [path.read_bytes() for path in sorted(folder.glob("*"))] if folder.exists() else []

    @property
    def log(self):
        return peer.text_of(LOG)
