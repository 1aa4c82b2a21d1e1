"""How the effectiveness E moved from one sheet to the next, item by item and exactly. Pure.

A mean that items leave moves to the mean m of those that stay; each that left has the part
w/Σw of m less its c in that. Those that come have theirs likewise, from the mean of those
that stayed. The same holds of domains, so that what did not change itself has no part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from riskapp.scoring.rules import ZERO, Result
from riskapp.scoring.sheet import Item, Sheet


@dataclass(slots=True)
class Share:
    """An item's part in the move of E.

    `weight` what a whole credit of it is worth in E, for an item that counted before and after;
    `whole` its part where it `left`, `came`, or did both: in another domain or of another weight.
    """

    weight: Fraction = ZERO
    whole: Fraction | None = None
    left: bool = False
    came: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    """The items that count in one sheet, by domain and id, and the domains' weights."""

    areas: dict[str, dict[str, Item]]
    weights: dict[str, int]
    credit: dict[str, Fraction]
    effects: dict[str, Fraction]


def shares(before: Sheet, was: Result, after: Sheet, now: Result) -> dict[str, Share]:
    """The part of every item that counts in either sheet, by id.

    `was` and `now` are what `evaluate` made of them. E after less E before is exactly the sum of
    all `whole`, and of `weight` times the change of c of all others.
    """
    old, new = _side(before, was), _side(after, now)
    found: dict[str, Share] = {}
    kept = [name for name in old.areas if name in new.areas]
    weight = sum(new.weights[name] for name in kept)
    if weight:
        hub = sum((old.weights[name] * old.effects[name] for name in kept), ZERO) / weight
        turned = sum((new.weights[name] * new.effects[name] for name in kept), ZERO) / weight
    else:
        hub = turned = was.effectiveness if old.areas and new.areas else ZERO
    for name in kept:
        _within(found, name, old, new, Fraction(new.weights[name], weight))
    for name in old.areas.keys() - kept:
        for item, part in _parts(old, name):
            _gone(found, item, part * (hub - old.credit[item]))
    for name in new.areas.keys() - kept:
        for item, part in _parts(new, name):
            _come(found, item, part * (new.credit[item] - turned))
    return found


def _within(found: dict[str, Share], name: str, old: _Side, new: _Side, worth: Fraction) -> None:
    """The parts in a domain that is in both; `worth` what it is of E."""
    were, are = old.areas[name], new.areas[name]
    stay = [item for item in were if item in are and were[item].weight == are[item].weight]
    weight = sum(are[item].weight for item in stay)
    if weight:
        hub = sum((were[item].weight * old.credit[item] for item in stay), ZERO) / weight
        turned = sum((are[item].weight * new.credit[item] for item in stay), ZERO) / weight
    else:
        hub = turned = old.effects[name]
    for item in stay:
        found[item] = Share(weight=worth * Fraction(are[item].weight, weight))
    for item in were.keys() - stay:
        part = worth * Fraction(were[item].weight, _total(were))
        _gone(found, item, part * (hub - old.credit[item]))
    for item in are.keys() - stay:
        part = worth * Fraction(are[item].weight, _total(are))
        _come(found, item, part * (new.credit[item] - turned))


def _side(sheet: Sheet, result: Result) -> _Side:
    areas: dict[str, dict[str, Item]] = {}
    for item in sheet.items:
        if item.counts:
            areas.setdefault(item.domain, {})[item.id] = item
    return _Side(
        areas,
        {domain.id: domain.weight for domain in sheet.domains if domain.id in areas},
        dict(result.item_credit),
        dict(result.domain_effectiveness),
    )


def _parts(side: _Side, name: str) -> Iterator[tuple[str, Fraction]]:
    """What each item of a domain is of the whole E."""
    items = side.areas[name]
    share = Fraction(side.weights[name], sum(side.weights.values()) * _total(items))
    return ((item.id, share * item.weight) for item in items.values())


def _total(items: dict[str, Item]) -> int:
    return sum(item.weight for item in items.values())


def _gone(found: dict[str, Share], item: str, part: Fraction) -> None:
    share = found.setdefault(item, Share(whole=ZERO))
    share.whole, share.left = (share.whole or ZERO) + part, True


def _come(found: dict[str, Share], item: str, part: Fraction) -> None:
    share = found.setdefault(item, Share(whole=ZERO))
    share.whole, share.came = (share.whole or ZERO) + part, True
