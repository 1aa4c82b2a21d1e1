"""What if some answers were repaired: the tier that would come, of which nothing is kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskapp.catalogue.model import Release
from riskapp.scoring.lift import repaired
from riskapp.scoring.queries import Score
from riskapp.scoring.rules import FloorKind, evaluate, shown
from riskapp.web.scorecard_words import Wording

MOST = 5000
"""More ids than any receipt has items are not even looked at."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Before and after. `falls` and `stays` name what held or would hold the score."""

    ids: Sequence[str]
    tier: str
    shown: str
    residual: str
    before_tier: str
    before_shown: str
    before_residual: str
    falls: Sequence[str]
    stays: Sequence[str]
    unblocked: bool
    blocked: bool

    @property
    def said(self) -> str:
        """The outcome in a line."""
        if not self.ids:
            return "Tick what might be repaired."
        repairs = "1 repair" if len(self.ids) == 1 else f"{len(self.ids)} repairs"
        was = f"{self.before_shown}, {self.before_tier}"
        if (self.shown, self.tier) == (self.before_shown, self.before_tier):
            return f"With {repairs} the score stays at {was}."
        return f"With {repairs} the score goes from {was}, to {self.shown}, {self.tier}."


def tried(
    score: Score, ids: Collection[str], releases: Sequence[Release], given: Mapping[str, Any]
) -> Tried:
    """The score with the best answer, and independent proof of that day, to each of these items.

    Ids that are not among the receipt's items are ignored.
    """
    wanted = set(list(ids)[:MOST])
    known = [item.id for item in score.sheet.items if item.id in wanted and item.counts]
    before, after = score.result, evaluate(repaired(score.sheet, set(known)))
    words = Wording(score.sheet, releases, given)
    floors = {(f.kind, f.subject) for f in after.floors}

    def names(*, fallen: bool) -> list[str]:
        return [
            words.domain(f.subject) if f.kind is FloorKind.WEAK_DOMAIN else f.subject
            for f in before.floors
            if ((f.kind, f.subject) not in floors) is fallen
        ]

    return Tried(
        ids=known,
        tier=after.tier,
        shown=after.shown,
        residual=shown(after.residual),
        before_tier=before.tier,
        before_shown=before.shown,
        before_residual=shown(before.residual),
        falls=names(fallen=True),
        stays=names(fallen=False),
        unblocked=before.blocked and not after.blocked,
        blocked=after.blocked,
    )
