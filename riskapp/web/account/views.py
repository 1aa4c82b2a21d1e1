"""Signing in and out, and a person's own account."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn, sessions_of
from riskapp.accounts.service import SignInRefused, change_password
from riskapp.accounts.service import sign_in as open_session
from riskapp.accounts.service import sign_out as end_session
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.extensions import limiter
from riskapp.web.account.browsers import browser_words
from riskapp.web.guard import SESSION_COOKIE, current_person, requires
from riskapp.web.ports import ports

blueprint = Blueprint("account", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    email = StringField()
    password = PasswordField()


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    old = PasswordField()
    password = PasswordField()


def _attempt_limit() -> str:
    return ports().settings.sign_in_limit


def _account() -> str:
    return "account:" + request.form.get("email", "").strip().lower()[:254]


@blueprint.route("/sign-in", methods=["GET"])
@requires(Permission.PUBLIC)
def sign_in() -> str:
    return _sign_in_page()


@blueprint.route("/sign-in", methods=["POST"])
@limiter.limit(_attempt_limit)
@limiter.limit(_attempt_limit, key_func=_account)
@requires(Permission.PUBLIC)
def sign_in_now() -> Response | tuple[str, int]:
    form = SignInForm()
    settings = ports().settings
    before = current_person()
    try:
        token = open_session(
            email=form.email.data or "",
            password=form.password.data or "",
            agent=request.user_agent.string,
            now=ports().clock.now(),
            lasts=timedelta(hours=settings.session_hours),
        )
    except SignInRefused:
        problem = "The address or the password is not right. Check both and try again."
        return _sign_in_page([("email", problem)]), 422
    if before is not None:  # its token is about to leave this browser
        end_session(before.session_id, person_id=before.id, now=ports().clock.now())
    response = redirect(_inside(request.args.get("next")))
    response.set_cookie(
        SESSION_COOKIE, token, secure=settings.secure, httponly=True, samesite="Lax"
    )
    return response


def _sign_in_page(errors: list[tuple[str, str]] | None = None) -> str:
    return render_template(
        "account/sign_in.html", errors=errors or [], email=request.form.get("email", "")
    )


def _inside(after: str | None) -> str:
    """Where to go after signing in: a path of ours, never another site.

    Browsers read a backslash as a slash and leave out control characters, so that neither may
    stand in it.
    """
    if after and after.startswith("/") and not after.startswith("//"):
        parts = urlsplit(after)
        plain = "\\" not in after and after.isprintable()
        if plain and not parts.netloc and not parts.scheme:
            return after
    return url_for("home")


@blueprint.route("/sign-out", methods=["POST"])
@requires(Permission.ACCOUNT_OWN)
def sign_out(person: SignedIn) -> Response:
    end_session(person.session_id, person_id=person.id, now=ports().clock.now())
    response = redirect(url_for("account.sign_in"))
    response.delete_cookie(
        SESSION_COOKIE, secure=ports().settings.secure, httponly=True, samesite="Lax"
    )
    return response


@blueprint.route("/account", methods=["GET"])
@requires(Permission.ACCOUNT_OWN)
def account(person: SignedIn) -> str:
    return _account_page(person)


def _account_page(person: SignedIn, errors: list[tuple[str, str]] | None = None) -> str:
    settings = ports().settings
    rows = sessions_of(
        reading(),
        person.id,
        now=ports().clock.now(),
        idle=timedelta(minutes=settings.idle_minutes),
    )
    sessions = [
        {
            "id": row.id,
            "browser": browser_words(row.agent),
            "created_at": row.created_at,
            "seen_at": row.seen_at,
        }
        for row in rows
    ]
    return render_template(
        "account/account.html",
        person=person,
        sessions=sessions,
        errors=errors or [],
        idle_minutes=settings.idle_minutes,
        session_hours=settings.session_hours,
    )


@blueprint.route("/account/password", methods=["POST"])
@limiter.limit(_attempt_limit)
@requires(Permission.ACCOUNT_OWN)
def new_password(person: SignedIn) -> Response | tuple[str, int]:
    form = PasswordForm()
    try:
        change_password(
            person.id,
            old=form.old.data or "",
            new=form.password.data or "",
            keep_session=person.session_id,
            now=ports().clock.now(),
        )
    except FieldRefused as refused:
        return _account_page(person, [(refused.field, refused.message)]), 422
    flash("Your password is changed. Every other session was ended.", "success")
    return redirect(url_for("account.account"))


@blueprint.route("/account/sessions/<session_id>/end", methods=["POST"])
@requires(Permission.ACCOUNT_OWN)
def end_other_session(person: SignedIn, session_id: str) -> Response:
    end_session(session_id, person_id=person.id, now=ports().clock.now())
    flash("The session is ended.", "success")
    return redirect(url_for("account.account"))
