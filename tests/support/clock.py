"""A wall clock for one process that a test sets as it likes: libfaketime, told by a file.

Only the wall clock (CLOCK_REALTIME, time(), file times) moves; the monotonic one, which time-outs
are measured by, goes on as it does when an administrator or NTP sets the clock.
"""
import glob
import os
import pathlib

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)


def available():
    return LIBRARY is not None


class WallClock:
    def __init__(self, directory):
        self.file = pathlib.Path(directory) / "clock"
        self.set("+0")

    def set(self, offset):
        """From the true time: "+6d", "-5h", "+0"."""
        new = self.file.with_suffix(".new")
        new.write_text(offset + "\n")
        os.replace(new, self.file)  # never half a line

    def environment(self):
        # The runtime of the address sanitizer wants to come first, and does not where it is ours.
        return {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(self.file),
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DISABLE_SHM": "1", "NO_FAKE_STAT": "1",
                "ASAN_OPTIONS": "exitcode=99:verify_asan_link_order=0"}
