#!/usr/bin/env python3
"""splitmx at work: a private directory, hosts that record what they get, real messages, a table.

    demo.py [--stay] [--port-base N] [--quiet]       (./run builds first)

Loopback only, in a temporary directory; nothing is left behind. Exit: 0 when every row is as it
should be.
"""
import argparse
import dataclasses
import pathlib
import signal
import string
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import daemon, mail
from support.slapd import available as slapd_available
from support.stage import Stage

SENDER = "ann@sender.example"
PEOPLE = ROOT / "schema/sample.ldif"
SUFFIX = "dc=adatum,dc=com"
HOSTS = ("mbx1", "mbx2", "notes", "helsinki", "europe", "smarthost", "internet")
PATIENCE = 30  # seconds for a message to arrive

# Address, article, then the copies that arrive as (host, recipient), or the refusal's status, or
# "report" with the status that the report to the sender must have.
ROWS = (
    ("anna@adatum.com", "Q264557", [("mbx1", "anna@adatum.com")]),
    ("Administrator@Adatum.COM", "Q264557", [("mbx1", "anna@adatum.com")]),
    ("ben@adatum.com", "Q264557", [("mbx2", "ben@adatum.com")]),
    ("administrator@cpandl.net", "Q307628", [("mbx1", "anna@adatum.com")]),
    ("tina@internal.adatum.com", "Q307628", [("mbx1", "tina@adatum.com")]),
    ("nobody@cpandl.org", "Q307628", "550 5.1.1"),
    ("kim@contoso.com", "Q258203", [("mbx1", "kim@contoso.com")]),
    ("carl@contoso.com", "Q258203", [("notes", "carl@contoso.com")]),
    ("olga@contoso.com", "Q251124", [("helsinki", "olga@helsinki.contoso.example")]),
    ("zoe@contoso.com", "Q258203", "550 5.1.1"),
    ("paul@contoso.com", "Q258203", "554 5.4.4"),
    ("max@contoso.com", "Q251152", "451 4.1.4"),
    ("zoe@wingtip.example", "Q304897", "report 5.1.1"),
    ("anybody@europe.example", "Q201127", [("europe", "anybody@europe.example")]),
    ("anybody@africa.example", "Q201127", [("europe", "anybody@africa.example")]),
    ("a@plano.branches.example", "Q259531", [("smarthost", "a@plano.branches.example")]),
    ("a@elsewhere.example", "Q193922", "550 5.7.1"),
    ("sales@adatum.com", "group", [("mbx1", "clara@adatum.com"), ("mbx1", "hugo@adatum.com"),
                                   ("notes", "lee@contoso.com"),
                                   ("europe", "ruth@europe.example")]),
)


@dataclasses.dataclass
class Happened:
    reply: str
    copies: list  # (host, recipient)
    report: str = ""  # "report STATUS", when one came to the sender


