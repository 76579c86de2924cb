#!/usr/bin/env python3
"""A directory that does not let us in, shows us nothing, or less than all: that is no answer
either. Only a whole answer of "nobody" may refuse anyone."""
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, directory_case, ldap_proxy, mail, stage
from support.directory_case import SENDER
from support.slapd import PASSWORD

ANNA, NOBODY = "anna@adatum.com", "nobody@adatum.com"
ACCOUNT = "cn=splitmx,dc=adatum,dc=com"
SERVICE = f"""
dn: {ACCOUNT}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: splitmx
userPassword: first
"""
PEOPLE = stage.people(("anna", [ANNA])) + SERVICE


class Refuses(directory_case.DirectoryCase):
    def world(self, slapd=None, **source):
        self.slapd = slapd or self.stage.slapd(PEOPLE)
        source = stage.ldap_source(self.slapd, timeout="1s", cache="1ms", negative_cache="1ms",
                                   sync="off") | source
        return self.stage.small_world(config={"directory": {"main": source}})

    def password_is(self, password):
        self.slapd.modify(f"dn: {ACCOUNT}\nchangetype: modify\nreplace: userPassword\n"
                          f"userPassword: {password}\n")

    def test_wrong_password_until_it_is_right(self):
        relay = self.world(bind_dn=ACCOUNT, password="second")
        self.assert_cannot_say(relay, ANNA, NOBODY)
        relay.wait_for_log("directory main down: .*Invalid credentials")
        self.assertNotIn("second", relay.log)
        self.password_is("second")
        self.until(relay, ANNA, 250)
        self.until(relay, NOBODY, 550)

    def test_password_changed_while_running(self):
        relay = self.world(bind_dn=ACCOUNT, password="first")
        self.until(relay, ANNA, 250)
        self.password_is("second")
        # Who is in stays in (RFC 4511 4.2.1); with the next connection it counts.
        self.assertEqual(self.rcpt(relay, ANNA).code, 250)
        self.slapd.stop()
        self.slapd.start()
        self.assert_cannot_say(relay, ANNA, NOBODY)
        self.password_is("first")
        self.until(relay, ANNA, 250)
        self.until(relay, NOBODY, 550)

    def test_password_changed_by_a_reload(self):
        # slapd gets a new one first; the relay is told when its file has been changed, too.
        secret = self.stage.directory / "ldap-password"
        secret.write_text("first\n")
        relay = self.world(bind_dn=ACCOUNT, password=f"file:{secret}")
        self.until(relay, ANNA, 250)
        self.password_is("second")
        self.slapd.stop()
        self.slapd.start()
        self.assert_cannot_say(relay, ANNA, NOBODY)
        # A reload of what is still wrong changes nothing.
        relay.reload()
        relay.wait_for_log("reload .* 0 changes")
        self.assert_cannot_say(relay, ANNA, NOBODY)
        secret.write_text("second\n")
        relay.reload()
        relay.wait_for_log(r"\[directory.main\] password: .* holds something else")
        self.until(relay, ANNA, 250)
        self.until(relay, NOBODY, 550)
        self.assertNotIn("second", relay.log)

    def test_no_such_account(self):
        relay = self.world(bind_dn="cn=nobody,dc=adatum,dc=com", password=PASSWORD)
        self.assert_cannot_say(relay, ANNA, NOBODY)

    def test_anonymous_is_not_let_in(self):
        relay = self.world(slapd=self.stage.slapd(PEOPLE, config=["disallow bind_anon"]))
        self.assert_cannot_say(relay, ANNA, NOBODY)

    def test_may_not_see_the_base(self):
        # slapd tells nobody of what it hides: "no such object" (RFC 4511 A.2).
        rules = ['access to * by dn.exact="cn=splitmx,dc=adatum,dc=com" read by anonymous auth']
        relay = self.world(slapd=self.stage.slapd(PEOPLE, database_config=rules))
        self.assert_cannot_say(relay, ANNA, NOBODY)

    def test_base_is_missing_until_it_is_there(self):
        relay = self.world(base="ou=people,dc=adatum,dc=com")
        self.assert_cannot_say(relay, ANNA, NOBODY)
        self.slapd.add("dn: ou=people,dc=adatum,dc=com\nobjectClass: organizationalUnit\n"
                       "ou: people\n")
        # Whole, and nobody in it.
        self.until(relay, ANNA, 550)
        self.slapd.modify("dn: uid=anna,dc=adatum,dc=com\nchangetype: modrdn\nnewrdn: uid=anna\n"
                          "deleteoldrdn: 0\nnewsuperior: ou=people,dc=adatum,dc=com\n")
        self.assertEqual(self.rcpt(relay, ANNA).code, 250)

    def test_database_is_replaced_by_one_that_is_empty(self):
        # As while a backup is restored: the server is up before the data is.
        relay = self.world()
        self.until(relay, ANNA, 250)
        self.slapd.stop()
        empty = self.stage.slapd("", name="empty", port=self.slapd.port)
        self.assert_cannot_say(relay, ANNA, NOBODY)
        empty.stop()
        self.slapd.start()
        self.until(relay, ANNA, 250)
        self.until(relay, NOBODY, 550)

    def test_gives_fewer_entries_than_there_are(self):
        # Two hold the address, and the server shows one: the other must not be overlooked.
        people = stage.people(("anna", [ANNA]), ("second", [ANNA]), ("bert", ["bert@adatum.com"]))
        relay = self.world(slapd=self.stage.slapd(people, database_config=["sizelimit 1"]))
        self.until(relay, "bert@adatum.com", 250)
        self.assert_cannot_say(relay, ANNA)
        self.until(relay, NOBODY, 550)

    def test_second_server_is_well(self):
        proxy = ldap_proxy.LdapProxy(self.stage.slapd(PEOPLE, name="first")).start()
        self.stage.on_close(proxy.stop)
        second = self.stage.slapd(PEOPLE)
        relay = self.world(slapd=second, uri=[proxy.uri, second.uri])
        self.until(relay, ANNA, 250)
        proxy.silent = True
        proxy.cut()
        self.until(relay, NOBODY, 550)
        self.until(relay, ANNA, 250)


