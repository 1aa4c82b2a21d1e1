"""What auditors may see: granted for a time, looked after, taken back."""

from collections.abc import Sequence
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission, Role
from riskapp.accounts.queries import PersonRow, SignedIn, people
from riskapp.assessments.access import PAGE, Access, Standing, access, all_access
from riskapp.assessments.grants import Wish, grant_access, revoke_grant
from riskapp.assessments.requests import count_waiting
from riskapp.audit.history import Wanted
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.reviews.as_of import end_of
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import (
    Errors,
    actor,
    cursor,
    day,
    day_or_none,
    existing,
    last,
    now,
    number,
    refused,
    text,
    time_cursor,
)
from riskapp.web.desk.forms import GrantForm
from riskapp.web.desk.vendors import MOST_AUDITORS, vendor_page
from riskapp.web.guard import requires
from riskapp.web.openings import OF_ALL, OF_VENDORS, openings

SHOWN = {
    "": "In force",
    Standing.COMING: "Coming",
    Standing.ENDED: "Ended",
    Standing.REVOKED: "Taken back",
    "all": "All",
}
YES = "yes"


def wished(form: GrantForm, person_id: str, vendor_id: str | None) -> Wish:
    """What a form says. Without a first day access begins today. Raises FieldRefused."""
    return Wish(
        person_id,
        vendor_id,
        (text(form.assessment) or None) if vendor_id else None,
        day_or_none(form.starts, "the first day of access") or now().date(),
        day(form.until, "the last day of access"),
        evidence=vendor_id is not None and text(form.evidence) == YES,
        purpose=text(form.purpose),
    )


@blueprint.route("/vendors/<vendor_id>/grants", methods=["POST"])
@requires(Permission.GRANT_GIVE)
def give_grant(person: SignedIn, vendor_id: str) -> Response | tuple[str, int]:
    form = GrantForm()
    try:
        wish = wished(form, text(form.person), vendor_id)
        grant_access(wish, actor=actor(person), now=now())
    except FieldRefused as error:
        return vendor_page(vendor_id, refused(error), grant=form), 422
    flash(told(wish), "success")
    return redirect(url_for("desk.vendor", vendor_id=vendor_id), 303)


def told(wish: Wish) -> str:
    ends = "It ends by itself at the end of its last day (UTC)."
    if wish.starts > now().date():
        return f"Access is granted, from its first day on. {ends}"
    return f"Access is granted. {ends}"


@blueprint.route("/grants", methods=["GET"], endpoint="grants")
@requires(Permission.GRANT_GIVE)
def listing(person: SignedIn) -> str:  # noqa: ARG001 - every view of the desk is somebody's
    return _grants_page()


def _grants_page(errors: Errors | None = None, form: GrantForm | None = None) -> str:
    today, shown = now().date(), request.args.get("show", "")
    before = time_cursor(request.args.get("before"))
    rows = all_access(reading(), _standing(shown), today=today, before=before)
    end = last(rows, PAGE)
    return render_template(
        "desk/grants.html",
        rows=rows,
        shown=shown,
        shows=SHOWN,
        today=today,
        waiting=count_waiting(reading()),
        auditors=auditors(),
        errors=errors or {},
        form=form or GrantForm(formdata=None, data=fresh()),
        next_href=end
        and url_for("desk.grants", show=shown or None, before=cursor(end.granted_at, end.id)),
    )


def _standing(shown: str) -> Standing | None:
    """Which grants the URL asks for, None for all. Raises NotFound for what there is not."""
    if shown == "all":
        return None
    if shown not in SHOWN:
        raise NotFound
    return Standing(shown) if shown else Standing.IN_FORCE


def auditors() -> Sequence[PersonRow]:
    return people(reading(), role=Role.AUDITOR, limit=MOST_AUDITORS)


def fresh() -> dict[str, object]:
    """What an untouched form says: from today on, for thirty days, without files."""
    today = now().date()
    return {"starts": today, "until": today + timedelta(days=30)}


@blueprint.route("/grants", methods=["POST"])
@requires(Permission.GRANT_GIVE)
def give_population(person: SignedIn) -> Response | tuple[str, int]:
    """The population list; vendors and assessments are granted on the vendor's page."""
    form = GrantForm()
    try:
        wish = wished(form, text(form.person), None)
        grant_id = grant_access(wish, actor=actor(person), now=now())
    except FieldRefused as error:
        return _grants_page(refused(error), form), 422
    flash(told(wish), "success")
    return redirect(url_for("desk.grant", grant_id=grant_id), 303)


@blueprint.route("/grants/<grant_id>", methods=["GET"], endpoint="grant")
@requires(Permission.GRANT_GIVE)
def one(person: SignedIn, grant_id: str) -> str:  # noqa: ARG001 - as above
    row = existing(access(reading(), grant_id))
    today = now().date()
    found = openings(_during(row), number(request.args.get("before")))
    return render_template(
        "desk/grant.html",
        grant=row,
        standing=row.standing(today),
        today=today,
        openings=found.rows,
        next_href=found.before and url_for("desk.grant", grant_id=grant_id, before=found.before),
    )


def _during(row: Access) -> Wanted:
    """What the auditor opened of what is granted, while the grant was in force."""
    end = end_of(row.until)
    return Wanted(
        person_id=row.person_id,
        vendor_id=row.vendor_id,
        assessment_id=row.assessment_id,
        types=tuple(OF_VENDORS if row.vendor_id else OF_ALL),
        since=row.granted_at,
        until=end if row.revoked_at is None else min(end, row.revoked_at),
    )


@blueprint.route("/grants/<grant_id>/revoke", methods=["POST"])
@requires(Permission.GRANT_GIVE)
def take_grant_back(person: SignedIn, grant_id: str) -> Response:
    revoke_grant(grant_id, actor=actor(person), now=now())
    flash("Access is taken back, from now on; pages that stand open show nothing more.")
    return redirect(url_for("desk.grant", grant_id=grant_id), 303)
