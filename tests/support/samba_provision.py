"""Makes the directory of a domain controller; runs under the system's own Python, which has Samba's
modules. Arguments: an empty folder, the realm in capitals."""
import logging
import pathlib
import sys

from samba.auth import system_session
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.param import LoadParm
from samba.provision import provision

place, realm = pathlib.Path(sys.argv[1]), sys.argv[2]
name = realm.split(".")[0]
FOLDERS = {"private dir": "private", "lock directory": "lock", "state directory": "state",
           "cache directory": "cache", "pid directory": "run", "ncalrpc dir": "ncalrpc",
           "ntp signd socket directory": "ntp", "binddns dir": "binddns"}
lines = ["[global]", "netbios name = DC1", f"workgroup = {name}", f"realm = {realm}",
         "server role = active directory domain controller", "server services = ldap",
         "dcerpc endpoint servers =", f"log file = {place}/log", "interfaces = 127.0.0.0/8",
         "bind interfaces only = yes", f"xattr_tdb:file = {place}/xattr.tdb",
         "vfs objects = fake_acls xattr_tdb", "tls enabled = yes"]
for option, folder in FOLDERS.items():
    (place / folder).mkdir()
    lines.append(f"{option} = {place}/{folder}")
lines += ["[netlogon]", f"path = {place}/sysvol/{realm.lower()}/scripts",
          "[sysvol]", f"path = {place}/sysvol"]
configuration = place / "smb.conf"
configuration.write_text("\n".join(lines) + "\n")
parameters = LoadParm()
parameters.load(str(configuration))
logging.basicConfig(level=logging.ERROR)
provision(logging.getLogger("provision"), system_session(), smbconf=str(configuration), realm=realm,
          domain=name, adminpass="Secret-1234", hostname="DC1", hostip="127.0.0.1",
          serverrole="active directory domain controller", dns_backend="NONE", skip_sysvolacl=True,
          dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2, lp=parameters)
