"""Postfix, for tests; see peer.py. `parameters` of main.cf go on top of ours."""
import pathlib
import subprocess

from support import peer

MASTER = """\
smtp      inet  n       -       n       -       -       smtpd
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       1       1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
local     unix  -       n       n       -       -       local
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""
LOG = "/var/log/postfix.log"


class Postfix(peer.Peer):
    def __init__(self, address, *, parameters=None, **options):
        super().__init__(address, **options)
        self.parameters = parameters or {}

    def configure(self):
        config = peer.folder("/etc/postfix")
        parameters = {
            "compatibility_level": "3.6", "command_directory": "/usr/sbin",
            "daemon_directory": "/usr/lib/postfix/sbin", "data_directory": "/var/lib/postfix",
            "queue_directory": "/var/spool/postfix", "shlib_directory": "/usr/lib/postfix",
            "maillog_file": LOG, "myhostname": f"postfix.{peer.DOMAIN}", "mydestination": "",
            "inet_interfaces": self.address, "inet_protocols": "ipv4",
            "smtp_bind_address": self.address, "smtp_dns_support_level": "disabled",
            "mynetworks": self.clients, "alias_maps": "", "local_recipient_maps": ""}
        if self.store:
            transports = {user: "smtp:[{}]:{}".format(*self.store) for user in self.users}
            transports |= {user: "smtp:[{}]:{}".format(*self.relay) for user in self.elsewhere}
            parameters |= {"relay_domains": " ".join(self.domains), "transport_maps": inline(transports)}
            if not self.returns:
                parameters["relay_recipient_maps"] = inline(dict.fromkeys(transports, "known"))
        if self.relay:
            parameters["relayhost"] = "[{}]:{}".format(*self.relay)
            parameters["relay_transport"] = "smtp:[{}]:{}".format(*self.relay)
        if self.certificate:
            certificate, key = self.install_certificate(config, "root")
            parameters |= {"smtpd_tls_cert_file": certificate, "smtpd_tls_key_file": key,
                           "smtpd_tls_security_level": "may", "smtp_tls_security_level": "may"}
        parameters |= self.parameters
        (config / "main.cf").write_text("".join(f"{k} = {v}\n" for k, v in parameters.items()))
        (config / "master.cf").write_text(MASTER)
        for name in ("dynamicmaps.cf", "main.cf.proto", "master.cf.proto"):
            (config / name).touch()
        peer.folder("/var/lib/postfix", "postfix")
        pathlib.Path("/var/spool/postfix").mkdir(parents=True, exist_ok=True)

    def launch(self):
        self.command("postfix", "start")

    def stop(self):
        self.command("postfix", "stop")

    def command(self, *arguments):
        done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60,
                              preexec_fn=self.place and self.place.enter)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stdout}{done.stderr}{self.log[-3000:]}")
        return done.stdout

    @property
    def log(self):
        return peer.text_of(LOG)


def inline(table):
    """A table of Postfix within a parameter."""
    return "inline:{" + ", ".join(f"{{ {key} = {value} }}" for key, value in table.items()) + "}"
