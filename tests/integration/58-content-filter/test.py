#!/usr/bin/env python3
"""A content filter that speaks SMTP, in front of the relay and behind it. In front it tells by the PROXY
protocol who the client is, so that nothing of the relay's policy is lost (Q254214); behind, it is a next
hop like any other and sees the client in the trace field."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage
from support.smtp_filter import FIELD, SmtpFilter

SENDER, ANNA, ELSEWHERE = "ann@sender.example", "anna@adatum.com", "x@elsewhere.example"
FILTER = "127.0.0.90"


class InFront(cases.SharedCase):
    @classmethod
    def build(cls, where):
        cls.relay = where.small_world(("anna", [ANNA]), config={
            "listen": [{"name": "main", "address": "127.0.0.1:0", "proxy_protocol": [f"{FILTER}/32"]}],
            "relay": {"allow": [f"{stage.COLLEAGUE}/32"]}})
        cls.filter = SmtpFilter(FILTER, ("127.0.0.1", cls.relay.port), proxy=True)
        where.on_close(cls.filter.stop)

    def test_the_client_stays_who_it_is(self):
        content = mail.message()
        sent = mail.submit(self.filter, SENDER, [ANNA, ELSEWHERE], content, source=stage.SISTER)
        self.assertEqual([reply.code for reply in sent.rcpts.values()], [250, 550], sent)
        message, = self.stage.mailboxes.wait_for(1)
        self.assertEqual(message.without_added_trace(), FIELD + content)
        self.assertIn(f"from client.example ([{stage.SISTER}])", message.header("Received")[0])
        self.stage.mailboxes.take()

    def test_a_colleague_may_relay(self):
        content = mail.message()
        sent = mail.submit(self.filter, SENDER, ELSEWHERE, content, source=stage.COLLEAGUE)
        self.assertEqual(sent.last.code, 250, sent)
        self.stage.internet.wait_until(lambda s: s.messages_to(ELSEWHERE))

    def test_what_it_refuses_never_comes(self):
        with mail.Client(FILTER, self.filter.port, source=stage.SISTER) as client:
            sent = client.transaction(SENDER, [ANNA], mail.message(body=b"EICAR\r\n"))
        self.assertEqual((sent.last.code, sent.last.status), (550, "5.7.1"))
        self.relay.wait_for_log(rf"close +client={stage.SISTER} messages=0 ")
        self.assertEqual(self.stage.mailboxes.messages, [])


class Behind(cases.SharedCase):
    @classmethod
    def build(cls, where):
        cls.store = where.sink(stage.MAILBOXES, name="store")
        cls.filter = SmtpFilter(FILTER, (stage.MAILBOXES, cls.store.port))
        where.on_close(cls.filter.stop)
        cls.relay = where.small_world(("anna", [ANNA]), config={
            "host": {"mailboxes": {"address": f"{FILTER}:{cls.filter.port}"}}})

    def test_mail_goes_through_it_with_its_trace(self):
        content = mail.message()
        sent = mail.submit(self.relay, SENDER, ANNA, content, source=stage.SISTER)
        self.assertEqual(sent.last.code, 250, sent)
        message, = self.store.wait_for(1)
        rest = message.content.removeprefix(FIELD)
        self.assertTrue(rest.endswith(content) and rest != message.content, message.content[:500])
        self.assertIn(f"from client.example ([{stage.SISTER}])", message.header("Received")[0])

    def test_what_it_refuses_goes_back(self):
        content = mail.message(body=b"EICAR\r\n")
        self.assertEqual(mail.submit(self.relay, SENDER, ANNA, content).last.code, 250)
        report, = self.stage.internet.wait_for(1)
        self.assertEqual(mail.Ndr(report.content).final_recipients(), {ANNA: "5.7.1"})
        self.assertIn("550 5.7.1 Content refused", report.content.decode())


if __name__ == "__main__":
    cases.main()
