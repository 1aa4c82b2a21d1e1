"""Who may sign in: let in, closed out, given a new password."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from riskapp.accounts.models import ERASED_NAME
from riskapp.accounts.permissions import Permission, Role
from riskapp.accounts.queries import SignedIn
from riskapp.accounts.queries import people as read_people
from riskapp.accounts.queries import person as read_person
from riskapp.accounts.service import (
    LastAdministrator,
    add_person,
    reset_password,
    set_active,
)
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.custody.people import erase_person
from riskapp.web.guard import requires
from riskapp.web.ports import ports

blueprint = Blueprint("admin", __name__, url_prefix="/admin/people")

PAGE = 50
ROLES = (
    (Role.OFFICER, "Officer", "sends questionnaires, reviews answers, decides"),
    (Role.AUDITOR, "Auditor", "reads what is granted, for as long as it is granted"),
    (Role.ADMINISTRATOR, "Administrator", "lets people in; sees no vendor and no answer"),
)
LONE = (
    "Nobody else could let people in any more: this is the last administrator whose account is "
    "open. Add or open another one first."
)


class AddForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    name = StringField()
    email = StringField()
    role = StringField()


@blueprint.route("", methods=["GET"])
@requires(Permission.PEOPLE_MANAGE)
def people(person: SignedIn) -> str:
    return _page(person, AddForm())


def _page(person: SignedIn, form: AddForm, errors: list[tuple[str, str]] | None = None) -> str:
    after = request.args.get("after", "")
    found = read_people(reading(), after=_address(after), limit=PAGE + 1)
    return render_template(
        "admin/people.html",
        people=found[:PAGE],
        after=after,
        more_after=found[PAGE - 1].id if len(found) > PAGE else None,
        me=person.id,
        form_values=form.data,
        roles=ROLES,
        errors=errors or [],
    )


def _address(after: str) -> str:
    """The address behind which a page begins: named by its person, for URLs are kept and logged."""
    if not after:
        return ""
    last = read_person(reading(), after)
    if last is None:
        raise NotFound
    return last.email


@blueprint.route("/add", methods=["POST"])
@requires(Permission.PEOPLE_MANAGE)
def add(person: SignedIn) -> str | tuple[str, int]:
    form = AddForm()
    try:
        new = add_person(
            email=form.email.data or "",
            name=form.name.data or "",
            role=_role(form.role.data or ""),
            actor=Actor("person", person.id),
            now=ports().clock.now(),
        )
    except FieldRefused as refused:
        return _page(person, form, [(refused.field, refused.message)]), 422
    return _password_page(new.id, new.password, "The account is ready")


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise FieldRefused("role", "Choose what the person does.") from None


def _password_page(person_id: str, password: str, heading: str) -> str:
    """The one page on which a password that we made can be read."""
    return render_template(
        "admin/password.html",
        person=read_person(reading(), person_id),
        password=password,
        heading=heading,
        address=ports().settings.base_url.rstrip("/") + url_for("account.sign_in"),
    )


@blueprint.route("/<person_id>/close", methods=["POST"])
@requires(Permission.PEOPLE_MANAGE)
def close(person: SignedIn, person_id: str) -> Response:
    if person_id == person.id:
        return _back("Nobody closes their own account. Ask another administrator.", "error")
    try:
        set_active(
            person_id, active=False, actor=Actor("person", person.id), now=ports().clock.now()
        )
    except LastAdministrator:
        return _back(LONE, "error")
    return _back("The account is closed, and every session of it was ended.")


@blueprint.route("/<person_id>/open", methods=["POST"])
@requires(Permission.PEOPLE_MANAGE)
def reopen(person: SignedIn, person_id: str) -> Response:
    set_active(person_id, active=True, actor=Actor("person", person.id), now=ports().clock.now())
    return _back("The account is open again, with the password it had.")


@blueprint.route("/<person_id>/reset", methods=["POST"])
@requires(Permission.PEOPLE_MANAGE)
def reset(person: SignedIn, person_id: str) -> str | Response:
    if person_id == person.id:
        return _back("Change your own password on the page of your account.", "error")
    new = reset_password(person_id, actor=Actor("person", person.id), now=ports().clock.now())
    return _password_page(new.id, new.password, "The password is reset")


@blueprint.route("/<person_id>/erase", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def erase(person: SignedIn, person_id: str) -> str | Response:
    """What erasing somebody means, to be read first; then it is done."""
    found = read_person(reading(), person_id)
    if found is None or found.erased:
        raise NotFound
    if person_id == person.id:
        return _back("Nobody erases themselves. Ask another administrator.", "error")
    if request.method == "GET":
        return render_template("admin/erase.html", person=found, erased_name=ERASED_NAME)
    try:
        erase_person(person_id, actor=Actor("person", person.id), now=ports().clock.now())
    except LastAdministrator:
        return _back(LONE, "error")
    return _back("The person is erased.")


def _back(words: str, kind: str = "success") -> Response:
    flash(words, kind)
    return redirect(url_for("admin.people", after=request.args.get("after") or None))
