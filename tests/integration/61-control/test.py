#!/usr/bin/env python3
"""The running relay, looked at and steered with `splitmx`: who may, what is said, what is logged."""
import json
import os
import pathlib
import re
import socket
import stat
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail

SENDER, ANNA = "ann@sender.example", "anna@adatum.com"
PEOPLE = ("anna", [ANNA]), ("bert", ["bert@adatum.com"])


def splitmx(relay, *words, stdin="", code=0, user=None):
    command = [daemon.program("splitmx"), "--config", relay.config_path, *words]
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False,
                          timeout=120, user=user, group=user, extra_groups=[] if user else None)
    if code is not None and done.returncode != code:
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def rows(relay, *words):
    return [json.loads(line) for line in splitmx(relay, *words, "--json").stdout.splitlines()]


class Control(cases.Case):
    """A relay whose mailbox host says 451 to everything."""

    def setUp(self):
        super().setUp()
        sink = self.stage.sink(name="mailboxes")
        sink.on("rcpt", "451 4.3.2 try later")
        self.relay = self.stage.small_world(
            *PEOPLE, mailboxes=sink, config={"queue": {"retry": ["1h"]}})
        self.socket = self.relay.directory / "control.sock"

    def submit(self, count=1, sender=SENDER, to=ANNA):
        for _ in range(count):
            self.assertEqual(mail.submit(self.relay, sender, to).last.code, 250)

    def deferred(self, count):
        """Waits until so many messages wait for their next attempt."""
        for _ in range(600):
            queue = json.loads(splitmx(self.relay, "status", "--json").stdout)["queue"]
            if queue["deferred"] >= count and queue["in_delivery"] == 0:
                return
        self.fail(f"not {count} deferred: {queue}")

    def test_status(self):
        self.submit()
        self.deferred(1)
        status = json.loads(splitmx(self.relay, "status", "--json").stdout)
        self.assertEqual(status["directories"]["main"]["state"], "LIVE")
        self.assertEqual(status["listeners"][0]["name"], "main")
        self.assertEqual((status["generation"], status["queue"]["messages"]), (1, 1))
        text = splitmx(self.relay, "status").stdout
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 100)
        self.assertIn("1 message", text)

    def test_queue_verbs_and_filters(self):
        self.submit(2)
        self.submit(1, to="bert@adatum.com")
        self.deferred(3)
        self.assertEqual(len(rows(self.relay, "queue", "list")), 3)
        bert, = rows(self.relay, "queue", "list", "--to", "bert@adatum.com")
        recipient = bert["recipients"][0]
        self.assertEqual((recipient["host"], recipient["attempts"]), ("mailboxes", 1))
        for words, count in ((["--host", "mailboxes"], 3), (["--from", "<>"], 0),
                             (["--domain", "adatum.com"], 3), (["--older", "1h"], 0),
                             (["--newer", "1h"], 3), (["--reason", "try later"], 3),
                             ([bert["queue_id"]], 1)):
            with self.subTest(words=words):
                self.assertEqual(len(rows(self.relay, "queue", "list", *words)), count)
        ident = bert["queue_id"]
        self.assertIn("451 4.3.2 try later", splitmx(self.relay, "queue", "show", ident).stdout)
        self.assertIn("Subject: test", splitmx(self.relay, "queue", "export", ident).stdout)
        # A dry run changes nothing.
        for verb in ("retry", "hold", "bounce", "drop"):
            said = splitmx(self.relay, "queue", verb, "--host", "mailboxes", "--dry-run").stdout
            self.assertRegex(said, rf"would {verb} 3 messages \(oldest \d+ s\)")
        self.assertEqual({r["queue_name"] for r in rows(self.relay, "queue", "list")}, {"deferred"})
        said = splitmx(self.relay, "queue", "hold", ident, "--why", "legal").stdout
        self.assertEqual(said, "1 message held\n")
        listing = splitmx(self.relay, "queue", "list", ident).stdout
        self.assertIn("!", listing)
        self.assertIn("legal", listing)
        self.assertIn("released", splitmx(self.relay, "queue", "release", ident).stdout)
        # No answer to the question is a no.
        splitmx(self.relay, "queue", "drop", ident, stdin="n\n")
        self.assertEqual(len(rows(self.relay, "queue", "list", ident)), 1)
        splitmx(self.relay, "queue", "drop", ident, stdin="y\n")
        self.assertEqual(rows(self.relay, "queue", "list", ident), [])
        splitmx(self.relay, "queue", "bounce", "--to", ANNA, "--yes", "--why", "wrong address")
        self.stage.internet.wait_for(2)
        self.assertEqual(rows(self.relay, "queue", "list", "--to", ANNA), [])
        self.relay.wait_for_log(rf"admin +queue drop \[{ident}\] by=\S+ uid={os.getuid()} pid=\d+ "
                                rf"hit 1: {ident}")
        self.relay.wait_for_log(r"admin +queue bounce \[--to anna@adatum.com\] .* hit 2: \S+ \S+")
        self.assertIn("which messages", splitmx(self.relay, "queue", "drop", code=64).stderr)
        splitmx(self.relay, "queue", "show", ident, code=65)

    def test_pause_and_resume_a_host(self):
        splitmx(self.relay, "host", "pause", "mailboxes", "--reason", "upgrade")
        self.assertIn('paused: "upgrade"', splitmx(self.relay, "host", "list").stdout)
        self.assertIn("upgrade", splitmx(self.relay, "status").stdout)
        splitmx(self.relay, "host", "resume", "mailboxes")
        state, = [h for h in rows(self.relay, "host", "list") if h["name"] == "mailboxes"]
        self.assertEqual(state["state"], "up")
        splitmx(self.relay, "host", "pause", "mailbxes", code=68)
        self.relay.wait_for_log(r"admin +host pause \[mailboxes reason=.upgrade.\] .* done")

    def test_reload(self):
        self.relay.rewrite({"limits": {"errors": 5}, "spool": {"map_size": "512MiB"}})
        said = splitmx(self.relay, "reload").stdout
        self.assertIn("configuration 2 (", said)
        self.assertIn("  [limits] errors: 10 -> 5\n", said)
        self.assertIn("  waits for a restart: [spool] map_size: ", said)
        self.relay.rewrite({"limits": {"erors": 5}})
        failed = splitmx(self.relay, "reload", code=78)
        self.assertIn('did you mean "errors"?', failed.stderr)
        self.assertIn("The old configuration stays.", failed.stderr)
        self.relay.wait_for_log(r"admin +reload by=\S+ uid=\d+ pid=\d+ refused: line \d+")
        self.assertIn("refused", splitmx(self.relay, "status").stdout)

    def test_resolve_says_what_offline_says(self):
        addresses = [ANNA, "nobody@adatum.com", "x@elsewhere.example", "not an address"]
        for flags in ((), ("--explain",), ("--json",)):
            with self.subTest(flags=flags):
                online, offline = (
                    splitmx(self.relay, "resolve", *flags, *more, *addresses, code=67)
                    for more in ((), ("--offline",)))
                # How a next hop is just now only the relay knows.
                said = re.sub(r"(?m)^    next hop .*\n", "", online.stdout)
                self.assertEqual(said, offline.stdout)
        many = "".join(f"p{n}@adatum.com\n" for n in range(2000))
        done = splitmx(self.relay, "resolve", "--json", "-", stdin=many, code=67)
        self.assertEqual([json.loads(line)["address"] for line in done.stdout.splitlines()],
                         many.split())

    def test_who_may(self):
        self.assertEqual(stat.S_IMODE(self.socket.stat().st_mode), 0o660)
        if os.getuid() != 0:
            self.skipTest("needs root to be somebody else")
        nobody = 65534
        for path in (self.stage.directory, self.relay.directory):
            path.chmod(0o755)
        self.assertIn("you may not use", splitmx(
            self.relay, "--socket", self.socket, "status", code=77, user=nobody).stderr)
        # Even where the file would let them in, the relay does not.
        self.socket.chmod(0o666)
        self.assertIn("may not control this relay", splitmx(
            self.relay, "--socket", self.socket, "status", code=77, user=nobody).stderr)

    def test_nobody_answers(self):
        self.relay.stop()
        self.assertFalse(self.socket.exists())
        for words in (["status"], ["queue", "list"], ["resolve", ANNA], ["reload"]):
            self.assertIn("no splitmxd answers at", splitmx(self.relay, *words, code=69).stderr)

    def test_stale_and_living_sockets(self):
        self.relay.kill()
        self.assertTrue(self.socket.exists())
        self.relay.start()
        splitmx(self.relay, "status")
        second = self.stage.relay({"admin": {"socket": str(self.socket)}}, start=False, name="two")
        second.spawn()
        self.assertEqual(second.wait(), 69)
        self.assertIn("another splitmxd answers there", second.log)
        splitmx(self.relay, "status")

    def test_garbage_and_clients_that_do_not_read(self):
        self.submit(300)
        clients = []
        for garbage in (b"\n", b"{}\n", b"[" * 5000 + b"\n", b'{"id":"x","verb":1}\n', b"\xff\xfe\n",
                        b'{"id":1,"verb":"queue.list","arguments":{"ids":["***"]}}\n',
                        b'{"id":18446744073709551616,"verb":"status"}\n'):
            client = self.connect()
            client.sendall(garbage)
            self.assertIn(b'"failed"', client.recv(4096), garbage)
        flood = self.connect()
        try:
            for _ in range(64):
                flood.sendall(b"x" * 16384)
        except OSError:
            pass  # it was left, as it should be
        for _ in range(3):  # ask for much, and read nothing of it
            client = self.connect()
            client.sendall(b'{"id":1,"verb":"queue.list"}\n' * 200)
            clients.append(client)
        self.connect()  # says nothing at all
        self.assertEqual(len(rows(self.relay, "queue", "list")), 300)
        self.submit()

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(60)
        client.connect(str(self.socket))
        self.addCleanup(client.close)
        return client