class Tls(directory_case.DirectoryCase):
    def setUp(self):
        super().setUp()
        self.silent = socket.create_server(("127.0.0.1", 0))  # its kernel takes connections
        self.stage.on_close(self.silent.close)
        self.silent_port = self.silent.getsockname()[1]

    def world(self, **source):
        self.slapd = self.stage.slapd(PEOPLE, tls=True)
        source = stage.ldap_source(self.slapd, timeout="1s", sync="off") | source
        return self.stage.small_world(config={"directory": {"main": source}})

    def test_silent_in_the_handshake(self):
        for source in ({"uri": f"ldaps://127.0.0.1:{self.silent_port}"},
                       {"uri": f"ldap://127.0.0.1:{self.silent_port}", "starttls": True}):
            with self.subTest(**source):
                relay = self.world(**source)
                self.assert_cannot_say(relay, ANNA, NOBODY)
                relay.stop()  # ends in time, in the middle of a handshake, too
                self.next_stage()

    def test_silent_and_another_that_is_well(self):
        slapd = self.stage.slapd(PEOPLE, tls=True, name="good")
        source = stage.ldap_source(slapd, timeout="1s", sync="off")
        source["uri"] = [f"ldaps://127.0.0.1:{self.silent_port}", slapd.uri]
        relay = self.stage.small_world(config={"directory": {"main": source}})
        self.until(relay, ANNA, 250)
        self.until(relay, NOBODY, 550)

    def test_certificate_of_somebody_else(self):
        other = self.stage.slapd(PEOPLE, tls=True, name="other")
        relay = self.world(tls_ca=str(other.certificate))
        self.assert_cannot_say(relay, ANNA, NOBODY)
        self.assertEqual(mail.submit(relay, SENDER, ANNA).reply(ANNA).code, 451)

    def test_no_tls_where_it_is_wanted(self):
        plain = self.stage.slapd(PEOPLE, name="plain")
        relay = self.world(uri=plain.uri, starttls=True)
        self.assert_cannot_say(relay, ANNA, NOBODY)


if __name__ == "__main__":
    cases.main()
