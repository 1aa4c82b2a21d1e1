"""Evidence packs: made for somebody and a purpose, listed, taken away, also again."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import AssessmentRow, assessment
from riskapp.audit.errors import LogBent
from riskapp.audit.notes import NoteInvalid
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.packs import queries
from riskapp.packs.choosing import OfferedSection, offered
from riskapp.packs.errors import CheckpointOfOther, NothingDecided, StillChanging
from riskapp.packs.report import ReportFailed
from riskapp.packs.service import prepare
from riskapp.vendors.queries import VendorRow, vendor
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import (
    Errors,
    actor,
    cursor,
    existing,
    known_assessment,
    last,
    now,
    refused,
    text,
    time_cursor,
)
from riskapp.web.desk.forms import PackForm
from riskapp.web.desk.packs_wish import (
    REASON,
    TERMS,
    Kept,
    kept_out,
    missing_reasons,
    wish,
    wrong_terms,
)
from riskapp.web.guard import requires
from riskapp.web.packing import download, parts, refusal
from riskapp.web.packing_shown import shown
from riskapp.web.ports import ports

Page = str | Response | tuple[str, int]
_REFUSED = (
    CheckpointOfOther,
    LogBent,
    NoteInvalid,
    NothingDecided,
    ReportFailed,
    StillChanging,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a pack is made of: one assessment, or (None) all of a vendor's."""

    vendor: VendorRow
    assessment: AssessmentRow | None

    @property
    def assessment_id(self) -> str | None:
        return None if self.assessment is None else self.assessment.id

    def offered(self) -> Sequence[OfferedSection]:
        return offered(reading(), ports().library, self.vendor.id, self.assessment_id)


@blueprint.route("/assessments/<assessment_id>/pack", methods=["GET", "POST"])
@requires(Permission.PACK_MAKE)
def pack(person: SignedIn, assessment_id: str) -> Page:
    row = known_assessment(assessment_id)
    return _asked(person, Subject(existing(vendor(reading(), row.vendor_id)), row))


@blueprint.route("/vendors/<vendor_id>/pack", methods=["GET", "POST"])
@requires(Permission.PACK_MAKE)
def vendor_pack(person: SignedIn, vendor_id: str) -> Page:
    return _asked(person, Subject(existing(vendor(reading(), vendor_id)), None))


def _asked(person: SignedIn, subject: Subject) -> Page:
    """The form on its two pages: the terms and what is kept out, then why each is. Or the pack."""
    sections = subject.offered()
    if request.method == "GET":
        return _terms_page(subject, sections, PackForm(formdata=None), {})
    form = PackForm()
    try:
        return _went_on(person, subject, sections, form)
    except FieldRefused as error:
        if error.field in TERMS:
            return _terms_page(subject, sections, form, refused(error)), 422
        errors = {"": error.message}
        return _reasons_page(subject, form, kept_out(sections), errors), 422
    except _REFUSED as error:
        return refusal(error)


def _went_on(
    person: SignedIn, subject: Subject, sections: Sequence[OfferedSection], form: PackForm
) -> Page:
    if text(form.then) == "back":
        return _terms_page(subject, sections, form, {})
    if wrong := wrong_terms(form):
        return _terms_page(subject, sections, form, wrong), 422
    kept = kept_out(sections)
    wanted = wish(form, subject.vendor.id, subject.assessment_id, kept)
    if kept and text(form.then) != "make":
        return _reasons_page(subject, form, kept, {})
    if missing := missing_reasons(kept):
        return _reasons_page(subject, form, kept, missing), 422
    made = prepare(parts(), wanted, actor=actor(person), now=now(), once=text(form.once) or None)
    flash("The pack is made. Download it here; it can be taken again later.", "success")
    return redirect(url_for("desk.made_pack", pack_id=made.id), 303)


def _terms_page(
    subject: Subject, sections: Sequence[OfferedSection], form: PackForm, errors: Errors
) -> str:
    ticked = request.form.getlist("out")
    return render_template(
        "desk/pack_form.html",
        subject=subject,
        sections=sections,
        ticked=ticked,
        reasons=_reasons() | {"reason": text(form.reason)},
        form=form,
        once=text(form.once) or new_id(),
        today=now().date(),
        errors=errors,
    )


def _reasons_page(subject: Subject, form: PackForm, kept: Sequence[Kept], errors: Errors) -> str:
    return render_template(
        "desk/pack_reasons.html",
        subject=subject,
        form=form,
        kept=kept,
        reasons=_reasons(),
        errors=errors,
    )


def _reasons() -> dict[str, str]:
    """What was typed already, by field; they stay while one goes back and forth."""
    return {name: words for name, words in request.form.items() if name.startswith(REASON)}


@blueprint.route("/packs/<pack_id>", methods=["GET"])
@requires(Permission.PACK_MAKE)
def made_pack(person: SignedIn, pack_id: str) -> str:  # noqa: ARG001 - every view is somebody's
    row = existing(queries.pack(reading(), pack_id))
    return render_template(
        "desk/pack.html",
        shown=shown(row),
        vendor=existing(vendor(reading(), row.vendor_id)),
        assessment=row.assessment_id and existing(assessment(reading(), row.assessment_id)),
    )


@blueprint.route("/packs/<pack_id>/download", methods=["GET"])
@requires(Permission.PACK_MAKE)
def take_pack(person: SignedIn, pack_id: str) -> Page:
    return download(existing(queries.pack(reading(), pack_id)), actor(person))


@blueprint.route("/vendors/<vendor_id>/packs", methods=["GET"])
@requires(Permission.PACK_MAKE)
def packs(person: SignedIn, vendor_id: str) -> str:  # noqa: ARG001 - as above
    """All packs of a vendor, or those of the assessment that the address names."""
    row = existing(vendor(reading(), vendor_id))
    chosen = request.args.get("assessment") or None
    of = chosen and known_assessment(chosen)
    if of and of.vendor_id != vendor_id:
        raise NotFound
    rows = queries.made(
        reading(), vendor_id, chosen, before=time_cursor(request.args.get("before"))
    )
    end = last(rows, queries.PAGE)
    return render_template(
        "desk/packs.html",
        vendor=row,
        assessment=of,
        packs=rows,
        today=now().date(),
        next_href=end
        and url_for(
            "desk.packs", vendor_id=vendor_id, assessment=chosen, before=cursor(end.at, end.id)
        ),
    )
