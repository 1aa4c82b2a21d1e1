"""Evidence packs of what is granted: all of it, or the answers to chosen questions alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import AssessmentRow
from riskapp.audit.service import About
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.ids import new_id
from riskapp.packs import queries
from riskapp.packs.choosing import OfferedSection, offered
from riskapp.packs.narrowing import Narrowing
from riskapp.packs.sealing import FIELD as KEY
from riskapp.packs.sealing import PrivateKeyGiven, recipient
from riskapp.packs.service import PackWish, prepare
from riskapp.web.auditor.blueprint import blueprint
from riskapp.web.auditor.common import actor, note, now, today
from riskapp.web.auditor.dossier import granted
from riskapp.web.auditor.vendors import granted_vendor
from riskapp.web.guard import requires
from riskapp.web.packing import REFUSED, download, parts, refusal
from riskapp.web.packing_shown import shown
from riskapp.web.ports import ports

Page = str | Response | tuple[str, int]
WHOLE, COUNT = "whole", "count"
"""What the buttons of the form say, beside the one that takes what is ticked."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a pack can be made of, and what the grant says of it. No assessment: all of a vendor."""

    vendor_id: str
    vendor_name: str
    assessment: AssessmentRow | None
    grant_id: str
    purpose: str
    until: date
    evidence: bool

    @property
    def assessment_id(self) -> str | None:
        return None if self.assessment is None else self.assessment.id


def _of_assessment(person: SignedIn, assessment_id: str) -> Granted:
    """Raises NotFound where no grant opens it today."""
    row, grant = granted(person.id, assessment_id)
    return Granted(
        row.vendor_id,
        row.vendor_name,
        row,
        grant.id,
        grant.purpose,
        grant.until,
        grant.evidence,
    )


def _of_vendor(person: SignedIn, vendor_id: str) -> Granted:
    """Raises NotFound where no grant opens all of the vendor today."""
    row, grant = granted_vendor(person.id, vendor_id)
    return Granted(row.id, row.name, None, grant.id, grant.purpose, grant.until, grant.evidence)


@blueprint.route("/assessments/<assessment_id>/pack", methods=["GET", "POST"])
@requires(Permission.GRANTED_READ)
def pack(person: SignedIn, assessment_id: str) -> Page:
    return _asked(person, _of_assessment(person, assessment_id))


@blueprint.route("/vendors/<vendor_id>/pack", methods=["GET", "POST"])
@requires(Permission.GRANTED_READ)
def vendor_pack(person: SignedIn, vendor_id: str) -> Page:
    return _asked(person, _of_vendor(person, vendor_id))


def _asked(person: SignedIn, of: Granted) -> Page:
    then = request.form.get("then", WHOLE)
    sections = offered(reading(), ports().library, of.vendor_id, of.assessment_id)
    chosen = request.form.getlist("questions")
    if request.method == "GET" or then == COUNT:
        return _form(person, of, sections, chosen)
    key, once, by = request.form.get(KEY, ""), request.form.get("once") or None, actor(person)
    try:
        wish = PackWish(
            of.vendor_id,
            of.assessment_id,
            person.name,
            of.purpose,
            of.until,
            Narrowing(of.evidence, None if then == WHOLE else tuple(dict.fromkeys(chosen))),
            recipient(key).text if key.strip() else None,
        )
        made = prepare(parts(), wish, actor=by, now=now(), once=once, grant_id=of.grant_id)
    except FieldRefused as error:
        return _form(person, of, sections, chosen, error), 422
    except REFUSED as error:
        return refusal(error)
    flash("The pack is made. Download it here.", "success")
    return redirect(url_for("auditor.made_pack", pack_id=made.id), 303)


def _form(
    person: SignedIn,
    of: Granted,
    sections: Sequence[OfferedSection],
    chosen: Sequence[str],
    error: FieldRefused | None = None,
) -> str:
    private = isinstance(error, PrivateKeyGiven)
    there = {question.id for section in sections for question in section.questions}
    return render_template(
        "auditor/pack_form.html",
        of=of,
        sections=sections,
        chosen=chosen,
        picked=len(there.intersection(chosen)),
        total=len(there),
        packs=queries.made(reading(), of.vendor_id, of.assessment_id, by=person.id),
        once=request.form.get("once") or new_id(),
        key="" if private else request.form.get(KEY, ""),
        today=today(),
        errors={} if error is None else {error.field: error.message},
    )


def _mine(person: SignedIn, pack_id: str) -> tuple[queries.ExportRow, Granted]:
    """A pack that this auditor made, while what it is of is granted. Raises NotFound."""
    row = queries.pack(reading(), pack_id)
    if row is None or row.made_by_id != person.id:
        raise NotFound
    if row.assessment_id is None:
        of = _of_vendor(person, row.vendor_id)
    else:
        of = _of_assessment(person, row.assessment_id)
    if row.narrowed.get("evidence", True) and not of.evidence:  # files are granted no more
        raise NotFound
    return row, of


@blueprint.route("/packs/<pack_id>", methods=["GET"])
@requires(Permission.GRANTED_READ)
def made_pack(person: SignedIn, pack_id: str) -> str:
    row, of = _mine(person, pack_id)
    note(person, "pack:read", About(row.id, row.vendor_id, row.assessment_id), of.grant_id)
    return render_template("auditor/pack.html", shown=shown(row), of=of)


@blueprint.route("/packs/<pack_id>/download", methods=["GET"])
@requires(Permission.GRANTED_READ)
def take_pack(person: SignedIn, pack_id: str) -> Page:
    row, of = _mine(person, pack_id)
    return download(row, actor(person), grant_id=of.grant_id)
