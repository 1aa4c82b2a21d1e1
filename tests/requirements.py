"""What some tests need beside Python: found here, or skipped with the command that brings it."""

import os
import shutil
import socket
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

COMMANDS = {
    "age": "apt-get install --no-install-recommends age",
    "browser": "apt-get install --no-install-recommends chromium",
    "clamav": "apt-get install --no-install-recommends clamav-daemon",
    "openssl": "apt-get install --no-install-recommends openssl",
    "postgres": "apt-get install postgresql, start it, or set RISKAPP_TEST_DATABASE_URL",
    "redis": "apt-get install redis-server, start it, or set RISKAPP_TEST_REDIS_URL",
    "ssh-keygen": "apt-get install --no-install-recommends openssh-client",
    "s3": "pip install -r requirements-dev.txt brings the server (moto)",
    "shared": "put the folder of shared test data beside the checkout",
}


def missing(part: str) -> NoReturn:
    """Skips the test, or fails it where RISKAPP_REQUIRE (or CI) demands the part."""
    message = f"{part} is not here; to run this test: {COMMANDS[part]}"
    required = os.environ.get("RISKAPP_REQUIRE", "").split(",")
    if part in required or (part == "shared" and os.environ.get("CI") == "true"):
        pytest.fail(message)
    pytest.skip(message)


def answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def postgres_url() -> str | None:
    """Where tests may make databases of their own."""
    url = os.environ.get("RISKAPP_TEST_DATABASE_URL")
    if url is None and answers("127.0.0.1", 5432):
        url = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    return url


def redis_url() -> str | None:
    url = os.environ.get("RISKAPP_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
    parts = urlsplit(url)
    return url if answers(parts.hostname or "127.0.0.1", parts.port or 6379) else None


def chromium() -> str | None:
    return shutil.which("chromium")


def ssh_keygen() -> str | None:
    return shutil.which("ssh-keygen")


def openssl() -> str | None:
    return shutil.which("openssl")


def clamd() -> str | None:
    return shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
