"""The items of many assessments as columns of NumPy, and what they come to; whole numbers only.

A credit a is kept in units of 1/`parts`, a strength φ in units of 1/`strengths.scale`, and so c in
units of 1/`scale`, their product. `parts` is a common denominator of as many credits as keep every
sum below 2^61; an assessment with others is `odd`, as is one of a kind that `build` never makes.
Nothing is said of what is odd.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskapp.scoring.compiled import Row, meaning, standing_on
from riskapp.scoring.concluding import Strengths
from riskapp.scoring.constants import FRESH_DAYS, KnockoutLevel
from riskapp.scoring.packing import (
    ASKS,
    FILE,
    ITEM,
    KNOCKOUT_SHIFT,
    KNOCKOUTS,
    LEVELS,
    MORE,
    NIBBLE,
    STATE_BITS,
    STATES,
    TRANSFER,
    Kind,
    Shape,
    read_transfers,
    shape,
)
from riskapp.scoring.rules import FloorKind
from riskapp.scoring.sheet import State
from riskapp.scoring.terms import Terms

Numbers = NDArray[np.int64]
Truths = NDArray[np.bool_]

ITEMS = np.dtype([("head", "u1"), ("below", "u1"), ("credit", "<u2")])
FILES = np.dtype(
    [("position", "<u2"), ("level", "u1"), ("asked", "u1"), ("issued", "<u4"), ("until", "<u4")]
)
TRANSFERS = np.dtype(
    [("position", "<u2"), ("country", "<u2"), ("safeguard", "<u4"), ("until", "<u4")]
)
RESTS = np.dtype([("position", "<u2"), ("kind", "<u2"), ("first", "<u4"), ("second", "<u4")])

FRACTIONS = (Kind.COMPENSATING, Kind.AGEING_AFTER)

MOST = 2**61
WORDS = 2**16
"""How many values a credit's two bytes can have."""
EXTRA = 20
"""A sum is multiplied by less than this when it is compared: by τ's denominator, or 20."""


class Plan(NamedTuple):
    """A plan, compiled: its weights, and the runs of items of one domain, as columns."""

    shape: Shape
    weights: Numbers
    starts: Numbers
    places: Numbers
    total: int
    weak: tuple[str, ...]
    """How a mark names each domain where it is weak."""


@lru_cache(maxsize=512)
def compiled(document: str) -> Plan:
    plan = shape(document)
    weights = np.array(plan.weights, np.int64)
    places = np.array(plan.places, np.int64)
    weak = tuple(f"{FloorKind.WEAK_DOMAIN}:{domain.id}" for domain in plan.domains)
    starts = np.flatnonzero(np.diff(places, prepend=-1))
    return Plan(plan, weights, starts, places[starts], sum(plan.weights), weak)


class _Heads:
    """What each value of an item's first byte means, as tables to look it up in."""

    def __init__(self, strengths: Strengths) -> None:
        size = 256
        self.sure = np.zeros(size, np.int64)
        """φ where no file is given."""
        self.counts = np.zeros(size, np.int64)
        self.takes_files, self.answered, self.hidden, self.excused, self.knockout = (
            np.zeros(size, np.bool_) for _ in range(5)
        )
        for head in range(1 << KNOCKOUT_SHIFT + 2):
            if head & STATE_BITS >= len(STATES):
                continue
            state, level, counts = meaning(head)
            self.counts[head] = counts
            self.answered[head] = state is State.ANSWERED
            self.hidden[head] = state is State.HIDDEN
            self.excused[head] = state in (State.NA_CLAIMED, State.NA_APPROVED)
            self.knockout[head] = counts and level is not None
            self.takes_files[head] = state is State.ANSWERED and head & ASKS
            if self.answered[head] or self.hidden[head]:
                none = self.takes_files[head]
                self.sure[head] = strengths.none if none else strengths.scale


class _Records(NamedTuple):
    """Records of varying number: the row that each is of, and its item among those of the page."""

    row: Numbers
    item: Numbers
    data: NDArray[Any]

    def where(self, chosen: Truths) -> "_Records":
        return _Records(self.row[chosen], self.item[chosen], self.data[chosen])


