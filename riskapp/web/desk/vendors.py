"""The register: vendors, their contacts, and which auditor may see them."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission, Role
from riskapp.accounts.queries import SignedIn, people
from riskapp.assessments.queries import PAGE as ASSESSMENTS_PAGE
from riskapp.assessments.queries import Filter, assessments, grants_of_vendor
from riskapp.core import countries
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.custody.queries import holds
from riskapp.vendors.queries import (
    PAGE,
    UNSCORED,
    Bought,
    EngagementRow,
    bought,
    contacts,
    counts_by_tier,
    engagements,
    vendor,
    vendors,
)
from riskapp.vendors.rules import Tier
from riskapp.vendors.service import (
    ContactDetails,
    VendorDetails,
    add_contact,
    edit_vendor,
    register_vendor,
    remove_contact,
)
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
from riskapp.web.desk.forms import ContactForm, GrantForm, VendorForm
from riskapp.web.guard import requires

MOST_AUDITORS = 500
TIERS = (*(str(tier) for tier in reversed(Tier)), UNSCORED)

Page = str | Response | tuple[str, int]


@blueprint.route("/vendors", methods=["GET"], endpoint="vendors")
@requires(Permission.VENDOR_READ)
def listing(person: SignedIn) -> str:  # noqa: ARG001 - every view of the desk is somebody's
    beginning = request.args.get("beginning", "").strip()[:200]
    chosen = _tier(request.args.get("tier"))
    name_key, _, row_id = request.args.get("after", "").rpartition("~")
    after = (name_key, row_id) if row_id else None
    rows = vendors(reading(), beginning=beginning, tier=chosen, after=after)
    by_tier = counts_by_tier(reading())
    end = last(rows, PAGE)
    return render_template(
        "desk/vendors.html",
        rows=rows,
        beginning=beginning,
        chosen=chosen,
        by_tier={name: by_tier.get(name, 0) for name in TIERS},
        total=sum(by_tier.values()),
        next_href=end
        and url_for(
            "desk.vendors",
            beginning=beginning or None,
            tier=chosen,
            after=cursor(end.name_key, end.id),
        ),
    )


def _tier(written: str | None) -> str | None:
    """What the URL asks for. Raises NotFound for a tier that there is not."""
    if written and written not in TIERS:
        raise NotFound
    return written or None


@blueprint.route("/vendors/new", methods=["GET", "POST"])
@requires(Permission.VENDOR_EDIT)
def new_vendor(person: SignedIn) -> Page:
    form, contact = VendorForm(), ContactForm()
    if request.method == "GET":
        return _form_page(form, {}, contact_form=contact)
    given = [_details(contact)] if any(text(field) for field in contact) else []
    try:
        vendor_id = register_vendor(
            VendorDetails(text(form.name), text(form.country)),
            given,
            actor=actor(person),
            now=now(),
        )
    except FieldRefused as error:
        return _form_page(form, refused(error), contact_form=contact), 422
    flash("The vendor is registered. Next: what is bought from it.", "success")
    return redirect(url_for("desk.vendor", vendor_id=vendor_id), 303)


@blueprint.route("/vendors/<vendor_id>/edit", methods=["GET", "POST"], endpoint="edit_vendor")
@requires(Permission.VENDOR_EDIT)
def edit(person: SignedIn, vendor_id: str) -> Page:
    row = existing(vendor(reading(), vendor_id))
    form = VendorForm(data={"name": row.name, "country": row.country})
    if request.method == "GET":
        return _form_page(form, {}, vendor=row)
    try:
        edit_vendor(
            vendor_id,
            VendorDetails(text(form.name), text(form.country)),
            actor=actor(person),
            now=now(),
        )
    except FieldRefused as error:
        return _form_page(form, refused(error), vendor=row), 422
    flash("The vendor's details are saved.", "success")
    return redirect(url_for("desk.vendor", vendor_id=vendor_id), 303)


def _form_page(form: VendorForm, errors: Errors, **more: object) -> str:
    return render_template(
        "desk/vendor_form.html",
        form=form,
        errors=errors,
        countries=countries.all_countries(),
        **more,
    )


@blueprint.route("/vendors/<vendor_id>", methods=["GET"], endpoint="vendor")
@requires(Permission.VENDOR_READ)
def one(person: SignedIn, vendor_id: str) -> str:  # noqa: ARG001 - as above
    chosen = {"assessment": request.args.get("assessment", ""), "starts": now().date()}
    return vendor_page(vendor_id, grant=GrantForm(formdata=None, data=chosen))


def vendor_page(
    vendor_id: str,
    errors: Errors | None = None,
    *,
    contact: ContactForm | None = None,
    grant: GrantForm | None = None,
) -> str:
    """A vendor with all that hangs on it. Raises NotFound."""
    session = reading()
    row = existing(vendor(session, vendor_id))
    count = bought(session, vendor_id)
    live, live_end = _page_of(vendor_id, "after", ended=False)
    ended, ended_end = _page_of(vendor_id, "ended", ended=True) if count.ended else ((), None)
    return render_template(
        "desk/vendor.html",
        vendor=row,
        contacts=contacts(session, vendor_id),
        standing=_standing(count),
        holds=holds(session, vendor_id, live=True),
        live=live,
        live_href=live_end and url_for("desk.vendor", vendor_id=vendor_id, after=live_end),
        ended=ended,
        ended_href=ended_end and url_for("desk.vendor", vendor_id=vendor_id, ended=ended_end),
        assessments=assessments(session, Filter(vendor_id=vendor_id)),
        assessments_page=ASSESSMENTS_PAGE,
        grants=grants_of_vendor(session, vendor_id, today=now().date()),
        auditors=people(session, role=Role.AUDITOR, limit=MOST_AUDITORS),
        today=now().date(),
        errors=errors or {},
        contact_form=contact or ContactForm(formdata=None),
        grant=grant or GrantForm(formdata=None),
    )


def _page_of(
    vendor_id: str, name: str, *, ended: bool
) -> tuple[Sequence[EngagementRow], str | None]:
    """A page of engagements behind the URL's parameter `name`, and where it ends if more follow."""
    after = time_cursor(request.args.get(name))
    rows = engagements(reading(), vendor_id, ended=ended, after=after)
    end = last(rows, PAGE)
    return rows, None if end is None else cursor(end.created_at, end.id)


