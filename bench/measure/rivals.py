"""Postfix and Exim with the same directory and the same job as ours, for bench/compare: durable, the
programs' own defaults, and room for 50 at once where they have a limit. They run in the private machine of
tests/support/private_machine.py, with /var/spool and /var/log on a disk."""
import pathlib
import subprocess

from support import peer
from support.exim import Exim
from support.postfix import Postfix

from measure import figures, world
from measure.programs import Failure

PORT = 2525
OWN_HOST = "(mailLocalAddress={})"
CUSTOM = "(&(mailLocalAddress={})(mailRoutingAddress=*)(!(mailHost=*)))"
TABLES = {  # name: filter, attribute, format of the result
    "recipients": (OWN_HOST, "mailLocalAddress", "%s"),
    "custom": (CUSTOM, "mailRoutingAddress", "%s"),
    "transport": (OWN_HOST, "mailHost", f"smtp:[%s]:{PORT}"),
}
DYNAMIC_MAPS = """\
ldap\tpostfix-ldap.so\tdict_ldap_open
lmdb\tpostfix-lmdb.so\tdict_lmdb_open\tmkmap_lmdb_open
"""


class PostfixRival(Postfix):
    """`tables`: "proxy:ldap", "ldap" or "lmdb"."""

    address_of_it = "127.0.0.20"

    def __init__(self, tables, directory, people):
        super().__init__(self.address_of_it)
        self.tables, self.directory, self.people = tables, directory, people
        used = {name: self.table(name) for name in TABLES}
        self.parameters = {
            "relay_domains": world.DOMAIN, "relay_recipient_maps": used["recipients"],
            "virtual_alias_maps": used["custom"],
            "transport_maps":
                f"{used['transport']}, inline:{{{figures.PARTNER}=smtp:[{world.WEST}]:{PORT}}}",
            "default_destination_concurrency_limit": "50"}

    def table(self, name):
        suffix = "" if self.tables == "lmdb" else ".cf"
        return f"{self.tables}:/etc/postfix/{name}{suffix}"

    def configure(self):
        super().configure()
        config = pathlib.Path("/etc/postfix")
        (config / "dynamicmaps.cf").write_text(DYNAMIC_MAPS)
        for name, (condition, attribute, result) in TABLES.items():
            if self.tables == "lmdb":
                (config / name).write_text("".join(self.rows(name, result)))
                self.command("postmap", f"lmdb:{config / name}")
                continue
            (config / f"{name}.cf").write_text("\n".join([
                f"server_host = {self.directory.uri}", "version = 3", "bind = no",
                f"search_base = {self.directory.suffix}", "scope = sub", f"domain = {world.DOMAIN}",
                f"query_filter = {condition.format('%s')}", f"result_attribute = {attribute}",
                f"result_format = {result}"]) + "\n")

    def rows(self, name, result):
        for _, addresses, attributes in map(world.person, range(self.people)):
            values = {"recipients": addresses[0], "custom": attributes.get("mailRoutingAddress"),
                      "transport": attributes.get("mailHost")}
            if values[name]:
                yield f"{addresses[0]} {result.replace('%s', values[name])}\n"

    @property
    def pid(self):
        return int(pathlib.Path("/var/spool/postfix/pid/master.pid").read_text())


EXIM = """\
primary_hostname = exim.bench.example
local_interfaces = {address}
daemon_smtp_ports = 25
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
keep_environment =
tls_advertise_hosts =
smtp_accept_max = 100
smtp_connect_backlog = 100
# Without it all messages behind the tenth of a connection wait for the queue runner.
smtp_accept_queue_per_connection = 0
ldap_default_servers = {server}
acl_smtp_rcpt = recipients

begin acl
recipients:
  accept domains = {domain}
         verify = recipient
  deny

begin routers
custom:
  driver = redirect
  domains = {domain}
  data = ${{lookup ldap{{ldap:///{base}?mailRoutingAddress?sub?{custom}}}{{$value}}fail}}
  forbid_file
  forbid_pipe
mailbox:
  driver = manualroute
  domains = {domain}
  transport = to_host
  route_data = ${{lookup ldap{{ldap:///{base}?mailHost?sub?{own}}}{{$value}}fail}}
  self = send
partner:
  driver = manualroute
  domains = {partner}
  transport = to_host
  route_list = * {west}
  self = send

begin transports
to_host:
  driver = smtp
  port = {port}
  interface = {address}
  allow_localhost

begin retry
* * F,1h,1s
"""


class EximRival(Exim):
    address_of_it = "127.0.0.21"

    def __init__(self, directory):
        super().__init__(self.address_of_it)
        self.directory = directory

    def configure(self):
        for path in ("/var/spool/exim4", "/var/log/exim4"):
            peer.folder(path, "Debian-exim")
        peer.folder("/etc/exim4")
        quoted = "${quote_ldap:$local_part@$domain}"
        pathlib.Path("/etc/exim4/exim4.conf").write_text(EXIM.format(
            address=self.address, server=f"{self.directory.address}::{self.directory.port}",
            domain=world.DOMAIN, partner=figures.PARTNER, west=world.WEST, port=PORT,
            base=self.directory.suffix, own=OWN_HOST.format(quoted), custom=CUSTOM.format(quoted)))

    @property
    def pid(self):
        return self.process.pid


class Rival:
    """One of them, accounted for, with the interface of world.Ours."""

    def __init__(self, server, account):
        self.server, self.account = server, account
        self.endpoint = f"{server.address}:25"

    def __enter__(self):
        with self.account.entered():
            self.server.start()
        self.account.roots = (self.server.pid,)
        return self

    def __exit__(self, *failure):
        if failure[0]:
            print(self.server.log[-2000:])
        self.server.stop()


def bind_to_disk(folder):
    """What a mail system keeps and logs is on the disk, not in the private machine's memory."""
    for name in ("spool", "log"):
        place = folder / name
        place.mkdir()
        place.chmod(0o755)
        done = subprocess.run(["mount", "--bind", place, f"/var/{name}"], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise Failure(f"/var/{name} cannot be put on the disk: {done.stderr.strip()}")
