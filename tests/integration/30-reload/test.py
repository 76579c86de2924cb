#!/usr/bin/env python3
"""A new configuration while the relay works: all of it at once or nothing, and nobody notices who
does not have to."""
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

SENDER, ANNA = "ann@sender.example", "anna@adatum.com"


def inbound(*names):
    return {"domain": [{"name": name, "action": "inbound"} for name in names]}


def reload_and_wait(relay, good=True):
    """The log line that tells what came of it."""
    before = len(told(relay))
    relay.reload()
    for _ in range(1200):
        if len(told(relay)) > before:
            last = told(relay)[-1]
            if (" generation=" in last) != good:
                raise AssertionError(last)
            return last
        time.sleep(0.05)
    raise AssertionError(f"no answer to SIGHUP:\n{relay.log[-4000:]}")


def status_of(relay):
    done = subprocess.run([daemon.program("splitmx"), "--config", relay.config_path, "status", "--json"],
                          capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def code_of(relay, address):
    return mail.submit(relay, SENDER, address).reply(address).code


def told(relay):
    return [line for line in relay.log.splitlines() if " reload  " in line]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Reload(cases.Case):
    def test_new_domain_and_new_people(self):
        relay = self.stage.small_world(("anna", [ANNA, "anna@cpandl.net"]))
        self.assertEqual(code_of(relay, "anna@cpandl.net"), 550)
        relay.rewrite(inbound("adatum.com", "cpandl.net"))
        last = reload_and_wait(relay)
        self.assertRegex(last, r"by=SIGHUP generation=2 hash=[0-9a-f]{8} 1 change$")
        relay.wait_for_log(r"config +\[\[domain\]\] cpandl.net is new")
        self.assertEqual(code_of(relay, "anna@cpandl.net"), 250)
        self.stage.mailboxes.wait_for(1)  # what is queued would be decided again
        (self.stage.directory / "people.ldif").write_text(
            stage.people(("bert", ["bert@adatum.com"])))
        reload_and_wait(relay)
        relay.wait_for_log(r"\[directory.main\] uri: \S+ holds something else")
        self.assertEqual(mail.submit(relay, SENDER, "bert@adatum.com").last.code, 250)
        self.assertEqual(code_of(relay, ANNA), 550)
        self.stage.mailboxes.wait_for(2)

    def test_errors_leave_everything_as_it_was(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        good = relay.config_path.read_text()
        taken = self.stage.sink("127.0.0.8")
        people = self.stage.directory / "people.ldif"
        faults = {
            "syntax": (good + "\n[[listen", "error"),
            "unknown key": (good + "\n[limits]\nconections = 5\n", 'unknown key "conections"'),
            "two errors": (good + '\n[limits]\nerrors = "x"\nconections = 5\n', "2 errors"),
            "a port in use": (
                good + f'\n[[listen]]\nname = "two"\naddress = "{taken.endpoint}"\n',
                "Address already in use"),
            "a log that cannot be opened": (
                good.replace("[log]", '[log]\nfile = "/proc/no/splitmx.log"'),
                "/proc/no/splitmx.log"),
            "no such secret": (
                good + '\n[directory.two]\nuri = "ldap://127.0.0.1:1"\nbase = "dc=a"\n'
                'profile = "laser"\nbind_dn = "cn=x"\npassword = "file:/nonexistent"\n',
                "/nonexistent"),
        }
        for name, (text, says) in faults.items():
            with self.subTest(name):
                relay.config_path.write_text(text)
                self.assertIn(says, reload_and_wait(relay, good=False))
                self.assertEqual(mail.submit(relay, SENDER, ANNA).last.code, 250)
        with self.subTest("broken people"):
            relay.config_path.write_text(good)
            saved = people.read_text()
            people.write_text("dn: uid=anna\nthis is no LDIF\n")
            self.assertIn("people.ldif", reload_and_wait(relay, good=False))
            self.assertEqual(mail.submit(relay, SENDER, ANNA).last.code, 250)
            people.write_text(saved)
        for line in ("error: line", 'unknown key "conections"'):
            relay.wait_for_log(re.escape(line))  # with two errors, each has a line of its own
        self.assertIn("generation=2", reload_and_wait(relay))
        self.stage.mailboxes.wait_for(len(faults) + 1)

    def test_a_transaction_keeps_what_it_began_with(self):
        relay = self.stage.small_world(("anna", [ANNA]), ("bert", ["bert@adatum.com"]))
        with mail.Client(relay.address, relay.port) as client:
            self.assertEqual(client.command(f"MAIL FROM:<{SENDER}>").code, 250)
            self.assertEqual(client.command(f"RCPT TO:<{ANNA}>").code, 250)
            relay.rewrite(inbound("cpandl.net"))
            reload_and_wait(relay)
            self.assertEqual(client.command("RCPT TO:<bert@adatum.com>").code, 250)
            self.assertEqual(client.command("DATA").code, 354)
            client.send(mail.stuffed(mail.message()))
            self.assertEqual(client.read_reply().code, 250)
            sent = client.transaction(SENDER, [ANNA], mail.message())
            self.assertEqual(sent.reply(ANNA).code, 550)
        # Accepted for good; where it goes is decided by what holds when it leaves.
        self.stage.internet.wait_until(lambda s: len(s.recipients()) == 2, what="2 recipients")

    def test_listeners_open_close_and_stay(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        second, third = free_port(), free_port()
        def listeners(*ports, **main):
            return {"listen": [{"name": "main", "address": "127.0.0.1:0"} | main] + [
                {"name": f"p{port}", "address": f"127.0.0.1:{port}"} for port in ports]}
        relay.rewrite(listeners(second))
        reload_and_wait(relay)
        old = mail.Client("127.0.0.1", second)
        self.addCleanup(old.close)
        relay.rewrite(listeners(third, allow="10.0.0.0/8"))
        reload_and_wait(relay)
        relay.wait_for_log(rf"unlisten +p{second} 127.0.0.1:{second}")
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", second), 10)
        # Who was inside when it closed is served to the end.
        self.assertEqual(old.transaction(SENDER, [ANNA], mail.message()).last.code, 250)
        with mail.Client("127.0.0.1", third) as client:
            self.assertEqual(client.transaction(SENDER, [ANNA], mail.message()).last.code, 250)
        # The listener with any free port kept its socket, and follows its new rule.
        with mail.Client("127.0.0.1", relay.port, greet=False) as client:
            self.assertEqual(client.read_reply().code, 554)
        self.stage.mailboxes.wait_for(2)

    def test_an_address_becomes_all_addresses_and_one_again(self):
        # The old socket is in the way of the new one: it closes first, and comes back on failure.
        relay = self.stage.small_world(("anna", [ANNA]))
        port = free_port()
        def listen(*addresses):
            return {"listen": [{"name": "main", "address": [f"{one}:{port}" for one in addresses]}]}
        for addresses in (["127.0.0.1"], ["0.0.0.0"], ["127.0.0.1", "127.0.0.9"], ["0.0.0.0"]):
            relay.rewrite(listen(*addresses))
            reload_and_wait(relay)
            with mail.Client("127.0.0.1", port) as client:
                self.assertEqual(client.transaction(SENDER, [ANNA], mail.message()).last.code, 250)
        relay.rewrite(listen("127.0.0.1"))
        reload_and_wait(relay)
        taken = self.stage.sink("127.0.0.8", port=port)
        relay.rewrite(listen("0.0.0.0"))
        self.assertIn("Address already in use", reload_and_wait(relay, good=False))
        with mail.Client("127.0.0.1", port) as client:
            self.assertEqual(client.transaction(SENDER, [ANNA], mail.message()).last.code, 250)
        taken.stop()
        reload_and_wait(relay)
        self.stage.mailboxes.wait_for(5)

    def test_what_waits_for_a_restart_is_said(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        relay.rewrite({"spool": {"path": str(self.stage.directory / "elsewhere"),
                                 "body_file": "1MiB"}})
        self.assertTrue(reload_and_wait(relay).endswith(" 1 change"))
        relay.wait_for_log(r"waits for a restart: \[spool\] path: \S+ -> \S+elsewhere")
        relay.wait_for_log(re.escape('[spool] body_file: "128KiB" -> "1MiB"'))
        self.assertFalse((self.stage.directory / "elsewhere").exists())
        self.assertEqual(mail.submit(relay, SENDER, ANNA).last.code, 250)
        self.stage.mailboxes.wait_for(1)

    def test_what_is_beyond_the_sandbox_takes_a_restart(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        sandbox = status_of(relay)["sandbox"]
        if not sandbox["on"]:
            self.assertRegex(relay.log, r"sandbox +every file that the user may use is in reach: ")
            self.skipTest(sandbox["why_not"])
        self.assertRegex(relay.log, r"sandbox +only files that the configuration needs are in reach")
        self.assertIn(str(relay.directory / "state"), sandbox["write"])
        self.assertIn(str(relay.directory), sandbox["read"])
        with tempfile.TemporaryDirectory() as elsewhere:
            people = pathlib.Path(elsewhere) / "people.ldif"
            people.write_text(stage.people(("bert", ["bert@adatum.com"])))
            relay.rewrite({"directory": {"main": {"uri": f"ldif:{people}"}}})
            last = reload_and_wait(relay, good=False)
            self.assertIn(f"[directory.main] uri: {people} is outside of the sandbox", last)
            self.assertEqual(mail.submit(relay, SENDER, ANNA).last.code, 250)
            self.stage.mailboxes.wait_for(1)
            relay.stop()
            relay.start()
            self.assertEqual(code_of(relay, ANNA), 550)
            self.assertEqual(mail.submit(relay, SENDER, "bert@adatum.com").last.code, 250)
            self.stage.mailboxes.wait_for(2)
            relay.stop()

    def test_log_file_follows(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        file = relay.directory / "relay.log"  # in a folder that the sandbox leaves open
        relay.rewrite({"log": {"file": str(file)}})
        relay.reload()
        self.wait_for_text(file, "[log] file: \"stderr\" -> ")
        file.rename(file.with_suffix(".1"))
        relay.reload()
        self.wait_for_text(file, "generation=3")
        relay.rewrite({"log": {"level": "error"}})
        relay.reload()
        mail.submit(relay, SENDER, ANNA)
        self.stage.mailboxes.wait_for(1)

    def wait_for_text(self, file, text):
        for _ in range(600):
            if file.exists() and text in file.read_text():
                return
            threading.Event().wait(0.05)
        self.fail(f"no {text!r} in {file}")

    def test_the_host_of_a_waiting_message_moves(self):
        gone = f"127.0.0.2:{free_port()}"
        relay = self.stage.small_world(
            ("anna", [ANNA]), config={"host": {"mailboxes": {"address": gone}}})
        self.assertEqual(mail.submit(relay, SENDER, ANNA).last.code, 250)
        relay.wait_for_log(r"defer +anna@adatum.com")
        relay.rewrite({"host": {"mailboxes": {"address": self.stage.mailboxes.endpoint}}})
        reload_and_wait(relay)
        self.stage.mailboxes.wait_for(1, 60)

    def test_what_comes_after_a_reload_is_attempted_once(self):
        # What waits behind a host is attempted when a reload is told of, not some time later.
        gone = f"127.0.0.2:{free_port()}"
        relay = self.stage.small_world(
            ("anna", [ANNA]), config={"host": {"mailboxes": {"address": gone}},
                                      "queue": {"retry": ["1h"]}})
        relay.rewrite({"limits": {"errors": 5}})
        subprocess.run([daemon.program("splitmx"), "--config", relay.config_path, "reload"],
                       capture_output=True, check=True, timeout=60)
        self.assertEqual(mail.submit(relay, SENDER, ANNA).last.code, 250)
        relay.wait_for_log(r"defer +anna@adatum.com")
        time.sleep(2.5)  # two looks at the configuration
        self.assertEqual(len(re.findall(r"defer +anna@adatum.com", relay.log)), 1)


class UnderLoad(cases.Case):
    def test_good_and_bad_reloads_lose_and_refuse_nothing(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        good = relay.config_path.read_text()
        stop, failures, counts = threading.Event(), [], []

        def send(number):
            sent = 0
            try:
                while not stop.is_set():
                    with mail.Client(relay.address, relay.port) as client:
                        for _ in range(3):
                            last = client.transaction(SENDER, [ANNA], mail.message()).last
                            if last.code != 250:
                                raise AssertionError(str(last))
                            sent += 1
                        client.quit()
            except Exception as error:  # told by the test's thread
                failures.append(f"{number}: {error!r}")
            counts.append(sent)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for turn in range(30):
            if turn % 3 == 2:
                relay.config_path.write_text(good + "\n[limits]\nconections = 5\n")
                reload_and_wait(relay, good=False)
            else:
                relay.config_path.write_text(good + f"\n[limits]\nerrors = {10 + turn}\n"
                                             f'[dns]\nservers = "127.0.0.1:{5300 + turn}"\n')
                (self.stage.directory / "people.ldif").write_text(
                    stage.people(("anna", [ANNA]), (f"p{turn}", [f"p{turn}@adatum.com"])))
                reload_and_wait(relay)
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(sum(counts), 30)
        self.stage.mailboxes.wait_for(sum(counts), 120)
        relay.stop()
        self.assertEqual(len(self.stage.mailboxes.messages), sum(counts))

    def test_a_kept_connection_leads_to_where_the_host_was(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        places = [self.stage.mailboxes, self.stage.sink("127.0.0.10", name="second")]
        for turn in (0, 1, 0):
            relay.rewrite({"host": {"mailboxes": {"address": places[turn].endpoint}}})
            reload_and_wait(relay)
            before = len(places[turn].messages)
            with mail.Client(relay.address, relay.port) as client:
                for name in ("first", "second"):
                    client.transaction(SENDER, [ANNA], mail.message(name))
            places[turn].wait_for(before + 2)
        relay.stop()
        self.assertEqual([len(place.messages) for place in places], [4, 2])

    def test_queued_mail_follows_the_host_while_more_comes_in(self):
        # The host moves again and again, each time to another place; nothing comes twice or never.
        relay = self.stage.small_world(("anna", [ANNA]), config={"queue": {"retry": ["1s"] * 99}})
        places = [self.stage.mailboxes, self.stage.sink("127.0.0.10", name="second")]
        subjects, lock = [], threading.Lock()

        def send(number):
            with mail.Client(relay.address, relay.port) as client:
                for count in range(60):
                    name = f"{number}-{count}"
                    last = client.transaction(SENDER, [ANNA], mail.message(name)).last
                    with lock:
                        subjects.append((name, last.code))

        # What the one place refuses for now waits, and goes to the other one.
        places[0].on("rcpt", "451 4.2.0 moving", times=100)
        threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for turn in range(1, 8):
            relay.rewrite({"host": {"mailboxes": {"address": places[turn % 2].endpoint}}})
            reload_and_wait(relay)
        for thread in threads:
            thread.join()
        self.assertEqual({code for _, code in subjects}, {250})
        deadline = time.monotonic() + 120
        while sum(len(place.messages) for place in places) < len(subjects):
            self.assertLess(time.monotonic(), deadline, relay.log[-4000:])
            time.sleep(0.05)
        relay.stop()
        arrived = sorted(m.header("Subject")[0] for p in places for m in p.messages)
        self.assertEqual(arrived, sorted(name for name, _ in subjects))
        self.assertGreater(len(places[1].messages), 0)


if __name__ == "__main__":
    cases.main()
