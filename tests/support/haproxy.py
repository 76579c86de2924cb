"""HAProxy as a front end that passes TCP connections on, for tests; see peer.py.

`fronts` are (port, target, how): "send-proxy", "send-proxy-v2", or "" for none; a `check` asks the
target every 200 ms whether it lives, with a header that names nobody.
"""
import pathlib

from support import peer

CONFIGURATION = """\
global
  user haproxy
  group haproxy
defaults
  mode tcp
  timeout connect 30s
  timeout client 5m
  timeout server 5m
"""
FRONT = """\
listen front-{port}
  bind {address}:{port}
  server relay {target} {how}
"""
LOG = "/var/log/haproxy.log"


class HaProxy(peer.Peer):
    def __init__(self, address, fronts, place=None):
        super().__init__(address, place=place)
        self.fronts = fronts
        self.port = fronts[0][0]

    def configure(self):
        config = CONFIGURATION + "".join(
            FRONT.format(address=self.address, port=port, target=target, how=how)
            for port, target, how in self.fronts)
        (peer.folder("/etc/haproxy") / "haproxy.cfg").write_text(config)
        pathlib.Path(LOG).touch()

    def launch(self):
        self.in_foreground(LOG, "/usr/sbin/haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg")

    @property
    def log(self):
        return peer.text_of(LOG)
