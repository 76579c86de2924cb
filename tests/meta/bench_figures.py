#!/usr/bin/env python3
"""The arithmetic of bench/ on made-up figures.

    bench_figures.py ROOT
"""
import pathlib
import sys
import unittest

ROOT = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT / "bench"))

from measure import account, figures

COUNTS = {"messages": 20, "recipients": 20, "misrouted": 0, "repeated": 0, "wrong_length": 0,
          "without_trace": 0, "domains": {"adatum.com": 18, "partner.example": 2}}


class Figures(unittest.TestCase):
    def test_rates(self):
        self.assertEqual(figures.rate(500, 10.0, 12.5), 200)
        self.assertEqual(figures.rate(500, 10.0, 10.0), 0)
        self.assertEqual(figures.cpu_us(0.3, 1000), 300)
        self.assertEqual(figures.cpu_us(0.3, 0), 0)
        self.assertAlmostEqual(figures.limit(50_000), 27_000)

    def test_how_many_messages_take_so_long(self):
        self.assertEqual(figures.next_count(300.4, 5), 1502)
        self.assertEqual(figures.next_count(0.1, 5), 50)
        self.assertEqual(figures.next_count(1e6, 5), 200_000)

    def test_median_of_each_figure_alone(self):
        rows = [{"rate": 3, "cpu_us": 90}, {"rate": 1, "cpu_us": 80}, {"rate": 2, "cpu_us": 100}]
        self.assertEqual(figures.median_row(rows), {"rate": 2, "cpu_us": 90})

    def test_ratios(self):
        ours, other = {"rate": 12_000, "cpu_us": 80}, {"rate": 300, "cpu_us": 4000}
        self.assertEqual(figures.ratios(ours, other), (40, 50))
        self.assertEqual(figures.ratios({"rate": 1, "cpu_us": 0}, {"rate": 0, "cpu_us": 1}), (None, None))

    def test_the_better_of_those_measured(self):
        rows = {"a": {"rate": 243}, "b": {"rate": 316}, "c": {"rate": 9000}}
        self.assertEqual(figures.better_of(rows, ("a", "b")), "b")
        self.assertEqual(figures.better_of(rows, ("a", "x")), "a")
        self.assertIsNone(figures.better_of(rows, ("x", "y")))

    def test_custom_recipients_among_some(self):
        self.assertEqual(figures.custom_among(0, 9), 0)
        self.assertEqual(figures.custom_among(0, 10), 1)
        self.assertEqual(figures.custom_among(9, 11), 2)

    def test_counts_of_the_sink(self):
        self.assertEqual(figures.wrong_counts(COUNTS, 20, 20, 2), [])
        table = (({}, (21, 21, 2), ["20 of 21 recipients got their mail", "only 20 of 21 messages came"]),
                 ({"domains": {"adatum.com": 20}}, (20, 20, 2),
                  ["0 recipients were rewritten, 2 are custom recipients"]),
                 ({"misrouted": 1}, (20, 20, 2), ["1 came to the wrong host"]),
                 ({"repeated": 2}, (20, 20, 2), ["2 came twice"]),
                 ({"wrong_length": 3}, (20, 20, 2), ["3 came with too little or too much content"]),
                 ({"without_trace": 4}, (20, 20, 2), ["4 came without a Received field"]))
        for change, wanted, findings in table:
            self.assertEqual(figures.wrong_counts(COUNTS | change, *wanted), findings)

    def test_figures_for_people(self):
        for value, text in ((None, "-"), (0, "0"), (0.504, "0.50"), (12.34, "12.3"), (99.96, "100"),
                            (4321.6, "4 322"), (1234567, "1 234 567"), ("0.43", "0.43")):
            self.assertEqual(figures.number(value), text)

    def test_table(self):
        self.assertEqual(figures.table(["", "rate\nmsg/s", "p99"], [["ours", 12_345, 9.5], ["x", 3.0, None]]), [
            "        rate   p99",
            "       msg/s",
            "----  ------  ----",
            "ours  12 345  9.50",
            "x       3.00     -"])

    def test_comparison_says_the_gate(self):
        from measure import comparison
        row = dict.fromkeys(("rate", "cpu_us", "slapd_us", "final_p50_ms", "final_p99_ms", "peak_mib"), 1.0)
        medians = {"splitmx": row | {"rate": 9000, "cpu_us": 100},
                   "postfix-proxymap": row | {"rate": 250, "cpu_us": 4600},
                   "postfix-ldap": row | {"rate": 300, "cpu_us": 4300},
                   "postfix-lmdb": row | {"rate": 450, "cpu_us": 3400}}
        lines = comparison.comparison_table(medians, 20_000)
        self.assertEqual(lines[-2:], [
            "splitmx: 30.0 times the rate of the better Postfix with LDAP tables, at 1/43 of its CPU a message",
            "splitmx: 0.45 of L = 20 000 msg/s"])
        self.assertRegex("\n".join(lines), r"(?m)^Postfix, lmdb tables .* 20\.0 +34\.0$")
        self.assertEqual(len(comparison.comparison_table({"exim": row}, 0)), 4)


class Accounts(unittest.TestCase):
    def test_a_tree_of_processes(self):
        import os
        import subprocess
        child = subprocess.Popen(["sh", "-c", "sleep 60 & echo; wait"], stdout=subprocess.PIPE,
                                 start_new_session=True)
        try:
            child.stdout.readline()
            found = account.tree([child.pid])
            self.assertEqual((found[0], len(found)), (child.pid, 2))
            self.assertGreater(account.anonymous(child.pid), 0)
            self.assertIn(child.pid, account.tree([os.getpid()]))
        finally:
            os.killpg(child.pid, 15)
            child.wait()
            child.stdout.close()
        self.assertEqual(account.spent(child.pid), 0)
        self.assertEqual(account.anonymous(child.pid), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
