"""How one signing key leads to the next: statements that two keys sign. Pure.

When a key takes the place of another one, both sign the same statement. The old one endorses the
new, so that whoever trusts its fingerprint can follow. The new one accepts the old, so that nobody
who can write to the database can slip a key of their own before it: only keys that the present one
leads back to are the installation's. A key that was adopted, because the one before is lost, is
endorsed by nobody; its fingerprint has to be told anew.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from riskapp.core.canonical import canonical
from riskapp.core.crypto.signing import Key
from riskapp.core.crypto.sshsig import fingerprint_of, fits, raw_key

NAMESPACE = "riskapp-key"
PRINCIPAL = "riskapp"
"""As whom an `allowed_signers` file knows this installation."""
FORMAT = 1
_END = "-----END SSH SIGNATURE-----\n"


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key of the installation as its row has it; nothing of it is checked yet.

    `signatures` are those over `statement`, in OpenSSH's format: that of the key before, if it
    endorsed this one, and that of this key. The first key has neither.
    """

    number: int
    fingerprint: str
    public_key: str
    since: datetime
    statement: bytes | None
    signatures: Sequence[str]

    @property
    def endorsement(self) -> str | None:
        """By the key before; None for the first key, and for an adopted one."""
        return self.signatures[0] if len(self.signatures) > 1 else None

    @property
    def acceptance(self) -> str | None:
        """By this key; None for the first one."""
        return self.signatures[-1] if self.signatures else None

    @property
    def raw(self) -> bytes:
        """The 32 bytes of the key. Raises ValueError where the row holds none."""
        return raw_key(self.public_key)


@dataclass(frozen=True, slots=True)
class Named:
    """A key as statements name it."""

    fingerprint: str
    public_key: str


def statement(number: int, key: Named, before: Named, since: datetime, *, endorsed: bool) -> bytes:
    """What is signed when `key` takes the place of `before`: canonical JSON (RFC 8785)."""
    return canonical(
        {
            "type": NAMESPACE,
            "format": FORMAT,
            "number": number,
            "fingerprint": key.fingerprint,
            "key": key.public_key,
            "before": {"fingerprint": before.fingerprint, "key": before.public_key},
            "since": since.isoformat(),
            "endorsed": endorsed,
        }
    )


def signed(said: bytes, *, by: Key, before: Key | None) -> str:
    """The signatures over a statement, one after the other; `before` is None where it is lost."""
    both = [] if before is None else [before]
    return "".join(key.sign(NAMESPACE, said) for key in [*both, by])


def signatures_of(text: str | None) -> list[str]:
    """The signatures that `signed` wrote, apart."""
    return re.findall(rf".*?{re.escape(_END)}", text or "", re.DOTALL)


def trusted(keys: Sequence[ListedKey], current: bytes) -> list[ListedKey]:
    """The keys that the current one (raw, 32 bytes) leads back to, itself included; in order.

    `keys` are in the order of their numbers. Empty where the current one is not among them.
    """
    found: list[ListedKey] = []
    for key in reversed(keys):
        if not found:
            if _well_formed(key) and key.raw == current:
                found.append(key)
        elif key.number == found[-1].number - 1 and _well_formed(key) and _accepts(found[-1], key):
            found.append(key)
        else:
            break
    return found[::-1]


def problems(keys: Sequence[ListedKey], current: bytes) -> list[str]:
    """What is wrong with the keys as they are listed, in sentences; none where all is well."""
    if not keys:
        return []
    ours = trusted(keys, current)
    if not ours:
        name = fingerprint_of(current)
        return [f"The signing key {name} is not among the keys that the database lists."]
    said = [
        f"Key {key.number} ({key.fingerprint}) is not one of this installation's keys: "
        f"{_why_not(key, ours)}."
        for key in keys
        if key not in ours
    ]
    if ours[0].number != 1 and ours[0] is keys[0]:
        said.append(f"The keys before key {ours[0].number} are missing.")
    before: ListedKey | None = None
    for key in ours:
        if before is not None and not _endorsement_fits(key, before):
            said.append(
                f"The endorsement of key {key.number} ({key.fingerprint}) by the key before it "
                "does not fit."
            )
        before = key
    return said


def _well_formed(key: ListedKey) -> bool:
    try:
        return fingerprint_of(key.raw) == key.fingerprint
    except ValueError:
        return False


def _accepts(key: ListedKey, before: ListedKey) -> bool:
    """Whether a key signed that it took the place of this one."""
    if key.acceptance is None:
        return False
    return fits(key.raw, NAMESPACE, _said(key, before), key.acceptance)


def _endorsement_fits(key: ListedKey, before: ListedKey) -> bool:
    """True for an adopted key: that it has none was signed by it."""
    if key.endorsement is None:
        return True
    return fits(before.raw, NAMESPACE, _said(key, before), key.endorsement)


def _said(key: ListedKey, before: ListedKey) -> bytes:
    return statement(
        key.number,
        Named(key.fingerprint, key.public_key),
        Named(before.fingerprint, before.public_key),
        key.since,
        endorsed=key.endorsement is not None,
    )


def _why_not(key: ListedKey, ours: Sequence[ListedKey]) -> str:
    if not _well_formed(key):
        return "fingerprint and key do not belong together"
    if key.number > ours[-1].number:
        return f"the signing key is key {ours[-1].number} ({ours[-1].fingerprint})"
    return "the key that is said to follow it, or one after that, did not sign so"
