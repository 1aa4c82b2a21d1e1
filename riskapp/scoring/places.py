"""The places of an assessment's data: what makes each of them lawful, and what it costs. Pure.

A score asks of every answer about places which of them is the worst. Here the same is looked at
from the other side: country by country.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from riskapp.catalogue.answers import rows_credit
from riskapp.catalogue.conditions import holds
from riskapp.catalogue.model import Question, Release, Table
from riskapp.scoring.adequacy import AdequacyTable, Coverage, Decision
from riskapp.scoring.basis import Basis, BasisItem, Transfer
from riskapp.scoring.day import sheet_on
from riskapp.scoring.located import Mention, Role, Source, sources
from riskapp.scoring.rules import ONE, ZERO, Result, evaluate
from riskapp.scoring.sheet import Sheet
from riskapp.scoring.terms import Terms
from riskapp.scoring.transfers import Safeguard, Standing, standing


class Regime(StrEnum):
    """What the law says of a country on a day, whatever a vendor names."""

    EEA = "eea"
    FULL = "full"
    PARTIAL = "partial"
    THIRD = "third"
    UNKNOWN = "unknown"


class Group(StrEnum):
    """How a place stands, from safe to unlawful; `unscored` where no answer names it."""

    EEA = "eea"
    ADEQUATE = "adequate"
    SAFEGUARDED = "safeguarded"
    WEAK = "weak"
    UNLAWFUL = "unlawful"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an assessment: its answers as they were scored, and the officer's words.

    `values` by question id; `facts` are those that the assessment was drawn up with; `seat` the
    country of the vendor and `delivered_from` those that the engagement is delivered from.
    """

    releases: Sequence[Release]
    facts: Mapping[str, Any]
    values: Mapping[str, Any]
    seat: str = ""
    delivered_from: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """One way in which data comes to a place, and what that is worth.

    `named` is False where no row of the register that counts is on this country; `assessed_until`
    the last day on which the transfer impact assessment is recent enough.
    """

    safeguard: Safeguard
    assessed_until: date | None
    standing: Standing
    named: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What a place does to one question.

    `worth` the credit that it leaves to the answer, 0…1. It `decides` where nothing leaves less;
    `shared` where another place leaves the same. `points` are all that the question adds to the
    residual risk, `own` those that would fall away if this place alone were left out.
    """

    question: str
    worth: Fraction
    decides: bool
    shared: bool
    points: Fraction
    own: Fraction


@dataclass(frozen=True, slots=True)
class Place:
    """A country with all that is said of it; `country` is empty where a row names none.

    `without` the outcome if no answer named it, None where it would be the same; `costs` the
    points of residual risk that would fall away then.
    """

    country: str
    regime: Regime
    decisions: tuple[Decision, ...]
    mentions: tuple[Mention, ...]
    grounds: tuple[Ground, ...]
    effects: tuple[Effect, ...]
    without: Result | None
    costs: Fraction

    @property
    def worth(self) -> Fraction:
        """What its worst row is worth, 0…1."""
        return min((ground.standing.credit for ground in self.grounds), default=ONE)

    @property
    def unlawful(self) -> bool:
        """Whether the law forbids what happens there."""
        return any(ground.standing.legal_block for ground in self.grounds)

    @property
    def unnamed(self) -> bool:
        """Whether it needs a ground, and the register names none."""
        bare = any(not ground.named for ground in self.grounds)
        return bare and self.regime not in (Regime.EEA, Regime.FULL)

    @property
    def group(self) -> Group:
        if not self.grounds:
            return Group.UNSCORED
        worst = min(self.grounds, key=lambda ground: ground.standing.credit)
        if self.unlawful:
            return Group.UNLAWFUL
        if self.regime in (Regime.EEA, Regime.FULL):
            return Group.EEA if self.regime is Regime.EEA else Group.ADEQUATE
        if worst.standing.credit < _SAFEGUARDED:
            return Group.WEAK
        return Group.ADEQUATE if worst.safeguard is Safeguard.DPF else Group.SAFEGUARDED


_SAFEGUARDED = Fraction(1, 2)
"""Below it a safeguard is not complete, or for occasional transfers only."""


@dataclass(frozen=True, slots=True)
class Places:
    """The picture of a day. `places` from the safest to the worst, then those nobody answered for.

    `sources` are the questions that it is drawn from; `owners` who stands above the vendor;
    `inside` the outcome if all that lies outside the EEA were left out.
    """

    as_of: date
    sheet: Sheet
    result: Result
    inside: Result
    sources: tuple[Source, ...]
    places: tuple[Place, ...]
    owners: tuple[Mention, ...]


def places(told: Told, basis: Basis, as_of: date, terms: Terms) -> Places:
    """Draw the places of what was scored, as the law and the safeguards stand on a day."""
    return _Drawer(told, basis, as_of, terms).drawn()


class _Drawer:
    def __init__(self, told: Told, basis: Basis, as_of: date, terms: Terms) -> None:
        self.told, self.basis, self.as_of, self.terms = told, basis, as_of, terms
        self.adequacy: AdequacyTable = terms.adequacy
        self.questions = {
            name: one for release in told.releases for name, one in release.questions.items()
        }
        self.sources = sources(told.releases, told.values, basis, self.adequacy)
        self.sheet = sheet_on(basis, as_of, terms)
        self.result = evaluate(self.sheet)
        self.credits = {item.id: item.credit for item in self.sheet.items}
        self.weighed = [item for item in basis.items if item.transfers]

    def drawn(self) -> Places:
        mentions: dict[str, list[Mention]] = {}
        for one in (*self._answered(), *self._known()):
            mentions.setdefault(one.country, []).append(one)
        found = [self._place(country, told) for country, told in mentions.items()]
        order = list(Group)
        found.sort(key=lambda place: (order.index(place.group), place.country))
        abroad = {place.country for place in found if place.regime is not Regime.EEA}
        every = [replace(one, shared=False) for place in found for one in place.effects]
        return Places(
            as_of=self.as_of,
            sheet=self.sheet,
            result=self.result,
            inside=self._without(abroad, every) or self.result,
            sources=self.sources,
            places=tuple(found),
            owners=tuple(
                one
                for source in self.sources
                if source.role is Role.OWNER
                for one in source.mentions
            ),
        )

    def _answered(self) -> Iterable[Mention]:
        return (
            one
            for source in self.sources
            if source.role is not Role.OWNER
            for one in source.mentions
        )

    def _known(self) -> Iterable[Mention]:
        """What the officer wrote down, and nobody scores."""
        if self.told.seat:
            yield Mention(Role.SEAT, self.adequacy.country(self.told.seat))
        for code in self.told.delivered_from:
            yield Mention(Role.DELIVERED, self.adequacy.country(code))

    def _place(self, country: str, mentions: Sequence[Mention]) -> Place:
        grounds = self._grounds(country)
        effects = tuple(self._effects(country))
        without = self._without({country}, effects)
        if without is not None:
            left = without.contributions
            effects = tuple(replace(one, own=one.points - left[one.question]) for one in effects)
        return Place(
            country=country,
            regime=self._regime(country),
            decisions=self.adequacy.of(country),
            mentions=tuple(mentions),
            grounds=grounds,
            effects=effects,
            without=without,
            costs=ZERO if without is None else self.result.residual - without.residual,
        )

    def _regime(self, country: str) -> Regime:
        if not country:
            return Regime.UNKNOWN
        if country in self.adequacy.eea:
            return Regime.EEA
        coverage = self.adequacy.coverage(country, self.as_of)
        known = {Coverage.FULL: Regime.FULL, Coverage.PARTIAL: Regime.PARTIAL}
        return Regime.THIRD if coverage is None else known[coverage]

    def _grounds(self, country: str) -> tuple[Ground, ...]:
        """Every ground that decides a credit, in the order of the questions, each once."""
        named = any(
            one.country == country
            for source in self.sources
            if source.role is Role.TRANSFERRED and source.believed
            for one in source.mentions
        )
        rows = dict.fromkeys(row for item in self.weighed for row in self._rows(item, country))
        return tuple(
            Ground(row.safeguard, row.assessed_until, self._standing(row), named) for row in rows
        )

    def _rows(self, item: BasisItem, country: str) -> list[Transfer]:
        return [row for row in item.transfers if self.adequacy.country(row.country) == country]

    def _standing(self, row: Transfer) -> Standing:
        assessed = row.assessed_until is not None and self.as_of <= row.assessed_until
        return standing(row.country, row.safeguard, self.adequacy, self.as_of, assessed=assessed)

    def _worth(self, rows: Iterable[Transfer]) -> Fraction:
        return min((self._standing(row).credit for row in rows), default=ONE)

    def _effects(self, country: str) -> Iterable[Effect]:
        for item in self.weighed:
            rows = self._rows(item, country)
            if not rows:
                continue
            worth = self._worth(rows)
            others = self._worth(row for row in item.transfers if row not in rows)
            decides = worth < 1 and worth == self.credits[item.id]
            yield Effect(
                question=item.id,
                worth=worth,
                decides=decides,
                shared=decides and others == worth,
                points=self.result.contributions[item.id],
                own=ZERO,
            )

    def _without(self, gone: Collection[str], effects: Iterable[Effect]) -> Result | None:
        """The outcome if no answer named these countries; None where it is the same.

        A list that is emptied by it counts as one that an officer agreed to. Few countries out of
        many decide anything alone, so that few outcomes are computed.
        """
        values = self._values(gone)
        items = tuple(self._left(item, gone, values) for item in self.basis.items)
        alone = any(one.decides and not one.shared for one in effects)
        if not alone and not any(map(_matters, self.basis.items, items)):
            return None
        return evaluate(sheet_on(replace(self.basis, items=items), self.as_of, self.terms))

    def _values(self, gone: Collection[str]) -> dict[str, Any]:
        """The answers without every row that names one of these countries."""
        left = {
            source.question.id: [
                row
                for row, one in zip(
                    self.told.values[source.question.id], source.mentions, strict=True
                )
                if one.country not in gone
            ]
            for source in self.sources
            if source.mentions and source.question.by_transfers
        }
        return {**self.told.values, **left}

    def _left(self, item: BasisItem, gone: Collection[str], values: Mapping[str, Any]) -> BasisItem:
        question = self.questions.get(item.id)
        if item.knockout is not None and question is not None and self._spared(question, values):
            item = replace(item, knockout=None)
        if not item.transfers:
            return item
        rows = tuple(
            row for row in item.transfers if self.adequacy.country(row.country) not in gone
        )
        beside = item.credit
        if question is not None and isinstance(question.answer, Table):
            beside = rows_credit(question.answer, values.get(item.id) or ())
        return replace(item, transfers=rows, credit=beside)

    def _spared(self, question: Question, values: Mapping[str, Any]) -> bool:
        """Whether a knock-out that holds only with certain answers would not hold with these."""
        written = question.knockout
        if written is None or written.when is None:
            return False
        return not holds(written.when, self.told.facts, values)


def _matters(before: BasisItem, after: BasisItem) -> bool:
    """Whether leaving rows out changed more of an item than its rows."""
    return (before.knockout, before.credit) != (after.knockout, after.credit)
