"""What can be wrong with a stored file, each in words that say what to do. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Damage(StrEnum):
    """Why a file does not open."""

    MISSING = "missing"
    TRUNCATED = "truncated"
    EXTENDED = "extended"
    REORDERED = "reordered"
    CHANGED = "changed"
    ANOTHER_FILE = "another-file"
    OLDER_VERSION = "older-version"
    NEWER_VERSION = "newer-version"
    FOREIGN = "foreign"
    UNSTEADY = "unsteady"
    KEY_MISSING = "key-missing"
    KEY_CHANGED = "key-changed"
    KEY_OF_ANOTHER = "key-of-another-file"
    VENDOR_KEY_MISSING = "vendor-key-missing"
    VENDOR_KEY_CHANGED = "vendor-key-changed"
    MASTER_KEY_MISSING = "master-key-missing"
    ROW_CHANGED = "row-changed"
    OTHER_CONTENT = "other-content"
    USE_CHANGED = "use-changed"

    @property
    def of_the_file(self) -> bool:
        """Whether the file itself is damaged, and is marked so."""
        return self not in {Damage.MASTER_KEY_MISSING, Damage.USE_CHANGED}


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out; `start` and `end` (exclusive) are the stored bytes concerned, if known.

    Of the sealed file, as it lies in the store. Bytes between them may be as they should be.
    """

    kind: Damage
    start: int | None = None
    end: int | None = None

    def __str__(self) -> str:
        return in_words(self.kind)


_STORE = (
    "Restore it from the backup of the evidence store, and find out who or what could write there."
)
_KEYS = (
    "Restore the table of keys from its backup, and find out who or what could write to the "
    "database."
)
_KEYRING = "Restore the keyring from its backup; a new one cannot open old files."
_RECORD = "Compare it with the backup of the database, and find out who or what could write to it."
_DISK = "Look at the disk or the network of the evidence store, then check the file again."

_WORDS = {
    Damage.MISSING: ("Its content is gone from the evidence store.", _STORE),
    Damage.TRUNCATED: ("Its content in the evidence store was cut short.", _STORE),
    Damage.EXTENDED: ("Something was added to its content in the evidence store.", _STORE),
    Damage.REORDERED: (
        "Parts of its content in the evidence store were put into another order.",
        _STORE,
    ),
    Damage.CHANGED: ("Its content in the evidence store was changed.", _STORE),
    Damage.ANOTHER_FILE: ("Another file lies in its place in the evidence store.", _STORE),
    Damage.OLDER_VERSION: (
        "An older version of this file was put back into its place in the evidence store.",
        _STORE,
    ),
    Damage.NEWER_VERSION: (
        "A newer version of this file lies in its place in the evidence store.",
        _STORE,
    ),
    Damage.FOREIGN: (
        "What lies in its place in the evidence store is no file that was ever received here.",
        _STORE,
    ),
    Damage.UNSTEADY: (
        "Its content in the evidence store came differently each time that it was read.",
        _DISK,
    ),
    Damage.KEY_MISSING: ("Its key is gone from the database, and nobody erased the file.", _KEYS),
    Damage.KEY_CHANGED: ("Its key in the database was changed.", _KEYS),
    Damage.KEY_OF_ANOTHER: ("The key of another file stands in the place of its own.", _KEYS),
    Damage.VENDOR_KEY_MISSING: (
        "The vendor's key, which all its files need, is gone from the database.",
        _KEYS,
    ),
    Damage.VENDOR_KEY_CHANGED: (
        "The vendor's key in the database was changed, so that none of its files opens.",
        _KEYS,
    ),
    Damage.MASTER_KEY_MISSING: (
        "The keyring does not have the master key that opens it.",
        _KEYRING,
    ),
    Damage.ROW_CHANGED: (
        "Its record in the database is not what was written down when the file was received.",
        _RECORD,
    ),
    Damage.OTHER_CONTENT: (
        "It opens, but somebody sealed another file with its key.",
        _STORE,
    ),
    Damage.USE_CHANGED: (
        "The database says that it serves this assessment, and nobody ever put it there.",
        _RECORD,
    ),
}


def in_short(kind: str) -> str:
    """What happened, without what to do about it."""
    return _WORDS[Damage(kind)][0]


def in_words(kind: str) -> str:
    """What happened, and what to do."""
    return " ".join(_WORDS[Damage(kind)])
