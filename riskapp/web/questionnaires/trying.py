"""A questionnaire as the vendor would see it, answered in a sandbox, with the score following."""

from flask import get_template_attribute, jsonify, render_template, request, url_for
from flask.wrappers import Response
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.scoring.current import terms_now
from riskapp.web.guard import requires
from riskapp.web.languages import saying
from riskapp.web.ports import ports
from riskapp.web.questionnaires.blueprint import blueprint
from riskapp.web.questionnaires.common import (
    in_wanted_language,
    languages,
    of_questionnaire,
    one_of,
)
from riskapp.web.questionnaires.sandbox import Trial, trial
from riskapp.web.questions import countries_for

Page = str | Response | tuple[str, int]


@blueprint.route("/<questionnaire>/<release>/try", methods=["GET", "POST"], endpoint="try_release")
@requires(Permission.QUESTIONNAIRE_READ)
def try_release(person: SignedIn, questionnaire: str, release: str) -> Page:  # noqa: ARG001 - all are somebody's
    found = one_of(of_questionnaire(questionnaire), release).release
    if found.audience != "vendor":
        raise NotFound
    back = url_for("questionnaires.release", questionnaire=questionnaire, release=release)
    return try_page(found, request.form if request.method == "POST" else None, back)


def try_page(release: Release, form: "MultiDict[str, str] | None", back: str) -> Page:
    """The page on which a release is tried: a published one, or a draft in which no fault is.

    `form` is what its own form sent, None to begin with; the page posts to the address that it was
    asked at. `back` is the address of what it leads back to. Writes nothing. Raises NotFound for a
    language that there is not.
    """
    worded = in_wanted_language(release)
    found = trial(worded, form, ports().clock.now().date(), terms_now(reading()))
    if request.headers.get("Accept", "").startswith("application/json"):
        return _followed(found)
    page = render_template(
        "questionnaires/try.html",
        release=worded,
        languages=languages(release),
        trial=found,
        vendor_sees=_vendor_sees(worded, found),
        said=_said(found),
        back=back,
    )
    return (page, 422) if found.errors else page


def _vendor_sees(release: Release, found: Trial) -> Markup:
    """The sections, in the language that the vendor's pages have for this release."""
    with saying(release.language):
        rendered = render_template(
            "questionnaires/_vendor_sees.html",
            release=release,
            trial=found,
            errors=dict(found.errors),
            countries=countries_for(release.questions.values()),
        )
    return Markup(rendered)  # noqa: S704 - a template's own output


def _followed(found: Trial) -> Response:
    """What the page's script puts in its places."""
    score = get_template_attribute("questionnaires/_tried.html", "score")
    sums = get_template_attribute("questionnaires/_tried.html", "sums")
    return jsonify(
        {
            "asked": found.asked,
            "costs": found.costs,
            "errors": [{"field": field, "message": words} for field, words in found.errors],
            "said": _said(found),
            "score": score(found.card, found.asked),
            "sums": sums(found.card, found.asked),
        }
    )


def _said(found: Trial) -> str:
    """What the last change came to, in a line."""
    asked, waiting = len(found.asked), found.applying - len(found.asked)
    said = [f"Residual risk {found.card.shown}, {found.card.tier}."]
    said.append("1 question is asked now." if asked == 1 else f"{asked} questions are asked now.")
    if waiting:
        said.append(f"{waiting} more would be, if other answers were different.")
    if found.without:
        said.append(f"{found.without} {'does' if found.without == 1 else 'do'} not apply.")
    if found.errors:
        number = len(found.errors)
        said.append(f"What is wrong at {number} place{'s'[: number != 1]} counts as not answered.")
    return " ".join(said)
