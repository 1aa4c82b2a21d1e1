"""The geometry of a score through time, for `score/chart.html`.

The curve lies in a box of 1000 by 100 that the page stretches to its width, a score of 0 at its
foot; words and marks lie over it, at per cents of the width and pixels of the height, and are never
stretched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from riskapp.vendors.rules import Bounds, Tier

WIDTH, SCALE = 1000, 100
TOP, HEIGHT, FOOT = 24, 240, 28
LABEL = 12
"""The height of a word, in pixels: a band that is lower has none."""
MOST_TICKS = 4
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
EDGE = 7
"""Words nearer than this to an edge, in per cent of the width, grow inwards from it."""

Curve = Sequence[tuple[date, Fraction]]


@dataclass(frozen=True, slots=True)
class Band:
    """A tier's part of the scale: `y` and `height` in the box, `label_y` in pixels or None."""

    tier: Tier
    least: str
    y: float
    height: float
    label_y: float | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Words at a point: `x` in per cent of the width, `y` in pixels; `anchor` as in SVG."""

    x: float
    y: float
    words: str
    anchor: str
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """`past` and `ahead` are paths in the box; `today` is in per cent of the width."""

    bands: Sequence[Band]
    past: str
    ahead: str
    today: Mark
    marks: Sequence[Mark]
    ticks: Sequence[Mark]
    title: str
    description: str
    top: int = TOP
    box: int = HEIGHT
    height: int = TOP + HEIGHT + FOOT


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is to be drawn: days and scores so far and ahead, and days of which something is said.

    `past` is in the order of its days; `ahead` begins today, or is empty.
    """

    past: Curve
    ahead: Curve
    today: date
    bounds: Bounds
    told: Sequence[tuple[date, Fraction, str, str]]
    title: str
    description: str


def chart(drawn: Drawn) -> Chart:
    first = min([drawn.past[0][0], drawn.today - timedelta(days=60)])
    last = max([drawn.today + timedelta(days=30), *(day for day, _ in drawn.ahead)])
    axis = _Axis(first, last)
    so_far = [*drawn.past, (drawn.today, drawn.past[-1][1])]
    return Chart(
        bands=_bands(drawn.bounds),
        past=_path(axis, _last_of_days(so_far)),
        ahead=_path(axis, drawn.ahead),
        today=Mark(axis.share(drawn.today), LABEL, "Today", _anchor(axis.share(drawn.today))),
        marks=[_mark(axis, *one) for one in drawn.told],
        ticks=_ticks(axis),
        title=drawn.title,
        description=drawn.description,
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    first: date
    last: date

    def at(self, day: date) -> float:
        return round((day - self.first).days / (self.last - self.first).days * WIDTH, 1)

    def share(self, day: date) -> float:
        return round(self.at(day) / 10, 2)


def _path(axis: _Axis, points: Curve) -> str:
    """Steps: a score holds until the day of the next one."""
    if not points:
        return ""
    (day, score), *rest = points
    found = [f"M{axis.at(day):g} {_depth(score):g}"]
    found += [f"H{axis.at(on):g}V{_depth(then):g}" for on, then in rest]
    return "".join(found)


def _last_of_days(points: Curve) -> Curve:
    return list(dict(points).items())


def _depth(score: Fraction) -> float:
    return round(SCALE - float(score), 2)


def _pixels(score: Fraction) -> float:
    return round(TOP + _depth(score) * HEIGHT / SCALE, 1)


def _anchor(share: float) -> str:
    if share < EDGE:
        return "start"
    return "end" if share > WIDTH / 10 - EDGE else "middle"


def _mark(axis: _Axis, day: date, score: Fraction, words: str, tier: str) -> Mark:
    """A point with words over it, which grow towards the middle of the picture."""
    share = axis.share(day)
    anchor = "end" if share > WIDTH / 20 else "start"
    return Mark(share, _pixels(score), words, anchor, tier)


def _bands(bounds: Bounds) -> list[Band]:
    edges = [*(bounds.lower(tier) for tier in Tier), Fraction(SCALE)]
    found = []
    for tier, least, most in zip(Tier, edges, edges[1:], strict=False):
        high = float(most - least)
        roomy = high * HEIGHT / SCALE > LABEL
        label = round(_pixels(least) - 4, 1) if roomy else None
        found.append(Band(tier, f"{float(least):g}", _depth(most), round(high, 2), label))
    return found


def _ticks(axis: _Axis) -> list[Mark]:
    """The firsts of months, as few as leave room for their names."""
    firsts = []
    day = axis.first.replace(day=1)
    while day <= axis.last:
        if axis.first <= day:
            firsts.append(day)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    for step in STEPS:
        chosen = [one for one in firsts if (one.year * 12 + one.month - 1) % step == 0]
        if len(chosen) <= MOST_TICKS:
            break
    y = TOP + HEIGHT + FOOT - 8
    shares = [(axis.share(one), f"{one:%b %Y}") for one in chosen]
    return [Mark(share, y, words, _anchor(share)) for share, words in shares]
