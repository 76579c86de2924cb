"""A wall clock for one process that a test sets as it likes (wall_clock.cpp, preloaded).

Only the wall clock moves; the monotonic one, which time-outs are measured by, goes on as it does
when an administrator or NTP sets the clock.
"""
import mmap
import pathlib
import re
import struct

from support import daemon

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


class WallClock:
    def __init__(self, directory):
        self.file = pathlib.Path(directory) / "clock"
        self.file.write_bytes(bytes(8))
        with self.file.open("r+b") as file:
            self._offset = mmap.mmap(file.fileno(), 8)

    def set(self, offset):
        """From the true time: "+6d", "-5h", "+0"."""
        sign, number, unit = re.fullmatch(r"([+-])(\d+)([smhd]?)", offset).groups()
        self._offset[:] = struct.pack("=q", int(sign + number) * UNITS[unit])

    def environment(self):
        # The runtime of the address sanitizer wants to come first, and does not where it is ours.
        return {"LD_PRELOAD": str(daemon.program("libtest_wall_clock.so")),
                "SPLITMX_TEST_CLOCK": str(self.file),
                "ASAN_OPTIONS": "exitcode=99:verify_asan_link_order=0"}
