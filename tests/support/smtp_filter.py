"""A content filter that speaks SMTP, for tests: it stands before a server, passes every command on and
every reply back, and holds the content until it has seen all of it. Mail with `forbidden` in it is
refused with 550, all other gets one more header field in front.

`proxy`: it tells the server the client's address by a header of the PROXY protocol, version 2. The server
sees the client's own EHLO, and that no filter is between.
"""
import socket
import struct
import threading

FIELD = b"X-Filtered: yes\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def proxy_header(client, local, extra=b""):
    """Version 2, for a TCP connection over IPv4; (address, port) twice."""
    ends = socket.inet_aton(client[0]) + socket.inet_aton(local[0]) + struct.pack(
        "!HH", client[1], local[1])
    return SIGNATURE + b"\x21\x11" + struct.pack("!H", len(ends) + len(extra)) + ends + extra


class SmtpFilter:
    """Listens at `address` (any port) before `target`, an (address, port)."""

    def __init__(self, address, target, *, proxy=False, forbidden=b"EICAR"):
        self.address, self.target, self.proxy, self.forbidden = address, target, proxy, forbidden
        self.clients = []  # whom it has seen
        self._listener = socket.create_server((address, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, name = self._listener.accept()
            except OSError:
                return
            self.clients.append(name[0])
            threading.Thread(target=self._serve, args=(client, name), daemon=True).start()

    def _serve(self, client, name):
        with client, socket.create_connection(self.target, 60, source_address=(self.address, 0)) as server:
            if self.proxy:
                server.sendall(proxy_header(name, client.getsockname()))
            from_client, from_server = client.makefile("rb"), server.makefile("rb")
            self._pass_reply(from_server, client)
            for line in from_client:
                server.sendall(line)
                reply = self._pass_reply(from_server, client)
                if line.strip().upper() == b"DATA" and reply.startswith(b"354"):
                    if not self._pass_content(from_client, server, client, from_server):
                        return

    @staticmethod
    def _pass_reply(source, to):
        # Pipelining is not passed on: a filter of this kind answers command by command.
        reply = b""
        for line in source:
            reply += line
            if line[3:4] != b"-":
                break
        to.sendall(reply.replace(b"250-PIPELINING\r\n", b"").replace(b"250-STARTTLS\r\n", b""))
        return reply

    def _pass_content(self, from_client, server, client, from_server):
        content = b""
        while not content.endswith(b"\r\n.\r\n"):
            line = from_client.readline()
            if not line:
                return False
            content += line
        if self.forbidden in content:
            client.sendall(b"550 5.7.1 Content refused\r\n")
            return False  # the server sees the connection end before the content does
        server.sendall(FIELD + content)
        self._pass_reply(from_server, client)
        return True