def _standing(count: Bought) -> str:
    """Which engagements the vendor's tier comes from."""
    if not count.live:
        return "No engagement is live, so that none counts." if count.ended else ""
    if not count.scored:
        return "No live engagement is assessed yet."
    if count.live == 1:
        return "From its only live engagement."
    words = f"The worst of {count.live} live engagements"
    return f"{words}; {count.unscored} not assessed yet." if count.unscored else f"{words}."


def _details(form: ContactForm) -> ContactDetails:
    return ContactDetails(
        text(form.contact_name), text(form.contact_email), text(form.contact_role)
    )


@blueprint.route("/vendors/<vendor_id>/contacts", methods=["POST"], endpoint="add_contact")
@requires(Permission.VENDOR_EDIT)
def new_contact(person: SignedIn, vendor_id: str) -> Page:
    form = ContactForm()
    try:
        add_contact(vendor_id, _details(form), actor=actor(person), now=now())
    except FieldRefused as error:
        return vendor_page(vendor_id, refused(error), contact=form), 422
    flash("The contact is added.", "success")
    return redirect(url_for("desk.vendor", vendor_id=vendor_id), 303)


@blueprint.route(
    "/vendors/<vendor_id>/contacts/<contact_id>/remove",
    methods=["POST"],
    endpoint="remove_contact",
)
@requires(Permission.VENDOR_EDIT)
def take_contact_off(person: SignedIn, vendor_id: str, contact_id: str) -> Response:
    remove_contact(vendor_id, contact_id, actor=actor(person), now=now())
    flash("The contact is removed.")
    return redirect(url_for("desk.vendor", vendor_id=vendor_id), 303)
