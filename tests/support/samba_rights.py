"""Puts an entry for an account before the others in an object's access control list, as `dsacls OBJECT
/g ACCOUNT:LCRP` or `/d` does. Arguments: smb.conf, the database, the suffix, the account, the object,
type;flags;rights in SDDL. Runs under the system's own Python, while the server does not run."""
import sys

import ldb
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

configuration, database, suffix, account, name, rights = sys.argv[1:]
parameters = LoadParm()
parameters.load(configuration)
sam = SamDB(url=database, session_info=system_session(parameters), lp=parameters)
(who,) = sam.search(suffix, expression=f"(sAMAccountName={account})", attrs=["objectSid"])
sid = ndr_unpack(security.dom_sid, who["objectSid"][0])
control = "show_deleted:1"  # one of the objects is the folder of deleted ones
(found,) = sam.search(name, scope=ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"], controls=[control])
descriptor = ndr_unpack(security.descriptor, found["nTSecurityDescriptor"][0])
domain = security.dom_sid(sam.get_domain_sid())
text = descriptor.as_sddl(domain).replace("(", f"({rights};;;{sid})(", 1)
change = ldb.Message(ldb.Dn(sam, name))
change["acl"] = ldb.MessageElement(ndr_pack(security.descriptor.from_sddl(text, domain)),
                                   ldb.FLAG_MOD_REPLACE, "nTSecurityDescriptor")
sam.modify(change, [control])
