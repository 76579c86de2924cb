#!/usr/bin/env python3
"""A directory that is gone, or silent: "cannot say" is never told as "unknown user"."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage

ANNA = ("anna", ["anna@adatum.com"])
# Longer than the directory's time limit below, shorter than any client's patience.
REPLY_LIMIT = 8


class DirectoryDown(cases.Case):
    def world(self, *, started=True, **source):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(ANNA), start=started)
        if not started:
            self.before_relay()
        source = stage.ldap_source(self.slapd, timeout="2s", **source)
        return self.stage.small_world(config={"directory": {"main": source}})

    def before_relay(self):
        """Brings the directory into the state in which the relay shall find it."""

    def rcpt(self, relay, address):
        with mail.Client(relay.address, relay.port, timeout=REPLY_LIMIT) as client:
            client.command("MAIL FROM:<ann@sender.example>")
            return client.command(f"RCPT TO:<{address}>")

    def assert_cannot_say(self, relay, address):
        reply = self.rcpt(relay, address)
        self.assertEqual((reply.code, reply.status), (451, "4.4.3"), reply)

    def until(self, relay, address, code, timeout=60):
        """Asks until the reply is `code`; 451 is the only other one that is right meanwhile."""
        deadline = time.monotonic() + timeout
        while (reply := self.rcpt(relay, address)).code != code:
            self.assertEqual(reply.code, 451, reply)
            self.assertLess(time.monotonic(), deadline, f"still {reply}")
            time.sleep(0.1)

    def assert_recovers(self, relay):
        self.until(relay, "anna@adatum.com", 250)
        self.assertEqual(mail.submit(relay, "ann@sender.example", "anna@adatum.com").last.code, 250)
        self.stage.mailboxes.wait_for(1)


class AbsentAtStart(DirectoryDown):
    def test_greets_at_once_defers_and_recovers(self):
        relay = self.world(started=False)
        self.assert_cannot_say(relay, "anna@adatum.com")
        self.assert_cannot_say(relay, "nobody@adatum.com")
        self.slapd.start()
        self.assert_recovers(relay)
        self.until(relay, "nobody@adatum.com", 550)


class SilentAtStart(DirectoryDown):
    def before_relay(self):
        self.slapd.start()
        self.slapd.freeze()

    def test_defers_within_the_time_limit_and_recovers(self):
        relay = self.world(started=False)
        self.assert_cannot_say(relay, "anna@adatum.com")
        self.slapd.thaw()
        self.assert_recovers(relay)


class LostInMidRun(DirectoryDown):
    def lose(self, how, **source):
        relay = self.world(cache="10m", negative_cache="1s", **source)
        self.until(relay, "anna@adatum.com", 250)
        self.until(relay, "nobody@adatum.com", 550)
        how()
        self.until_cannot_say(relay, "new@adatum.com")  # once the loss is noticed
        self.assert_cannot_say(relay, "new@adatum.com")
        # Who is in the copy stays known.
        self.assertEqual(self.rcpt(relay, "anna@adatum.com").code, 250)
        self.until_cannot_say(relay, "nobody@adatum.com")
        return relay

    def until_cannot_say(self, relay, address):
        deadline = time.monotonic() + 30
        while (reply := self.rcpt(relay, address)).code != 451:
            self.assertLess(time.monotonic(), deadline, f"still {reply}")
            time.sleep(0.1)

    def assert_new_person_is_found(self, relay):
        self.slapd.add("dn: uid=new,dc=adatum,dc=com\nobjectClass: inetOrgPerson\n"
                       "objectClass: inetLocalMailRecipient\nuid: new\ncn: New\nsn: New\n"
                       "mailLocalAddress: new@adatum.com\n")
        self.until(relay, "new@adatum.com", 250)
        self.until(relay, "nobody@adatum.com", 550)

    def test_stopped_and_started_again(self):
        relay = self.lose(lambda: self.slapd.stop())
        self.slapd.start()
        self.assert_new_person_is_found(relay)

    def test_frozen_and_thawed(self):
        relay = self.lose(lambda: self.slapd.freeze(), fresh="1s")
        self.slapd.thaw()
        self.assert_new_person_is_found(relay)

    def test_killed_and_started_again(self):
        relay = self.lose(lambda: self.slapd.kill())
        self.slapd.start()
        self.assert_new_person_is_found(relay)


class OneOfTwoDirectories(DirectoryDown):
    """An address is asked of all: one that is silent makes "none" unknowable, "found" not."""

    def test_found_counts_none_does_not(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        self.slapd = self.stage.slapd(stage.people(ANNA))
        file = stage.ldif_source(self.stage, stage.people(
            ("bert", ["bert@adatum.com"]), ("carl", ["carl@adatum.com"])))
        relay = self.stage.small_world(config={"directory": {
            "main": stage.ldap_source(self.slapd, timeout="2s", negative_cache="1s"),
            "file": file}})
        self.until(relay, "anna@adatum.com", 250)
        self.until(relay, "bert@adatum.com", 250)
        self.until(relay, "nobody@adatum.com", 550)
        self.slapd.stop()
        self.assert_cannot_say(relay, "other@adatum.com")
        self.assertEqual(self.rcpt(relay, "carl@adatum.com").code, 250)


del DirectoryDown

if __name__ == "__main__":
    cases.main()
