"""Evidence erased for good, with its certificate, and legal holds that forbid it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby

from flask import Response as Sent
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.accounts.service import checked_email
from riskapp.assessments.rules import State
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.custody.certificates import (
    COMMAND,
    DOCUMENT,
    SIGNATURE,
    SIGNERS,
    WHAT,
    Scope,
    allowed_signers,
)
from riskapp.custody.erasing import (
    Means,
    Wish,
    checked_asker,
    checked_reason,
    erase_file,
    erase_vendor,
)
from riskapp.custody.errors import HoldLifted, NothingToErase, UnderHold
from riskapp.custody.holds import lift, place
from riskapp.custody.queries import (
    PAGE,
    Loser,
    erasure,
    erasures,
    extent,
    hold,
    holds,
    losers,
    versions_left,
    was_there,
)
from riskapp.vendors.queries import VendorRow, vendor
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import (
    Errors,
    actor,
    cursor,
    existing,
    last,
    now,
    refused,
    text,
    time_cursor,
)
from riskapp.web.desk.forms import EraseForm, ReasonForm
from riskapp.web.desk.mailing import mail_certificate
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.posting import Delivery
from riskapp.web.sending import disposition
from riskapp.web.words import STATES

Page = str | Response | tuple[str, int]

_BY_HAND = "The certificate was not mailed: {}. Download it and hand it over yourself."
TOLD = {
    Delivery.SENT: ("The mail server took the mail with the certificate.", "success"),
    Delivery.FAILED: (_BY_HAND.format("the mail server did not take it"), "error"),
    Delivery.NO_SERVER: (_BY_HAND.format("no mail server is set"), "error"),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """An assessment that loses files, and the questions on which it does."""

    assessment_id: str
    title: str
    standing: str
    tier: str | None
    shown: str | None
    questions: list[str]
    scored_again: bool


@blueprint.route("/vendors/<vendor_id>/custody", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def custody(person: SignedIn, vendor_id: str) -> str:  # noqa: ARG001 - every view is somebody's
    row = existing(vendor(reading(), vendor_id))
    rows = erasures(reading(), vendor_id, time_cursor(request.args.get("before")))
    behind = last(rows, PAGE)
    held = holds(reading(), vendor_id, before=time_cursor(request.args.get("holds")))
    held_end = last(held, PAGE)
    here = partial(url_for, "desk.custody", vendor_id=vendor_id)
    return render_template(
        "desk/custody.html",
        vendor=row,
        holds=held,
        holds_href=held_end and here(holds=cursor(held_end.placed_at, held_end.id)),
        erasures=rows,
        next_href=behind and here(before=cursor(behind.at, behind.id)),
        what=WHAT,
    )


@blueprint.route(
    "/vendors/<vendor_id>/evidence/<evidence_id>/erase",
    methods=["GET", "POST"],
    endpoint="erase_file",
)
@requires(Permission.EVIDENCE_ERASE)
def erase_one(person: SignedIn, vendor_id: str, evidence_id: str) -> Page:
    row = existing(vendor(reading(), vendor_id))
    versions = versions_left(reading(), vendor_id, evidence_id)
    if not versions:
        if not was_there(reading(), vendor_id, evidence_id):
            raise NotFound
        return _erased_before(vendor_id)

    def page(form: EraseForm, errors: Errors) -> str:
        return render_template(
            "desk/erase_file.html",
            vendor=row,
            versions=versions,
            losses=_losses(losers(reading(), vendor_id, [evidence_id])),
            holds=holds(reading(), vendor_id, evidence_id, live=True),
            form=form,
            errors=errors,
        )

    def do(wish: Wish) -> str:
        return erase_file(_means(), vendor_id, evidence_id, wish)

    return _asked(person, row, Scope.FILE, page, do)


@blueprint.route("/vendors/<vendor_id>/erase", methods=["GET", "POST"], endpoint="erase_vendor")
@requires(Permission.EVIDENCE_ERASE)
def erase_all(person: SignedIn, vendor_id: str) -> Page:
    row = existing(vendor(reading(), vendor_id))

    def page(form: EraseForm, errors: Errors) -> str:
        return render_template(
            "desk/erase_vendor.html",
            vendor=row,
            extent=extent(reading(), vendor_id),
            losses=_losses(losers(reading(), vendor_id)),
            holds=holds(reading(), vendor_id, live=True),
            form=form,
            errors=errors,
        )

    def do(wish: Wish) -> str:
        return erase_vendor(_means(), vendor_id, wish)

    return _asked(person, row, Scope.VENDOR, page, do)


def _asked(
    person: SignedIn,
    row: VendorRow,
    scope: Scope,
    page: Callable[[EraseForm, Errors], str],
    do: Callable[[Wish], str],
) -> Page:
    """Shows what would be lost, or does it once everything on the form is right."""
    form = EraseForm()
    if request.method == "GET":
        return page(form, {})
    errors, wish, email = _read(form, person, row, scope)
    if wish is None:
        return page(form, errors), 422
    try:
        made = do(wish)
    except UnderHold as error:
        return page(form, {"": held_in_words(error)}), 409
    except NothingToErase:
        return _erased_before(row.id)
    flash("It is erased for good. The certificate is below.", "success")
    if email:
        found = existing(erasure(reading(), made))
        flash(*TOLD[mail_certificate(email, found.certificate, found.signature)])
    return redirect(url_for("desk.erasure", erasure_id=made), 303)


def _read(
    form: EraseForm, person: SignedIn, row: VendorRow, scope: Scope
) -> tuple[Errors, Wish | None, str]:
    """What is wrong with the form, all of it; the wish where nothing is, and an address for it."""
    errors: Errors = {}
    found: dict[str, str] = {}
    checks = {"reason": checked_reason, "asked_by": checked_asker, "email": _address}
    for name, check in checks.items():
        try:
            found[name] = check(text(form[name]))
        except FieldRefused as error:
            errors |= refused(error)
    if scope is Scope.VENDOR and _plain(text(form.name)) != _plain(row.name):
        errors["name"] = f"Type the name as it stands here: {row.name}"
    if errors:
        return errors, None, ""
    return {}, Wish(scope, found["reason"], found["asked_by"], actor(person), now()), found["email"]


def _address(written: str) -> str:
    return checked_email(written) if written.strip() else ""


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def held_in_words(error: UnderHold) -> str:
    what = "This file" if error.evidence_id else "This vendor"
    since = f"{error.since.day} {error.since:%B %Y}"
    return f"Nothing was erased. {what} is under a legal hold since {since}: {error.reason}"


def _means() -> Means:
    parts = ports()
    return Means(parts.blobs, parts.signer, parts.settings.organisation)


def _erased_before(vendor_id: str) -> Response:
    flash("Nothing is left to erase: it was erased before.", "error")
    return redirect(url_for("desk.custody", vendor_id=vendor_id), 303)


def _losses(rows: Sequence[Loser]) -> list[Loss]:
    found = []
    for assessment_id, grouped in groupby(rows, lambda row: row.assessment_id):
        mine = list(grouped)
        first = mine[0]
        found.append(
            Loss(
                assessment_id,
                f"{first.engagement_title}, cycle {first.cycle}",
                STATES[first.state],
                first.tier,
                first.shown,
                [row.question_id for row in mine],
                first.tier is not None
                and first.state != State.CANCELLED
                and any(row.live and row.submitted for row in mine),
            )
        )
    return found


@blueprint.route("/erasures/<erasure_id>", methods=["GET"], endpoint="erasure")
@requires(Permission.ASSESSMENT_READ)
def one_erasure(person: SignedIn, erasure_id: str) -> str:  # noqa: ARG001 - every view is somebody's
    found = existing(erasure(reading(), erasure_id))
    said = json.loads(found.certificate)
    return render_template(
        "desk/erasure.html",
        found=found,
        said=said,
        received=[datetime.fromisoformat(one["uploaded_at"]) for one in said["files"]],
        what=WHAT,
        command=COMMAND,
        downloads=(DOCUMENT, SIGNATURE, SIGNERS),
    )


@blueprint.route("/erasures/<erasure_id>/<part>", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def erasure_part(person: SignedIn, erasure_id: str, part: str) -> Sent:  # noqa: ARG001 - as above
    found = existing(erasure(reading(), erasure_id))
    parts = {
        DOCUMENT: ("application/json", found.certificate),
        SIGNATURE: ("application/octet-stream", found.signature),
        SIGNERS: ("application/octet-stream", allowed_signers(found.certificate)),
    }
    if part not in parts:
        raise NotFound
    media_type, content = parts[part]
    response = Sent(content, content_type=media_type)
    response.headers["Content-Disposition"] = disposition(part)
    return response


@blueprint.route("/vendors/<vendor_id>/hold", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_ERASE)
def place_hold(person: SignedIn, vendor_id: str) -> Page:
    """Holds the vendor, or the file that `evidence` in the address names."""
    row = existing(vendor(reading(), vendor_id))
    evidence_id = request.args.get("evidence")
    versions = versions_left(reading(), vendor_id, evidence_id) if evidence_id else ()
    if evidence_id and not versions:
        raise NotFound
    form, errors = ReasonForm(), {}
    if request.method == "POST":
        try:
            place(vendor_id, evidence_id, reason=text(form.reason), person_id=person.id, now=now())
        except FieldRefused as error:
            errors = refused(error)
        else:
            flash("It is held: nobody can erase it, and no rule does.", "success")
            return redirect(url_for("desk.custody", vendor_id=vendor_id), 303)
    page = render_template(
        "desk/hold_place.html", vendor=row, file=versions[-1:], form=form, errors=errors
    )
    return (page, 422) if errors else page


@blueprint.route("/vendors/<vendor_id>/holds/<hold_id>/lift", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_ERASE)
def lift_hold(person: SignedIn, vendor_id: str, hold_id: str) -> Page:
    row, found = (
        existing(vendor(reading(), vendor_id)),
        existing(hold(reading(), vendor_id, hold_id)),
    )
    back = redirect(url_for("desk.custody", vendor_id=vendor_id), 303)
    form, errors = ReasonForm(), {}
    if request.method == "POST":
        try:
            lift(vendor_id, hold_id, reason=text(form.reason), person_id=person.id, now=now())
        except FieldRefused as error:
            errors = refused(error)
        except HoldLifted:
            flash("It was lifted before.", "error")
            return back
        else:
            flash("The hold is lifted. What other holds keep stays kept.", "success")
            return back
    page = render_template("desk/hold_lift.html", vendor=row, hold=found, form=form, errors=errors)
    return (page, 422) if errors else page
