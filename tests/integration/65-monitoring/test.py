#!/usr/bin/env python3
"""Figures and health over HTTP: what the pages say of mail that has come and gone, and what is shipped for
Prometheus and Grafana, checked by promtool."""
import contextlib
import http.client
import json
import pathlib
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon, mail, stage

PROMTOOL = daemon.ROOT / "build/peers/prometheus/usr/bin/promtool"
SHIPPED = daemon.ROOT / "packaging/monitoring"
SENDER = "bob@example.net"
HOSTILE = '"x\\",listener=\\"y"@adatum.com'


def ask(relay, path, method="GET"):
    host, _, port = relay.admin.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    connection.request(method, path)
    response = connection.getresponse()
    return response.status, response.read().decode(), response


def figures(relay):
    """{'name{labels}': value}"""
    _, text, _ = ask(relay, "/metrics")
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines() if not line.startswith("#")}


class Monitoring(cases.Case):
    def world(self, **config):
        self.mailboxes = self.stage.sink(stage.MAILBOXES, name="mailboxes")
        return self.stage.small_world(
            ("anna", ["anna@adatum.com"]), ("dora", ["dora@adatum.com"]), mailboxes=self.mailboxes,
            config={"admin": {"http": "127.0.0.1:0"}, "queue": {"retry": ["1h"]}} | config)

    def mail_of_a_day(self, relay):
        self.mailboxes.on("rcpt", "451 4.3.2 try later", match="dora@")
        for rcpt in ("anna@adatum.com", "anna@adatum.com", "dora@adatum.com"):
            self.assertEqual(mail.submit(relay, SENDER, rcpt).last.code, 250)
        with mail.Client(relay.address, relay.port) as client:
            client.transaction(SENDER, ["zoe@adatum.com", HOSTILE], mail.message())
            client.transaction(SENDER, ["someone@far.example"], mail.message())
        relay.wait_for_log(r" wait +recipients=1")
        relay.wait_for_log(r"(?s)( remove .*){2}")

    def test_what_has_happened(self):
        relay = self.world()
        self.mail_of_a_day(relay)
        found = figures(relay)
        expected = {
            'splitmx_messages_received_total{listener="main"}': 3,
            'splitmx_smtp_connections_total{listener="main",result="accepted"}': 4,
            'splitmx_decisions_total{domain="adatum.com",outcome="mailbox"}': 3,
            'splitmx_decisions_total{domain="adatum.com",outcome="unknown_recipient"}': 2,
            'splitmx_decisions_total{domain="other",outcome="relay_denied"}': 1,
            'splitmx_delivery_attempts_total{host="mailboxes",result="sent"}': 2,
            'splitmx_delivery_attempts_total{host="mailboxes",result="deferred"}': 1,
            'splitmx_delivery_duration_seconds_count{host="mailboxes"}': 2,
            'splitmx_message_size_bytes_count': 3,
            'splitmx_queue_messages{state="deferred"}': 1,
            'splitmx_host_up{host="mailboxes"}': 1,
            'splitmx_host_queue_messages{host="mailboxes"}': 1,
            'splitmx_directory_up{directory="main"}': 1,
            'splitmx_config_last_reload_successful': 1,
            'splitmx_spool_takes_mail': 1,
            'splitmx_spool_degraded': 0,
        }
        self.assertEqual({name: found.get(name) for name in expected}, expected)
        self.assertFalse([name for name in found if "zoe" in name or "far" in name or "x\\" in name])
        self.assertTrue(all(name.startswith("splitmx_") for name in found))

    def test_a_configuration_that_is_refused_shows(self):
        relay = self.world()
        relay.rewrite({"host": {"mailboxes": {"adress": "x"}}})
        relay.reload()
        relay.wait_for_log(r"reload +failed")
        found = figures(relay)
        self.assertEqual(found["splitmx_config_last_reload_successful"], 0)
        self.assertNotIn("splitmx_config_last_reload_success_timestamp_seconds", found)
        relay.rewrite({"host": {"mailboxes": {"adress": None}, "more": {"address": "127.0.0.9:25"}}})
        relay.reload()
        relay.wait_for_log(r"reload +config=")
        self.assertEqual(figures(relay)['splitmx_host_up{host="more"}'], 1)

    def test_health(self):
        relay = self.world()
        status, body, response = ask(relay, "/readyz")
        self.assertEqual((status, response.headers["Content-Type"]), (200, "application/json"))
        self.assertEqual({check["name"]: check["status"] for check in json.loads(body)["checks"]},
                         {"loops": "ok", "listeners": "ok", "spool": "ok", "directory main": "ok"})
        self.assertEqual(json.loads(ask(relay, "/livez")[1]),
                         {"status": "ok",
                          "checks": [{"name": "loops", "status": "ok", "detail": "all turn"}]})
        status, body, _ = ask(relay, "/readyz", "HEAD")
        self.assertEqual((status, body), (200, ""))

    def test_a_directory_that_is_down(self):
        if not stage.slapd_available():
            self.skipTest("slapd or ldap-utils is not installed")
        slapd = self.stage.slapd(stage.people(("anna", ["anna@adatum.com"])), start=False)
        relay = self.world(directory={"main": stage.ldap_source(slapd)})
        self.assertEqual(ask(relay, "/livez")[0], 200)
        status, body, _ = ask(relay, "/readyz")
        report = json.loads(body)
        self.assertEqual((status, report["status"]), (503, "failed"), report)
        self.assertEqual(figures(relay)['splitmx_directory_up{directory="main"}'], 0)
        slapd.start()
        self.wait_for(lambda: ask(relay, "/readyz")[0] == 200)

    def test_what_is_not_there(self):
        relay = self.world()
        self.assertEqual(ask(relay, "/api")[0], 404)
        self.assertIn("/metrics", ask(relay, "/")[1])
        status, _, response = ask(relay, "/metrics", "POST")
        self.assertEqual((status, response.headers["Allow"]), (405, "GET, HEAD"))
        self.assertEqual(ask(relay, "/" + "a" * 20000)[0], 431)
        self.assertEqual(mail.submit(relay, SENDER, "anna@adatum.com").last.code, 250)

    def test_an_address_that_is_taken(self):
        relay = self.world()
        other = daemon.Relay(self.stage.folder("other"), {"admin": {"http": relay.admin}})
        with self.assertRaisesRegex(RuntimeError, r"HTTP at 127\.0\.0\.1:\d+: Address already in use"):
            other.start()
        self.assertEqual(other.exit_code, 69)

    def test_the_usual_address_is_taken(self):
        """By another relay of this machine, say: mail is served without."""
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):  # it is already
                taken.bind(("127.0.0.1", 9725))
                taken.listen()
            relay = self.world(admin={"http": None})
        self.assertEqual(relay.admin, "off")
        relay.wait_for_log(r"warn .* http +HTTP at 127\.0\.0\.1:9725: Address already in use; "
                           r"monitoring cannot reach this relay")
        self.assertEqual(mail.submit(relay, SENDER, "anna@adatum.com").last.code, 250)

    def test_the_page_for_readers_lists_every_figure(self):
        relay = self.world()
        self.mail_of_a_day(relay)
        _, text, _ = ask(relay, "/metrics")
        there = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
        told = set(re.findall(r"^\| `(splitmx_\w+)", (daemon.ROOT / "docs/monitoring.md").read_text(),
                              re.MULTILINE))
        self.assertEqual(told, there)
        shipped = (SHIPPED / "alerts.yml").read_text() + (SHIPPED / "grafana-dashboard.json").read_text()
        used = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"splitmx_\w+", shipped)}
        self.assertEqual(used - there, set())

    def test_promtool(self):
        if not PROMTOOL.exists():
            self.skipTest("no build/peers/prometheus: run packaging/fetch-peers")
        relay = self.world()
        self.mail_of_a_day(relay)
        self.promtool("check", "metrics", text=ask(relay, "/metrics")[1])
        self.promtool("check", "config", "--lint=all", "prometheus.yml")
        self.promtool("test", "rules", "alerts-test.yml")
        dashboard = json.loads((SHIPPED / "grafana-dashboard.json").read_text())
        self.assertEqual(len({panel["id"] for panel in dashboard["panels"]}), len(dashboard["panels"]))

    def promtool(self, *words, text=None):
        done = subprocess.run([PROMTOOL, *words], cwd=SHIPPED, input=text, capture_output=True, text=True,
                              check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def wait_for(self, condition):
        for _ in range(600):
            if condition():
                return
            time.sleep(0.1)
        self.fail("it does not happen")


if __name__ == "__main__":
    cases.main()
