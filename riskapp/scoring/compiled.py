"""What people read of one assessment's score, without the receipt: Python, in whole numbers.

It is what `evaluate(sheet_on(…))` comes to, exactly, at a fraction of the cost: most items are
their packed record and nothing else, and what each kind of record is worth is found once.
"""

import json
import struct
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any, NamedTuple, Protocol

from riskapp.scoring.basis import Transfer
from riskapp.scoring.concluding import (
    Area,
    Marked,
    Outcome,
    Ratio,
    Risk,
    Strengths,
    Sums,
    conclude,
)
from riskapp.scoring.constants import FRESH_DAYS, KnockoutLevel
from riskapp.scoring.packing import (
    ASKS,
    FILE,
    KNOCKOUT_SHIFT,
    KNOCKOUTS,
    LEVELS,
    NIBBLE,
    STATE_BITS,
    STATES,
    Kind,
    More,
    Packed,
    Records,
    Shape,
    Stored,
    read_factors,
    read_files,
    read_rest,
    read_transfers,
    shape,
)
from riskapp.scoring.rules import best_evidence, strength
from riskapp.scoring.sheet import Evidence, State
from riskapp.scoring.terms import Terms
from riskapp.scoring.transfers import standing
from riskapp.vendors.rules import inherent_score


def outcome_packed(document: str, stored: Stored, as_of: date, terms: Terms) -> Outcome:
    """Score one packed basis on a day; `document` is the text of its plan."""
    constants = terms.scheme.constants
    risk = Risk(inherent(stored.factors), constants)
    return conclude(risk, _Row(shape(document), stored, as_of, terms).sums(), constants)


class Row(Records, Protocol):
    """A row of `score_basis`, whoever read it."""

    @property
    def plan(self) -> str: ...
    @property
    def factors(self) -> str | Mapping[str, Any]:
        """JSON values, or better their text: equal texts are read once."""
        ...


def marked_alone(document: str, row: Row, as_of: date, terms: Terms) -> Marked:
    """Score one row on a day; `document` is the text of its plan."""
    factors = json.loads(row.factors) if isinstance(row.factors, str) else dict(row.factors)
    packed = Packed(row.plan, document, factors, row.items, row.files, row.transfers, row.rest)
    return Marked.of(outcome_packed(document, packed, as_of, terms))


def inherent(factors: Mapping[str, Mapping[str, str | None]]) -> Fraction:
    """The inherent risk of packed factors."""
    return _inherent(tuple((name, *one.items()) for name, one in factors.items()))


@lru_cache(maxsize=4096)
def _inherent(factors: tuple[Any, ...]) -> Fraction:
    return inherent_score(read_factors({name: dict(one) for name, *one in factors}))


_NA = (State.NA_CLAIMED, State.NA_APPROVED)
_NOTHING = More()


def meaning(head: int) -> tuple[State, KnockoutLevel | None, bool]:
    """State, knock-out and whether the item counts; as `Item.counts` has it."""
    state = STATES[head & STATE_BITS]
    level = KNOCKOUTS[(head >> KNOCKOUT_SHIFT) - 1] if head >> KNOCKOUT_SHIFT else None
    return state, level, state is not State.NA_APPROVED or level is KnockoutLevel.LEGAL


_HEADS = {
    head: meaning(head)
    for head in range(1 << KNOCKOUT_SHIFT + 2)
    if head & STATE_BITS < len(STATES)
}


class _Grade(NamedTuple):
    """What an item is worth: c is `credit` / `of`, φ is `sure`, both over the strengths' scale."""

    credit: int
    of: int
    sure: int
    counts: bool
    excused: bool
    failed: KnockoutLevel | None


@lru_cache(maxsize=4096)
def _grade(head: int, worth: Ratio, proof: int, below: Ratio, scale: int) -> _Grade:
    """Grade an item by its head, its a, its proof and τ."""
    (n, d), (state, level, counts) = worth, _HEADS[head]
    if state is State.HIDDEN:
        proof = scale
    elif state is not State.ANSWERED:
        n = proof = 0
    failed = counts and n * below[1] < below[0] * d
    return _Grade(n * proof, d, proof, counts, state in _NA, level if failed else None)


