#!/usr/bin/env python3
"""A directory that answers wrongly, slowly, in part or with nonsense: that is no answer. Whoever
exists is deferred and never refused, and all is well as soon as it answers again."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, directory_case, ldap_proxy, mail, stage
from support.directory_case import SENDER

ANNA, NOBODY = "anna@adatum.com", "nobody@adatum.com"
PEOPLE = [("anna", [ANNA]), ("bert", ["bert@adatum.com"])]


def flipped(octets):
    return bytes(octet ^ 0x55 for octet in octets)


def endless(octets):
    """The first message of it claims to be of 2 GB."""
    return b"\x30\x84\x7f\xff\xff\xff" + octets


def shortened(octets):
    """Whatever comes next is read at the wrong place."""
    return octets[:-1]


def other_protocol(_):
    return b"HTTP/1.1 400 Bad Request\r\n\r\n"


class Faulty(directory_case.DirectoryCase):
    def setUp(self):
        super().setUp()
        self.slapd = self.stage.slapd(stage.people(*PEOPLE))
        self.proxy = ldap_proxy.LdapProxy(self.slapd).start()
        self.stage.on_close(self.proxy.stop)
        source = stage.ldap_source(self.slapd, timeout="1s", cache="1ms", negative_cache="1ms",
                                   sync="off") | {"uri": self.proxy.uri}
        self.relay = self.stage.small_world(config={"directory": {"main": source}})

    def assert_well(self):
        self.until(self.relay, ANNA, 250)
        self.until(self.relay, NOBODY, 550)

    def assert_cannot_say_and_recovers(self):
        self.assert_cannot_say(self.relay, ANNA, NOBODY)
        self.proxy.behave()
        self.assert_well()

    def test_answers_a_search_with_an_error(self):
        self.assert_well()
        names = set(ldap_proxy.RESULT) - {"invalidCredentials"}
        for name in sorted(names):
            with self.subTest(name):
                self.proxy.answer_searches(name, "said by the test")
                self.assert_cannot_say_and_recovers()

    def test_refers_to_another_server(self):
        self.proxy.answer_searches("referral", referrals=["ldap://192.0.2.1/dc=elsewhere"])
        self.assert_cannot_say_and_recovers()

    def test_answers_a_bind_with_an_error(self):
        for name in ("busy", "unavailable", "invalidCredentials", "unwillingToPerform", "other"):
            with self.subTest(name):
                self.assert_well()
                self.proxy.answer_binds(name)
                self.proxy.cut()
                self.assert_cannot_say_and_recovers()

    def test_ends_the_connection(self):
        self.assert_well()
        for how in ("close", "reset", "notice"):
            with self.subTest(how):
                if how == "notice":
                    self.proxy.say(ldap_proxy.notice_of_disconnection())
                self.proxy.refusing = True
                self.proxy.cut(reset=how == "reset")
                self.assert_cannot_say_and_recovers()

    def test_all_connections_were_forgotten_on_the_way(self):
        # As by a firewall, or a server that was restarted: each is found broken when it is used,
        # and the search goes on over a new one, without a wrong word to anybody.
        self.assert_well()
        for _ in range(5):
            seen = self.proxy.connections
            self.proxy.forget()
            self.assertEqual(self.rcpt(self.relay, ANNA).code, 250)
            deadline = time.monotonic() + 20
            while self.proxy.connections < seen + 2 and time.monotonic() < deadline:
                time.sleep(0.01)

    def test_breaks_off_in_the_middle_of_an_answer(self):
        for octets in (0, 1, 7, 14, 20, 40, 80):
            with self.subTest(octets=octets):
                self.proxy.limit = octets
                self.proxy.cut()
                reply = self.rcpt(self.relay, ANNA)
                self.assertIn(reply.code, (250, 451), reply)
                self.assertNotEqual(self.rcpt(self.relay, NOBODY).code, 250)
                self.proxy.behave()
                self.assert_well()

    def test_talks_nonsense(self):
        self.assert_well()
        for corrupt in (flipped, endless, shortened, other_protocol):
            with self.subTest(corrupt.__name__):
                self.proxy.corrupt = corrupt
                self.assert_cannot_say_and_recovers()

    def test_says_what_nobody_asked(self):
        self.assert_well()
        for number in (0, 999999):
            self.proxy.say(ldap_proxy.result(number, ldap_proxy.SEARCH_DONE, 0))
            self.proxy.say(ldap_proxy.reference(number, "ldap://192.0.2.1/"))
        self.assert_well()

    def test_is_slow(self):
        self.assert_well()
        self.proxy.delay = 0.3
        self.assertEqual(self.rcpt(self.relay, ANNA).code, 250)
        self.assertEqual(self.rcpt(self.relay, NOBODY).code, 550)

    def test_is_too_slow(self):
        self.assert_well()
        self.proxy.delay = 5
        self.assert_cannot_say_and_recovers()

    def test_takes_connections_and_says_nothing(self):
        self.assert_well()
        self.proxy.silent = True
        self.proxy.cut()
        self.assert_cannot_say_and_recovers()

    def test_is_not_asked_in_a_tight_loop(self):
        self.assert_well()
        self.proxy.refusing = True
        self.proxy.cut()
        before, start = self.proxy.connections, time.monotonic()
        with directory_case.Crowd(self.relay, ANNA, 8) as crowd:
            while time.monotonic() - start < 3:
                time.sleep(0.1)
        self.assertEqual(set(crowd.seen), {"451 4.4.3"})
        # One attempt a second at most, whoever asks.
        seconds = time.monotonic() - start
        self.assertLessEqual(self.proxy.connections - before, seconds + 3)
        self.proxy.behave()
        self.assert_well()

    def test_mail_goes_on(self):
        self.assert_well()
        sent = mail.submit(self.relay, SENDER, ANNA)
        self.assertEqual(sent.last.code, 250)
        self.stage.mailboxes.wait_for(1)


if __name__ == "__main__":
    cases.main()
