"""A time-stamping authority of our own: OpenSSL answers, behind a small HTTP server."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.requirements import missing, openssl

REPLY = "application/timestamp-reply"
CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[ca]
basicConstraints = critical, CA:true
[tsa]
basicConstraints = CA:false
extendedKeyUsage = critical, timeStamping
[stamping]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    """Certificates and keys in a folder; `digests` are those that it takes."""

    folder: Path

    def make(self) -> None:
        for name in ("ca", "tsa"):
            self._config(name, "sha256")
            self._run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        ca = ("-x509", "-key", "ca.key", "-days", "7300", "-config", "ca.cnf")
        self._run("req", "-new", *ca, "-extensions", "ca", "-out", "ca.pem")
        self._run("req", "-new", "-key", "tsa.key", "-config", "tsa.cnf", "-out", "tsa.csr")
        by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "7300")
        of = ("-in", "tsa.csr", "-extfile", "tsa.cnf", "-extensions", "tsa")
        self._run("x509", "-req", *of, *by, "-out", "tsa.pem")
        self._config("picky", "sha512")

    def _config(self, name: str, digests: str) -> None:
        text = CONFIG.format(name=name, folder=self.folder, digests=digests)
        (self.folder / f"{name}.cnf").write_text(text)

    def _run(self, *words: str) -> None:
        program = openssl() or missing("openssl")
        subprocess.run([program, *words], cwd=self.folder, check=True, capture_output=True)

    def reply(self, query: bytes, config: str = "tsa") -> bytes:
        """What it answers to a query; by the configuration `picky` it refuses."""
        (self.folder / "query").write_bytes(query)
        where = ("-config", f"{config}.cnf", "-section", "stamping")
        self._run("ts", "-reply", *where, "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def query(self, data: bytes, *more: str) -> bytes:
        """A query of OpenSSL's own."""
        (self.folder / "data").write_bytes(data)
        self._run("ts", "-query", "-data", "data", "-sha256", "-cert", *more, "-out", "own")
        return (self.folder / "own").read_bytes()

    def verifies(self, data: bytes, response: bytes) -> bool:
        """Whether `openssl ts -verify` takes a response, as an auditor runs it."""
        (self.folder / "data").write_bytes(data)
        (self.folder / "response").write_bytes(response)
        what = ("-data", "data", "-in", "response", "-CAfile", "ca.pem")
        try:
            self._run("ts", "-verify", *what)
        except subprocess.CalledProcessError:
            return False
        return True


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tsa"))
    made.make()
    return made


Write = Callable[[BaseHTTPRequestHandler, bytes], None]


@dataclass
class Served:
    """Where a server is, and the headers and bodies that it was sent."""

    url: str
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


def replying(answer: Callable[[bytes], bytes], kind: str = REPLY, status: int = 200) -> Write:
    def write(handler: BaseHTTPRequestHandler, query: bytes) -> None:
        body = answer(query)
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return write


@contextmanager
def serving(write: Write) -> Iterator[Served]:
    """A server that answers every POST so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            served.asked.append((dict(self.headers), query))
            try:
                write(self, query)
            except OSError:
                return  # whoever asked has gone

        do_GET = do_POST  # noqa: N815 - likewise

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Served(f"http://127.0.0.1:{server.server_port}/tsr")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
