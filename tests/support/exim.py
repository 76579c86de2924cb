"""Exim, for tests; see peer.py."""
import pathlib

from support import peer

CONFIGURATION = """\
primary_hostname = exim.{domain}
local_interfaces = {address}
daemon_smtp_ports = 25
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
keep_environment =
smtp_accept_queue_per_connection = 0
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
acl_smtp_rcpt = recipients

begin acl
recipients:
  accept recipients = {known}
  {unknown} domains = {domains}
         message = 5.1.1 There is nobody of this name
  accept hosts = {clients}

begin routers
store:
  driver = manualroute
  condition = ${{if match_address{{$local_part@$domain}}{{{users}}}}}
  transport = to_store
  route_list = * {store[0]}
  self = send
others:
  driver = manualroute
  transport = to_relay
  route_list = * {relay[0]}
  self = send

begin transports
to_store:
  driver = smtp
  port = {store[1]}
  interface = {address}
  allow_localhost
to_relay:
  driver = smtp
  port = {relay[1]}
  interface = {address}
  allow_localhost

begin retry
* * F,1h,1s
"""
LOGS = pathlib.Path("/var/log/exim4")


class Exim(peer.Peer):
    def configure(self):
        for path in ("/var/spool/exim4", LOGS):
            peer.folder(path, "Debian-exim")
        certificate, key = self.install_certificate(peer.folder("/etc/exim4"), "Debian-exim")
        pathlib.Path("/etc/exim4/exim4.conf").write_text(CONFIGURATION.format(
            domain=self.domains[0], address=self.address, certificate=certificate, key=key,
            users=" : ".join(self.users), known=" : ".join(self.users + self.elsewhere),
            domains=" : ".join(self.domains), clients=self.clients,
            unknown="accept" if self.returns else "deny  ", store=self.store, relay=self.relay))

    def launch(self):
        self.in_foreground(LOGS / "daemon", "/usr/sbin/exim4", "-bdf", "-q1m")

    @property
    def log(self):
        return "".join(peer.text_of(LOGS / name) for name in ("mainlog", "rejectlog", "paniclog", "daemon"))
