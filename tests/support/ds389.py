"""A private 389 Directory Server: configuration, database and port in a directory of its own.

Made from the template that the package brings, as `dscreate` does, but with no service manager and
no administrator. Retro Changelog and Content Synchronization are on, as docs/directory.md asks for,
and the relay has an account with the limits of that page. Run as root it becomes user dirsrv, as the
server wants it.
"""
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

from support.directory_server import DirectoryServer
from support.slapd import free_port

SERVER = pathlib.Path("/usr/sbin/ns-slapd")
TEMPLATES = pathlib.Path("/usr/share/dirsrv/data")
SCHEMAS = pathlib.Path("/usr/share/dirsrv/schema")
PASSWORD = "secret-secret"
ROOT_DN = "cn=Directory Manager"
RELAY_DN = "cn=splitmx,cn=config"

LIMITS = "nsSizeLimit: -1\nnsLookThroughLimit: -1\nnsIdleTimeout: -1\n"


def available():
    return SERVER.exists() and (TEMPLATES / "template-dse.ldif").exists() \
        and shutil.which("ldapmodify") is not None


def _user():
    return pwd.getpwnam("dirsrv") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


class Ds389(DirectoryServer):
    """`ldif` is text; its first entry is the suffix. `limits` are attributes of the relay's account.
    `bare`: as it comes, without the plug-ins and the account."""

    administrator, password, patience = ROOT_DN, PASSWORD, 30

    def __init__(self, ldif, *, suffix="dc=adatum,dc=com", address="127.0.0.1", limits=LIMITS,
                 bare=False, port=None):
        self.suffix, self.address = suffix, address
        self.port = port or free_port(address)
        self._owner = _user()
        # Below no folder of the test's: another user must get here.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="splitmx-389-"))
        self.directory.chmod(0o755)
        for name in ("config", "config/schema", "db", "home", "lock", "run", "tmp", "ldif", "bak",
                     "log", "inst"):
            (self.directory / name).mkdir()
        shutil.copy("/etc/dirsrv/schema/99user.ldif", self.directory / "config/schema")
        shutil.copy("/etc/dirsrv/config/slapd-collations.conf", self.directory / "config")
        (self.directory / "config/dse.ldif").write_text(self._configuration(bare, limits))
        self._give()
        self._load(ldif)

    @property
    def uri(self):
        return f"ldap://{self.address}:{self.port}"

    # ---- preparation

    def _configuration(self, bare, limits):
        place = self.directory
        values = {
            "schema_dir": SCHEMAS, "lock_dir": place / "lock", "tmp_dir": place / "tmp",
            "cert_dir": place / "config", "ldif_dir": place / "ldif", "bak_dir": place / "bak",
            "run_dir": place / "run", "inst_dir": place / "inst", "log_dir": place / "log",
            "config_dir": place / "config", "db_dir": place / "db", "db_home_dir": place / "home",
            "db_lib": "bdb", "fqdn": "localhost", "ds_port": self.port,
            "ds_user": self._owner.pw_name, "rootdn": ROOT_DN, "ds_passwd": "{CLEAR}" + PASSWORD,
            "ldapi_enabled": "off", "ldapi": place / "run/socket", "ldapi_autobind": "off",
            "ds_suffix": self.suffix, "ds_bename": "userRoot"}

        def filled(name):
            text = (TEMPLATES / name).read_text()
            return re.sub(r"%(\w+)%", lambda found: str(values[found[1]]), text)

        text = filled("template-dse.ldif").rstrip("\n") + "\n\n" + re.sub(
            r"^#.*\n", "", filled("template-suffix-db.ldif"), flags=re.M)
        text = text.replace(f"nsslapd-port: {self.port}\n",
                            f"nsslapd-port: {self.port}\nnsslapd-listenhost: {self.address}\n"
                            "nsslapd-allow-hashed-passwords: on\n"
                            "nsslapd-accesslog-logging-enabled: off\n")
        if bare:
            return text
        for plugin in ("Retro Changelog Plugin", "Content Synchronization"):
            text = re.sub(rf"(dn: cn={plugin},cn=plugins.*?nsslapd-pluginenabled: )off", r"\1on",
                          text, count=1, flags=re.S)
        text = text.replace(
            "cn: Retro Changelog Plugin\n",
            "cn: Retro Changelog Plugin\nnsslapd-attribute: nsuniqueid:targetUniqueId\n"
            "nsslapd-changelogmaxage: 2d\n", 1)
        return text.rstrip("\n") + (
            f"\n\ndn: {RELAY_DN}\nobjectClass: top\nobjectClass: applicationProcess\n"
            "objectClass: simpleSecurityObject\nobjectClass: extensibleObject\n"
            f"cn: splitmx\nuserPassword: {PASSWORD}\n{limits}\n")

    def _give(self):
        if os.geteuid() == 0:
            for path in [self.directory, *self.directory.rglob("*")]:
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _as_owner(self):
        if os.geteuid() != 0:
            return {}
        return {"user": self._owner.pw_uid, "group": self._owner.pw_gid, "extra_groups": []}

    def _load(self, ldif):
        source = self.directory / "ldif/start.ldif"
        source.write_text(ldif)
        self._give()
        done = subprocess.run(
            [SERVER, "ldif2db", "-D", self.directory / "config", "-n", "userRoot", "-i", source],
            capture_output=True, text=True, check=False, **self._as_owner())
        if done.returncode != 0:
            raise RuntimeError(f"ldif2db: {done.stdout[-3000:]}{done.stderr[-3000:]}")

    # ---- life

    def start(self, timeout=60):
        return self.spawn(
            [SERVER, "-D", self.directory / "config", "-i", self.directory / "run/pid", "-d", "0"],
            self.directory / "log/out", timeout, **self._as_owner())

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def save(self):
        """What restore() goes back to. Requires: it does not run."""
        shutil.copytree(self.directory / "db", self.directory / "saved", dirs_exist_ok=True)

    def restore(self):
        shutil.rmtree(self.directory / "db")
        shutil.copytree(self.directory / "saved", self.directory / "db")
        shutil.rmtree(self.directory / "home")
        (self.directory / "home").mkdir()
        self._give()

    # ---- changes

    def grant(self, text):
        """Replaces the rules of the suffix: who may see what."""
        self.modify(f"dn: {self.suffix}\nchangetype: modify\nreplace: aci\naci: {text}\n")


