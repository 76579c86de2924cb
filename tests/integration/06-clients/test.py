#!/usr/bin/env python3
"""Clients that others wrote, many at once: every message arrives exactly once, octet for octet."""
import pathlib
import shutil
import smtplib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail

SENDER, ANNA = "ann@sender.example", "anna@adatum.com"
PEERS = daemon.ROOT / "build/peers/postfix"


class Clients(cases.Case):
    def setUp(self):
        super().setUp()
        self.relay = self.stage.small_world(
            *((name, [f"{name}@adatum.com"]) for name in ("anna", "bert")))
        self.sink = self.stage.mailboxes

    def test_swaks(self):
        if not shutil.which("swaks"):
            self.skipTest("swaks is not installed")
        command = ["swaks", "--server", f"127.0.0.1:{self.relay.port}", "--from", SENDER,
                   "--to", f"{ANNA},bert@adatum.com", "--body", "one\n.\n..two", "--silent", "2"]
        for extra in ([], ["--pipeline"]):
            done = subprocess.run(command + extra, capture_output=True, text=True, check=False,
                                  timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        arrived = self.sink.wait_until(lambda s: len(s.recipients()) >= 4, what="4 recipients")
        self.assertTrue(all(b"one\r\n.\r\n..two\r\n" in m.content for m in arrived))

    def test_swaks_sees_the_refusal(self):
        if not shutil.which("swaks"):
            self.skipTest("swaks is not installed")
        done = subprocess.run(
            ["swaks", "--server", f"127.0.0.1:{self.relay.port}", "--from", SENDER, "--to",
             "nobody@adatum.com"], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 24, done.stdout)  # no recipient was accepted
        self.assertIn("550 5.1.1", done.stdout)

    def test_smtp_source(self):
        source = PEERS / "usr/sbin/smtp-source"
        if not source.exists():
            self.skipTest("no build/peers/postfix: run packaging/fetch-peers")
        done = subprocess.run(
            [source, "-s", "10", "-m", "200", "-l", "5000", "-f", SENDER, "-t", ANNA,
             f"127.0.0.1:{self.relay.port}"], capture_output=True, text=True, check=False,
            timeout=120, env={"LD_LIBRARY_PATH": str(PEERS / "usr/lib/postfix")})
        if "cannot open shared object" in done.stderr:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.sink.wait_for(200, 120)
        self.relay.stop()
        self.assertEqual(self.sink.recipients(), [ANNA] * 200)

    def test_smtplib(self):
        with smtplib.SMTP("127.0.0.1", self.relay.port, timeout=60) as client:
            content = mail.message(body=b"by smtplib\r\n")
            self.assertEqual(client.sendmail(SENDER, [ANNA, "nobody@adatum.com"], content).keys(),
                             {"nobody@adatum.com"})
        arrived, = self.sink.wait_for(1)
        self.assertEqual(arrived.without_added_trace(), content)

    def test_old_helo(self):
        with mail.Client("127.0.0.1", self.relay.port, greet=False) as client:
            client.read_reply()
            self.assertEqual(client.command("HELO old.example").code, 250)
            self.assertEqual(client.transaction(SENDER, [ANNA], mail.message()).last.code, 250)
        self.sink.wait_for(1)

    def test_whole_transactions_in_one_write(self):
        with mail.Client("127.0.0.1", self.relay.port) as client:
            self.assertIn("PIPELINING", client.extensions)
            client.send(f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{ANNA}>\r\nRCPT TO:<nobody@adatum.com>"
                        f"\r\nRCPT TO:<bert@adatum.com>\r\nDATA\r\n".encode())
            self.assertEqual([client.read_reply().code for _ in range(5)],
                             [250, 250, 550, 250, 354])
            content = mail.message("pipelined")
            client.send(mail.stuffed(content) + b"RSET\r\nNOOP\r\nQUIT\r\n")
            self.assertEqual([client.read_reply().code for _ in range(4)], [250, 250, 250, 221])
        self.sink.wait_until(lambda s: len(s.recipients()) >= 2, what="2 recipients")
        self.assertEqual(self.sink.recipients(), [ANNA, "bert@adatum.com"])


class ManyAtOnce(cases.Case):
    def test_each_arrives_exactly_once(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        sent, failures = {}, []

        def send(connection):
            try:
                with mail.Client(relay.address, relay.port) as client:
                    for number in range(40):
                        name = f"c{connection}-{number}"
                        body = bytes((connection * 40 + number + i) % 94 + 33 for i in range(60))
                        content = mail.message(name, body=(body + b"\r\n") * (number * 5 + 1))
                        last = client.transaction(SENDER, [ANNA], content).last
                        if last.code != 250:
                            raise AssertionError(f"{name}: {last}")
                        sent[name] = content
                    client.quit()
            except Exception as error:  # told by the test's thread
                failures.append(error)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.stage.mailboxes.wait_for(200, 120)
        relay.stop()
        arrived = [m.without_added_trace() for m in self.stage.mailboxes.messages]
        self.assertEqual(sorted(arrived), sorted(sent.values()))


if __name__ == "__main__":
    cases.main()
