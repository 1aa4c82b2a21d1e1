"""The table of adequacy decisions (Art. 45 GDPR): dated facts, not opinions. Pure.

Shipped as `adequacy.json`, with the day on which it was drawn up. An administrator may override
the decision on a country, with a reason; the rest of the table stays as it is.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Any


class Coverage(StrEnum):
    """Whom a decision covers: everybody there, those who meet its condition, one organisation.

    `NONE` is what only an administrator says: no decision counts for this country.
    """

    FULL = "full"
    PARTIAL = "partial"
    ORGANISATION = "organisation"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of the table; in force from the first day through the last, if there is one.

    `name` is the decision's number; `checked` says whether the row was read in the Official
    Journal, and not elsewhere; `overridden` why an administrator replaced the table's row, empty
    where nobody did. A row that replaces another has no name and was read nowhere.
    """

    code: str
    name: str
    coverage: Coverage
    valid_from: date
    valid_to: date | None = None
    suspended: bool = False
    condition: str = ""
    note: str = ""
    checked: bool = True
    overridden: str = ""

    def in_force(self, day: date) -> bool:
        if self.coverage is Coverage.NONE or self.suspended or day < self.valid_from:
            return False
        return self.valid_to is None or day <= self.valid_to


@dataclass(frozen=True)
class AdequacyTable:
    """Where data may go without a safeguard; `as_of` the day on which the table was drawn up.

    `territories` are those of `eea` that lie elsewhere and are treated as it; `traps` those that
    look as if they were of the EEA and are not.
    """

    as_of: date
    regime: str
    note: str
    eea: frozenset[str]
    aliases: Mapping[str, str]
    decisions: tuple[Decision, ...] = field(default=())
    territories: frozenset[str] = frozenset()
    traps: frozenset[str] = frozenset()

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Decision, ...]]:
        found: dict[str, tuple[Decision, ...]] = {}
        for decision in self.decisions:
            found[decision.code] = (*found.get(decision.code, ()), decision)
        return found

    def country(self, code: str | None) -> str:
        """Bring a country code to ISO form: capitals, EL as GR, UK as GB; unknown is empty."""
        trimmed = (code or "").strip().upper()
        return self.aliases.get(trimmed, trimmed)

    def of(self, code: str) -> tuple[Decision, ...]:
        """Every decision on a country, in force or not."""
        return self._by_code.get(code, ())

    def coverage(self, code: str, day: date) -> Coverage | None:
        """The widest coverage in force on a day; None where there is no decision in force."""
        found = {decision.coverage for decision in self.of(code) if decision.in_force(day)}
        return next((one for one in (Coverage.FULL, Coverage.PARTIAL) if one in found), None)

    def overridden(self, instead: Iterable[Decision]) -> "AdequacyTable":
        """The table with other decisions on these countries in place of its own."""
        new = tuple(instead)
        codes = {decision.code for decision in new}
        kept = tuple(decision for decision in self.decisions if decision.code not in codes)
        return replace(self, decisions=tuple(sorted((*kept, *new), key=lambda one: one.code)))


@cache
def shipped() -> AdequacyTable:
    """The table that riskapp ships."""
    text = files("riskapp.scoring").joinpath("adequacy.json").read_text()
    return read_table(json.loads(text))


def read_table(document: Mapping[str, Any]) -> AdequacyTable:
    """A table from its JSON values (schema `transfer-regimes/1`)."""
    territories = frozenset(document["eea_subterritories_treated_as_eea"])
    return AdequacyTable(
        as_of=date.fromisoformat(document["as_of"]),
        regime=document["regime"],
        note=document["note"],
        eea=territories.union(document["eea"]),
        aliases=dict(document["aliases"]),
        decisions=tuple(
            sorted(map(_decision, document["decisions"]), key=lambda decision: decision.code)
        ),
        territories=territories,
        traps=frozenset(document["not_eea_traps"]),
    )


def _decision(row: Mapping[str, Any]) -> Decision:
    until = row["valid_to"]
    notes = (row.get("status"), row.get("review") and f"reviewed every {row['review']}")
    return Decision(
        code=row["code"],
        name=row["decision"],
        coverage=Coverage(row["coverage"]),
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=until and date.fromisoformat(until),
        suspended=row["suspended"],
        condition=row.get("condition", ""),
        note="; ".join(filter(None, (*notes, row.get("note")))),
        checked=row["checked"],
    )
