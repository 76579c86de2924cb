#!/usr/bin/env python3
"""What a sender asks about reports (RFC 3461) is passed on where the next hop understands it, and
answered by us where it does not."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage

SENDER = "ann@sender.example"
GROUP = ("\ndn: cn=team,dc=adatum,dc=com\nobjectClass: groupOfNames\n"
         "objectClass: inetLocalMailRecipient\ncn: team\nmailLocalAddress: team@adatum.com\n"
         "member: uid=anna,dc=adatum,dc=com\nmember: uid=bert,dc=adatum,dc=com\n")
PEOPLE = (("anna", ["anna@adatum.com", "a.anna@adatum.com"], {"mail": "anna@adatum.com"}),
          ("bert", ["bert@adatum.com"]))
PLAIN = ("PIPELINING", "8BITMIME", "SIZE 104857600")


class DeliveryReports(cases.Case):
    def world(self, sink, protocol="smtp"):
        self.sink = sink
        directory = stage.ldif_source(self.stage, stage.people(*PEOPLE) + GROUP)
        self.relay = self.stage.small_world(mailboxes=sink, config={
            "directory": {"main": directory},
            "host": {"mailboxes": {"address": sink.endpoint, "protocol": protocol}}})

    def send(self, rcpt, sender=SENDER, mail_params="", content=None):
        content = content or mail.message("about reports")
        with mail.Client(self.relay.address, self.relay.port) as client:
            self.assertEqual(client.command(f"MAIL FROM:<{sender}>{mail_params}").code, 250)
            self.assertEqual(client.command(f"RCPT TO:{rcpt}").code, 250)
            self.assertEqual(client.command("DATA").code, 354)
            client.send(mail.stuffed(content))
            self.assertEqual(client.read_reply().code, 250)
            client.quit()

    def report(self, action):
        message, = self.stage.internet.wait_for(1)
        self.assertEqual((message.mail_from, message.rcpts), ("", [SENDER]))
        ndr = mail.Ndr(message.content)
        self.assertEqual({fields["Action"] for fields in ndr.recipients}, {action})
        return ndr

    def assert_no_report(self):
        self.relay.wait_for_log(r" remove ")
        self.relay.stop()
        self.assertEqual(self.stage.internet.messages, [])

    def test_passed_on(self):
        self.world(self.stage.sink(name="mailboxes"))  # with DSN
        self.send("<bert@adatum.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bert+2Bx@old.example",
                  mail_params=" RET=HDRS ENVID=QQ+2B314")
        message, = self.sink.wait_for(1)
        self.assertIn("RET=HDRS", message.mail_params)
        self.assertIn("ENVID=QQ+2B314", message.mail_params)
        self.assertEqual(message.rcpt_params["bert@adatum.com"],
                         ["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;Bert+2Bx@old.example"])
        self.assert_no_report()

    def test_the_typed_address_goes_on(self):
        self.world(self.stage.sink(name="mailboxes"))
        self.send("<A.Anna@adatum.com>")
        message, = self.sink.wait_for(1)
        self.assertEqual(message.rcpt_params["anna@adatum.com"],
                         ["ORCPT=rfc822;A.Anna@adatum.com"])

    def test_relayed(self):
        self.world(self.stage.sink(name="mailboxes", extensions=PLAIN))
        self.send("<A.Anna@adatum.com> NOTIFY=SUCCESS", mail_params=" ENVID=QQ+20314")
        ndr = self.report("relayed")
        self.assertEqual(ndr.message_fields["Original-Envelope-Id"], "QQ 314")
        fields, = ndr.recipients
        self.assertEqual(fields["Final-Recipient"], "rfc822; A.Anna@adatum.com")
        self.assertNotIn("Original-Recipient", fields)  # no ORCPT, no such field: RFC 3461 6.3 (d)
        self.assertEqual(fields["Status"], "2.0.0")
        self.assertNotIn("Remote-MTA", fields)  # the sender is a stranger
        self.assertEqual(self.sink.messages[0].rcpt_params["anna@adatum.com"], [])

    def test_delivered(self):
        self.world(self.stage.sink(name="mailboxes", protocol="lmtp"), "lmtp")
        self.send("<bert@adatum.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bert@old.example")
        fields, = self.report("delivered").recipients
        self.assertEqual(fields["Original-Recipient"], "rfc822; Bert@old.example")
        self.assertEqual(fields["Final-Recipient"], "rfc822; bert@adatum.com")

    def test_expanded(self):
        self.world(self.stage.sink(name="mailboxes"))
        self.send("<team@adatum.com> NOTIFY=SUCCESS,FAILURE")
        ndr = self.report("expanded")
        self.assertEqual(ndr.final_recipients(), {"team@adatum.com": "2.0.0"})
        self.assertNotIn("anna", ndr.parsed.as_string())  # nor any other member
        self.sink.wait_until(lambda s: len(s.recipients()) == 2, what="both members")
        for message in self.sink.messages:
            for rcpt in message.rcpts:
                self.assertIn("NOTIFY=FAILURE", message.rcpt_params[rcpt])

    def test_never(self):
        self.world(self.stage.sink(name="mailboxes"))
        self.sink.on("rcpt", "550 5.2.0 no longer", match="bert")
        self.send("<bert@adatum.com> NOTIFY=NEVER")
        self.assert_no_report()

    def test_success_alone_is_no_wish_for_failures(self):
        self.world(self.stage.sink(name="mailboxes"))
        self.sink.on("rcpt", "550 5.2.0 no longer", match="bert")
        self.send("<bert@adatum.com> NOTIFY=SUCCESS")
        self.assert_no_report()

    def test_the_null_sender_hears_of_nothing(self):
        self.world(self.stage.sink(name="mailboxes", extensions=PLAIN))
        self.send("<bert@adatum.com> NOTIFY=SUCCESS,FAILURE", sender="")
        self.sink.wait_for(1)
        self.assert_no_report()

    def test_what_is_returned(self):
        for params, whole in ((" RET=FULL", True), (" RET=HDRS", False), ("", False)):
            with self.subTest(params=params):
                self.world(self.stage.sink(name="mailboxes"))
                self.sink.on("rcpt", "550 5.2.0 no longer", match="bert")
                self.send("<bert@adatum.com>", mail_params=params,
                          content=mail.message("return me", body=b".the text of it\r\n"))
                text = self.report("failed").parsed.as_string()
                self.assertIn("return me", text)
                self.assertEqual(".the text of it" in text, whole)
                self.next_stage()

    def test_what_a_host_of_ours_says_is_not_for_strangers(self):
        self.world(self.stage.sink(name="store17"))
        self.sink.on("rcpt", "550 5.2.1 store17.adatum.com: cn=bert is locked", match="bert")
        self.send("<bert@adatum.com>")
        ndr = self.report("failed")
        fields, = ndr.recipients
        self.assertEqual(fields["Status"], "5.2.1")
        self.assertEqual(fields["Diagnostic-Code"],
                         "smtp; 550 5.2.1 [hidden]: [hidden] is locked")
        self.assertNotIn("store17", ndr.parsed.as_string())
        self.assertNotIn("127.0.0.2", ndr.parsed.as_string())

    def test_our_own_people_read_all_of_it(self):
        self.world(self.stage.sink(name="store17"))
        self.sink.on("rcpt", "550 5.2.1 store17.adatum.com: cn=bert is locked", match="bert")
        self.send("<bert@adatum.com>", sender="anna@adatum.com")
        message, = self.sink.wait_for(1)
        ndr = mail.Ndr(message.content)
        self.assertIn("store17.adatum.com", ndr.recipients[0]["Diagnostic-Code"])
        self.assertIn("127.0.0.2", ndr.recipients[0]["Remote-MTA"])


if __name__ == "__main__":
    cases.main()
