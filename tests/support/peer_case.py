"""What the situations with other people's mail systems share: one of them beside our relay, each handing
mail to the other. See peer.py and private_machine.py."""
import subprocess

from support import cases, daemon, dkim, mail, peer, private_machine, stage
from support.certificates import Authority

SENDER, ANNA, GUEST = "ann@sender.example", "anna@adatum.com", "guest@adatum.com"
GONE = "gone@adatum.com"  # is at the peer, who knows nobody of the name
PEER = "127.0.0.20"
PEOPLE = (("anna", [ANNA]),
          ("guest", [GUEST], {"mailRoutingAddress": peer.GUEST}),
          ("gone", [GONE], {"mailRoutingAddress": peer.NOBODY}))
BODY = (b".\r\n..\r\n.x\r\n \t \r\nGr\xc3\xbc\xc3\x9fe \xff\r\n" + b"long " * 150 + b"\r\n"
        + b"0123456789abcdef\r\n" * 5000 + b"\r\n\r\n")


class WithPeer(cases.SharedCase):
    """Runs where that peer is there, in a private machine; else its tests are skipped and say why."""

    name = None  # of its tree below build/peers

    @classmethod
    def setUpClass(cls):
        if private_machine.why_not(cls.name) is None:
            super().setUpClass()

    def setUp(self):
        if why := private_machine.why_not(self.name):
            self.skipTest(why)


class PeerCase(WithPeer):
    """`relay`: ours. `peer`: theirs, a host of custom recipients. `mailboxes` get what comes through the
    relay, `store` what comes through the peer, `internet` the reports."""

    tls = "verify"  # what our relay wants of it
    extensions = ("PIPELINING", "8BITMIME", "SIZE 104857600", "DSN", "SMTPUTF8")

    @classmethod
    def build(cls, where):
        authority = Authority(where.directory)
        certificate, key = authority.issue("relay1.adatum.com")
        cls.signer = dkim.Signer(where.directory)
        cls.mailboxes = where.sink(stage.MAILBOXES, name="mailboxes", extensions=cls.extensions)
        cls.store = where.sink(stage.FOREIGN, name="store", extensions=cls.extensions)
        cls.relay = where.small_world(*PEOPLE, mailboxes=cls.mailboxes, config={
            "domain": [{"name": "adatum.com", "action": "inbound"},
                       {"name": peer.DOMAIN, "host": "peer"}],
            "host": {"peer": {"address": f"{PEER}:25", "tls": cls.tls, "connections": 1,
                              "tls_ca": str(authority.file)}},
            "relay": {"allow": [f"{PEER}/32"]},
            "tls": {"certificate": str(certificate), "key": str(key)}})
        cls.peer = cls.make(
            PEER, store=(cls.store.address, cls.store.port), relay=("127.0.0.1", cls.relay.port),
            certificate=authority.issue(cls.name, f"IP:{PEER}"))
        where.on_close(cls.peer.stop)
        cls.peer.start()

    @classmethod
    def make(cls, address, **options):
        raise NotImplementedError

    def host(self, verb):
        subprocess.run([daemon.program("splitmx"), "--config", self.relay.config_path, "host", verb,
                        "peer"], check=True, capture_output=True, timeout=60)

    def signed(self, body=BODY):
        return self.signer.sign(mail.message("signed", body=body))

    def submit(self, server, rcpts, content=None, sender=SENDER, params=""):
        """Over a connection of its own; every recipient is taken."""
        sent = mail.submit(server, sender, rcpts, content, params=params)
        self.assertEqual(sent.last.code, 250, sent)
        return sent

    def arrival(self, sink, rcpt, content):
        """The only copy for that recipient, with the signature that it had."""
        def copies(one):
            return [m for m in one.messages if rcpt in m.rcpts and content in m.content]
        try:
            sink.wait_until(copies, what=f"mail for {rcpt}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.peer.log[-3000:]}\n{self.relay.log[-3000:]}") from None
        message, = copies(sink)
        return message

    def report_with(self, text):
        """The report, by whom it may be, that says so."""
        def reports():
            return [m for m in self.stage.internet.messages
                    if m.mail_from == "" and text in " ".join(m.content.decode("latin-1").split())]
        try:
            self.stage.internet.wait_until(lambda _: reports(), what=f"report that says {text}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.peer.log[-3000:]}\n{self.relay.log[-3000:]}") from None
        message, = reports()
        self.assertEqual(message.rcpts, [SENDER])
        return message

    def fields_of(self, report, recipient):
        return next(fields for fields in mail.Ndr(report.content).recipients
                    if recipient in fields["Final-Recipient"] + fields.get("Original-Recipient", ""))


