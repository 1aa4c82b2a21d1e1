"""Proof on a question: listed, added, replaced, removed, until it is submitted."""

from typing import cast

from flask import flash, jsonify, redirect, request, url_for
from flask.wrappers import Response as FlaskResponse
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.sentences import Sentence
from riskapp.evidence.errors import EvidenceClosed, QuotaExceeded
from riskapp.evidence.service import Place
from riskapp.evidence.service import remove as remove_file
from riskapp.evidence.sniff import KINDS, Problem, TypeRefused
from riskapp.extensions import csrf
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.guard import requires
from riskapp.web.languages import chosen_now
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.page import page, today, wants_json
from riskapp.web.portal.receiving import take_in, tidy
from riskapp.web.portal.section import section_url
from riskapp.web.portal.work import Work, load
from riskapp.web.ports import ports
from riskapp.web.questions import Item
from riskapp.web.upload_errors import UploadRefused, UploadTooLarge
from riskapp.web.uploads import Request
from riskapp.web.words import say, written_size

REFUSALS = (FieldRefused, TypeRefused, QuotaExceeded, UploadRefused, EvidenceClosed)
Answer = Response | FlaskResponse | str | tuple[str | FlaskResponse, int]
CLOSED = Sentence("Files on this question cannot be changed now: they were sent in.")
TYPE_WORDS = {
    Problem.EMPTY: Sentence("The file is empty. Choose another one."),
    Problem.EXTENSION: Sentence("Files of this type are not taken. Take one of: {known}."),
    Problem.SIGNATURE: Sentence(
        "The file is not what its name says (.{extension}). Save it again as {extension}, or give "
        "it its right ending."
    ),
    Problem.NOT_TEXT: Sentence("The file is not text, though its name ends in .{extension}."),
    Problem.NOT_UTF8: Sentence(
        "The file is not UTF-8, which .{extension} has to be. Save it as UTF-8."
    ),
    Problem.MARKUP: Sentence(
        "The file is a web page or drawing, which is not taken. Save it as PDF."
    ),
}


@blueprint.route("/p/<invitation_id>/evidence/<question_id>", methods=["GET"])
@requires(Permission.RESPONDENT)
def evidence(invitation: OpenedInvitation, question_id: str) -> str:
    work = load(reading(), ports().library, invitation)
    return _page(work, work.item(question_id), request.args.get("replaces"))


@blueprint.route("/p/<invitation_id>/evidence/<question_id>", methods=["POST"])
@csrf.exempt  # type: ignore[untyped-decorator]  # checked by take_in, once the form may be read
@requires(Permission.RESPONDENT)
def upload(invitation: OpenedInvitation, question_id: str) -> Answer:
    work = load(reading(), ports().library, invitation)
    item = work.item(question_id)
    if chosen_now() is not None:  # the language was pressed; what was typed stands there again
        return _page(work, item, _replaced_by_form(item))
    try:
        name = take_in(_place(invitation, question_id), ports().clock.now())
    except REFUSALS as refused:
        return _refused(work, item, *_worded(refused))
    return _received(name, _url(invitation, question_id))


def _received(name: str, href: str) -> Answer:
    if wants_json():  # many at once: their names would outgrow the cookie that carries messages
        return jsonify({"href": href})
    flash(say("Received: {name}", name=name), "success")
    return redirect(href)


@blueprint.route("/p/<invitation_id>/evidence/<question_id>/<use_id>/remove", methods=["POST"])
@requires(Permission.RESPONDENT)
def remove_evidence(invitation: OpenedInvitation, question_id: str, use_id: str) -> Answer:
    now = ports().clock.now()
    try:
        remove_file(use_id, _place(invitation, question_id), now=now)
    except EvidenceClosed:
        work = load(reading(), ports().library, invitation)
        return _refused(work, work.item(question_id), "", CLOSED, 409)
    tidy(ports().blobs)
    flash(say("The file is removed."), "success")
    return redirect(_url(invitation, question_id))


def _place(invitation: OpenedInvitation, question_id: str) -> Place:
    return Place(invitation.assessment_id, invitation.vendor_id, invitation.id, question_id)


def _url(invitation: OpenedInvitation, question_id: str) -> str:
    return url_for("portal.evidence", invitation_id=invitation.id, question_id=question_id)


def _page(
    work: Work, item: Item, replaces: str | None, errors: list[tuple[str, str]] | None = None
) -> str:
    replaced = next((file for file in item.files if file.use_id == replaces), None)
    if replaces and replaced is None:
        raise NotFound
    return page(
        "portal/evidence.html",
        work.invitation,
        item=item,
        replaced=replaced,
        open=work.changeable(item.question),
        note=work.notes.get(item.question.id, ""),
        back=section_url(work, work.part(item.release.id, item.section.id), item.question.id),
        errors=errors or [],
        typed=request.form,
        today=today(),
        kinds=[f".{kind}" for kind in KINDS],
        limit=ports().settings.upload_limit,
    )


def _refused(work: Work, item: Item, field: str, words: str, status: int = 422) -> Answer:
    cast(Request, request).forget_torn_body()  # else the page would read what is left of it
    said = say(words)
    if wants_json():
        return jsonify({"errors": [{"field": field, "message": said}]}), status
    return _page(work, item, _replaced_by_form(item), [(field, said)]), status


def _replaced_by_form(item: Item) -> str | None:
    replaces = request.form.get("replaces")
    return replaces if replaces in {file.use_id for file in item.files} else None


def _worded(refused: Exception) -> tuple[str, str, int]:
    """The field, the words and the status for one of the refusals."""
    match refused:
        case FieldRefused(field=field, message=message):
            return field, message, 422
        case TypeRefused():
            return "file", _type_words(refused), 422
        case QuotaExceeded(quota=quota):
            return "file", _quota_words(quota), 413
        case UploadRefused(code=code):
            return "file", _upload_words(refused), code or 400
    return "", CLOSED, 409


def _type_words(refused: TypeRefused) -> Sentence:
    return TYPE_WORDS[refused.reason].of(extension=refused.extension, known=", ".join(KINDS))


def _quota_words(quota: int) -> Sentence:
    pattern = Sentence(
        "All your files together may have {size}, and that is used up. Remove one that is not "
        "needed, or ask your contact."
    )
    return pattern.of(size=written_size(quota))


def _upload_words(refused: UploadRefused) -> str:
    if not isinstance(refused, UploadTooLarge):
        return refused.description or Sentence("The file was not received. Send it again.")
    size = written_size(refused.limit)
    if refused.limit >= ports().settings.upload_limit:
        return Sentence("The file is too large: at most {size} are taken.", size=size)
    pattern = Sentence(
        "The file is too large: only {size} are left of what all your files together may have. "
        "Remove one that is not needed, or ask your contact."
    )
    return pattern.of(size=size)
