"""A basis as a row of bytes: what many assessments share once, the rest in records of fixed width.

All numbers are little-endian and unsigned; `position` counts the plan's items from 0. A day is its
proleptic ordinal, 0 for none. Records of one item stand in the order of the basis.

    items       one for each item of the plan, 4 bytes
                head       bits 0-2 state, 3 asks, 4-5 knock-out (0 none, else high critical legal)
                below      τ: numerator in the high four bits, denominator in the low four
                credit     numerator, denominator: a byte each
    files       position u16, level u8, asked u8, issued on u32, valid until u32
    transfers   position u16, country two letters, safeguard u32, assessed until u32
    rest        position u16, kind u16, two u32 whose meaning is that of `Kind`

A τ or a credit that does not fit its bytes has the denominator 0 there, and stands in `rest`.
`batch` reads thousands of such rows at once; here one is read without NumPy.
"""

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from riskapp.core.canonical import canonical
from riskapp.scoring.basis import Ageing, Basis, BasisItem, Transfer
from riskapp.scoring.constants import KnockoutLevel, Level
from riskapp.scoring.sheet import Domain, Evidence, Knockout, Questionnaire, State
from riskapp.scoring.transfers import Safeguard
from riskapp.vendors.rules import Factor

STATES, LEVELS, KNOCKOUTS, SAFEGUARDS = (
    tuple(State),
    tuple(Level),
    tuple(KnockoutLevel),
    tuple(Safeguard),
)
"""Stored by their place in these: new ones go to the end."""

STATE_BITS, ASKS, KNOCKOUT_SHIFT = 0b111, 0b1000, 4
NIBBLE, BYTE, LIMB = 0xF, 0xFF, 0xFFFFFFFF
LIMB_BITS = 32

ITEM, FILE = struct.Struct("<BBBB"), struct.Struct("<HBBII")
TRANSFER, MORE = struct.Struct("<H2sII"), struct.Struct("<HHII")

PLANS = 512
"""So many plans are kept read; each is some tens of kilobytes."""


class Kind(IntEnum):
    """What a record in `rest` says; of a fraction, its numerator and denominator.

    A fraction too large for 32 bits stands in several records, the most significant bits first.
    """

    LEANS_ON = 1
    """First: the position of an item that this one leans on."""
    COMPENSATING = 2
    CREDIT = 3
    BELOW = 4
    AGEING_UNTIL = 5
    """First: the last day before the answer ages."""
    AGEING_AFTER = 6


class Records(Protocol):
    """The columns of `score_basis` that hold bytes, whoever read them."""

    @property
    def items(self) -> bytes: ...
    @property
    def files(self) -> bytes: ...
    @property
    def transfers(self) -> bytes: ...
    @property
    def rest(self) -> bytes: ...


class Stored(Records, Protocol):
    """Those that make a basis."""

    @property
    def factors(self) -> Mapping[str, Any]: ...


class Packed(NamedTuple):
    """A basis, packed: `document` goes to `score_plan` under its digest `plan`."""

    plan: str
    document: str
    factors: dict[str, Any]
    items: bytes
    files: bytes
    transfers: bytes
    rest: bytes


