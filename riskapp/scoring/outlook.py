"""What a score comes to in the months ahead if nobody does anything. Pure.

Proof expires or fades, transfer assessments grow old, adequacy decisions end or begin. The score is
computed on the days on which any of this happens and on the first of every month; between two of
these days proof only fades.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from riskapp.scoring.adequacy import Decision
from riskapp.scoring.basis import Basis, BasisItem
from riskapp.scoring.constants import FRESH_DAYS
from riskapp.scoring.day import sheet_on
from riskapp.scoring.moves import Why, of_floors, proven
from riskapp.scoring.rules import ZERO, Floor, FloorKind, Result, evaluate
from riskapp.scoring.sheet import Sheet, State
from riskapp.scoring.terms import Terms
from riskapp.vendors.rules import Tier

MOST_DAYS = 36
"""Most days of ageing proof that are computed besides the months; of more, some are passed over."""
A_YEAR = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Point:
    day: date
    score: Fraction
    tier: Tier


@dataclass(slots=True)
class Step:
    """Something dated that moves the residual risk by `points`, or a floor that comes or goes.

    `day` the first one on which it tells; proof that fades was `issued_on` and has told all by the
    day `until`. `followed_by` the questions that lean on `item`, whose points are among these.
    `countries` those on which a decision begins or has ended; without one, a transfer tells since
    its assessment is too old. A floor has `kind`, `holders`, `at`, and where it `was` if it moved.
    """

    day: date
    why: Why
    points: Fraction = ZERO
    item: str = ""
    until: date | None = None
    issued_on: date | None = None
    followed_by: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    kind: FloorKind | None = None
    holders: tuple[str, ...] = ()
    at: Fraction | None = None
    was: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Rise:
    """The first day of a worse tier, and the step that has most to do with it."""

    day: date
    before: Tier
    after: Tier
    cause: Step | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """`points` by day, from the first day to the last; `steps` by day, the heaviest first."""

    points: tuple[Point, ...]
    steps: tuple[Step, ...]
    rises: tuple[Rise, ...]

    def on(self, day: date) -> Point:
        """The last point at or before a day."""
        return max((one for one in self.points if one.day <= day), key=lambda one: one.day)


def outlook(basis: Basis, terms: Terms, start: date, months: int = A_YEAR) -> Outlook:
    """Computes the score ahead, from `start` through the same day `months` later."""
    return _Ahead(basis, terms, start, months).outlook()


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or the last of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    return min(first + timedelta(days=day.day - 1), _next_month(first) - _DAY)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@dataclass
class _Ahead:
    basis: Basis
    terms: Terms
    start: date
    months: int
    known: dict[date, tuple[Sheet, Result]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    rises: list[tuple[date, Tier, Tier]] = field(default_factory=list)

    def outlook(self) -> Outlook:
        days = self._days()
        for one, other in pairwise(days):
            self._between(one, other)
        return Outlook(
            tuple(
                Point(day, result.score, result.tier)
                for day, (_, result) in sorted(self.known.items())
            ),
            tuple(sorted(self.steps, key=lambda step: (step.day, -abs(step.points), step.item))),
            tuple(Rise(*rise, self._cause(rise[0])) for rise in self.rises),
        )

    def at(self, day: date) -> Result:
        return self._scored(day)[1]

    def _scored(self, day: date) -> tuple[Sheet, Result]:
        if day not in self.known:
            sheet = sheet_on(self.basis, day, self.terms)
            self.known[day] = sheet, evaluate(sheet)
        return self.known[day]

    def _days(self) -> list[date]:
        """The days that are computed first, in order. Proof that ages only ever lowers a credit."""
        end = months_later(self.start, self.months)
        found = {self.start, end}
        first = _next_month(self.start)
        while first < end:
            found.add(first)
            first = _next_month(first)
        for day in self._of_transfers():  # with the day before: a credit may rise again on these
            if self.start < day <= end:
                found |= {one for one in (day - _DAY, day) if self.start < one < end}
        ageing = sorted({day for day in self._of_proof() if self.start < day < end} - found)
        every = -(-len(ageing) // MOST_DAYS) or 1
        return sorted(found.union(ageing[::every]))

    def _of_proof(self) -> Iterator[date]:
        for item in self.basis.items:
            for file in item.files if item.asks else ():
                if file.valid_until is not None:
                    yield _after(file.valid_until)
                elif file.issued_on is not None:
                    yield _later(file.issued_on, FRESH_DAYS)
                    yield _later(file.issued_on, 2 * FRESH_DAYS)

    def _of_transfers(self) -> Iterator[date]:
        """When an assessment is too old, and when a decision on a country begins or has ended."""
        table = self.terms.adequacy
        for item in self.basis.items:
            if item.ageing is not None:
                yield _after(item.ageing.until)
            for transfer in item.transfers:
                if transfer.assessed_until is not None:
                    yield _after(transfer.assessed_until)
                for decision in table.of(table.country(transfer.country)):
                    yield from _turns(decision)

    def _between(self, one: date, other: date) -> None:
        """What happens after one computed day, through the next: floors on the very day."""
        while (held := self._held(one)) != self._held(other):
            day = self._other_floor(one, other, held)
            if day - _DAY > one:
                self._moves(one, day - _DAY)
            self._moves(max(one, day - _DAY), day)
            one = day
        if one < other:
            self._moves(one, other)

    def _held(self, day: date) -> frozenset[Floor]:
        """The floors that hold the score on a day."""
        result = self.at(day)
        lifting = [floor for floor in result.floors if floor.at > result.residual]
        return frozenset(floor for floor in lifting if floor.at == result.score)

    def _other_floor(self, one: date, other: date, held: frozenset[Floor]) -> date:
        return _bisected(one, other, lambda day: self._held(day) != held)

    def _moves(self, one: date, other: date) -> None:
        (sheet, was), (later, now) = self._scored(one), self._scored(other)
        moved = {
            name: now.contributions[name] - points
            for name, points in was.contributions.items()
            if now.contributions[name] != points
        }
        self._items(sheet, later, moved)
        self._floors(was, now, other)
        self._tiers(one, other)

    def _items(self, sheet: Sheet, later: Sheet, moved: Mapping[str, Fraction]) -> None:
        olds = {item.id: item for item in sheet.items}
        followers = []
        found: dict[str, Step] = {}
        for item, rest in zip(later.items, self.basis.items, strict=True):
            old, points = olds[item.id], moved.get(item.id)
            if points is None:
                continue
            if item.state is State.HIDDEN:
                followers.append(rest)
                continue
            if old.credit != item.credit:
                found[item.id] = self._step(later.as_of, Why.TRANSFER, item.id)
                found[item.id].countries = self._decided(rest, later.as_of)
            else:
                why, on = proven(old.evidence, item.evidence, sheet, later)
                if why is Why.EVIDENCE_AGED and old.evidence.issued_on is not None:
                    found[item.id] = self._fading(item.id, old.evidence.issued_on)
                else:
                    found[item.id] = self._step(on or later.as_of, why, item.id)
            found[item.id].points += points
        for rest in followers:
            self._follow(rest, moved[rest.id], found, later.as_of)

    def _follow(
        self, rest: BasisItem, points: Fraction, found: Mapping[str, Step], day: date
    ) -> None:
        """Lays the points of a hidden question on the control that it leans on."""
        step = next((found[name] for name in rest.leans_on if name in found), None)
        if step is None:
            step = self._step(day, Why.HIDDEN, rest.id)
        elif rest.id not in step.followed_by:
            step.followed_by = (*step.followed_by, rest.id)
        step.points += points

    def _step(self, day: date, why: Why, item: str) -> Step:
        self.steps.append(Step(day, why, item=item))
        return self.steps[-1]

    def _fading(self, item: str, issued_on: date) -> Step:
        """The step of proof that fades: one, however many days are computed meanwhile."""
        end = months_later(self.start, self.months)
        begins = max(_later(issued_on, FRESH_DAYS + 1), self.start)
        until = min(_later(issued_on, 2 * FRESH_DAYS), end)
        for step in self.steps:
            if (step.item, step.why, step.until) == (item, Why.EVIDENCE_AGED, until):
                return step
        step = self._step(begins, Why.EVIDENCE_AGED, item)
        step.until, step.issued_on = until, issued_on
        return step

    def _decided(self, rest: BasisItem, day: date) -> tuple[str, ...]:
        """The countries of an item on which a decision begins, or has ended, on a day."""
        table = self.terms.adequacy
        codes = dict.fromkeys(table.country(transfer.country) for transfer in rest.transfers)
        return tuple(code for code in codes if any(day in _turns(one) for one in table.of(code)))

    def _floors(self, was: Result, now: Result, day: date) -> None:
        for move in of_floors(was, now):
            if move.points and move.why is not Why.FLOOR_HELD:
                step = self._step(day, move.why, "")
                step.points, step.kind, step.holders = move.points, move.kind, move.holders
                step.at, step.was = move.at, move.was

    def _tiers(self, one: date, other: date) -> None:
        """Every day after `one`, through `other`, on which the tier grew worse."""
        before = self.at(one).tier
        while self.at(other).tier > before:
            one = self._worse(one, other, before)
            self.rises.append((one, before, self.at(one).tier))
            before = self.at(one).tier

    def _worse(self, one: date, other: date, than: Tier) -> date:
        return _bisected(one, other, lambda day: self.at(day).tier > than)

    def _cause(self, day: date) -> Step | None:
        """What happens on a day, an item's step before a floor's; else what has faded most."""
        worse = [step for step in self.steps if step.points > 0 and step.day <= day]
        sudden = [step for step in worse if step.day == day and step.until is None]
        choices = (
            [step for step in sudden if step.item],
            sudden,
            [step for step in worse if step.item],
        )
        first = next((some for some in choices if some), [])
        return max(first, key=lambda step: (_by(step, day), step.item), default=None)


def _by(step: Step, day: date) -> Fraction:
    """The points that a step has brought by a day: all, or its part of what fades evenly."""
    if step.until is None or step.until <= day:
        return step.points
    return step.points * Fraction((day - step.day).days + 1, (step.until - step.day).days + 1)


def _bisected(one: date, other: date, told: Callable[[date], bool]) -> date:
    """The first day after `one`, through `other`, of which something is told.

    Right where it is told of `other` and, once told, of every day from then on.
    """
    while (other - one).days > 1:
        middle = one + timedelta(days=(other - one).days // 2)
        one, other = (one, middle) if told(middle) else (middle, other)
    return other


def _turns(decision: Decision) -> tuple[date, ...]:
    """The days on which a decision begins and is over."""
    ends = () if decision.valid_to is None else (_after(decision.valid_to),)
    return decision.valid_from, *ends


def _after(day: date) -> date:
    return _later(day, 1)


def _later(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))
