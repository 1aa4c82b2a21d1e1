"""What other terms would move, or moved, in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from riskapp.audit.service import Actor
from riskapp.scoring.rescoring import Moved, rescore
from riskapp.web.ports import ports

MOST_SHOWN = 50
AT_ONCE = 300
"""So many new receipts are made before the page answers, in some seconds; the clockwork does the
rest."""


@dataclass(frozen=True, slots=True)
class Tally:
    """`shown` are the first of those that would land in another tier or be blocked newly."""

    words: str
    grave: int
    shown: Sequence[Moved]


def scored_anew(cause: str, actor: Actor) -> tuple[list[Moved], str]:
    """Scores the portfolio again; gives what came of it, and in words whether more is to come."""
    found = rescore(cause=cause, actor=actor, now=ports().clock.now(), most=AT_ONCE)
    return found, " More scores follow within the hour." if len(found) >= AT_ONCE else ""


def tally(moved: Sequence[Moved]) -> Tally:
    """What would move, for a preview. Those in another tier come first."""
    grave = [one for one in moved if one.changes_tier or newly_blocked(one)]
    return Tally(in_words(moved, would=True), len(grave), grave[:MOST_SHOWN])


def newly_blocked(one: Moved) -> bool:
    return one.after.blocked and not one.before.blocked


def in_words(moved: Sequence[Moved], *, would: bool) -> str:
    """How many scores move, between which tiers, how many are blocked by it: whose it is unsaid."""
    if not moved:
        return "No score would move." if would else "No score moved."
    return " ".join(
        [_how_many(len(moved), would=would), *_tiers(moved, would), *_blocks(moved, would)]
    )


def _how_many(count: int, *, would: bool) -> str:
    verb = "would move" if would else "moved"
    return f"{count} score{'' if count == 1 else 's'} {verb}."


def _tiers(moved: Sequence[Moved], would: bool) -> list[str]:
    ways = Counter((one.before.tier, one.after.tier) for one in moved if one.changes_tier)
    if not ways:
        return [f"No tier {'would change' if would else 'changed'}."]
    verb = "would change" if would else "changed"
    ordered = sorted(ways.items(), key=lambda way: (way[0][0].rank, way[0][1].rank))
    said = ", ".join(f"{count} from {old} to {new}" for (old, new), count in ordered)
    return [f"The tier {verb}: {said}."]


def _blocks(moved: Sequence[Moved], would: bool) -> list[str]:
    blocked = sum(map(newly_blocked, moved))
    freed = sum(one.before.blocked and not one.after.blocked for one in moved)
    said = []
    if blocked:
        verb = "would block" if would else "blocks"
        said.append(f"The law {verb} {blocked} that it did not block before.")
    if freed:
        verb = "would no longer block" if would else "no longer blocks"
        said.append(f"The law {verb} {freed}.")
    return said
