"""Master keys in a file beside the application: the default for one server.

The file is JSON: `{"version": 1, "current": id, "keys": {id: base64 of 32 bytes}}`, mode 0600.
Back it up apart from the database and the evidence: who has all three can read everything, and
who has lost it can read nothing.
"""

import base64
import binascii
import json
import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from riskapp.core.crypto.folder import locked, sync
from riskapp.core.crypto.keyring import MasterKeyMissing, Wrapped, unwrap_with, wrap_with
from riskapp.core.crypto.sealed import KEY_BYTES, new_key

PROVIDER = "file"
_FORMAT = 1
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyringUnreadable(Exception):  # noqa: N818 - the words that an operator shall see
    """The keyring file cannot be trusted or read, so riskapp must not start."""

    def __init__(self, path: Path, problem: str, way_out: str) -> None:
        super().__init__(f"The keyring {path} {problem}. {way_out}")
        self.path = path
        self.problem = problem
        self.way_out = way_out


class FileKeyring:
    """A keyring in a local file, made with one fresh key where there is none.

    Several processes that start at once agree on one file. Raises KeyringUnreadable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if not _there(path):
            _make(path)
        self._read()

    @property
    def current(self) -> str:
        self._read_if_changed()
        return self._current

    @property
    def ids(self) -> Sequence[str]:
        self._read_if_changed()
        return tuple(self._keys)

    def wrap(self, key: bytes) -> Wrapped:
        """Wraps a 32-byte key with the current master key. Raises KeyringUnreadable.

        If another process made a master key meanwhile, that one is current here too.
        """
        self._read_if_changed()
        return Wrapped(PROVIDER, self._current, wrap_with(self._keys[self._current], key))

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """The key again, whichever master key it was; raises MasterKeyMissing, UnwrapFailed.

        An unknown master key is looked for in the file once more: another process may have made
        one since.
        """
        if wrapped.provider != PROVIDER:
            raise MasterKeyMissing(wrapped.provider, wrapped.master_key_id)
        if wrapped.master_key_id not in self._keys:
            self._read()
        if wrapped.master_key_id not in self._keys:
            raise MasterKeyMissing(wrapped.provider, wrapped.master_key_id)
        return unwrap_with(self._keys[wrapped.master_key_id], wrapped.wrapped)

    def add(self) -> str:
        with locked(self._path.parent):
            loaded = _load(self._path)
            beside = _write_beside(self._path, *_with_new_key(loaded.keys))
            beside.replace(self._path)
            sync(self._path.parent)
        self._read()
        return self._current

    def _read_if_changed(self) -> None:
        try:
            changed = _stamp(self._path.stat()) != self._stamp
        except OSError:
            changed = True
        if changed:
            self._read()

    def _read(self) -> None:
        # One by one, each in one step: another thread may be wrapping.
        loaded = _load(self._path)
        self._keys = loaded.keys
        self._current = loaded.current
        self._stamp = loaded.stamp


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What the file said when it was as `stamp` tells it from others."""

    current: str
    keys: dict[str, bytes] = field(repr=False)
    stamp: tuple[int, int, int]


def _with_new_key(keys: dict[str, bytes]) -> tuple[str, dict[str, bytes]]:
    key_id = secrets.token_hex(8)
    return key_id, {**keys, key_id: new_key()}


def _there(path: Path) -> bool:
    """Also a dangling link is there: a secret that failed to mount must not be made anew."""
    return os.path.lexists(path)


def _make(path: Path) -> None:
    """Makes the file whole or not at all; whoever comes second keeps the first one's file."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = _write_beside(path, *_with_new_key({}))
        try:
            path.hardlink_to(beside)
        except FileExistsError:
            return
        finally:
            beside.unlink()
            sync(path.parent)
    except OSError as fault:
        raise KeyringUnreadable(
            path,
            f"cannot be made ({fault.strerror})",
            "Make its folder writable for the user that runs riskapp, or name another place.",
        ) from fault


def _write_beside(path: Path, current: str, keys: dict[str, bytes]) -> Path:
    """A complete, durable file under a name of its own, to be put in place in one step."""
    content = {
        "version": _FORMAT,
        "current": current,
        "keys": {key_id: base64.b64encode(key).decode() for key_id, key in keys.items()},
    }
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with open(
        beside, "x", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)
    ) as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return beside


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_mtime_ns, status.st_size


def _load(path: Path) -> _Loaded:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
    except OSError as fault:
        raise KeyringUnreadable(
            path,
            f"cannot be read ({fault.strerror})",
            "Give it to the user that runs riskapp, with mode 0600, or restore it from its backup.",
        ) from fault
    mode = status.st_mode
    if mode & _OTHERS:
        raise KeyringUnreadable(
            path,
            f"is open to other users (mode {stat.S_IMODE(mode):04o})",
            f"Run `chmod 600 {path}`; if others may have read it, make a new master key after.",
        )
    try:
        return _Loaded(*_parse(content), _stamp(status))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        # The cause is left out: it could quote key material into a log.
        raise KeyringUnreadable(
            path,
            "is malformed",
            "Restore it from its backup. Do not delete it: the evidence cannot be read without it.",
        ) from None


def _parse(content: bytes) -> tuple[str, dict[str, bytes]]:
    """Raises one of the usual errors of bad data; the caller words them all alike."""
    data = json.loads(content)
    keys = {key_id: base64.b64decode(key, validate=True) for key_id, key in data["keys"].items()}
    if data["version"] != _FORMAT or any(len(key) != KEY_BYTES for key in keys.values()):
        raise ValueError("unknown version or a key of a wrong length")
    current = data["current"]
    if not isinstance(current, str) or current not in keys:
        raise ValueError("the current key is not among the keys")
    return current, keys
