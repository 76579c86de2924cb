#!/usr/bin/env python3
"""OpenSmtpd hands mail to our relay, and takes mail from it."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, peer_case, private_machine
from support.opensmtpd import OpenSmtpd


class WithOpenSmtpd(peer_case.BothWays):
    name = "opensmtpd"
    make = OpenSmtpd
    # OpenSMTPD 6.8 of Debian 12 offers STARTTLS, and each handshake ends in an internal error of its
    # own under OpenSSL 3: mail goes on in clear, as `may` has it.
    tls = "may"
    refusal = "5.0.0"  # it says 550 and no enhanced code


if __name__ == "__main__":
    private_machine.enter("opensmtpd")
    cases.main()
