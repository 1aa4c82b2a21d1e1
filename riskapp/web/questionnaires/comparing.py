"""Two releases beside each other: what changed, and what that would do to assessments."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from flask import render_template, request

from riskapp.accounts.permissions import Permission, may
from riskapp.accounts.queries import SignedIn
from riskapp.catalogue.changes import summary
from riskapp.catalogue.diff import compare as compare_releases
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.scoring.effect import Effect, effect
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.questionnaires.blueprint import blueprint
from riskapp.web.questionnaires.common import of_questionnaire, one_of

MOST_SHOWN = 200
MOST_LOOKED_AT = 1000
"""So many are scored for one page, in some ten seconds; the command goes through all of them."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many assessments were looked at, and how many would land in another tier.

    `more`: there are others, which were not looked at. `shown` are the first that would.
    """

    looked_at: int
    more: bool
    changed: int
    reweighted: int
    anew: int
    shown: Sequence[Effect]


@blueprint.route("/<questionnaire>/compare", methods=["GET"])
@requires(Permission.QUESTIONNAIRE_READ)
def compare(person: SignedIn, questionnaire: str) -> str:
    """The effect is worked out on request only. Whose it is, those see who may see assessments."""
    there = of_questionnaire(questionnaire)
    if len(there) == 1:
        raise NotFound
    old = one_of(there, request.args.get("old", there[1].release.release)).release
    new = one_of(there, request.args.get("new", there[0].release.release)).release
    found = compare_releases(old, new)
    return render_template(
        "questionnaires/compare.html",
        old=old,
        new=new,
        releases=[one.release for one in there],
        summary=summary(found),
        subjects=found.subjects[:MOST_SHOWN],
        total=len(found.subjects),
        tally=_tally(old, new) if "effect" in request.args and new.audience == "vendor" else None,
        today=ports().clock.now().date(),
        sees=may(person.role, Permission.ASSESSMENT_READ),
    )


def _tally(old: Release, new: Release) -> Tally:
    found = effect(reading(), ports().library, old, new, ports().clock.now().date())
    looked_at = reweighted = anew = changed = 0
    shown: list[Effect] = []
    for one in islice(found, MOST_LOOKED_AT):
        looked_at += 1
        changed += one.changes_tier
        reweighted += one.reweighting_changes_tier
        anew += one.asking_changes_tier
        if one.changes_tier and len(shown) < MOST_SHOWN:
            shown.append(one)
    more = looked_at == MOST_LOOKED_AT and next(found, None) is not None
    return Tally(looked_at, more, changed, reweighted, anew, shown)