class _Row:
    """The items of one packed basis on one day.

    Most items are their record and nothing else: what each kind of record is worth is found once.
    The others, of which files, transfers or `rest` say more, are graded one by one.
    """

    def __init__(self, plan: Shape, stored: Stored, as_of: date, terms: Terms) -> None:
        self.plan, self.as_of, self.terms = plan, as_of, terms
        self.strengths = Strengths.of(terms.scheme.constants)
        self.records = struct.unpack(f"<{len(plan.items)}I", stored.items)
        self.proofs = self._proofs(stored.files)
        self.limits = self._limits(stored.transfers)
        self.more = read_rest(stored.rest)
        self.worths: dict[int, Ratio] = {}
        """The credit a by position, of items of which more is said."""

    def sums(self) -> Sums:
        keys = list(self.records)
        grades: dict[int, _Grade] = {}
        for position in self._odd():
            keys[position] = ~position  # negative, and so no record
            grades[~position] = self._odd_grade(position)
        for record in set(keys):
            if record >= 0:
                head, below, n, d = record.to_bytes(4, "little")
                proof = self._none(head)
                grades[record] = _grade(head, (n, d), proof, _halves(below), self.strengths.scale)
        return self._added(keys, grades)

    def _odd(self) -> list[int]:
        """The positions of which more is said; those that lean on others come after them."""
        odd = {*self.proofs, *self.limits, *self.more}
        leaning = {position for position, more in self.more.items() if more.leans_on}
        return [*sorted(odd - leaning), *sorted(leaning)]

    def _odd_grade(self, position: int) -> _Grade:
        head, below, n, d = self.records[position].to_bytes(4, "little")
        more = self.more.get(position, _NOTHING)
        limit = _halves(below) if below & NIBBLE else more.ratio(Kind.BELOW)
        worth = self._worth(position, (n, d) if d else more.ratio(Kind.CREDIT), more)
        self.worths[position] = worth
        proof = self.proofs.get(position, self._none(head))
        return _grade(head, worth, proof, limit, self.strengths.scale)

    def _worth(self, position: int, credit: Ratio, more: More) -> Ratio:
        """The credit a of an item of which more is said."""
        if more is _NOTHING and position not in self.limits:
            return credit
        most = [credit, *(self._believed(one) for one in more.leans_on)]
        if position in self.limits:
            most.append(self.limits[position])
        if more.until and self.as_of.toordinal() > more.until:
            most.append(more.ratio(Kind.AGEING_AFTER))
        least = most[0]
        for one in most[1:]:
            least = one if _less(one, least) else least
        made_up = more.ratio(Kind.COMPENSATING)
        return made_up if _less(least, made_up) else least

    def _believed(self, position: int) -> Ratio:
        """The c of an item, which those that lean on it take over."""
        head, _, n, d = self.records[position].to_bytes(4, "little")
        n, d = self.worths.get(position, (n, d))
        return n * self.proofs.get(position, self._none(head)), d * self.strengths.scale

    def _none(self, head: int) -> int:
        """How strong it is that nothing was given: all that is needed where nothing is asked."""
        return self.strengths.none if head & ASKS else self.strengths.scale

    def _added(self, keys: list[int], grades: dict[int, _Grade]) -> Sums:
        domains, ids, weights = self.plan.domains, self.plan.items, self.plan.weights
        scale = lcm(*(grade.of for grade in grades.values()))
        table = {
            key: (grade.credit * (scale // grade.of), grade.sure, grade.counts)
            for key, grade in grades.items()
        }
        credits_, totals, sure = [0] * len(domains), [0] * len(domains), 0
        for key, weight, place in zip(keys, weights, self.plan.places, strict=True):
            credit, certain, counts = table[key]
            credits_[place] += weight * credit
            sure += weight * certain
            if counts:
                totals[place] += weight
        own = self.terms.scheme.weights
        failed = {key: grade.failed for key, grade in grades.items() if grade.failed is not None}
        excused = {key for key, grade in grades.items() if grade.excused}
        return Sums(
            areas=[
                Area(domain.id, own.get(domain.id, domain.weight), total, credit)
                for domain, total, credit in zip(domains, totals, credits_, strict=True)
                if total
            ],
            scale=scale * self.strengths.scale,
            failed=[
                (failed[key], ids[at].id)
                for at, key in enumerate(keys if failed else ())
                if key in failed
            ],
            sure=sure,
            sure_scale=self.strengths.scale,
            excused=sum(
                weights[at] for at, key in enumerate(keys if excused else ()) if key in excused
            ),
            weight=sum(weights),
        )

    def _proofs(self, files: bytes) -> dict[int, int]:
        """How strong what was given is, by position, where it is asked for."""
        today, found = self.as_of.toordinal(), dict[int, int]()
        none, gains = self.strengths.none, self.strengths.gains
        for position, level, asked, issued, until in FILE.iter_unpack(files):
            if not asked:
                return self._proofs_of_any(files)
            if self.records[position] & ASKS:
                proof = none + gains.get(LEVELS[level], 0) * _fresh(issued, until, today)
                found[position] = max(proof, found.get(position, 0))
        return found

    def _proofs_of_any(self, files: bytes) -> dict[int, int]:
        """The same where some files say that they were not asked for: it tells which one counts."""
        given: dict[int, list[Evidence]] = {}
        for position, file in read_files(files):
            if self.records[position] & ASKS:
                given.setdefault(position, []).append(file)
        return {position: self._proof(candidates) for position, candidates in given.items()}

    def _proof(self, candidates: list[Evidence]) -> int:
        constants = self.terms.scheme.constants
        best = best_evidence(candidates, self.as_of, constants)
        if not best.asked:
            return self.strengths.scale
        return int(strength(best, self.as_of, constants) * self.strengths.scale)

    def _limits(self, transfers: bytes) -> dict[int, Ratio]:
        """The credit of the worst transfer, by position."""
        found: dict[int, Fraction] = {}
        for position, one in read_transfers(transfers):
            credit = standing_on(one, self.as_of, self.terms)
            found[position] = min(credit, found.get(position, credit))
        return {position: credit.as_integer_ratio() for position, credit in found.items()}


def _halves(below: int) -> Ratio:
    return below >> 4, below & NIBBLE


def _less(one: Ratio, other: Ratio) -> bool:
    return one[0] * other[1] < other[0] * one[1]


def _fresh(issued: int, until: int, today: int) -> int:
    """`rules.fresh_share` of days by their ordinals, 0 for none."""
    if not issued:
        return 0
    if until:
        return FRESH_DAYS if today <= until else 0
    return max(0, min(FRESH_DAYS, 2 * FRESH_DAYS - (today - issued)))


def standing_on(one: Transfer, as_of: date, terms: Terms) -> Fraction:
    """The credit of one transfer on a day."""
    assessed = one.assessed_until is not None and as_of <= one.assessed_until
    return standing(one.country, one.safeguard, terms.adequacy, as_of, assessed=assessed).credit
