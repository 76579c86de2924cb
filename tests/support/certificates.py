"""Certificates for tests: an authority of their own, and what it issues, made by openssl."""
import pathlib
import ssl
import subprocess

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """Requires: `directory` exists."""

    def __init__(self, directory, name="Test authority"):
        self.directory = pathlib.Path(directory)
        self.file = self.directory / "ca.pem"
        self._key = self.directory / "ca.key"
        run("req", "-x509", *KEY, "-keyout", self._key, "-out", self.file, "-days", "30",
            "-subj", f"/CN={name}")

    def issue(self, name, *alternatives, days=30):
        """(certificate, key), in files `name`.pem and .key; by default for DNS:name. Less than one
        day: it has expired."""
        base = self.directory / name
        certificate, key = base.with_name(name + ".pem"), base.with_name(name + ".key")
        request, extra = base.with_name(name + ".csr"), base.with_name(name + ".cnf")
        extra.write_text("subjectAltName=" + ",".join(alternatives or [f"DNS:{name}"]) + "\n")
        run("req", *KEY, "-keyout", key, "-out", request, "-subj", "/CN=test")
        run("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._key,
            "-CAcreateserial", "-days", str(days), "-extfile", extra, "-out", certificate)
        key.chmod(0o600)
        return certificate, key

    def client_context(self):
        """Trusts this authority; names are checked."""
        return ssl.create_default_context(cafile=self.file)


def server_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def run(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
