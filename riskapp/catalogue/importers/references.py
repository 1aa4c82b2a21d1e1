"""Where a question stands in its source, as a mapping of the format."""

from collections.abc import Iterable

from riskapp.catalogue.importers.sheets.frameworks import framework
from riskapp.catalogue.importers.words import clean, shortened
from riskapp.catalogue.mapping_ids import trouble

LONGEST = 100


def references(source: str, label: str, ids: Iterable[str]) -> dict[str, list[str]]:
    """The ids under the framework that the source's name tells of, where that has such ids.

    Others are kept with a label of the source before them.
    """
    key = framework(source)
    found: dict[str, list[str]] = {}
    for one in ids:
        name = clean(one)[:LONGEST]
        if not name:
            continue
        known = key != "other" and trouble(key, name) is None
        written = name if known else f"{shortened(clean(label), LONGEST)} {name}".strip()
        names = found.setdefault(key if known else "other", [])
        if written not in names:
            names.append(written)
    return found
