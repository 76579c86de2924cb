#!/usr/bin/env python3
"""Exim hands mail to our relay, and takes mail from it."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, peer_case, private_machine
from support.exim import Exim


class WithExim(peer_case.Reports):
    name = "exim"
    make = Exim
    success = "delivered"  # Exim has not the other word


if __name__ == "__main__":
    private_machine.enter("exim")
    cases.main()