class FromAFile(cases.Case):
    """A directory that is an LDIF file is counted as any other."""

    def setUp(self):
        super().setUp()
        self.relay = self.stage.small_world(*PEOPLE)

    def test_figures(self):
        said = splitmx(self.relay, "directory", "search", "anna").stdout
        self.assertIn("\n1 of 2 recipients", said)
        entries = {"mailboxes": 2, "custom_recipients": 0, "groups": 0}
        self.assertEqual(rows(self.relay, "directory", "status")[0]["entries"], entries)
        self.assertRegex(splitmx(self.relay, "directory", "status").stdout,
                         r"\nholds +2 recipients: 2 mailboxes")

    def test_reading_it_again_is_a_reload(self):
        self.assertEqual(splitmx(self.relay, "directory", "sync").stdout,
                         'main: is a file: "splitmx reload" reads it again\n')

    def test_any_octets(self):
        listed = "anna@adatum.com\n\udcff@adatum.com\nbert@adatum.com\n"
        command = [daemon.program("splitmx"), "--config", self.relay.config_path, "resolve", "-"]
        answers = [subprocess.run(
            [*command, *more], input=listed.encode(errors="surrogateescape"), capture_output=True,
            check=False, timeout=120) for more in ((), ("--offline",))]
        self.assertEqual([answer.returncode for answer in answers], [67, 67])
        self.assertEqual(answers[0].stdout, answers[1].stdout)
        self.assertIn(b"\\xFF@adatum.com  ->  refused", answers[0].stdout)
        said = splitmx(self.relay, "directory", "search", "\udcff", code=67).stdout
        self.assertIn("0 of 2 recipients", said)


