"""DKIM signatures (RFC 6376), rsa-sha256 and simple/simple: the strictest, under which one octet more
in the signed fields or in the body breaks the signature. The key is openssl's."""
import base64
import hashlib
import re
import subprocess


class Signer:
    """Requires: a folder to keep the key in."""

    def __init__(self, folder):
        self.key = folder / "dkim.pem"
        subprocess.run(["openssl", "genrsa", "-out", str(self.key), "2048"], check=True,
                       capture_output=True)
        self.public = folder / "dkim.pub"
        subprocess.run(["openssl", "rsa", "-in", str(self.key), "-pubout", "-out", str(self.public)],
                       check=True, capture_output=True)

    def sign(self, message, names=("From", "To", "Subject", "Date", "Message-ID")):
        """The message with a DKIM-Signature in front."""
        fields, body = split(message)
        field = (f"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=sender.example; s=test;\r\n"
                 f"\th={':'.join(names)};\r\n\tbh={body_hash(body)};\r\n\tb=").encode()
        done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(self.key)],
                              input=signed_octets(fields, names, field), check=True,
                              capture_output=True)
        return field + base64.b64encode(done.stdout) + b"\r\n" + message

    def verifies(self, message, folder):
        """Whether its first signature is right."""
        fields, body = split(message)
        field = next(one for one in fields if one.lower().startswith(b"dkim-signature:"))
        tags = dict(re.findall(rb"(\w+)=([^;]*)", re.sub(rb"\s", b"", field.split(b":", 1)[1])))
        if tags[b"bh"].decode() != body_hash(body):
            return False
        names = tags[b"h"].decode().split(":")
        bare = re.sub(rb"(;\s*b=)[^;]*\Z", rb"\1", field)
        signature = folder / "signature"
        signature.write_bytes(base64.b64decode(tags[b"b"]))
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(self.public),
                               "-signature", str(signature)],
                              input=signed_octets(fields, names, bare), capture_output=True)
        return done.returncode == 0


def split(message):
    """The fields of the header section, each with its folding and CRLF, and the body."""
    head, _, body = message.partition(b"\r\n\r\n")
    return re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", head + b"\r\n"), body


def body_hash(body):
    body = re.sub(rb"(?:\r\n)+\Z", b"", body) + b"\r\n"  # RFC 6376 3.4.3
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def signed_octets(fields, names, signature_field):
    """RFC 6376 3.7: the named fields, the last of each name, and the signature's own field."""
    octets = b""
    for name in names:
        octets += next(one for one in reversed(fields)
                       if one.lower().startswith(name.lower().encode() + b":"))
    return octets + signature_field
