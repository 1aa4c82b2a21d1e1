"""Why a file is not taken as evidence. Pure."""

from enum import StrEnum

from riskapp.core.errors import Refusal


class Problem(StrEnum):
    """What is wrong with a file: with its type, or with what its list of contents says."""

    EMPTY = "empty"
    EXTENSION = "extension"
    SIGNATURE = "signature"
    NOT_TEXT = "not_text"
    NOT_UTF8 = "not_utf8"
    MARKUP = "markup"
    TWO_AT_ONCE = "two_at_once"
    NO_END = "no_end"
    BEHIND_END = "behind_end"
    INCONSISTENT = "inconsistent"
    TOO_MANY = "too_many"
    TOO_LARGE = "too_large"
    NESTED = "nested"
    ENCRYPTED = "encrypted"
    PACKING = "packing"
    NAMES = "names"
    MACROS = "macros"


class TypeRefused(Refusal):
    """`extension` (lower case, without its dot, possibly empty) and `reason`, a Problem.

    `entry` is the file within the archive that is meant, fit to be shown; empty where none is.
    """

    def __init__(self, name_extension: str, reason: Problem, entry: str = "") -> None:
        super().__init__(f".{name_extension}: {reason}")
        self.extension = name_extension
        self.reason = reason
        self.entry = entry


class InfectedRefused(Refusal):
    """A virus scanner found something in the file; `signature` is its name for it."""

    def __init__(self, signature: str) -> None:
        super().__init__("infected")
        self.signature = signature
