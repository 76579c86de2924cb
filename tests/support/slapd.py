"""A private slapd: its own configuration, database and port in a directory of its own.

Works as root and as an
ordinary user. Where AppArmor confines /usr/sbin/slapd to the system's directories, a copy of the
program runs instead: the profile goes by path.
"""
import pathlib
import shutil
import socket
import subprocess

from support.directory_server import DirectoryServer

SLAPD = "/usr/sbin/slapd"
SCHEMAS = pathlib.Path("/etc/ldap/schema")
MODULES = pathlib.Path("/usr/lib/ldap")
PASSWORD = "secret"


def available():
    return pathlib.Path(SLAPD).exists() and shutil.which("ldapmodify") is not None


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


class Slapd(DirectoryServer):
    """Requires: `directory` exists and is empty. `ldif` is text; its first entry is the suffix, and
    without any the database is empty. `config` and `database_config` are lines of slapd.conf."""

    def __init__(self, directory, ldif, *, suffix="dc=adatum,dc=com", port=None, schemas=(),
                 tls=False, address="127.0.0.1", config=(), database_config=()):
        self.directory = pathlib.Path(directory)
        self.suffix, self.address, self.tls = suffix, address, tls
        self.port = port or free_port(address)
        self._program = self._unconfined_program()
        (self.directory / "data").mkdir(mode=0o700)
        if tls:
            self._make_certificate()
        self._config = self.directory / "slapd.conf"
        self._config.write_text(self._configuration(schemas, config, database_config))
        self._config.chmod(0o600)
        if ldif:
            self._add(ldif)

    @property
    def uri(self):
        return f"{'ldaps' if self.tls else 'ldap'}://{self.address}:{self.port}"

    @property
    def administrator(self):
        return f"cn=admin,{self.suffix}"

    password = PASSWORD

    @property
    def environment(self):
        if self.tls:
            return {"PATH": "/usr/bin:/bin", "LDAPTLS_CACERT": str(self.certificate)}
        return super().environment

    @property
    def certificate(self):
        return self.directory / "certificate.pem"

    # ---- preparation

    def _unconfined_program(self):
        enabled = pathlib.Path("/sys/module/apparmor/parameters/enabled")
        profile = pathlib.Path("/etc/apparmor.d/usr.sbin.slapd")
        if profile.exists() and enabled.exists() and enabled.read_text().startswith("Y"):
            return shutil.copy(SLAPD, self.directory / "slapd")
        return SLAPD

    def _configuration(self, schemas, config, database_config):
        lines = [f"include {SCHEMAS / name}.schema"
                 for name in ("core", "cosine", "inetorgperson", "misc")]
        lines += [f"include {path}" for path in schemas]
        lines += [f"pidfile {self.directory}/slapd.pid", f"modulepath {MODULES}"]
        modules = [m for m in ("back_mdb", "syncprov") if (MODULES / f"{m}.so").exists()]
        lines += [f"moduleload {module}" for module in modules]
        if self.tls:
            lines += [f"TLSCertificateFile {self.certificate}",
                      f"TLSCertificateKeyFile {self.directory}/key.pem"]
        lines += ["sizelimit unlimited", *config, "database mdb", f'suffix "{self.suffix}"',
                  f'rootdn "{self.administrator}"', f"rootpw {PASSWORD}",
                  f"directory {self.directory}/data", "maxsize 268435456", "dbnosync",
                  "index objectClass,entryCSN,entryUUID,mailLocalAddress eq", *database_config]
        if "syncprov" in modules:
            lines += ["overlay syncprov", "syncprov-checkpoint 100 10"]
        return "\n".join(lines) + "\n"

    def _make_certificate(self):
        # libldap replaces `localhost` by the machine's name, so the name that is checked is the IP.
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=test directory", "-addext", f"subjectAltName=IP:{self.address}",
             "-keyout", self.directory / "key.pem", "-out", self.certificate],
            check=True, capture_output=True)

    def _add(self, ldif):
        source = self.directory / "start.ldif"
        source.write_text(ldif)
        # slapd chooses the tool by its last -T, whatever its name is.
        done = subprocess.run([self._program, "-Tadd", "-q", "-f", self._config, "-l", source],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"slapadd: {done.stdout}{done.stderr}")

    # ---- life

    def start(self, timeout=20):
        return self.spawn([self._program, "-d", "0", "-f", self._config, "-h", self.uri],
                          self.directory / "slapd.log", timeout)
