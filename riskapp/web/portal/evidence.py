"""Proof on a question: listed, added, replaced, removed, until it is submitted."""

from typing import cast

from flask import flash, jsonify, redirect, request, url_for
from flask.wrappers import Response as FlaskResponse
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.sentences import Sentence, counted
from riskapp.evidence.again import Offer, offers
from riskapp.evidence.again import use_again as put_on_again
from riskapp.evidence.errors import EvidenceClosed, QuotaExceeded, Superseded
from riskapp.evidence.placing import open_among
from riskapp.evidence.problems import InfectedRefused, TypeRefused
from riskapp.evidence.queries import EvidenceRow
from riskapp.evidence.removals import tidy
from riskapp.evidence.service import Place, seat
from riskapp.evidence.service import remove as remove_file
from riskapp.evidence.sniff import KINDS
from riskapp.extensions import csrf
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.guard import requires
from riskapp.web.languages import chosen_now
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.file_words import infected_words, type_words
from riskapp.web.portal.page import page, today, wants_json
from riskapp.web.portal.receiving import take_in
from riskapp.web.portal.section import section_url
from riskapp.web.portal.work import Work, load
from riskapp.web.ports import ports
from riskapp.web.questions import Item
from riskapp.web.upload_errors import UploadRefused, UploadTooLarge
from riskapp.web.uploads import Request
from riskapp.web.words import say, written_size

REFUSALS = (
    FieldRefused,
    TypeRefused,
    InfectedRefused,
    QuotaExceeded,
    UploadRefused,
    EvidenceClosed,
)
Answer = Response | FlaskResponse | str | tuple[str | FlaskResponse, int]
CLOSED = Sentence("Files on this question cannot be changed now: they were sent in.")
SUPERSEDED = Sentence(
    "The file that you wanted to replace was replaced or removed in the meantime, perhaps in "
    "another window. Look at what is attached now, and send yours again if it is still needed."
)


@blueprint.route("/p/<invitation_id>/evidence/<question_id>", methods=["GET"])
@requires(Permission.RESPONDENT)
def evidence(invitation: OpenedInvitation, question_id: str) -> Answer:
    work = load(reading(), ports().library, invitation)
    item, replaces = work.item(question_id), request.args.get("replaces")
    try:
        if replaces:
            seat(reading(), _place(invitation, question_id), replaces)
    except Superseded:
        return _refused(work, item, "", SUPERSEDED, 409)
    return _page(work, item, replaces)


@blueprint.route("/p/<invitation_id>/evidence/<question_id>", methods=["POST"])
@csrf.exempt  # type: ignore[untyped-decorator]  # checked by take_in, once the form may be read
@requires(Permission.RESPONDENT)
def upload(invitation: OpenedInvitation, question_id: str) -> Answer:
    work = load(reading(), ports().library, invitation)
    item = work.item(question_id)
    if chosen_now() is not None:  # the language was pressed; what was typed stands there again
        return _page(work, item, _replaced(item))
    replaces = request.args.get("replaces") or None
    try:
        name = take_in(_place(invitation, question_id), replaces)
    except Superseded:
        work = load(reading(), ports().library, invitation)  # as it is since somebody was faster
        return _refused(work, work.item(question_id), "", SUPERSEDED, 409)
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


@blueprint.route("/p/<invitation_id>/evidence/<question_id>/again", methods=["POST"])
@requires(Permission.RESPONDENT)
def use_again(invitation: OpenedInvitation, question_id: str) -> Answer:
    work = load(reading(), ports().library, invitation)
    item = work.item(question_id)
    place = _place(invitation, question_id)
    try:
        count = put_on_again(request.form.getlist("again"), place, now=ports().clock.now())
    except FieldRefused as refused:
        return _refused(work, item, refused.field, refused.message)
    except EvidenceClosed:
        work = load(reading(), ports().library, invitation)
        return _refused(work, work.item(question_id), "", CLOSED, 409)
    if count:
        words = counted(
            "{count} file that you sent before is attached here too.",
            "{count} files that you sent before are attached here too.",
            count,
        )
        flash(say(words), "success")
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
    open_here = work.changeable(item.question)
    also, kept = _served_too(work, replaced)
    return page(
        "portal/evidence.html",
        work.invitation,
        item=item,
        replaced=replaced,
        also=also,
        kept=kept,
        offers=_offers(work, item) if open_here and not replaced else [],
        chosen=request.form.getlist("again"),
        open=open_here,
        note=work.notes.get(item.question.id, ""),
        back=section_url(work, work.part(item.release.id, item.section.id), item.question.id),
        errors=errors or [],
        typed=request.form,
        today=today(),
        kinds=[f".{kind}" for kind in KINDS],
        limit=ports().settings.upload_limit,
    )


def _offers(work: Work, item: Item) -> list[Offer]:
    return offers(reading(), work.invitation.assessment_id, item.question.id)


def _served_too(work: Work, replaced: EvidenceRow | None) -> tuple[list[str], list[str]]:
    """The other questions that a file serves: those that take its next version, and the rest."""
    if replaced is None:
        return [], []
    names = {
        file.question_id
        for file in work.files
        if file.evidence_id == replaced.evidence_id and file.question_id != replaced.question_id
    }
    takes = open_among(reading(), work.invitation.assessment_id, names) if names else set()
    return sorted(takes), sorted(names - takes)


def _refused(work: Work, item: Item, field: str, words: str, status: int = 422) -> Answer:
    cast(Request, request).forget_torn_body()  # else the page would read what is left of it
    said = say(words)
    if wants_json():
        return jsonify({"errors": [{"field": field, "message": said}]}), status
    return _page(work, item, _replaced(item), [(field, said)]), status


def _replaced(item: Item) -> str | None:
    """The use that the address wants replaced, if it is still there."""
    replaces = request.args.get("replaces")
    return replaces if replaces in {file.use_id for file in item.files} else None


def _worded(refused: Exception) -> tuple[str, str, int]:
    """The field, the words and the status for one of the refusals."""
    match refused:
        case FieldRefused(field=field, message=message):
            return field, message, 422
        case TypeRefused():
            return "file", type_words(refused), 422
        case InfectedRefused():
            return "file", infected_words(refused), 422
        case QuotaExceeded(quota=quota):
            return "file", _quota_words(quota), 413
        case UploadRefused(code=code):
            return "file", _upload_words(refused), code or 400
    return "", CLOSED, 409


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