READ = ('(targetattr = "*")(version 3.0; acl "splitmx"; allow (read, search, compare) '
        f'userdn = "ldap:///{RELAY_DN}";)')
NOBODY = ('(targetattr = "cn")(version 3.0; acl "own name"; allow (read) '
          'userdn = "ldap:///self";)')


def people(*entries, suffix="dc=adatum,dc=com", aci=READ):
    """LDIF in the netscape profile. An entry is (uid, addresses, {attribute: value or list})."""
    blocks = [f"dn: {suffix}\nobjectClass: top\nobjectClass: domain\n"
              f"dc: {suffix.split(',')[0].partition('=')[2]}\naci: {aci}\n"]
    for uid, addresses, *more in entries:
        blocks.append(person(uid, *addresses, suffix=suffix, **(more[0] if more else {})))
    return "\n".join(blocks)


def person(uid, *addresses, suffix="dc=adatum,dc=com", **attributes):
    lines = [f"dn: uid={uid},{suffix}", "objectClass: top", "objectClass: inetOrgPerson",
             "objectClass: mailRecipient", f"uid: {uid}", f"cn: {uid}", f"sn: {uid}"]
    lines += [f"mail: {addresses[0]}"] if addresses else []
    lines += [f"mailAlternateAddress: {address}" for address in addresses[1:]]
    for name, values in attributes.items():
        lines += [f"{name}: {value}" for value in (values if isinstance(values, list) else [values])]
    return "\n".join(lines) + "\n"