class Demo:
    def __init__(self, port_base, say):
        self.stage, self.say, self._port_base, self._ports_used = Stage(), say, port_base, 0
        self.slapd, self.outage = None, ""

    def next_port(self):
        if self._port_base is None:
            return 0
        self._ports_used += 1
        return self._port_base + self._ports_used - 1

    # ---- set-up

    def set_up(self):
        relay_port = self.next_port()
        self.say("[3/8] directory")
        directory = self.start_directory()
        self.say("[4/8] sinks")
        self.sinks = {name: self.stage.sink(f"127.0.0.{number}", name=name, port=self.next_port())
                      for number, name in enumerate(HOSTS, 2)}
        self.say("[5/8] relay")
        template = string.Template((ROOT / "demo/splitmx.toml").read_text())
        config = template.substitute(
            {name: sink.endpoint for name, sink in self.sinks.items()},
            port=relay_port, http=self.next_port(), directory=directory, state=self.stage.folder("state"))
        self.relay = self.stage.relay(config)

    def start_directory(self):
        """Lines of [directory.main]."""
        if not slapd_available():
            self.say("      slapd or ldap-utils is missing: the file is the directory")
            return f'uri = "ldif:{PEOPLE}"'
        port = self.next_port() or None
        self.slapd = self.stage.slapd(PEOPLE.read_text(), suffix=SUFFIX, port=port)
        return f'uri  = "{self.slapd.uri}"\nbase = "{SUFFIX}"'

    # ---- messages

    def send(self, address):
        content = mail.message(f"to {address}", sender=SENDER, to=address)
        sent = mail.submit(self.relay, SENDER, address, content)
        reply = sent.reply(address)
        return content, reply if reply.code != 250 else sent.last

    def copies(self, content):
        return sorted((name, rcpt) for name, sink in self.sinks.items()
                      for message in list(sink.messages) if message.content.endswith(content)
                      for rcpt in message.rcpts)

    def report_on(self, address):
        for message in self.sinks["internet"].messages_to(SENDER):
            try:
                status = mail.Ndr(message.content).final_recipients().get(address)
            except AssertionError:
                continue  # mail of another kind
            if status:
                return message, f"report {status}"
        return None, ""

    def what_happens(self, content, reply, address, expected):
        """Waits for what is expected; then tells what is there."""
        deadline = time.monotonic() + PATIENCE
        while reply.code == 250 and time.monotonic() < deadline:
            if isinstance(expected, str):
                if self.report_on(address)[0]:
                    break
            elif len(self.copies(content)) >= len(expected):
                break
            time.sleep(0.02)
        return Happened(f"{reply.code} {reply.status}".strip(), self.copies(content),
                        self.report_on(address)[1])

    # ---- the directory lives

    def answer(self, address):
        with mail.Client(self.relay.address, self.relay.port) as client:
            client.command(f"MAIL FROM:<{SENDER}>")
            return client.command(f"RCPT TO:<{address}>")

    def until(self, address, code):
        """Milliseconds until the relay gives that answer, and what it gave."""
        began = time.monotonic()
        while (reply := self.answer(address)).code != code:
            if time.monotonic() - began > PATIENCE:
                break
        return (time.monotonic() - began) * 1000, reply

    def live_through(self):
        """Rows of (what was done, address, what the relay answered, whether that is right)."""
        self.say("[7/8] change the directory, then take it away")
        fresh, stranger, rows = "anna.new@adatum.com", "nobody@adatum.com", []
        def row(done, address, reply, code, behind=""):
            rows.append((done, address, f"{reply.code} {reply.status}{behind}", reply.code == code))
        row("before", fresh, self.answer(fresh), 550)
        (dn,) = [line[4:] for line in
                 self.slapd.search("(mailLocalAddress=anna@adatum.com)", "1.1").splitlines()
                 if line.startswith("dn: ")]
        self.slapd.modify(f"dn: {dn}\nchangetype: modify\nadd: mailLocalAddress\n"
                          f"mailLocalAddress: {fresh}\n")
        took, reply = self.until(fresh, 250)
        row("address added to the entry", fresh, reply, 250, f" after {took:.0f} ms")
        self.slapd.stop()
        row("directory server stopped", fresh, self.answer(fresh), 250)
        row("", "carl@contoso.com", self.answer("carl@contoso.com"), 250)
        row("", stranger, self.answer(stranger), 451)
        content, reply = self.send(fresh)
        copies = self.what_happens(content, reply, fresh, [("mbx1", "anna@adatum.com")]).copies
        row("mail sent meanwhile", fresh, reply, 250,
            f", delivered to {copies[0][0]}" if copies else ", NOT delivered")
        rows[-1] = rows[-1][:3] + (bool(copies),)
        self.outage = self.splitmx("directory", "status").rstrip()
        self.slapd.start()
        row("started again", stranger, self.until(stranger, 550)[1], 550)
        state = self.until_followed()
        rows.append(("its copy", "[directory.main]", state, state == "LIVE"))
        return rows

    def until_followed(self):
        """The state of the copy, once it is LIVE, or at the end of patience."""
        until = time.monotonic() + PATIENCE
        while (state := self.relay.directory_status()["state"]) != "LIVE":
            if time.monotonic() > until:
                break
            time.sleep(0.05)
        return state

    # ---- the relay is looked at

    def splitmx(self, *words):
        """What the tool says, asked of the running relay."""
        done = subprocess.run(
            [daemon.program("splitmx"), "--config", self.relay.config_path, *words],
            capture_output=True, text=True, check=False, timeout=60)
        return done.stdout + done.stderr

    def steer(self):
        """[(command, what it printed)], and whether the mail went when it might."""
        self.say("[8/8] look at the relay")
        shown = []
        def show(*words):
            command = " ".join(f'"{word}"' if " " in word else word for word in words)
            shown.append((f"splitmx {command}", self.splitmx(*words)))
        show("host", "pause", "notes", "--reason", "upgrade until noon")
        content, reply = self.send("carl@contoso.com")
        show("status")
        show("queue", "list")
        waited = (self.copies(content) == [] and reply.code == 250 and
                  "carl@contoso.com" in shown[-1][1])
        show("host", "resume", "notes")
        expected = [("notes", "carl@contoso.com")]
        happened = self.what_happens(content, reply, "carl@contoso.com", expected)
        show("queue", "list")
        return shown, waited and is_right(expected, happened)

    def run(self):
        self.say("[6/8] send")
        sent = [(row, *self.send(row[0])) for row in ROWS]
        return [(row, self.what_happens(content, reply, row[0], row[2]))
                for row, content, reply in sent]


def is_right(expected, happened):
    if isinstance(expected, list):
        return happened.copies == sorted(expected) and not happened.report
    if expected.startswith("report"):
        return happened.report == expected and not happened.copies
    return happened.reply == expected and not happened.copies and not happened.report


def in_short(copies, address):
    """Host, and the recipient where it is another than the one that was written to."""
    if len(copies) > 1:
        return f"{len(copies)} copies"
    host, rcpt = copies[0]
    return host if rcpt == address else f"{host} {rcpt}"


