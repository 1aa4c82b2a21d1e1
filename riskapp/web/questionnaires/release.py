"""One release to read and to print: all that it asks, and how each answer counts."""

from flask import render_template

from riskapp.accounts.permissions import Permission, may
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.routing import minutes
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.scoring.adopting import scheme_now
from riskapp.web.guard import requires
from riskapp.web.questionnaires.blueprint import blueprint
from riskapp.web.questionnaires.common import (
    in_wanted_language,
    languages,
    of_questionnaire,
    one_of,
)
from riskapp.web.questionnaires.explained import explained


@blueprint.route("/<questionnaire>/<release>", methods=["GET"], endpoint="release")
@requires(Permission.QUESTIONNAIRE_READ)
def read(person: SignedIn, questionnaire: str, release: str) -> str:
    return release_page(person, questionnaire, release)


def release_page(
    person: SignedIn, questionnaire: str, number: str, errors: dict[str, str] | None = None
) -> str:
    """The page, with what was wrong with the form on it. Raises NotFound."""
    there = of_questionnaire(questionnaire)
    shown = one_of(there, number)
    worded = in_wanted_language(shown.release)
    constants = scheme_now(reading()).constants
    return render_template(
        "questionnaires/release.html",
        shown=shown,
        release=worded,
        languages=languages(shown.release),
        others=[(one, *_in_order(one.release, shown.release)) for one in there if one is not shown],
        sections=[
            (section, [explained(question, worded, constants) for question in section.questions])
            for section in worded.sections
        ],
        minutes=minutes(worded.questions.values()),
        manages=may(person.role, Permission.QUESTIONNAIRE_MANAGE),
        errors=errors or {},
    )


def _in_order(one: Release, other: Release) -> list[str]:
    """The numbers of two releases, the older first."""
    return [release.release for release in sorted((one, other), key=lambda each: each.number)]