class Columns:
    """One page of assessments on one day."""

    def __init__(
        self, plans: Sequence[Plan], rows: Sequence[Row], as_of: date, terms: Terms
    ) -> None:
        """`plans` those of the rows, one for each. Every row has at least one item."""
        self.rows, self.plans, self.as_of, self.terms = rows, plans, as_of, terms
        self.today = as_of.toordinal()
        self.strengths = Strengths.of(terms.scheme.constants)
        self.heads = _Heads(self.strengths)
        self.odd = np.zeros(len(rows), np.bool_)
        data = np.frombuffer(b"".join([row.items for row in rows]), ITEMS)
        sizes = np.array([len(row.items) // ITEM.size for row in rows], np.int64)
        self.first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        """The place of each row's first item."""
        self.head, self.below, self.code = data["head"], data["below"], data["credit"]
        self.weight = np.concatenate([plan.weights for plan in plans])
        self.row_of = np.repeat(np.arange(len(rows)), sizes)
        self.heaviest = max(plan.total for plan in plans)
        self._grade()

    def _grade(self) -> None:
        """Finds `credit` (a), `sure` (φ) and `worth` (c) of every item."""
        transfers = self._records([row.transfers for row in self.rows], TRANSFER.size, TRANSFERS)
        rest = self._plain_rest()
        codes = np.flatnonzero(np.bincount(self.code, minlength=WORDS))
        limits, kinds = self._standings(transfers)
        self.parts = self._parts(
            {int(code) >> 8 for code in codes}
            | {d for _, d in limits}
            | {
                int(d)
                for d in np.unique(rest.data["second"][np.isin(rest.data["kind"], FRACTIONS)])
            }
        )
        self.scale = self.parts * self.strengths.scale
        self.credit = self._credits(codes)
        worths = np.array([self._scaled(*limit) for limit in limits], np.int64)[kinds]
        self._lower(transfers, worths)
        self._age(rest)
        made_up = rest.where(rest.data["kind"] == Kind.COMPENSATING)
        np.maximum.at(self.credit, made_up.item, self._ratios(made_up))
        self.sure = self.heads.sure[self.head]
        self._prove(self._records([row.files for row in self.rows], FILE.size, FILES))
        self.worth = self.credit * self.sure
        self._lean(rest)

    def _records(self, texts: list[bytes], size: int, layout: np.dtype[Any]) -> _Records:
        data = np.frombuffer(b"".join(texts), layout)
        row = np.repeat(np.arange(len(texts)), [len(text) // size for text in texts])
        return _Records(row, self.first[row] + data["position"], data)

    def _plain_rest(self) -> _Records:
        """What `rest` says but for numbers that do not fit: these make their row odd."""
        rest = self._records([row.rest for row in self.rows], MORE.size, RESTS)
        kind = rest.data["kind"]
        large = (kind == Kind.CREDIT) | (kind == Kind.BELOW)
        if len(kind):
            again = (kind[1:] == kind[:-1]) & (rest.item[1:] == rest.item[:-1])
            large[1:] |= again & (kind[1:] != Kind.LEANS_ON)
        self.odd[rest.row[large]] = True
        return rest

    def _standings(self, transfers: _Records) -> tuple[list[tuple[int, int]], Numbers]:
        """The credits of the kinds of transfers that occur, and which kind each record is."""
        data = transfers.data
        assessed = (data["until"] >= self.today).astype(np.int64)
        key = (data["country"].astype(np.int64) << 16 | data["safeguard"]) << 1 | assessed
        _, samples, kinds = np.unique(key, return_index=True, return_inverse=True)
        found = [next(read_transfers(data[sample].tobytes()))[1] for sample in samples]
        return [standing_on(one, self.as_of, self.terms).as_integer_ratio() for one in found], kinds

    def _parts(self, denominators: set[int]) -> int:
        """A common denominator of as many as keep the sums in bounds, small ones first.

        0 where there is no room for any.
        """
        least = self.terms.scheme.constants.weak.values()
        extra = max(EXTRA, *(one.denominator for one in least)) if least else EXTRA
        room = MOST // (self.strengths.scale * self.heaviest * extra)
        found = 1
        for one in sorted(denominators - {0}):
            together = lcm(found, one)
            found = together if together <= room else found
        if not room:
            self.odd[:] = True
        return found if room else 0

    def _scaled(self, n: int, d: int) -> int:
        """A credit in parts; -1 where it is no whole number of them, or not all of a number."""
        return n * (self.parts // d) if n <= d and d and self.parts % d == 0 else -1

    def _credits(self, codes: Numbers) -> Numbers:
        table = np.zeros(WORDS, np.int64)
        table[codes] = [self._scaled(int(code) & 0xFF, int(code) >> 8) for code in codes]
        found: Numbers = table[self.code]
        if (table < 0).any():
            self.odd[self.row_of[found < 0]] = True
        return found

    def _ratios(self, records: _Records) -> Numbers:
        """The fractions that records of `rest` hold, in parts."""
        pairs = zip(records.data["first"].tolist(), records.data["second"].tolist(), strict=True)
        worths = np.array([self._scaled(*pair) for pair in pairs], np.int64)
        self.odd[records.row[worths < 0]] = True
        return worths

    def _lower(self, records: _Records, worths: Numbers) -> None:
        self.odd[records.row[worths < 0]] = True
        np.minimum.at(self.credit, records.item, worths)

    def _age(self, rest: _Records) -> None:
        aged = (rest.data["kind"] == Kind.AGEING_UNTIL) & (rest.data["first"] < self.today)
        after = rest.where(np.concatenate([[False], aged[:-1]]) if len(aged) else aged)
        np.minimum.at(self.credit, after.item, self._ratios(after))

    def _prove(self, files: _Records) -> None:
        """Puts the strength of the best file where files were asked for and given."""
        self.odd[files.row[files.data["asked"] == 0]] = True
        files = files.where(self.heads.takes_files[self.head[files.item]])
        gains = np.array([self.strengths.gains.get(level, 0) for level in LEVELS], np.int64)
        issued, until = files.data["issued"].astype(np.int64), files.data["until"]
        fading = np.clip(2 * FRESH_DAYS - (self.today - issued), 0, FRESH_DAYS)
        dated = np.where(until > 0, (self.today <= until) * FRESH_DAYS, fading)
        gained = gains[files.data["level"]] * np.where(issued > 0, dated, 0)
        self.sure[files.item] = 0
        np.maximum.at(self.sure, files.item, self.strengths.none + gained)

    def _lean(self, rest: _Records) -> None:
        """Hidden items take over the least c of those that they lean on."""
        leaning = rest.where(rest.data["kind"] == Kind.LEANS_ON)
        behind = self.first[leaning.row] + leaning.data["first"]
        made_up = rest.item[rest.data["kind"] == Kind.COMPENSATING]
        usual = self.heads.hidden[self.head[leaning.item]]
        usual &= self.heads.answered[self.head[behind]] & ~np.isin(leaning.item, made_up)
        self.odd[leaning.row[~usual]] = True
        np.minimum.at(self.worth, leaning.item, self.worth[behind])

    def by_domain(self) -> tuple[Numbers, Numbers]:
        """Σ w·c and Σ w of the items that count, a line for each row, a column for each domain."""
        starts = np.concatenate(
            [plan.starts + first for plan, first in zip(self.plans, self.first, strict=True)]
        )
        width = max(len(plan.shape.domains) for plan in self.plans)
        places = np.concatenate([plan.places for plan in self.plans])
        cells = self.row_of[starts] * width + places
        found = np.zeros((2, len(self.rows) * width), np.int64)
        counting = self.weight * self.heads.counts[self.head]
        np.add.at(found[0], cells, np.add.reduceat(self.weight * self.worth, starts))
        np.add.at(found[1], cells, np.add.reduceat(counting, starts))
        credits_, totals = found.reshape(2, len(self.rows), width)
        return credits_, totals

    def certain(self) -> Numbers:
        """Σ w·φ of each row."""
        found: Numbers = np.add.reduceat(self.weight * self.sure, self.first)
        return found

    def excused(self) -> Numbers:
        """Σ w of what was claimed or approved N/A, of each row."""
        found = np.zeros(len(self.rows), np.int64)
        chosen = np.flatnonzero(self.heads.excused[self.head])
        np.add.at(found, self.row_of[chosen], self.weight[chosen])
        return found

    def failed(self) -> tuple[Numbers, Numbers, list[KnockoutLevel]]:
        """Row, place in the row and level of every knock-out that failed."""
        items = np.flatnonzero(self.heads.knockout[self.head])
        head, below = self.head[items], self.below[items].astype(np.int64)
        claimed = np.where(
            self.heads.answered[head], self.credit[items] * self.strengths.scale, self.worth[items]
        )
        failed = claimed * (below & NIBBLE) < (below >> 4) * self.scale
        items = items[failed]
        rows = self.row_of[items]
        levels = [KNOCKOUTS[(one >> KNOCKOUT_SHIFT) - 1] for one in self.head[items].tolist()]
        return rows, items - self.first[rows], levels
