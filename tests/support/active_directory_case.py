"""What the situations with Active Directory share: one domain controller is made for all tests of a
program, and each begins with a copy of it."""
import pathlib
import shutil
import tempfile

from support import samba
from support.following_case import FollowingCase
from support.samba import SUFFIX


class ActiveDirectoryCase(FollowingCase):
    _prepared = None  # the folder of a domain controller that was never used

    @classmethod
    def setUpClass(cls):
        if samba.missing() is None and ActiveDirectoryCase._prepared is None:
            ActiveDirectoryCase._prepared = folder = tempfile.mkdtemp(prefix="splitmx-ad-")
            server = samba.Samba(folder)
            server.account("relay")
            server.account("eager")
            server.show_deletions("eager")

    @classmethod
    def forget(cls):
        if ActiveDirectoryCase._prepared:
            shutil.rmtree(ActiveDirectoryCase._prepared, ignore_errors=True)

    def domain_controller(self, ldif="", *, name="dc1", start=True, **options):
        if reason := samba.missing():
            self.skipTest(reason)
        server = samba.Samba(self.stage.folder(name), prepared=self._prepared, **options)
        self.stage.on_close(server.stop)
        if start:
            server.start()
            if ldif:
                server.add(ldif)
        return server

    def relay_of(self, *servers, wait=True, **source):
        """A relay that has read them."""
        relay = self.stage.small_world(config={"directory": {"main": {
            "uri": [server.uri for server in servers], "base": SUFFIX, "starttls": False,
            "profile": "activedirectory", "bind_dn": samba.RELAY, "password": samba.PASSWORD,
            "timeout": "2s", "cache": "1s", "negative_cache": "1s", "fresh": "5s"} | source}})
        if wait:
            relay.wait_for_log(r"main: read in", 90)
        return relay


def change(name, *lines, where="CN=Users"):
    return f"dn: CN={name},{where},{SUFFIX}\nchangetype: modify\n" + "\n".join(lines) + "\n\n"


def rename(name, new_name, where="CN=Users", to=None):
    return (f"dn: CN={name},{where},{SUFFIX}\nchangetype: modrdn\nnewrdn: CN={new_name}\n"
            f"deleteoldrdn: 1\n" + (f"newsuperior: {to},{SUFFIX}\n" if to else "") + "\n")


def users(count):
    return "".join(samba.user(f"p{i}", f"p{i}@adatum.com") for i in range(count))


