"""An S3 server of the tests' own: moto's, from the development requirements, really listening."""

import http.client
import importlib.util
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from riskapp.core.storage.s3 import S3Blobs, connect
from tests.requirements import answers, missing
from tests.serving import free_port

ALIVE_WITHIN = 60.0
"""Seconds, of a slow machine"""


@dataclass(frozen=True)
class Bucket:
    """An empty bucket of one test, and a prefix in it."""

    endpoint: str
    name: str

    @property
    def url(self) -> str:
        return f"s3://{self.name}/evidence/here"

    def settings(self) -> dict[str, str]:
        """What an app needs to keep its evidence in it."""
        return {
            "blob_url": self.url,
            "blob_endpoint": self.endpoint,
            "blob_key": "key",
            "blob_secret": "secret",
        }

    def blobs(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> S3Blobs:
        return connect(
            self.url,
            endpoint=self.endpoint,
            region="us-east-1",
            key="key",
            secret="secret",
            now=now,
        )

    def keys(self) -> list[str]:
        """The names of all objects, as the server lists them."""
        return self._texts("?list-type=2", "Key")

    def uploads(self) -> list[str]:
        """The names of objects of which parts lie there, not put together."""
        return self._texts("?uploads", "Key")

    def _texts(self, query: str, tag: str) -> list[str]:
        tree = ET.fromstring(ask(self.endpoint, "GET", f"/{self.name}{query}"))  # noqa: S314 - ours
        return [one.text or "" for one in tree.iter() if one.tag.endswith("}" + tag)]


def ask(endpoint: str, method: str, path: str, body: bytes = b"") -> bytes:
    """A request to the server without any client of S3, as if by somebody else."""
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{method} {path}: {response.status}")
    return content


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    if importlib.util.find_spec("moto") is None:
        missing("s3")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + ALIVE_WITHIN
            while not answers("127.0.0.1", port):
                if server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("the S3 server of the tests did not start")
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@pytest.fixture
def bucket(s3_endpoint: str) -> Bucket:
    made = Bucket(s3_endpoint, f"riskapp-{secrets.token_hex(8)}")
    ask(s3_endpoint, "PUT", f"/{made.name}")
    return made