class BothWays(PeerCase):
    """The situations themselves."""

    refusal = "5.1.1"  # the status with which the peer says that it knows nobody of the name

    def test_its_mail_comes_through_us(self):
        content = self.signed()
        self.submit(self.peer, ANNA, content)
        message = self.arrival(self.mailboxes, ANNA, content)
        self.assertEqual(message.without_added_trace(2), content)
        self.assertTrue(self.signer.verifies(message.content, self.stage.directory))
        self.assertRegex(message.header("Received")[0], r"with ESMTPS\s")

    def test_it_understands_our_refusal(self):
        self.submit(self.peer, "nobody-here@adatum.com")
        report = self.report_with("550 5.1.1 No mailbox or custom recipient has this address")
        self.assertIn(b"nobody-here@adatum.com", report.content)

    def test_our_mail_comes_through_it(self):
        content = self.signed()
        self.submit(self.relay, GUEST, content)
        message = self.arrival(self.store, peer.GUEST, content)
        self.assertEqual(message.without_added_trace(2), content)
        self.assertTrue(self.signer.verifies(message.content, self.stage.directory))
        if self.tls == "verify":
            self.relay.wait_for_log(rf"tls\s+host={PEER}:25 TLSv1\.[23] \S+ verified")

    def test_we_understand_its_refusal(self):
        # The other recipients of the message are not touched by it.
        content = self.signed(b"for two\r\n")
        self.submit(self.relay, [GONE, GUEST], content)
        self.arrival(self.store, peer.GUEST, content)
        fields = self.fields_of(self.report_with(f"<{GONE}>"), GONE)
        self.assertEqual((fields["Action"], fields["Status"]), ("failed", self.refusal))
        # Without ORCPT of the sender's the final recipient is what he typed (RFC 3461 6.3 (d)).
        self.assertEqual(fields["Final-Recipient"], f"rfc822; {GONE}")

    def test_many_on_one_connection(self):
        # What waits goes there at once: each is announced with the content of the one before it.
        contents = [self.signed(b"%d\r\n" % number) for number in range(20)]
        self.host("pause")
        for content in contents:
            self.submit(self.relay, GUEST, content)
            self.submit(self.peer, ANNA, content)
        self.host("resume")
        for content in contents:
            self.arrival(self.store, peer.GUEST, content)
            self.arrival(self.mailboxes, ANNA, content)


class Reports(BothWays):
    """With a peer that offers DSN."""

    success = "relayed"  # what the peer says when the next host lacks DSN

    def test_wishes_about_reports_pass_it(self):
        content = self.signed(b"about reports\r\n")
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.command(f"MAIL FROM:<{SENDER}> RET=HDRS ENVID=QQ+2B314")
            self.assertEqual(client.command(
                f"RCPT TO:<{GUEST}> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;G+2Bx@old.example").code, 250)
            self.assertEqual(client.command("DATA").code, 354)
            client.send(mail.stuffed(content))
            self.assertEqual(client.read_reply().code, 250)
        message = self.arrival(self.store, peer.GUEST, content)
        self.assertEqual(sorted(p for p in message.mail_params if p[:4] in ("RET=", "ENVI")),
                         ["ENVID=QQ+2B314", "RET=HDRS"])
        self.assertEqual({p.lower() for p in message.rcpt_params[peer.GUEST]},
                         {"notify=success,delay", "orcpt=rfc822;g+2bx@old.example"})

    def test_its_report_names_whom_the_sender_typed(self):
        # It is the last host with DSN, and tells so; our custom recipient is an address of ours.
        self.store.extensions.remove("DSN")
        self.addCleanup(self.store.extensions.append, "DSN")
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.command(f"MAIL FROM:<{SENDER}>")
            client.command(f"RCPT TO:<{GUEST}> NOTIFY=SUCCESS")
            self.assertEqual(client.command("DATA").code, 354)
            client.send(mail.stuffed(mail.message("is it there?")))
            self.assertEqual(client.read_reply().code, 250)
        fields = self.fields_of(self.report_with(f"Action: {self.success}"), GUEST)
        self.assertEqual(fields["Original-Recipient"].replace(" ", ""), f"rfc822;{GUEST}")
