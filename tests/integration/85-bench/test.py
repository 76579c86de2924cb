#!/usr/bin/env python3
"""The programs of bench/ work, and find out what they should: no figure is looked at."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "bench"))

from measure import figures, programs
from support import cases


def bench(script, *arguments):
    return subprocess.run([sys.executable, "-B", ROOT / "bench" / script, *arguments], text=True,
                          capture_output=True, check=False, timeout=120)


class Programs(cases.Case):
    def setUp(self):
        super().setUp()
        try:
            programs.program("bench_rcpt")
        except programs.Failure:
            self.skipTest("the bench programs are not built")

    def test_scenarios_end_well(self):
        done = bench("run", "--scale", "0.001", "--connections", "5", "4k", "4k-each", "mixed", "50-rcpt",
                     "rcpt-known", "rcpt-unknown")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name in ("4k", "4k-each", "mixed", "50-rcpt", "rcpt-known", "rcpt-unknown"):
            self.assertRegex(done.stdout, rf"(?m)^{name} +[1-9]")

    def test_the_sink_sees_what_is_wrong(self):
        with programs.Sink(east="127.0.0.2:0", west="127.0.0.3:0") as sink:
            def send(place, hosts, times=1):
                sink.expect(20 * times)
                for _ in range(times):
                    programs.generate("bench_load", sink.places[place], messages=20, hosts=hosts,
                                      octets=200, connections=2)
                counts = sink.wait(60)
                # Nobody is rewritten, and nobody adds a trace field, where no relay is.
                self.assertEqual((counts["domains"], counts["without_trace"]),
                                 ({"adatum.com": 20 * times}, 20 * times))
                return counts["recipients"], counts["misrouted"], counts["repeated"], counts["wrong_length"]
            self.assertEqual(send("east", "east"), (20, 0, 0, 0))
            self.assertEqual(send("west", "east"), (20, 20, 0, 0))
            self.assertEqual(send("east", "east,west"), (20, 10, 0, 0))
            self.assertEqual(send("east", "east", times=2), (40, 0, 20, 0))

    def test_a_refused_load_is_told(self):
        relay = self.stage.small_world(("anna", ["anna@adatum.com"]))
        with self.assertRaisesRegex(programs.Failure, "bench_load was not served: accepted 0, refused 3"):
            programs.generate("bench_load", f"127.0.0.1:{relay.port}", messages=3, connections=1)


class Scripts(cases.Case):
    def test_help_names_the_scenarios(self):
        help_text = bench("run", "--help").stdout
        for name in ("4k", "64k", "50-rcpt", "rcpt-unknown", "idle", "dead-host", "50mb"):
            self.assertRegex(help_text, rf"(?m)^  {name} +\S")

    def test_what_there_is_not(self):
        for script, word in (("run", "scenario"), ("compare", "system")):
            done = bench(script, "fast")
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, f"error: no {word} fast; there are: ")

    def test_no_spool_in_memory(self):
        kind = subprocess.run(["stat", "-f", "-c", "%T", "/dev/shm"], capture_output=True, text=True,
                              check=False).stdout.strip()
        if kind != "tmpfs":
            self.skipTest("/dev/shm is not in memory")
        done = bench("run", "--directory", "/dev/shm/splitmx-bench", "4k")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, re.escape("is in memory (tmpfs): name a directory on a disk"))
        pathlib.Path("/dev/shm/splitmx-bench").rmdir()


if __name__ == "__main__":
    cases.main()
