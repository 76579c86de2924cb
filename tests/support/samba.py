"""A private domain controller of Active Directory (Samba), its LDAP service only.

Its ports are fixed (389, 636, 3268), so whoever uses one runs in a network namespace of his own:
`in_namespace()` starts the present program again in one, where it is root and loopback is up. The
relay has an ordinary account; nobody grants it anything unless a test does.
"""
import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys

from support.directory_server import DirectoryServer, run

PYTHON = "/usr/bin/python3"
REALM = "AD.ADATUM.COM"
SUFFIX = "DC=ad,DC=adatum,DC=com"
PASSWORD = "Secret-1234"
ADMINISTRATOR = "Administrator@ad.adatum.com"
RELAY = "relay@ad.adatum.com"
MARK = "SPLITMX_TEST_IN_NAMESPACE"


def missing():
    """Why there can be none; nothing: there can."""
    for name in ("samba", "ldapmodify", "unshare"):
        if shutil.which(name) is None:
            return f"{name} is not installed (packaging/packages-full.txt: samba-ad-dc)"
    if subprocess.run([PYTHON, "-c", "import samba.provision"], capture_output=True,
                      check=False).returncode:
        return "python3-samba is not installed (packaging/packages-full.txt)"
    if subprocess.run(["unshare", "-Urn", "true"], capture_output=True, check=False).returncode:
        return "no network namespace can be made here (unshare -Urn)"
    return None


def in_namespace():
    """Call first in a test program: returns inside of the namespace, or at once where there can be
    no domain controller."""
    if os.environ.get(MARK):
        with socket.socket() as any_socket:  # brings loopback up
            fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))
    elif missing() is None:
        os.environ[MARK] = "1"
        os.execvp("unshare", ["unshare", "-Urn", sys.executable, "-B", *sys.argv])


class Samba(DirectoryServer):
    """Requires: `directory` exists and is empty. `prepared` is the folder of another one, stopped, to
    begin with a copy of."""

    suffix, port, patience = SUFFIX, 389, 20
    administrator, password = ADMINISTRATOR, PASSWORD

    def __init__(self, directory, *, address="127.0.0.11", encryption_needed=False, prepared=None):
        self.directory, self.address = pathlib.Path(directory), address
        self.encryption_needed = encryption_needed
        if prepared:
            self.copy_from(prepared)
        else:
            self._provision()

    def _provision(self):
        run([PYTHON, "-IB", pathlib.Path(__file__).with_name("samba_provision.py"), self.directory,
             REALM])

    def copy_from(self, other):
        """Everything as it is in that folder. Requires: neither runs."""
        other = pathlib.Path(other)
        shutil.rmtree(self.directory)
        # Its sockets are made anew.
        shutil.copytree(other, self.directory, symlinks=True, ignore=lambda folder, names: [
            name for name in names if pathlib.Path(folder, name).is_socket()])
        file = self.directory / "smb.conf"
        file.write_text(file.read_text().replace(str(other), str(self.directory)))

    @property
    def uri(self):
        return f"ldap://{self.address}"

    # ---- life

    def start(self, timeout=240):
        # Without TLS: nobody asks for it here, and keys of 4096 bits take a busy machine a minute.
        strong = "yes" if self.encryption_needed else "no"
        return self.spawn(
            ["samba", "-i", "-M", "single", "-s", self.directory / "smb.conf", "--debug-stdout",
             f"--option=interfaces={self.address}/8", "--option=tls enabled=no",
             f"--option=ldap server require strong auth={strong}"], self.directory / "out", timeout)

    # ---- changes

    def account(self, name):
        """An ordinary one, made while the server does not run."""
        self._samba_tool("user", "create", name, PASSWORD)
        self._samba_tool("user", "setexpiry", name, "--noexpiry")

    def show_deletions(self, name):
        """Lets that account list and read what was deleted (docs/directory.md). The same."""
        self._rights(name, f"CN=Deleted Objects,{SUFFIX}", "A;CI;LCRPRC")

    def hide(self, name, dn):
        """That account sees nothing of this object and those below it. While it does not run."""
        self._rights(name, dn, "D;CI;LCRPLORC")

    def _rights(self, account, dn, rights):
        script = pathlib.Path(__file__).with_name("samba_rights.py")
        run([PYTHON, "-IB", script, self.directory / "smb.conf",
             self.directory / "private/sam.ldb", SUFFIX, account, dn, rights])

    def _samba_tool(self, *args):
        run(["samba-tool", *args, "-s", self.directory / "smb.conf",
             "-H", self.directory / "private/sam.ldb"])


def contact(name, *addresses, where="CN=Users", **attributes):
    """LDIF. The first address is the primary one."""
    lines = [f"dn: CN={name},{where},{SUFFIX}", "objectClass: contact", f"cn: {name}"]
    for number, address in enumerate(addresses):
        lines.append(f"proxyAddresses: {'SMTP' if number == 0 else 'smtp'}:{address}")
    for attribute, values in attributes.items():
        lines += [f"{attribute}: {value}" for value in
                  (values if isinstance(values, list) else [values])]
    return "\n".join(lines) + "\n\n"


def user(name, *addresses, where="CN=Users", **attributes):
    text = contact(name, *addresses, where=where, **attributes)
    # 544: an account that is not disabled, and needs no password.
    return text.replace("objectClass: contact", "objectClass: user").rstrip("\n") + (
        f"\nsAMAccountName: {name}\nuserAccountControl: 544\n\n")
