"""What the situations about a directory that is followed share: what the relay says of an address,
and waiting until it says something else."""
import time

from support import cases, mail


class FollowingCase(cases.Case):
    def rcpt(self, relay, address):
        with mail.Client(relay.address, relay.port, timeout=30) as client:
            client.command("MAIL FROM:<ann@sender.example>")
            return client.command(f"RCPT TO:<{address}>").code

    def until(self, relay, address, code, timeout=90, never=()):
        deadline = time.monotonic() + timeout
        while (reply := self.rcpt(relay, address)) != code:
            self.assertNotIn(reply, never, address)
            self.assertLess(time.monotonic(), deadline, f"{address}: still {reply}, not {code}")
            time.sleep(0.02)

    def all_are_known(self, relay, count):
        for i in range(0, count, max(1, count // 20)):
            self.assertEqual(self.rcpt(relay, f"p{i}@adatum.com"), 250, i)
