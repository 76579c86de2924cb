#!/usr/bin/env python3
"""Mail that goes in circles ends: by its trace, or before it is accepted."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, mail, stage

SENDER, ANNA = "ann@sender.example", "anna@adatum.com"


def received(count):
    return b"".join(b"Received: from a.example by b.example\r\n\twith SMTP; Thu, 1 Jan 2026 "
                    b"00:00:%02d +0000\r\n" % (number % 60) for number in range(count))


class Hops(cases.Case):
    def test_limit(self):
        relay = self.stage.small_world(("anna", [ANNA]), config={"server": {"max_hops": 5}})
        few = received(4) + mail.message("few hops")
        self.assertEqual(mail.submit(relay, SENDER, ANNA, few).last.code, 250)
        many = mail.submit(relay, SENDER, ANNA, received(6) + mail.message("many hops")).last
        self.assertEqual((many.code, many.status), (554, "5.4.6"))
        arrived, = self.stage.mailboxes.wait_for(1)
        self.assertEqual(arrived.without_added_trace(), few)

    def test_default_limit_is_30(self):
        relay = self.stage.small_world(("anna", [ANNA]))
        self.assertEqual(
            mail.submit(relay, SENDER, ANNA, received(29) + mail.message()).last.code, 250)
        self.assertEqual(
            mail.submit(relay, SENDER, ANNA, received(31) + mail.message()).last.code, 554)

    def test_fields_in_the_body_do_not_count(self):
        relay = self.stage.small_world(("anna", [ANNA]), config={"server": {"max_hops": 5}})
        sent = mail.submit(relay, SENDER, ANNA, mail.message("quoted", body=received(20)))
        self.assertEqual(sent.last.code, 250)


class PingPong(cases.SharedCase):
    """An address never goes back unchanged to the system it came from."""

    @classmethod
    def build(cls, where):
        notes = where.sink(stage.FOREIGN, name="notes")
        cls.notes = notes
        cls.relay = where.small_world(
            ("carl", ["carl@contoso.com"], {"mailRoutingAddress": "carl@contoso.com"}),
            ("dora", ["dora@contoso.com"], {"mailRoutingAddress": "dora@notes.example"}),
            ("eve", ["eve@adatum.com"], {"mailRoutingAddress": "eve@adatum.com"}),
            ("fay", ["fay@adatum.com"], {"mailRoutingAddress": "gus@adatum.com"}),
            ("gus", ["gus@adatum.com"], {"mailRoutingAddress": "fay@adatum.com"}),
            config={
                "domain": [
                    {"name": "adatum.com", "action": "inbound"},
                    {"name": "#contoso.com", "action": "inbound", "host": "notes",
                     "unknown": "forward"},
                    {"name": "notes.example", "host": "notes"}],
                "host": {"notes": {"address": notes.endpoint, "networks": ["127.0.0.8/32"]}}})

    def reply(self, rcpt, source):
        reply = mail.submit(self.relay, SENDER, rcpt, source=source).reply(rcpt)
        return f"{reply.code} {reply.status}"

    def test_replies(self):
        rows = (
            ("carl@contoso.com", stage.CLIENT, "250 2.1.5"),
            ("carl@contoso.com", stage.FOREIGN, "554 5.4.6"),
            ("carl@contoso.com", "127.0.0.8", "554 5.4.6"),
            # Another address than the one that came: not the same circle.
            ("dora@contoso.com", stage.FOREIGN, "250 2.1.5"),
            # A foreign system that returns what it does not know (Q246434).
            ("unknown@contoso.com", stage.CLIENT, "250 2.1.5"),
            ("unknown@contoso.com", stage.FOREIGN, "554 5.4.6"),
            # Custom recipients that lead to themselves, or in a circle, with no host to go to.
            ("eve@adatum.com", stage.CLIENT, "554 5.4.6"),
            ("fay@adatum.com", stage.CLIENT, "554 5.4.6"),
        )
        for rcpt, source, expected in rows:
            with self.subTest(rcpt=rcpt, source=source):
                self.assertEqual(self.reply(rcpt, source), expected)


if __name__ == "__main__":
    cases.main()
