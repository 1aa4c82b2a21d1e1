"""What is done with an import: looked at, tried, corrected, published, discarded."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.catalogue.importers import foreign
from riskapp.catalogue.importers.common import NotImportable
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.releases import service
from riskapp.releases.errors import NotPublishable
from riskapp.releases.queries import DraftRow, draft_file
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.questionnaires import columns, trying
from riskapp.web.questionnaires.blueprint import blueprint
from riskapp.web.questionnaires.bringing import Page, Source, in_words, made, named, taken
from riskapp.web.questionnaires.common import actor
from riskapp.web.questionnaires.draft_page import Gone, draft_page, known, release_of, to_draft


@contextmanager
def _there() -> Iterator[None]:
    """Tells a draft that is gone from other things that are not found."""
    try:
        yield
    except NotFound as error:
        raise Gone from error


@blueprint.route("/import/draft/<draft_id>", methods=["GET"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def draft(person: SignedIn, draft_id: str) -> str:  # noqa: ARG001 - whoever manages
    return draft_page(known(draft_id))


@blueprint.route("/import/draft/<draft_id>", methods=["POST"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def correct(person: SignedIn, draft_id: str) -> Page:
    """Makes a draft anew of the file that was uploaded, with what the form says differently."""
    row = known(draft_id)
    data = draft_file(reading(), draft_id) or b""
    try:
        naming = named(request.form, row.file_name, taken(but=draft_id))
        said: Sequence[str] = ()
        if row.form == foreign.SHEET:
            said = columns.corrections(request.form, row.columns, data, row.file_name)
        brought = made(Source(row.form, row.file_name, data), naming, said)
    except FieldRefused as refused:
        return draft_page(row, [(refused.field, refused.message)]), 422
    except NotImportable as refused:
        return draft_page(row, [("", in_words(refused))]), 422
    with _there():
        service.correct(
            draft_id, brought, seen=_seen(), actor=actor(person), now=ports().clock.now()
        )
    flash("The file was read again.", "success")
    return to_draft(draft_id)


def _seen() -> str:
    """The mark of the draft as the page showed it; a form without one has shown nothing."""
    return request.form.get("seen", "")


@blueprint.route("/import/draft/<draft_id>/publish", methods=["POST"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def publish(person: SignedIn, draft_id: str) -> Page:
    now = ports().clock.now()
    try:
        with _there():
            release = service.publish_draft(
                ports().library, draft_id, seen=_seen(), actor=actor(person), now=now
            )
    except NotPublishable as refused:
        return draft_page(known(draft_id), faults=refused.faults), 422
    flash(f"{release.key} is published. Officers can send it to vendors from now on.", "success")
    there = url_for("questionnaires.release", questionnaire=release.id, release=release.release)
    return redirect(there, 303)


@blueprint.route("/import/draft/<draft_id>/discard", methods=["GET"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def ask_to_discard(person: SignedIn, draft_id: str) -> str:  # noqa: ARG001 - whoever manages
    row = known(draft_id)
    return render_template("questionnaires/draft_discard.html", row=row, release=release_of(row))


@blueprint.route("/import/draft/<draft_id>/discard", methods=["POST"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def discard(person: SignedIn, draft_id: str) -> Response:
    with _there():
        service.discard(draft_id, seen=_seen(), actor=actor(person), now=ports().clock.now())
    flash("The import is discarded, and its file with it.", "success")
    return redirect(url_for("questionnaires.releases"), 303)


@blueprint.route("/import/draft/<draft_id>/file", methods=["GET"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def draft_source(person: SignedIn, draft_id: str) -> Response:  # noqa: ARG001 - as above
    """The questionnaire file that was made, to be taken away."""
    row = known(draft_id)
    release = _made(row)
    response = Response(row.source, mimetype="application/yaml")
    name = f"{release.id}-{release.release}.yaml"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.route("/import/draft/<draft_id>/try", methods=["GET", "POST"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def try_draft(person: SignedIn, draft_id: str) -> trying.Page:  # noqa: ARG001 - whoever manages
    """As the vendor would see it."""
    release = _made(known(draft_id))
    back = url_for("questionnaires.draft", draft_id=draft_id)
    return trying.try_page(release, request.form if request.method == "POST" else None, back)


def _made(row: DraftRow) -> Release:
    """What was made of the file. Raises NotFound where that is nothing yet."""
    release = release_of(row)
    if release is None:
        raise NotFound
    return release
