"""ClamAV's daemon as a scanner: INSTREAM over its socket, in the pass in which a file is read.

Only the answer "stream: OK" is clean. A daemon that is not there, hangs, closes or says anything
else has given no verdict. Nothing here raises while a file is scanned, and after the first fault
nothing more is sent.
"""

import socket
import struct
from contextlib import suppress

from riskapp.core.scanning import Clean, Infected, Scan, Unscanned, Verdict

CONNECT_SECONDS = 10.0
"""To be taken in, and to take each piece"""
REPLY_SECONDS = 30.0
"""For the verdict while a person waits for it; what takes longer is looked at again later"""
PATIENT_SECONDS = 300.0
PIECE_BYTES = 64 * 1024
MOST_REPLY = 4096
MOST_SIGNATURE = 200

ABSENT = "the virus scanner does not answer"
HANGS = "the virus scanner took too long"
BROKE_OFF = "the virus scanner broke off"
TOO_LARGE = "the file is larger than the virus scanner takes"
NOT_ALL = "the virus scanner's limits do not reach all of the file"
UNCLEAR = "the virus scanner's answer was not understood"

_LENGTH = struct.Struct(">I")
_LIMITS = "Heuristics.Limits.Exceeded"
"""What it "finds" in a file that it did not look at whole, where AlertExceedsMax is set"""

Address = str | tuple[str, int]


class Clamd:
    """Where the daemon listens: the path of a UNIX socket, or host and port."""

    def __init__(self, address: Address) -> None:
        self._address = address

    @classmethod
    def at(cls, written: str) -> "Clamd":
        """By the setting: `/run/clamav/clamd.ctl`, `host:3310` or `[::1]:3310`.

        Raises ValueError.
        """
        if written.startswith("/"):
            return cls(written)
        host, colon, port = written.rpartition(":")
        inner = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        right = colon and inner and "/" not in inner and (inner != host or ":" not in host)
        if not right or not (port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
            raise ValueError("write it like /run/clamav/clamd.ctl or 127.0.0.1:3310")
        return cls((inner, int(port)))

    def begin(self, *, patient: bool = False) -> Scan:
        return ClamdScan(self._address, PATIENT_SECONDS if patient else REPLY_SECONDS)


class ClamdScan:
    """One file on its way; asked for its verdict once."""

    def __init__(self, address: Address, reply_seconds: float) -> None:
        self._reply_seconds = reply_seconds
        self._ahead = bytearray()
        self._fault: str | None = None
        self._socket: socket.socket | None = None
        try:
            self._socket = _connected(address)
            self._socket.sendall(b"zINSTREAM\0")
        except OSError as error:
            self._give_up(HANGS if isinstance(error, TimeoutError) else ABSENT)

    @property
    def given_up(self) -> bool:
        return self._socket is None

    def write(self, data: bytes) -> None:
        if self._socket is None:
            return
        self._ahead += data  # small pieces would cost a call of the system each
        if len(self._ahead) >= PIECE_BYTES:
            self._send()

    def finish(self) -> Verdict:
        if self._socket is not None and self._ahead:
            self._send()
        if self._socket is None:
            return Unscanned(self._fault or BROKE_OFF)
        try:
            self._socket.sendall(_LENGTH.pack(0))
            self._socket.settimeout(self._reply_seconds)
            return verdict_of(self._reply())
        except TimeoutError:
            return Unscanned(HANGS)
        except OSError:
            return Unscanned(self._why_it_closed())
        finally:
            self.abort()

    def abort(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
            self._socket = None
        self._ahead = bytearray()

    def _send(self) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendall(_LENGTH.pack(len(self._ahead)) + self._ahead)
        except TimeoutError:
            self._give_up(HANGS)
        except OSError:
            self._give_up(self._why_it_closed())
        self._ahead = bytearray()

    def _why_it_closed(self) -> str:
        """It says so before it closes, where the file is larger than it takes."""
        for _ in range(2):  # the first reading may say that the connection was reset, and only that
            with suppress(OSError):
                found = verdict_of(self._reply())
                return found.why if isinstance(found, Unscanned) else BROKE_OFF
        return BROKE_OFF

    def _reply(self) -> bytes:
        """What it says, up to the zero byte that ends it or to the end of the connection."""
        said = b""
        while self._socket is not None and b"\0" not in said and len(said) < MOST_REPLY:
            piece = self._socket.recv(MOST_REPLY)
            if not piece:
                break
            said += piece
        return said

    def _give_up(self, why: str) -> None:
        self._fault = why
        self.abort()


def verdict_of(said: bytes) -> Verdict:
    """What a reply means; clean is said in one way only."""
    if not said:
        return Unscanned(BROKE_OFF)
    if said == b"stream: OK\0":
        return Clean()
    words = said.removesuffix(b"\0").decode("utf-8", "replace")
    if words.startswith("stream: ") and words.endswith(" FOUND"):
        name = words.removeprefix("stream: ").removesuffix("FOUND").strip()
        if name.startswith(_LIMITS):
            return Unscanned(NOT_ALL)
        shown = "".join(c for c in name if c.isascii() and c.isprintable())[:MOST_SIGNATURE]
        return Infected(shown or "unnamed")
    if words.startswith("INSTREAM size limit exceeded"):
        return Unscanned(TOO_LARGE)
    return Unscanned(UNCLEAR)


def _connected(address: Address) -> socket.socket:
    if not isinstance(address, str):
        return socket.create_connection(address, CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection
