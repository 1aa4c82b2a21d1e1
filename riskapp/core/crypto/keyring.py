"""The port to the master keys, and how keys are wrapped: master key, vendor key, data key.

Wrapping is AES-256-KWP (RFC 5649) and takes no associated data: key services that come later
(AWS KMS, Vault transit) cannot all carry it, and a sealed file binds its identity itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from riskapp.core.crypto.sealed import KEY_BYTES


class UnwrapFailed(Exception):  # noqa: N818 - the words that a log shall show
    """The wrapped key was changed, or it was wrapped with another key."""


class MasterKeyMissing(Exception):  # noqa: N818 - the words that a log shall show
    """The keyring has no such master key: what was wrapped with it cannot be opened."""

    def __init__(self, provider: str, master_key_id: str) -> None:
        super().__init__(
            f"The keyring has no master key {master_key_id!r} of provider {provider!r}. "
            "Restore the keyring from its backup; a new one cannot open old files."
        )
        self.provider = provider
        self.master_key_id = master_key_id


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key as it may be stored: useless without the master key that it names."""

    provider: str
    master_key_id: str
    wrapped: bytes


class Keyring(Protocol):
    """Master keys, which never leave it. One is current: `wrap` uses that one."""

    @property
    def current(self) -> str:
        """The id of the master key that wraps from now on."""
        ...

    @property
    def ids(self) -> Sequence[str]:
        """The master keys that it has, the oldest first."""
        ...

    def add(self) -> str:
        """Makes a master key, which is current from now on; its id. The others stay, to unwrap."""
        ...

    def wrap(self, key: bytes) -> Wrapped:
        """Wraps a 32-byte key with the current master key."""
        ...

    def unwrap(self, wrapped: Wrapped) -> bytes:
        """The key again, whichever master key it was; raises MasterKeyMissing, UnwrapFailed."""
        ...


def wrap_with(kek: bytes, key: bytes) -> bytes:
    """`key` wrapped with `kek`. Both are 32 bytes (ValueError), for a shorter kek would be AES-128.

    The result is 40 bytes.
    """
    _require_32_bytes(kek)
    _require_32_bytes(key)
    return aes_key_wrap_with_padding(kek, key)


def unwrap_with(kek: bytes, wrapped: bytes) -> bytes:
    """The reverse of `wrap_with`; raises UnwrapFailed."""
    _require_32_bytes(kek)
    try:
        return aes_key_unwrap_with_padding(kek, wrapped)
    except InvalidUnwrap:
        raise UnwrapFailed("The wrapped key was changed, or wrapped with another key.") from None


def _require_32_bytes(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is {KEY_BYTES} bytes, this one has {len(key)}")
