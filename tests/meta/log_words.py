#!/usr/bin/env python3
"""Every word that a line of the relay's log has in its third column can be named to `splitmx log
level`: the words of notes, which no unit test can list. Those of events are compared by one.

    log_words.py ROOT
"""
import pathlib
import re
import sys

import sources

NOTE = re.compile(r"\blog_?(?:\.|->)(?:debug|info|warn|error)\(\s*\"([a-z]+)\"")
LIST = re.compile(r"log_words\(\) \{(.*?)\};", re.DOTALL)


def main(root):
    known = set(re.findall(r'"([a-z]+)"', LIST.search((root / "relay/log_level.cpp").read_text())[1]))
    paths = [path for path in sources.files(root, ".cpp") if (sources.room_of(path) or "").split("/")[0] == "relay"]
    findings = [f"{path}: log_words() of relay/log_level.cpp lacks {word}"
                for path in paths for word in NOTE.findall((root / path).read_text())
                if word not in known]
    return sources.finish("log_words", findings, len(paths))


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
