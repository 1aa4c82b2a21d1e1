"""The numbers of a scheme as people read and type them: in groups, by field, each with its unit."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from riskapp.catalogue.library import Library
from riskapp.releases.queries import offered
from riskapp.scoring.constants import KnockoutLevel
from riskapp.scoring.schemes import ABOVE_LOW, STANDARD, Scheme, written
from riskapp.scoring.wishes import HEAVIEST, PERCENTS, SchemeRefused, Wish
from riskapp.vendors.rules import Bounds, Tier

POINTS, PER_CENT, MONTHS = "points", "%", "months"
_NUMBER = re.compile(r"[0-9]{1,4}(?:[.,][0-9]{1,4})?")
_WHOLE = re.compile(r"[0-9]{1,4}")
_TIERS = {tier: str(tier).capitalize() for tier in Tier}

Typed = Mapping[str, str]
"""What stands in each field, by its name."""


@dataclass(frozen=True, slots=True)
class Field:
    """`of` gives what a scheme says, in the field's unit; "" for what it leaves to others."""

    name: str
    label: str
    unit: str
    of: Callable[[Scheme], str]
    hint: str = ""

    @property
    def optional(self) -> bool:
        return not self.unit


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    words: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a scheme beside the same of another; `changed` where they differ."""

    label: str
    ours: str
    theirs: str

    @property
    def changed(self) -> bool:
        return self.ours != self.theirs


@dataclass(frozen=True, slots=True)
class KnownDomain:
    """A domain of the questionnaires that can be sent; `weights` what they give it."""

    id: str
    title: str
    weights: frozenset[int]


def known_domains(session: Session, library: Library) -> list[KnownDomain]:
    """By title. Two statements."""
    titles: dict[str, str] = {}
    weights: dict[str, set[int]] = {}
    for release in offered(session, library).newest.values():
        for name, domain in release.domains.items():
            titles.setdefault(name, domain.title)
            weights.setdefault(name, set()).add(domain.weight)
    found = (KnownDomain(name, titles[name], frozenset(weights[name])) for name in titles)
    return sorted(found, key=lambda one: (one.title.casefold(), one.id))


def with_those_of(scheme: Scheme, domains: Iterable[KnownDomain]) -> list[KnownDomain]:
    """The domains, and those that a scheme weighs although no questionnaire has them any more."""
    found = list(domains)
    gone = set(scheme.weights).difference(one.id for one in found)
    return found + [KnownDomain(name, name, frozenset()) for name in sorted(gone)]


def groups(domains: Sequence[KnownDomain]) -> list[Group]:
    """Every field of a scheme, as form and tables have them."""
    return [
        Group(
            "Where each tier begins",
            "On the scale of scores, 0 to 100. What lies below medium is low. Whole points or "
            "tenths.",
            [_bound(tier) for tier in ABOVE_LOW],
        ),
        Group(
            "What a failed knock-out holds",
            "The least score while one fails, whatever else is good: at least where high begins, "
            "and critical. One that the law asks holds in any case; others end at the inherent "
            "risk.",
            [_floor(level) for level in KnockoutLevel],
        ),
        Group(
            "When a domain is weak",
            "Below this effectiveness a domain holds the score in the next tier. More inherent "
            "risk never asks less; at low inherent risk nothing is asked.",
            [_weak(tier) for tier in ABOVE_LOW],
        ),
        Group(
            "Months until the next assessment",
            "Counted from the decision, by the tier of today. Worse tiers never wait longer.",
            [_cadence(tier) for tier in Tier],
        ),
        Group(
            "What a domain weighs",
            f"A whole number from 1 to {HEAVIEST}. Empty: as its questionnaire says.",
            [_weight(domain) for domain in domains],
        ),
    ]


def _bound(tier: Tier) -> Field:
    return Field(
        f"bound-{tier}",
        _TIERS[tier],
        POINTS,
        lambda scheme: written(scheme.constants.bounds.lower(tier)),
    )


def _floor(level: KnockoutLevel) -> Field:
    label = "The law" if level is KnockoutLevel.LEGAL else str(level).capitalize()
    return Field(
        f"floor-{level}", label, POINTS, lambda scheme: written(scheme.constants.knockout[level])
    )


def _weak(tier: Tier) -> Field:
    return Field(
        f"weak-{tier}",
        f"{_TIERS[tier]} inherent risk",
        PER_CENT,
        lambda scheme: written(scheme.constants.weak[tier] * PERCENTS),
    )


def _cadence(tier: Tier) -> Field:
    return Field(f"cadence-{tier}", _TIERS[tier], MONTHS, lambda scheme: str(scheme.cadence[tier]))


def _weight(domain: KnownDomain) -> Field:
    usual = " or ".join(map(str, sorted(domain.weights)))
    hint = f"Usually {usual}" if usual else "In no questionnaire now"
    return Field(
        f"weight-{domain.id}",
        domain.title,
        "",
        lambda scheme: str(scheme.weights.get(domain.id, "")),
        hint,
    )


def filled(scheme: Scheme, domains: Sequence[KnownDomain]) -> dict[str, str]:
    """A scheme's numbers as they stand in the form."""
    return {field.name: field.of(scheme) for group in groups(domains) for field in group.fields}


def compared(
    ours: Scheme, theirs: Scheme, domains: Sequence[KnownDomain]
) -> list[tuple[str, list[Row]]]:
    """Both schemes' numbers side by side, in their groups; of the domains those that differ."""
    found = []
    for group in groups(domains):
        rows = [_row(field, ours, theirs) for field in group.fields]
        kept = [row for row in rows if row.changed or not group.fields[0].optional]
        if kept:
            found.append((group.title, kept))
    return found


def _row(field: Field, ours: Scheme, theirs: Scheme) -> Row:
    def said(scheme: Scheme) -> str:
        return f"{field.of(scheme)} {field.unit}".strip() or field.hint

    return Row(field.label, said(ours), said(theirs))


def wish_of(typed: Typed, domains: Sequence[KnownDomain]) -> Wish:
    """What was typed, as numbers. Raises SchemeRefused for what is none, by field."""
    faults: dict[str, str] = {}

    def decimal(name: str) -> Fraction:
        text = typed.get(name, "").strip()
        if _NUMBER.fullmatch(text):
            return Fraction(text.replace(",", "."))
        faults[name] = "Enter a number, like 35 or 12.5."
        return Fraction(0)

    def whole(name: str, like: str) -> int:
        text = typed.get(name, "").strip()
        if _WHOLE.fullmatch(text):
            return int(text)
        faults[name] = f"Enter a whole number, like {like}."
        return 0

    wish = Wish(
        Bounds(*(decimal(f"bound-{tier}") for tier in ABOVE_LOW)),
        {level: decimal(f"floor-{level}") for level in KnockoutLevel},
        {tier: decimal(f"weak-{tier}") / PERCENTS for tier in ABOVE_LOW},
        {
            one.id: whole(f"weight-{one.id}", "3")
            for one in domains
            if typed.get(f"weight-{one.id}", "").strip()
        },
        {tier: whole(f"cadence-{tier}", str(STANDARD.cadence[tier])) for tier in Tier},
    )
    if faults:
        raise SchemeRefused(faults)
    return wish
