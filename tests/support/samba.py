"""A private domain controller of Active Directory (Samba), its LDAP service only.

Its ports are fixed (389, 636, 3268), so whoever uses one runs in a network namespace of his own:
`in_namespace()` starts the present program again in one, where it is root and loopback is up. Ended by
its process id. The relay has an ordinary account; nobody grants it anything unless a test does.
"""
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

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


class Samba:
    """Requires: `directory` exists and is empty. `prepared` is the folder of another one, stopped, to
    begin with a copy of."""

    def __init__(self, directory, *, address="127.0.0.11", encryption_needed=False, prepared=None):
        self.directory, self.address = pathlib.Path(directory), address
        self.encryption_needed = encryption_needed
        self.process = None
        if prepared:
            self.copy_from(prepared)
        else:
            self._provision()

    def _provision(self):
        done = subprocess.run(
            [PYTHON, "-IB", pathlib.Path(__file__).with_name("samba_provision.py"), self.directory,
             REALM], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"provision: {done.stdout[-3000:]}{done.stderr[-3000:]}")

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

    def start(self, timeout=60):
        log = (self.directory / "out").open("ab")
        strong = "yes" if self.encryption_needed else "no"
        self.process = subprocess.Popen(
            ["samba", "-i", "-M", "single", "-s", self.directory / "smb.conf", "--debug-stdout",
             f"--option=interfaces={self.address}/8",
             f"--option=ldap server require strong auth={strong}"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + timeout
        while not self._accepts():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"samba does not start: {(self.directory / 'out').read_text()[-3000:]}")
            time.sleep(0.05)
        return self

    def _accepts(self):
        try:
            socket.create_connection((self.address, 389), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def _end(self, number):
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def freeze(self):
        """Connections are still accepted by the kernel; nobody answers."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

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
        self._run([PYTHON, "-IB", script, self.directory / "smb.conf",
                   self.directory / "private/sam.ldb", SUFFIX, account, dn, rights])

    def _samba_tool(self, *args):
        return self._run(["samba-tool", *args, "-s", self.directory / "smb.conf",
                          "-H", self.directory / "private/sam.ldb"])

    def modify(self, ldif, timeout=120):
        self._tool("ldapmodify", text=ldif, timeout=timeout)

    def add(self, ldif, timeout=120):
        self._tool("ldapmodify", "-a", text=ldif, timeout=timeout)

    def delete(self, dn):
        self._tool("ldapdelete", dn)

    def search(self, filter_text, *attributes, who=ADMINISTRATOR):
        return self._tool("ldapsearch", "-LLL", "-b", SUFFIX, filter_text, *attributes, who=who)

    def _tool(self, name, *args, text=None, timeout=120, who=ADMINISTRATOR):
        return self._run([name, "-x", "-H", self.uri, "-D", who, "-w", PASSWORD, *args], text=text,
                         timeout=timeout)

    def _run(self, command, text=None, timeout=120):
        environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "LDAPCONF": "/dev/null", "LDAPNOINIT": "1"}
        done = subprocess.run(command, input=text, text=True, capture_output=True, check=False,
                              env=environment, timeout=timeout)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
        return done.stdout


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
