"""What people read of thousands of scores, by NumPy, exactly.

The items are added up in whole numbers (`columns`). The mean over domains, whose Σ w differ, is
taken in fixed point, as a lower and an upper bound: where the score lies in the same tenth of a
point by both, what is shown and the tier are certain. Where they disagree, and where a number could
leave 64 bits, the row is scored by `compiled`. No float decides anything.

Imported where a portfolio is scored, and only there: NumPy would make every start slower.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache

import numpy as np

from riskapp.scoring.columns import Columns, Numbers, Truths, compiled
from riskapp.scoring.compiled import Row, inherent, marked_alone
from riskapp.scoring.concluding import Marked, Risk, mark_in_words
from riskapp.scoring.constants import (
    CONFIDENCE_HIGH,
    CONFIDENCE_MEDIUM,
    NA_SHARE_MOST,
    Constants,
    KnockoutLevel,
)
from riskapp.scoring.rules import Confidence, FloorKind
from riskapp.scoring.terms import Terms
from riskapp.vendors.rules import Tier, tier_of

PAGE = 1000
BITS, LEAST_BITS = 62, 8
SMALL = 30
"""So many bits a number of an inherent risk may have; more, and it is not for this path."""


_TIERS, _CONFIDENCES = tuple(Tier), (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
LEGAL = KnockoutLevel.LEGAL


def marked(
    plans: Mapping[str, str], rows: Sequence[Row], as_of: date, terms: Terms
) -> list[Marked]:
    """Score packed bases on a day, in their order; `plans` are the documents by digest.

    Each is what `outcome_packed` gives, and so what `evaluate` does.
    """
    found: list[Marked] = []
    for begin in range(0, len(rows), PAGE):
        found += _page(plans, rows[begin : begin + PAGE], as_of, terms)
    return found


def _page(
    plans: Mapping[str, str], rows: Sequence[Row], as_of: date, terms: Terms
) -> Iterator[Marked]:
    ordinary = [row for row in rows if row.items]
    found = iter(_Page(plans, ordinary, as_of, terms).marked() if ordinary else ())
    for row in rows:
        known = next(found) if row.items else None
        yield known or marked_alone(plans[row.plan], row, as_of, terms)


@lru_cache(maxsize=4096)
def _inherent(text: str) -> Fraction:
    return inherent(json.loads(text))


class _Heights:
    """An inherent risk: its numbers, and the floors that end at it as tenths of points and rank."""

    def __init__(self, score: Fraction, terms: Terms) -> None:
        constants = terms.scheme.constants
        risk = Risk(score, constants)
        of = constants.kappa.denominator
        self.top, self.bottom = 10 * score.numerator, score.denominator * of
        self.least = (risk.least or Fraction(0)).as_integer_ratio()
        self.small = max(self.top * of, self.bottom).bit_length() <= SMALL
        self.heights: dict[KnockoutLevel | int, tuple[int, int]] = {}
        for level, at in risk.knockout.items():
            self.heights[level] = _height(at, constants)
        for tier, at in risk.weak.items():
            self.heights[tier.rank] = _height(at, constants)
        """By level of a knock-out, and by rank of the residual for weak domains."""


def _height(at: Fraction, constants: Constants) -> tuple[int, int]:
    return at.numerator * 10 // at.denominator, tier_of(at, constants.bounds).rank


class _Page:
    """Up to a thousand rows."""

    def __init__(
        self, plans: Mapping[str, str], rows: Sequence[Row], as_of: date, terms: Terms
    ) -> None:
        self.constants, self.own = terms.scheme.constants, terms.scheme.weights
        self.plans = [compiled(plans[row.plan]) for row in rows]
        self.columns = Columns(self.plans, rows, as_of, terms)
        known: dict[str | Fraction, _Heights] = {}
        self.risks: list[_Heights] = []
        for row in rows:
            key = row.factors if isinstance(row.factors, str) else inherent(row.factors)
            if key not in known:
                known[key] = _Heights(_inherent(key) if isinstance(key, str) else key, terms)
            self.risks.append(known[key])
        self.words: list[list[str]] = [[] for _ in rows]
        self.floors: list[set[KnockoutLevel | int]] = [set() for _ in rows]
        self.odd = self.columns.odd | ~np.array([risk.small for risk in self.risks])

    def marked(self) -> Iterator[Marked | None]:
        """None for the rows that are not for this path."""
        if not self.columns.parts:
            yield from [None] * len(self.risks)
            return
        credits_, totals = self.columns.by_domain()
        tenths, ranks = self._residual(credits_, totals)
        sure = self._confidences(totals).tolist()
        self._fail()
        self._weaken(credits_, totals, ranks)
        lines = zip(self.odd.tolist(), tenths.tolist(), ranks.tolist(), sure, strict=True)
        for row, (odd, height, rank, certain) in enumerate(lines):
            yield None if odd else self._one(row, (height, rank), _CONFIDENCES[certain])

    def _residual(self, credits_: Numbers, totals: Numbers) -> tuple[Numbers, Numbers]:
        """Tenths of points and rank of R; rows where they are not certain become odd."""
        kept, of = self.constants.kappa.as_integer_ratio()
        weights = self._weights() * (totals > 0)
        weight = weights.sum(axis=1)
        self.odd |= weight == 0
        top = np.array([risk.top if risk.small else 1 for risk in self.risks])
        bottom = np.array([risk.bottom if risk.small else 1 for risk in self.risks])
        heaviest = int(weight.max(initial=1))
        free = BITS - max(
            SMALL + heaviest.bit_length(),
            (self.columns.scale * self.columns.heaviest).bit_length(),
        )
        if free < LEAST_BITS:
            self.odd[:] = True
            free = 0
        share, left = np.divmod(credits_ << free, np.maximum(totals * self.columns.scale, 1))
        least = (weights * share).sum(axis=1)
        most = least + (weights * (left > 0)).sum(axis=1)
        whole = np.maximum(weight << free, 1)
        high = top * (of * whole - kept * least) // (bottom * whole)
        low = top * (of * whole - kept * most) // (bottom * whole)
        self.odd |= high != low
        return high, self._ranks(high)

    def _weights(self) -> Numbers:
        """W of each domain, a line for each row."""
        width = max(len(plan.shape.domains) for plan in self.plans)
        lines: dict[int, int] = {}
        found: list[list[int]] = []
        for plan in self.plans:
            if id(plan) not in lines:
                lines[id(plan)] = len(found)
                weights = [self.own.get(one.id, one.weight) for one in plan.shape.domains]
                found.append(weights + [0] * (width - len(weights)))
        numbers = np.array(found, np.int64)
        return numbers[[lines[id(plan)] for plan in self.plans]]

    def _ranks(self, tenths: Numbers) -> Numbers:
        """The rank of each tier; a bound between two tenths leaves its tenth to `compiled`."""
        ranks = np.zeros_like(tenths)
        for tier in (Tier.MEDIUM, Tier.HIGH, Tier.CRITICAL):
            bound = 10 * self.constants.bounds.lower(tier)
            self.odd |= (tenths == bound.__floor__()) & (bound.denominator > 1)
            ranks += tenths >= bound.__floor__()
        return ranks

    def _confidences(self, totals: Numbers) -> Numbers:
        """The place of each confidence among `Confidence`."""
        columns = self.columns
        sure, whole = columns.certain(), totals.sum(axis=1) * columns.strengths.scale
        asked = np.array([plan.total for plan in self.plans], np.int64)
        low = _below(sure, whole, CONFIDENCE_MEDIUM) | _below(
            asked, columns.excused(), 1 / NA_SHARE_MOST
        )
        high = ~_below(sure, whole, CONFIDENCE_HIGH)
        return np.where(low, 0, np.where(high, 2, 1))

    def _fail(self) -> None:
        """Notes the knock-outs that failed."""
        rows, places, levels = self.columns.failed()
        for row, place, level in zip(rows.tolist(), places.tolist(), levels, strict=True):
            kind = FloorKind.LEGAL if level is LEGAL else FloorKind.KNOCKOUT
            self.words[row].append(f"{kind}:{self.plans[row].shape.items[place].id}")
            self.floors[row].add(level)

    def _weaken(self, credits_: Numbers, totals: Numbers, ranks: Numbers) -> None:
        """Notes the weak domains, and how high they hold a residual of such a rank."""
        least = np.array([risk.least for risk in self.risks], np.int64)
        weak = credits_ * least[:, 1:] < totals * self.columns.scale * least[:, :1]
        weak &= (totals > 0) & (ranks < Tier.CRITICAL.rank)[:, np.newaxis]
        names = [plan.weak for plan in self.plans]
        for row, place in zip(*(found.tolist() for found in np.nonzero(weak)), strict=True):
            self.words[row].append(names[row][place])
        for row in np.flatnonzero(weak.any(axis=1)).tolist():
            self.floors[row].add(int(ranks[row]))

    def _one(self, row: int, residual: tuple[int, int], confidence: Confidence) -> Marked:
        floors, (tenths, rank) = self.floors[row], residual
        if floors:
            heights = self.risks[row].heights
            tenths = max(tenths, *(heights[floor][0] for floor in floors))
            rank = max(rank, *(heights[floor][1] for floor in floors))
        tier, shown, blocked = _TIERS[rank], f"{tenths // 10}.{tenths % 10}", LEGAL in floors
        words = sorted(self.words[row])  # as floors are in order: the kind, then the subject
        said = mark_in_words(tier, shown, confidence, words, blocked=blocked)
        return Marked(tier, shown, blocked, said)


def _below(part: Numbers, whole: Numbers, bound: Fraction) -> Truths:
    return part * bound.denominator < whole * bound.numerator
