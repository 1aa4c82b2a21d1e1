"""What a process can still do that reads hostile files: each is tried by one that is confined."""

import subprocess
import sys
from pathlib import Path

import pytest

CORE = Path(__file__).parents[3] / "riskapp" / "core"

TRY = """
import os, socket, sys
sys.path.append(sys.argv[1])
from pdf.confine import confine
elsewhere = os.open(sys.argv[2], os.O_WRONLY)
refused = confine() if sys.argv[4] == "all" else confine(calls=False)
try:
    exec(sys.argv[3])
except BaseException as error:
    os.write(1, type(error).__name__.encode())
else:
    os.write(1, b"done")
"""
TRIES = {
    "read a file": "os.open(sys.argv[2], os.O_RDONLY)",
    "make a file": "os.open(sys.argv[2] + 'x', os.O_CREAT | os.O_WRONLY)",
    "write to a file that was open": "os.write(elsewhere, b'plaintext')",
    "open a socket": "socket.socket()",
    "open a pair of sockets": "socket.socketpair()",
    "fill the memory": "bytearray(2 << 30)",
}
ONLY_BY_THE_KERNEL = {
    "start a process": "os.fork() or os._exit(0)",
    "become a program": "os.execv('/bin/true', ['true'])",
    "look at a file": "os.stat('/')",
    "remove a file": "os.unlink(sys.argv[2])",
    "send a signal": "os.kill(os.getppid(), 0)",
}


def tried(what: str, tmp_path: Path, how: str) -> subprocess.CompletedProcess[bytes]:
    victim = tmp_path / "victim"
    victim.write_bytes(b"before")
    command = [sys.executable, "-I", "-S", "-B", "-c", TRY, str(CORE), str(victim), what, how]
    found = subprocess.run(command, capture_output=True, check=False, env={}, timeout=60)
    assert victim.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [victim]
    return found


@pytest.mark.parametrize("how", ["all", "limits"])
@pytest.mark.parametrize("name", TRIES)
def test_a_confined_process_has_nothing_but_its_pipes(name: str, how: str, tmp_path: Path) -> None:
    found = tried(TRIES[name], tmp_path, how)
    assert found.stdout != b"done", name
    assert found.stdout or found.returncode != 0  # refused, or killed


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels have no such filter")
@pytest.mark.parametrize("name", ONLY_BY_THE_KERNEL)
def test_the_kernel_refuses_what_no_limit_forbids(name: str, tmp_path: Path) -> None:
    found = tried(ONLY_BY_THE_KERNEL[name], tmp_path, "all")
    assert found.stdout == b"PermissionError", name


def test_a_confined_process_still_computes_and_speaks(tmp_path: Path) -> None:
    found = tried("len(bytearray(50_000_000).hex())", tmp_path, "all")
    assert found.stdout == b"done"
