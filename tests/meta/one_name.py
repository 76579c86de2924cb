#!/usr/bin/env python3
"""A type of a room has one definition: two headers with the same name build, and then one of the
two is laid out as the other (basic.def.odr).

    one_name.py ROOT

Types in anonymous namespaces are not looked at.
"""
import collections
import pathlib
import re
import sys

import sources

NAMESPACE = re.compile(r"^namespace (splitmx[\w:]*) \{", re.MULTILINE)
ANONYMOUS = re.compile(r"^namespace \{$.*?^\}  // namespace$", re.MULTILINE | re.DOTALL)
TYPE = re.compile(
    r"^(?:struct|class|enum class) (\w+)(?: final)?(?: :[^{;]*)? ?\{", re.MULTILINE)


def types_of(text):
    """Names with their namespace, as far as they stand at its top."""
    code = sources.code_only(ANONYMOUS.sub("", text))
    space = NAMESPACE.search(code)
    if space:
        for found in TYPE.finditer(code):
            yield f"{space.group(1)}::{found.group(1)}"


def main(root):
    places = collections.defaultdict(list)
    paths = [path for path in sources.files(root, ".cpp", ".hpp") if sources.room_of(path)]
    for path in paths:
        for name in types_of((root / path).read_text(encoding="utf-8")):
            places[name].append(path.as_posix())
    findings = [f"{name} is defined in {' and in '.join(where)}"
                for name, where in sorted(places.items()) if len(where) > 1]
    return sources.finish("one_name", findings, len(paths))


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
