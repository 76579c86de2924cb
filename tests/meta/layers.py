#!/usr/bin/env python3
"""Which room may know which: every #include line against the table below.

    layers.py ROOT         A finding is FILE:LINE, the include, and the rule.
A new arrow in the table needs a decision record in docs/adr.
"""
import pathlib
import re
import sys
import tempfile

import sources

# Room -> the rooms it may include, beside itself.
ROOMS = {
    "mail": (),
    "resolver": ("mail",),
    "smtp": ("mail",),
    "dns": ("mail",),
    "tls": ("mail",),
    "smtp/net": ("smtp", "dns", "tls", "mail"),
    "ldap": (),
    "ldap/net": ("ldap",),
    "schema": ("resolver", "ldap", "mail"),
    "lint": ("schema", "resolver", "ldap", "mail"),
    "migration": ("schema", "resolver", "ldap", "mail"),
    "spool": ("mail",),
    "spool/disk": ("spool", "mail"),
    "queue": ("spool", "mail"),
    "observe": ("mail", "resolver"),
    "http": ("mail",),
    "history": ("mail",),
    "config": ("mail", "resolver", "schema", "ldap", "tls"),
    "directory/copy": ("schema", "ldap", "resolver", "mail"),
    "directory": ("directory/copy", "config", "schema", "ldap", "ldap/net", "resolver", "observe", "mail"),
    "control": ("smtp", "history", "queue", "spool", "directory", "config", "schema", "resolver", "mail"),
    "relay": ("control", "history", "config", "directory", "smtp", "smtp/net", "dns", "tls", "queue", "spool", "observe",
              "resolver", "mail"),
    "relay/desk": ("relay", "control", "http", "config", "directory", "schema", "spool", "observe", "resolver", "mail"),
    "relay/daemon": ("relay/desk", "relay", "config", "spool/disk", "spool", "observe", "mail"),
    "admin": ("control", "history", "lint", "migration", "smtp", "smtp/net", "tls", "dns", "queue", "spool/disk", "spool", "directory", "config", "schema", "resolver", "observe", "ldap", "mail"),
}

# Library -> (pattern of its headers, where it may be included: rooms or single files).
LIBRARIES = {
    "Asio": (r"boost/asio.*", ("dns", "http", "smtp/net", "ldap/net", "directory", "relay",
                               "relay/desk", "relay/daemon", "admin/ask_dns.cpp", "admin/host_test.cpp")),
    "Boost.JSON": (r"boost/json.*", ("admin", "control", "relay", "relay/desk", "queue/row_json.cpp")),
    "Beast": (r"boost/beast.*", ("http/session.cpp",)),
    "Boost": (r"boost/(?!asio|json|beast|system/|assert/).*", ("spool/checksum.cpp",)),
    "prometheus-cpp": (r"prometheus/.*", ("observe/exposition.cpp",)),
    "OpenSSL": (r"openssl/.*", ("tls",)),
    "libunbound": (r"unbound.*", ("dns/engine.cpp",)),
    "LDIF of libldap": (r"ldif\.h|lber\.h", ("ldap/ldif_record.cpp", "ldap/net")),
    "libldap": (r"ldap\.h|ldap_.*|openldap\.h", ("ldap/net",)),
    "LMDB": (r"lmdb\.h", ("spool/disk/lmdb.hpp",)),
    "SQLite": (r"sqlite3\.h", ("history/database.cpp",)),
    "spdlog": (r"spdlog/.*", ("observe/log.cpp", "observe/file_sink.hpp", "observe/file_sink.cpp", "observe/line_file.cpp", "observe/line_queue.hpp", "observe/line_queue.cpp")),
    "toml++": (r"toml\+\+/.*|toml\.hpp", ("config",)),
    "CLI11": (r"CLI/.*", ("admin", "relay/daemon/main.cpp")),
    "libcsv": (r"csv\.h", ("migration/csv_rows.cpp",)),
    "iconv": (r"iconv\.h", ("migration/text_lines.cpp",)),
    "libidn2": (r"idn2\.h", ("mail", "schema")),
    "utf8proc": (r"utf8proc\.h", ("mail", "schema")),
    "tests": (r"(tests|support|catch2)/.*", ()),
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def findings_in(path, text):
    room = sources.room_of(path)
    for found in INCLUDE.finditer(text):
        line, quote, header = text.count("\n", 0, found.start()) + 1, found[1], found[2]
        place = f"{path}:{line}: #include {quote}{header}{'>' if quote == '<' else quote}"
        target = sources.room_of(pathlib.PurePosixPath(header)) if quote == '"' else None
        if target and target != room and target not in ROOMS[room]:
            yield f"{place}: {room} may know {', '.join(ROOMS[room]) or 'no other room'}"
        elif quote == '"' and not target and not header.startswith(("tests/", "support/")):
            yield f"{place}: own headers are included as \"ROOM/NAME.hpp\""
        for library, (pattern, places) in LIBRARIES.items():
            if re.fullmatch(pattern, header) and not {room, path.as_posix()} & set(places):
                yield f"{place}: {library} is only for {', '.join(places) or 'tests'}"


def check(root):
    findings, checked = [], 0
    for path in sources.files(root, ".cpp", ".hpp"):
        if sources.room_of(path):
            checked += 1
            text = (pathlib.Path(root) / path).read_text(encoding="utf-8")
            findings += findings_in(path, text)
    return findings, checked


def self_test():
    """Plants violations, and includes that are fine, in a tree of its own."""
    planted = {
        "mail/domain.hpp": ['#include "resolver/rule.hpp"'],
        "resolver/resolve.cpp": ["#include <boost/asio/post.hpp>", '#include "ldap/entry.hpp"'],
        "ldap/entry.hpp": ["  #  include <ldap.h>"],
        "spool/queue.cpp": ["#include <lmdb.h>", '#include "sibling.hpp"'],
        "admin/main.cpp": ['#include "relay/daemon/service.hpp"'],
        "relay/courier.cpp": ['#include "spool/disk/lmdb_store.hpp"', '#include "relay/desk/facts.hpp"'],
    }
    fine = {
        "relay/daemon/service.cpp": ['#include "spool/store.hpp"', "#include <boost/asio/post.hpp>"],
        "spool/disk/lmdb.hpp": ["#include <lmdb.h>", "#include <string>", "// #include <ldap.h>"],
    }
    with tempfile.TemporaryDirectory() as root:
        for path, lines in (planted | fine).items():
            file = pathlib.Path(root) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("#pragma once\n" + "\n".join(lines) + "\n")
        found = {finding.split(": ", 1)[0] for finding in check(root)[0]}
    expected = {f"{path}:{number}" for path, lines in planted.items()
                for number in range(2, len(lines) + 2)}
    assert found == expected, f"self-test: {sorted(found ^ expected)}"


if __name__ == "__main__":
    self_test()
    sys.exit(sources.finish("layers", *check(sys.argv[1])))
