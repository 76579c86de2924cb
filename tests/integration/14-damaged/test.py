#!/usr/bin/env python3
"""Messages that are damaged on the disk: never sent, set aside, told of; the others go their way."""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail

SENDER, ANNA = "ann@sender.example", "anna@adatum.com"


def change(path, old, new):
    """Changes these octets where the disk holds them."""
    octets = path.read_bytes()
    assert old in octets and len(old) == len(new), f"no {old!r} in {path}"
    path.write_bytes(octets.replace(old, new))


def splitmx(relay, *words):
    command = [daemon.program("splitmx"), "--config", relay.config_path, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


class Damaged(cases.Case):
    def queue_some(self):
        """Three messages wait: `small` inside the database, `large` in a file, and `whole`."""
        relay = self.stage.small_world(
            ("anna", [ANNA]), config={"server": {"postmaster": "postmaster@elsewhere.example"},
                                      "queue": {"retry": ["1s"] * 20}})
        self.stage.mailboxes.on("rcpt", "451 4.2.0 wait")
        for name, body in (("small", b"little octets\r\n"), ("large", b"many octets\r\n" * 40000),
                           ("whole", b"the right octets\r\n")):
            reply = mail.submit(relay, SENDER, ANNA, mail.message(name, body=body)).last
            self.assertEqual(reply.code, 250, reply)
        relay.stop()
        return relay

    def the_large_one(self, relay):
        return [path for path in (relay.directory / "spool/body").iterdir()]

    def assert_only_whole_arrives(self, relay, set_aside):
        sink = self.stage.mailboxes
        sink.forget_rules()
        relay.start()
        sink.wait_for(1)
        self.stage.internet.wait_for(1)  # the notice
        relay.wait_for_log(r"(?s)(error \w+\s+damaged [^\n]*; set aside, .*?){%d}" % set_aside)
        relay.stop()
        self.assertEqual(relay.log.count("set aside, it will not be sent"), set_aside, relay.log)
        relay.start()
        self.assertEqual(mail.submit(relay, SENDER, ANNA, mail.message("after")).last.code, 250)
        sink.wait_for(2)
        relay.stop()
        self.assertEqual([m.header("Subject") for m in sink.messages], [["whole"], ["after"]])
        # Told once, by nobody to the postmaster; nothing is said again at the next start.
        self.assertEqual(relay.log.count("set aside, it will not be sent"), set_aside, relay.log)
        notices = self.stage.internet.messages
        self.assertEqual({(m.mail_from, *m.rcpts) for m in notices},
                         {("", "postmaster@elsewhere.example")})
        # One notice; what was on its way at a stop may come twice.
        self.assertEqual(len({m.header("Message-ID")[0] for m in notices}), 1)
        self.assertRegex(notices[0].header("Subject")[0], "damaged messages? set aside on relay1")
        return notices[0].content.decode()

    def test_body_in_the_database(self):
        relay = self.queue_some()
        change(relay.directory / "spool/data.mdb", b"little octets", b"little OCTETS")
        path, = self.the_large_one(relay)
        path.unlink()  # a body that is missing is damage as well
        self.assert_only_whole_arrives(relay, 2)

    def test_export_says_what_it_is(self):
        relay = self.queue_some()
        change(relay.directory / "spool/data.mdb", b"little octets", b"little OCTETS")
        self.stage.mailboxes.forget_rules()
        relay.start()
        relay.wait_for_log("set aside, it will not be sent")
        name = re.search(r"error (\w+)\s+damaged ", relay.log)[1]
        for words in ([], ["--offline"]):
            command = [daemon.program("splitmx"), "--config", relay.config_path, "queue", "export",
                       name, *words]
            done = subprocess.run(command, capture_output=True, check=True, timeout=60)
            self.assertIn(b"little OCTETS", done.stdout)
            self.assertEqual(done.stderr.decode(), f"note: {name} is damaged; these are its octets "
                                                   "as they were found\n")

    def test_record(self):
        relay = self.queue_some()
        change(relay.directory / "spool/data.mdb", SENDER[4:].encode(), b"SENDER.example")
        # All of them: the records say the sender, and none can be read any more.
        sink = self.stage.mailboxes
        sink.forget_rules()
        relay.start()
        self.stage.internet.wait_for(1)
        relay.stop()
        self.assertEqual(relay.log.count("set aside, it will not be sent"), 3, relay.log)
        self.assertEqual(sink.messages, [])
        kept = list((relay.directory / "spool/damaged").iterdir())
        self.assertEqual(len(kept), 1, "the large body")
        self.assertEqual(kept[0].read_bytes().count(b"many octets\r\n"), 40000)
        self.assertIn(b"little octets", (relay.directory / "spool/data.mdb").read_bytes())
        self.assertIn("3 damaged messages", self.stage.internet.messages[0].content.decode())

    def test_damage_in_the_last_octets_of_a_transfer(self):
        """It shows only when nearly all was sent: the host must not take it for the end."""
        relay = self.queue_some()
        change(relay.directory / "spool/data.mdb", b"little octets", b"little OCTETS")
        path, = self.the_large_one(relay)
        octets = path.read_bytes()
        path.write_bytes(octets[:-3] + b"X\r\n")
        notice = self.assert_only_whole_arrives(relay, 2)
        self.assertIn("body has checksum", notice)  # of one of them, whichever came first
        kept, = (relay.directory / "spool/damaged").iterdir()
        self.assertEqual(kept.read_bytes(), octets[:-3] + b"X\r\n")
        self.assertEqual(kept.name, path.name)

    def test_a_write_of_the_journal(self):
        """What was taken last before a kill is there alone; who reads it later knows what is missing."""
        relay = self.stage.small_world(("anna", [ANNA]))
        sink = self.stage.mailboxes
        splitmx(relay, "host", "pause", "mailboxes", "--reason", "to be killed")
        for name in ("first", "second", "third"):
            sent = mail.submit(relay, SENDER, ANNA, mail.message(name, body=b"%s octets\r\n" % name.encode()))
            self.assertEqual(sent.last.code, 250, sent)
        relay.kill()
        change(relay.directory / "spool/journal", b"second octets", b"second OCTETS")
        relay.start()
        splitmx(relay, "host", "resume", "mailboxes")
        sink.wait_for(2)
        relay.wait_for_log(r"warn +\S+ +spool +the journal is damaged: 1 of its writes cannot be read, and the "
                           r"messages in them are lost")
        relay.stop()
        self.assertEqual(sorted(m.header("Subject")[0] for m in sink.messages), ["first", "third"])
        relay.start()  # said once
        relay.stop()
        self.assertEqual(relay.log.count("the journal is damaged"), 1, relay.log)

    def test_no_journal_can_be_made(self):
        relay = self.stage.small_world(("anna", [ANNA]), start=False)
        (relay.directory / "spool/journal/in-the-way").mkdir(parents=True)
        relay.start()
        for name in ("first", "second"):
            self.assertEqual(mail.submit(relay, SENDER, ANNA, mail.message(name)).last.code, 250)
        self.stage.mailboxes.wait_for(2)
        told = (r"warn +\S+ +spool +cannot [^;\n]*/spool/journal[^;\n]*; mail goes straight to the database "
                r"until a restart, more slowly")
        relay.wait_for_log(told)
        self.assertIn("\n           the journal cannot be used: mail is taken, more slowly;", splitmx(relay, "status"))
        relay.stop()
        self.assertEqual(len(re.findall(told, relay.log)), 1, relay.log)


if __name__ == "__main__":
    cases.main()
