"""Countries and territories with an ISO 3166-1 alpha-2 code, and what they are called.

The names come from Babel's CLDR data, imported when the first one is asked for.
"""

import unicodedata
from functools import cache

NOT_ISO = frozenset(
    "AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ".split()  # noqa: SIM905 - a list of codes
)
"""What CLDR names beside the 249 assigned codes: reserved, groups of countries, or test data."""

_CODE_LENGTH = 2


@cache
def _names(locale: str) -> dict[str, str]:
    from babel import Locale  # noqa: PLC0415 - its import takes longer than most commands

    named: dict[str, str] = Locale.parse(locale.replace("-", "_")).territories  # type: ignore[assignment] # Babel types its tables loosely
    return {
        code: words
        for code, words in named.items()
        if len(code) == _CODE_LENGTH and code.isalpha() and code not in NOT_ISO
    }


def is_country(code: str) -> bool:
    """Whether this is an assigned code, in capitals: "GB", never "gb" or "UK"."""
    return code in _names("en")


def name(code: str, locale: str = "en") -> str:
    """The name in a language ("de", "pt-BR"). Raises KeyError for what is no country."""
    return _names(locale).get(code) or _names("en")[code]


@cache
def _sorted(locale: str) -> tuple[tuple[str, str], ...]:
    named = [(code, name(code, locale)) for code in _names("en")]
    return tuple(sorted(named, key=lambda pair: _sorting(pair[1])))


def all_countries(locale: str = "en") -> list[tuple[str, str]]:
    """Code and name of every country, by name; accents do not change the order."""
    return list(_sorted(locale))


def _sorting(words: str) -> str:
    letters = unicodedata.normalize("NFKD", words)
    return "".join(one for one in letters if not unicodedata.combining(one)).casefold()
