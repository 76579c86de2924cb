#!/usr/bin/env python3
"""What an idle client weighs: resident memory of the relay for each connection, in clear and under TLS,
and how long a good message takes meanwhile.

usage: bench/idle.py [CONNECTIONS]       (10 000; each side needs as many descriptors)

The connections have said EHLO and wait. Those under TLS are made one after the other; the kernel's
memory for sockets is not counted.
"""
import pathlib
import resource
import socket
import ssl
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))

from support import mail
from support.certificates import Authority
from support.stage import Stage

SOURCES = [f"127.0.1.{i}" for i in range(1, 11)]  # more ports than one address has


def connect(relay, number, context):
    source = SOURCES[number % len(SOURCES)]
    peer = socket.create_connection(("127.0.0.1", relay.port), 60, source_address=(source, 0))
    peer.recv(1000)
    if context:
        peer.sendall(b"STARTTLS\r\n")
        peer.recv(1000)
        peer = context.wrap_socket(peer, server_hostname="relay1.adatum.com")
    peer.sendall(b"EHLO client.example\r\n")
    while not peer.recv(1000).endswith(b"\r\n"):
        pass
    return peer


def measure(count, tls):
    stage = Stage()
    try:
        authority = Authority(stage.folder("ca"))
        certificate, key = authority.issue("relay1.adatum.com")
        relay = stage.small_world(("anna", ["anna@adatum.com"]), config={
            "limits": {"connections": 100_000, "exempt": ["127.0.0.0/8"]}, "log": {"level": "info"},
            "tls": {"certificate": str(certificate), "key": str(key)}})
        context = authority.client_context() if tls else None
        connect(relay, 0, context).close()  # what the first one loads is not counted
        before, began = relay.resident_octets, time.monotonic()
        peers = [connect(relay, number, context) for number in range(count)]
        took = time.monotonic() - began
        each = (relay.resident_octets - before) / count
        began = time.monotonic()
        assert mail.submit(relay, "ann@sender.example", "anna@adatum.com").last.code == 250
        answer = time.monotonic() - began
        print(f"{'TLS' if tls else 'in clear':<10}{count:>8} connections  {each:>8.0f} octets each  "
              f"made in {took:.1f} s  a message meanwhile {answer * 1000:.0f} ms", flush=True)
        for peer in peers:
            peer.close()
    finally:
        stage.close()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for tls in (False, True):
        measure(count, tls)


if __name__ == "__main__":
    main()