class Asked(NamedTuple):
    """An item as far as the plan knows it."""

    id: str
    domain: str
    weight: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A plan, read; `weights` and `places` (the item's domain among `domains`) as columns too."""

    questionnaires: tuple[Questionnaire, ...]
    domains: tuple[Domain, ...]
    items: tuple[Asked, ...]
    weights: tuple[int, ...]
    places: tuple[int, ...]


def pack(basis: Basis) -> Packed:
    """Pack a basis so that `unpack` gives an equal one.

    Raises ValueError for a country that is not two letters, and struct.error for more than 65,536
    items.
    """
    document = canonical(
        {
            "questionnaires": [[one.id, one.release, one.sha256] for one in basis.questionnaires],
            "domains": [[one.id, one.weight] for one in basis.domains],
            "items": [[one.id, one.domain, one.weight] for one in basis.items],
        }
    )
    positions = {item.id: position for position, item in enumerate(basis.items)}
    numbered = list(enumerate(basis.items))
    return Packed(
        plan=hashlib.sha256(document).hexdigest(),
        document=document.decode(),
        factors={name: _factor(factor) for name, factor in basis.factors.items()},
        items=b"".join(map(_item, basis.items)),
        files=b"".join(_file(at, one) for at, item in numbered for one in item.files),
        transfers=b"".join(_transfer(at, one) for at, item in numbered for one in item.transfers),
        rest=b"".join(record for at, item in numbered for record in _rest(at, item, positions)),
    )


def _factor(factor: Factor) -> dict[str, str | None]:
    return {
        "answer": factor.answer,
        "weight": str(factor.weight),
        "value": str(factor.value),
        "floor": None if factor.floor is None else str(factor.floor),
    }


def _item(item: BasisItem) -> bytes:
    head = STATES.index(item.state) | (ASKS if item.asks else 0)
    below = 0
    if item.knockout is not None:
        head |= KNOCKOUTS.index(item.knockout.level) + 1 << KNOCKOUT_SHIFT
        n, d = _fitting(item.knockout.below, NIBBLE)
        below = n << 4 | d
    return ITEM.pack(head, below, *_fitting(item.credit, BYTE))


def _fitting(value: Fraction, most: int) -> tuple[int, int]:
    """Numerator and denominator, or twice 0 where one of them is more than `most`."""
    n, d = value.as_integer_ratio()
    return (n, d) if n <= most and d <= most else (0, 0)


def _file(position: int, file: Evidence) -> bytes:
    level, issued, until = LEVELS.index(file.level), file.issued_on, file.valid_until
    return FILE.pack(position, level, file.asked, _ordinal(issued), _ordinal(until))


def _transfer(position: int, one: Transfer) -> bytes:
    country = one.country.encode()
    if len(country) not in (0, 2):
        raise ValueError(f"{one.country} is not the code of a country")
    means = SAFEGUARDS.index(one.safeguard)
    return TRANSFER.pack(position, country, means, _ordinal(one.assessed_until))


def _rest(position: int, item: BasisItem, positions: Mapping[str, int]) -> Iterator[bytes]:
    for name in item.leans_on:
        yield MORE.pack(position, Kind.LEANS_ON, positions[name], 0)
    if item.compensating:
        yield from _fraction(position, Kind.COMPENSATING, item.compensating)
    if not _fitting(item.credit, BYTE)[1]:
        yield from _fraction(position, Kind.CREDIT, item.credit)
    if item.knockout is not None and not _fitting(item.knockout.below, NIBBLE)[1]:
        yield from _fraction(position, Kind.BELOW, item.knockout.below)
    if item.ageing is not None:
        yield MORE.pack(position, Kind.AGEING_UNTIL, _ordinal(item.ageing.until), 0)
        yield from _fraction(position, Kind.AGEING_AFTER, item.ageing.after)


def _fraction(position: int, kind: Kind, value: Fraction) -> Iterator[bytes]:
    n, d = value.as_integer_ratio()
    limbs = -(-max(n.bit_length(), d.bit_length()) // LIMB_BITS)
    for shift in range((limbs - 1) * LIMB_BITS, -1, -LIMB_BITS):
        yield MORE.pack(position, kind, n >> shift & LIMB, d >> shift & LIMB)


def _ordinal(day: date | None) -> int:
    return 0 if day is None else day.toordinal()


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


@lru_cache(maxsize=PLANS)
def shape(document: str) -> Shape:
    """Read a plan's document."""
    plan = json.loads(document)
    domains = tuple(Domain(*one) for one in plan["domains"])
    items = tuple(Asked(*one) for one in plan["items"])
    place = {domain.id: number for number, domain in enumerate(domains)}
    return Shape(
        questionnaires=tuple(Questionnaire(*one) for one in plan["questionnaires"]),
        domains=domains,
        items=items,
        weights=tuple(item.weight for item in items),
        places=tuple(place[item.domain] for item in items),
    )


def unpack(document: str, stored: Stored) -> Basis:
    """The basis that was packed; `document` the text of its plan."""
    plan = shape(document)
    files: dict[int, list[Evidence]] = {}
    for at, file in read_files(stored.files):
        files.setdefault(at, []).append(file)
    transfers: dict[int, list[Transfer]] = {}
    for at, one in read_transfers(stored.transfers):
        transfers.setdefault(at, []).append(one)
    rest = read_rest(stored.rest)
    nothing = More()
    return Basis(
        factors=read_factors(stored.factors),
        questionnaires=plan.questionnaires,
        domains=plan.domains,
        items=tuple(
            _unpacked(
                plan,
                at,
                record,
                tuple(files.get(at, ())),
                tuple(transfers.get(at, ())),
                rest.get(at, nothing),
            )
            for at, record in enumerate(ITEM.iter_unpack(stored.items))
        ),
    )


def read_factors(document: Mapping[str, Any]) -> dict[str, Factor]:
    """The factors of the intake from their JSON values."""
    return {
        name: Factor(
            answer=one["answer"],
            weight=Fraction(one["weight"]),
            value=Fraction(one["value"]),
            floor=None if one["floor"] is None else Fraction(one["floor"]),
        )
        for name, one in document.items()
    }


def read_files(files: bytes) -> Iterator[tuple[int, Evidence]]:
    """Each file with the position of its item."""
    for position, level, asked, issued, until in FILE.iter_unpack(files):
        yield position, Evidence(bool(asked), LEVELS[level], _day(issued), _day(until))


def read_transfers(transfers: bytes) -> Iterator[tuple[int, Transfer]]:
    """Each transfer with the position of its item."""
    for position, country, means, until in TRANSFER.iter_unpack(transfers):
        code = country.rstrip(b"\0").decode()
        yield position, Transfer(code, SAFEGUARDS[means], _day(until))


class More:
    """What `rest` says of one item: positions that it leans on, the day until which it is new."""

    def __init__(self) -> None:
        self.leans_on: list[int] = []
        self.until = 0
        self._ratios: dict[int, tuple[int, int]] = {}

    def add(self, kind: int, first: int, second: int) -> None:
        if kind == Kind.LEANS_ON:
            self.leans_on.append(first)
        elif kind == Kind.AGEING_UNTIL:
            self.until = first
        else:
            n, d = self._ratios.get(kind, (0, 0))
            self._ratios[kind] = n << LIMB_BITS | first, d << LIMB_BITS | second

    def ratio(self, kind: Kind) -> tuple[int, int]:
        """Numerator and denominator of what is said of this kind; 0/1 where nothing is."""
        return self._ratios.get(kind, (0, 1))


def read_rest(rest: bytes) -> dict[int, More]:
    """What `rest` says, by position."""
    found: dict[int, More] = {}
    for position, kind, first, second in MORE.iter_unpack(rest):
        if position not in found:
            found[position] = More()
        found[position].add(kind, first, second)
    return found


def _unpacked(
    plan: Shape,
    position: int,
    record: tuple[int, int, int, int],
    files: tuple[Evidence, ...],
    transfers: tuple[Transfer, ...],
    more: More,
) -> BasisItem:
    head, below, n, d = record
    knockout = None
    if head >> KNOCKOUT_SHIFT:
        limit = (below >> 4, below & NIBBLE) if below & NIBBLE else more.ratio(Kind.BELOW)
        knockout = Knockout(KNOCKOUTS[(head >> KNOCKOUT_SHIFT) - 1], Fraction(*limit))
    until, after = _day(more.until), Fraction(*more.ratio(Kind.AGEING_AFTER))
    return BasisItem(
        *plan.items[position],
        state=STATES[head & STATE_BITS],
        credit=Fraction(n, d) if d else Fraction(*more.ratio(Kind.CREDIT)),
        asks=bool(head & ASKS),
        files=files,
        knockout=knockout,
        transfers=transfers,
        ageing=None if until is None else Ageing(until, after),
        leans_on=tuple(plan.items[one].id for one in more.leans_on),
        compensating=Fraction(*more.ratio(Kind.COMPENSATING)),
    )