def cut(text, width):
    return text if len(text) <= width else text[:width - 2] + ".."


def print_table(results):
    widths = (2, 24, 7, 12, 21, 9)
    def line(*cells):
        print(" ".join(f"{cut(cell, width):<{width}}"
                       for cell, width in zip(cells, widths)).rstrip())
    print()
    line("", "address", "article", "expected", "happened", "reply")
    line(*("-" * width for width in widths))
    for (address, article, expected), happened in results:
        if isinstance(expected, list):
            wanted = expected[0][0] if len(expected) == 1 else f"{len(expected)} copies"
        else:
            wanted = expected
        what = (in_short(happened.copies, address) if happened.copies
                else happened.report or ("refused" if happened.reply[0] == "5" else
                                         "deferred" if happened.reply[0] == "4" else "nothing"))
        line("ok" if is_right(expected, happened) else "!!", address, article, wanted, what,
             happened.reply)
    print()


def print_life(rows):
    print("The relay follows its directory, and does without it:\n")
    for done, address, answer, right in rows:
        print(f"{'ok' if right else '!!'} {done:<28}{address:<22}{answer}")
    print()


def print_steering(shown):
    print("The running relay, looked at and steered:\n")
    for command, output in shown:
        print(f"    $ {command}\n    " + output.rstrip().replace("\n", "\n    "))
    print()


def print_outage(demo):
    if demo.outage:
        print("How it stood while the server was away (splitmx directory status):\n")
        print("    " + demo.outage.replace("\n", "\n    ") + "\n")


def print_report_and_explanation(demo):
    report, _ = demo.report_on("zoe@wingtip.example")
    if report:
        print("The report to the sender of the message to zoe@wingtip.example:\n")
        print("    " + report.content.decode("utf-8", "replace").replace("\r\n", "\n    ").rstrip())
        print()
    print("Why administrator@cpandl.net goes to mbx1 (splitmx resolve --explain):\n", flush=True)
    text = demo.splitmx("resolve", "--explain", "administrator@cpandl.net").rstrip()
    print("    " + text.replace("\n", "\n    ") + "\n", flush=True)


def print_how_to_play(demo):
    server = f"--server 127.0.0.1:{demo.relay.port}"
    print("It stays up. Send to it from another terminal:\n")
    for address in ("anna@adatum.com", "carl@contoso.com", "nobody@contoso.com"):
        print(f"    swaks {server} --from {SENDER} --to {address}")
    print("\nAsk it:\n")
    for words in ("resolve --explain carl@contoso.com", "status", "queue list",
                  "trace carl@contoso.com", "directory status", "host test notes"):
        print(f"    {daemon.program('splitmx')} --config {demo.relay.config_path} {words}")
    print(f"    curl http://{demo.relay.admin}/readyz")
    print("\nWhat arrives is shown here. Stop: Ctrl-C.\n", flush=True)


def stay(demo):
    shown = {name: len(sink.messages) for name, sink in demo.sinks.items()}
    while True:
        time.sleep(0.2)
        for name, sink in demo.sinks.items():
            for message in sink.messages[shown[name]:]:
                shown[name] += 1
                print(f"{name:<10} <{message.mail_from}> -> {', '.join(message.rcpts)}", flush=True)


def stop_on_signal(number, _):
    raise KeyboardInterrupt(number)


def main():
    options = argparse.ArgumentParser(description="splitmx at work.")
    options.add_argument("--stay", action="store_true", help="keep it up afterwards")
    options.add_argument("--port-base", type=int, metavar="N", help="ports N, N+1, ...")
    options.add_argument("--quiet", action="store_true", help="only the table, if it is not right")
    args = options.parse_args()
    signals = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    for number in signals:
        signal.signal(number, stop_on_signal)
    demo = Demo(args.port_base, (lambda text: None) if args.quiet
                else lambda text: print(text, flush=True))
    code, interrupted = 1, False
    try:
        demo.set_up()
        results = demo.run()
        right = sum(is_right(row[2], happened) for row, happened in results)
        life = demo.live_through() if demo.slapd else []
        shown, steered = demo.steer()
        code = 0 if right == len(results) and all(row[3] for row in life) and steered else 1
        if code or not args.quiet:
            print_table(results)
            if life:
                print_life(life)
            print_steering(shown)
        if not args.quiet:
            print_outage(demo)
            print_report_and_explanation(demo)
            print(f"{right} of {len(results)} messages did what they should.", flush=True)
        if args.stay:
            print_how_to_play(demo)
            stay(demo)
    except KeyboardInterrupt as stopped:
        interrupted = True
        if not args.stay or "results" not in locals():
            code = 128 + stopped.args[0]
    except (RuntimeError, AssertionError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        try:
            demo.stage.close()
        except AssertionError as error:
            # The terminal's Ctrl-C reaches the relay, too: then it may end in its own way.
            if not interrupted:
                print(f"demo: {error}", file=sys.stderr)
                code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