class ManyMessages(cases.Case):
    COUNT = 10_000

    def test_a_long_queue_is_listed_whole(self):
        sink = self.stage.sink(name="mailboxes")
        relay = self.stage.small_world(
            *PEOPLE, mailboxes=sink, config={"log": {"level": "warning"},
                                             "limits": {"recipients": 1000}})
        splitmx(relay, "host", "pause", "mailboxes", "--reason", "many")
        senders = [threading.Thread(target=self.send, args=(relay, f"s{number}@sender.example"))
                   for number in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        listed = rows(relay, "queue", "list")
        self.assertEqual(len(listed), self.COUNT)
        ids = [row["queue_id"] for row in listed]
        self.assertEqual(ids, sorted(set(ids)), "each once, oldest first")
        of_one = rows(relay, "queue", "list", "--from", "s2@sender.example")
        self.assertEqual([row["sender"] for row in of_one],
                         ["s2@sender.example"] * (self.COUNT // 4))
        *lines, total = splitmx(relay, "queue", "list").stdout.splitlines()
        self.assertEqual(len(lines), self.COUNT + 1)  # and the heading
        self.assertRegex(total, f"^{self.COUNT} messages, {self.COUNT} recipients, ")
        # Whoever reads no further does not hold up others.
        reader = subprocess.Popen(
            [daemon.program("splitmx"), "--config", relay.config_path, "queue", "list", "--json"],
            stdout=subprocess.PIPE)
        reader.stdout.readline()
        splitmx(relay, "host", "resume", "mailboxes")
        sink.wait_for(self.COUNT, 300)
        reader.kill()
        reader.wait()
        reader.stdout.close()
        self.assertEqual(splitmx(relay, "queue", "list").stdout, "no messages\n")

    def send(self, relay, sender):
        with mail.Client(relay.address, relay.port) as client:
            for _ in range(self.COUNT // 4):
                last = client.transaction(sender, [ANNA], mail.message()).last
                if last.code != 250:
                    raise AssertionError(str(last))


if __name__ == "__main__":
    cases.main()
