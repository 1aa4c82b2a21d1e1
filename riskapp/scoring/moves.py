"""What moved a score from one sheet to the next, in points that add up to the move exactly. Pure.

One thing is taken after the other, each with all that it does to the score: first another scheme,
then another inherent risk, then the items and the floors. Among the items, one that left or came
counts against the mean of those that stayed, so that an item that did not change has no part in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from typing import Any

from riskapp.scoring.basis import Basis
from riskapp.scoring.constants import LADDER, Level
from riskapp.scoring.rules import ONE, ZERO, Floor, FloorKind, Result, evaluate, strength
from riskapp.scoring.shares import Share, shares
from riskapp.scoring.sheet import Domain, Evidence, Inherent, Item, Sheet, State
from riskapp.vendors.rules import tier_of

MOST = 12


class Why(StrEnum):
    """What happened. Those from `floor-new` on are no item's; `rest` is what a list leaves out."""

    ANSWERED = "answered"
    ANSWER_BETTER = "answer-better"
    ANSWER_WORSE = "answer-worse"
    UNANSWERED = "unanswered"
    REJECTED = "rejected"
    NA_CLAIMED = "na-claimed"
    NA_APPROVED = "na-approved"
    NA_WITHDRAWN = "na-withdrawn"
    HIDDEN = "hidden"
    ASKED = "asked"
    NOT_ASKED = "not-asked"
    WEIGHT = "weight"
    TRANSFER = "transfer"
    EVIDENCE_GIVEN = "evidence-given"
    EVIDENCE_RENEWED = "evidence-renewed"
    EVIDENCE_REVIEWED = "evidence-reviewed"
    EVIDENCE_REJECTED = "evidence-rejected"
    EVIDENCE_ERASED = "evidence-erased"
    EVIDENCE_REMOVED = "evidence-removed"
    EVIDENCE_LESS = "evidence-less"
    EVIDENCE_EXPIRED = "evidence-expired"
    EVIDENCE_AGED = "evidence-aged"
    FLOOR_NEW = "floor-new"
    FLOOR_GONE = "floor-gone"
    FLOOR_HELD = "floor-held"
    FLOOR_MOVED = "floor-moved"
    INHERENT = "inherent"
    SCHEME = "scheme"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that moved a score, by `points` (more is more risk).

    `item` the question, where it is one; `on` the first day on which an expired proof counts no
    more. A floor has `kind`, its `holders` (questions, or domains of a weak domain's) and `at`.
    `floor-held` is what a floor that holds before and after takes of all else; `floor-moved` what
    it brings as another tier of R puts it elsewhere than it `was`.
    """

    why: Why
    points: Fraction
    item: str = ""
    on: date | None = None
    kind: FloorKind | None = None
    holders: tuple[str, ...] = ()
    at: Fraction | None = None
    was: Fraction | None = None


def moved(before: Sheet | None, after: Sheet, basis: Basis | None = None) -> list[dict[str, Any]]:
    """What moved the score between two receipts, as JSON values, the heaviest first; at most 12.

    The points, exact fractions as text, sum to R* after less R* before: where there are more
    moves, the last entry is the `rest`, with their `count`. Nothing moved the first score.
    `basis` is what `after` was made of: with it, a credit that transfers decide is told as such.
    """
    if before is None:
        return []
    found = moves(before, after, basis)
    told = found if len(found) <= MOST else found[: MOST - 1]
    written = [_written(move) for move in told]
    left = found[len(told) :]
    if left:
        points = sum((move.points for move in left), ZERO)
        written.append({"why": str(Why.REST), "points": str(points), "count": len(left)})
    return written


def moves(before: Sheet, after: Sheet, basis: Basis | None = None) -> list[Move]:
    """Everything that moved the score, the heaviest first; their sum is the move of R* exactly."""
    was = evaluate(before)
    found: list[Move] = []
    ruled = _ruled(before, after)
    if ruled is not before:
        now = evaluate(ruled)
        same = (before.scheme, before.constants) == (after.scheme, after.constants)
        found.append(Move(Why.WEIGHT if same else Why.SCHEME, now.score - was.score))
        was = now
    faced = replace(ruled, inherent=after.inherent)
    if ruled.inherent.score != after.inherent.score:
        now = evaluate(faced)
        found.append(Move(Why.INHERENT, now.score - was.score))
        was = now
    now = evaluate(after)
    found += _of_items(faced, was, after, now, basis)
    found += of_floors(was, now)
    kept = (move for move in found if move.points or move.kind is FloorKind.LEGAL)
    return sorted(kept, key=_heaviest)


def _heaviest(move: Move) -> tuple[Fraction, bool, str, str, tuple[str, ...]]:
    """The order in which moves are told; a floor after what it takes up."""
    return -abs(move.points), move.kind is not None, move.why, move.item, move.holders


def _ruled(before: Sheet, after: Sheet) -> Sheet:
    """The sheet before, under the scheme and the domain weights of after; itself where they are."""
    weights = {domain.id: domain.weight for domain in after.domains}
    domains = tuple(Domain(one.id, weights.get(one.id, one.weight)) for one in before.domains)
    if (before.constants, before.domains) == (after.constants, domains):
        return before
    old, bounds = before.inherent, after.constants.inherent_bounds
    return replace(
        before,
        constants=after.constants,
        inherent=Inherent(old.score, tier_of(old.score, bounds), old.factors),
        domains=domains,
    )


def _of_items(
    before: Sheet, was: Result, after: Sheet, now: Result, basis: Basis | None
) -> Iterator[Move]:
    scale = -after.inherent.score * after.constants.kappa
    old, new = ({item.id: item for item in sheet.items} for sheet in (before, after))
    rests = {item.id: item for item in basis.items} if basis else {}
    for name, share in shares(before, was, after, now).items():
        one, other = old.get(name), new.get(name)
        if share.whole is not None or one is None or other is None:
            yield Move(_membership(one, other, share), scale * (share.whole or ZERO), name)
            continue
        if _as_before(one, other, was, now):
            continue
        points = scale * share.weight
        if one.state is not other.state:
            change = now.item_credit[name] - was.item_credit[name]
            yield Move(_state(one.state, other.state), points * change, name)
            continue
        proof = [_proof(item, sheet) for item, sheet in ((one, before), (other, after))]
        if other.state in (State.ANSWERED, State.HIDDEN):
            rest = rests.get(name)
            dated = rest is not None and bool(rest.transfers or rest.ageing)
            why = _answer(one, other, dated=dated)
            yield Move(why, points * (other.credit - one.credit) * proof[0], name)
            why, on = proven(one.evidence, other.evidence, before, after)
            yield Move(why, points * other.credit * (proof[1] - proof[0]), name, on)


def _as_before(one: Item, other: Item, was: Result, now: Result) -> bool:
    same = one.state is other.state and one.credit == other.credit
    return same and was.item_credit[one.id] == now.item_credit[one.id]


def _proof(item: Item, sheet: Sheet) -> Fraction:
    if item.state is not State.ANSWERED or not item.evidence.asked:
        return ONE
    return strength(item.evidence, sheet.as_of, sheet.constants)


def _membership(one: Item | None, other: Item | None, share: Share) -> Why:
    """Why an item came to count, counts no more, or counts in another place or weight."""
    if other is None:
        return Why.NOT_ASKED
    if one is None:
        return Why.ASKED
    if share.left and share.came:
        return Why.WEIGHT
    if share.left:
        return Why.NA_APPROVED
    return Why.ANSWERED if other.state is State.ANSWERED else Why.NA_WITHDRAWN


def _state(was: State, now: State) -> Why:
    if now is State.MISSING and was is State.HIDDEN:
        return Why.ASKED
    return _STATES[now]


_STATES: Mapping[State, Why] = {
    State.ANSWERED: Why.ANSWERED,
    State.MISSING: Why.UNANSWERED,
    State.REJECTED: Why.REJECTED,
    State.NA_CLAIMED: Why.NA_CLAIMED,
    State.NA_APPROVED: Why.NA_CLAIMED,  # of a legal item, which stays in the score
    State.HIDDEN: Why.HIDDEN,
}


def _answer(one: Item, other: Item, *, dated: bool) -> Why:
    if other.state is State.HIDDEN:
        return Why.HIDDEN
    if dated:
        return Why.TRANSFER
    return Why.ANSWER_BETTER if other.credit > one.credit else Why.ANSWER_WORSE


def proven(old: Evidence, new: Evidence, before: Sheet, after: Sheet) -> tuple[Why, date | None]:
    """What happened to the proof that counts, and if it expired, on which day.

    `old` may have lost its worth by time alone.
    """
    constants = after.constants
    worth = strength(old, before.as_of, constants)
    if strength(new, after.as_of, constants) < worth:
        if strength(old, after.as_of, constants) < worth:
            until = old.valid_until
            if until is None:
                return Why.EVIDENCE_AGED, None
            return Why.EVIDENCE_EXPIRED, until + timedelta(days=1)
        return _LOST.get(new.level, Why.EVIDENCE_LESS), None
    if worth == constants.evidence[Level.NONE]:
        return Why.EVIDENCE_GIVEN, None
    higher = LADDER.index(new.level) > LADDER.index(old.level)
    same = (old.issued_on, old.valid_until) == (new.issued_on, new.valid_until)
    return Why.EVIDENCE_REVIEWED if higher and same else Why.EVIDENCE_RENEWED, None


_LOST: Mapping[Level, Why] = {
    Level.NONE: Why.EVIDENCE_REMOVED,
    Level.REJECTED: Why.EVIDENCE_REJECTED,
    Level.ERASED: Why.EVIDENCE_ERASED,
}

_Named = dict[tuple[FloorKind, str], Floor]


def of_floors(was: Result, now: Result) -> Iterator[Move]:
    """What floors bring: first those go that are gone, then R moves, then the new ones come."""
    old, new = ({(floor.kind, floor.subject): floor for floor in one.floors} for one in (was, now))
    stay = {name: floor for name, floor in old.items() if name in new}
    still = {name: floor for name, floor in new.items() if name in old}
    for group, points in _steps(stay, old, was.residual):
        yield _floor_move(Why.FLOOR_GONE, group, -points)
    first, then = _lift(stay, was.residual), _lift(stay, now.residual)
    if first != then:
        yield _floor_move(Why.FLOOR_HELD, _top(stay), then - first)
    last = _lift(still, now.residual)
    if then != last:
        move = _floor_move(Why.FLOOR_MOVED, _top(still), last - then)
        yield replace(move, was=_top(stay)[0].at)
    for group, points in _steps(still, new, now.residual):
        yield _floor_move(Why.FLOOR_NEW, group, points)


def _top(floors: _Named) -> list[Floor]:
    """The highest floors, of one kind."""
    highest = max(map(_height, floors.values()))
    return [floor for floor in floors.values() if _height(floor) == highest]


def _steps(few: _Named, all_: _Named, residual: Fraction) -> Iterator[tuple[list[Floor], Fraction]]:
    """What each of the floors beyond `few` lifts further than those below it, the lowest first."""
    held = dict(few)
    more = sorted((all_[name] for name in all_.keys() - few.keys()), key=_height)
    for _, together in groupby(more, _height):
        group = list(together)
        before = _lift(held, residual)
        held.update({(floor.kind, floor.subject): floor for floor in group})
        yield group, _lift(held, residual) - before


def _height(floor: Floor) -> tuple[Fraction, int]:
    """Of two that are equally high, the one that the law holds counts first."""
    order = (FloorKind.LEGAL, FloorKind.KNOCKOUT, FloorKind.WEAK_DOMAIN)
    return floor.at, order.index(floor.kind)


def _lift(floors: _Named, residual: Fraction) -> Fraction:
    return max([ZERO, *(floor.at - residual for floor in floors.values())])


def _floor_move(why: Why, group: list[Floor], points: Fraction) -> Move:
    holders = tuple(sorted(floor.subject for floor in group))
    return Move(why, points, kind=group[0].kind, holders=holders, at=group[0].at)


def _written(move: Move) -> dict[str, Any]:
    found: dict[str, Any] = {"why": str(move.why), "points": str(move.points)}
    if move.item:
        found["item"] = move.item
    if move.on is not None:
        found["on"] = move.on.isoformat()
    if move.kind is not None:
        found |= {"kind": str(move.kind), "holders": list(move.holders), "at": str(move.at)}
    if move.was is not None:
        found["was"] = str(move.was)
    return found
