"""Who may come in: every route states a permission, and receives who it is for as an argument."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import UNSIGNED, Permission, may
from riskapp.accounts.queries import SignedIn, signed_in
from riskapp.accounts.service import touch
from riskapp.core.db import reading
from riskapp.core.errors import Refusal
from riskapp.invites.queries import OpenedInvitation, Standing, by_session
from riskapp.web.ports import ports

View = TypeVar("View", bound=Callable[..., Any])
SESSION_COOKIE = "riskapp_session"
RESPONDENT_COOKIE = "riskapp_respondent"
TOUCH_EVERY = timedelta(minutes=1)


class LinkClosed(Refusal):
    """A respondent's session is real, but its link opens nothing to answer any more."""

    def __init__(self, invitation: OpenedInvitation, standing: Standing) -> None:
        super().__init__(standing)
        self.invitation = invitation
        self.standing = standing


class SessionUnknown(Refusal):
    """No respondent's session: the person has to open the link again."""


def requires(permission: Permission) -> Callable[[View], View]:
    """States what a view asks for, and checks it.

    PUBLIC and LINK views are called as they are. RESPONDENT and SUBMITTED ones receive
    `invitation` in place of the URL's `invitation_id` (RESPONDENT only while it can be answered).
    All others receive `person`: not signed in leads to the sign-in page, a role that may not is
    404, as if there were nothing.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> Any:  # noqa: ANN401 - a view's own arguments
            if permission in {Permission.RESPONDENT, Permission.SUBMITTED}:
                invitation = _respondent(arguments.pop("invitation_id"))
                if permission is Permission.RESPONDENT:
                    _refuse_closed(invitation)
                return view(invitation=invitation, **arguments)
            if permission in UNSIGNED:
                return view(**arguments)
            person = current_person()
            if person is None:
                return _to_sign_in()
            if not may(person.role, permission):
                abort(404)
            g.person = person  # for the page's frame; views have their argument
            return view(person=person, **arguments)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test
        return cast(View, guarded)

    return wrap


def current_person() -> SignedIn | None:
    """Who is signed in, by the session cookie."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    settings, now = ports().settings, ports().clock.now()
    idle = timedelta(minutes=settings.idle_minutes)
    person = signed_in(reading(), token, now=now, idle=idle)
    if person is not None and now - person.seen_at > TOUCH_EVERY:
        touch(person.session_id, now=now)
    return person


def _to_sign_in() -> Response:
    after = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("account.sign_in", next=after))


def _respondent(invitation_id: str) -> OpenedInvitation:
    token = request.cookies.get(RESPONDENT_COOKIE)
    found = token and by_session(reading(), invitation_id, token, now=ports().clock.now())
    if not found:
        raise SessionUnknown
    return found


def _refuse_closed(invitation: OpenedInvitation) -> None:
    standing = invitation.standing(ports().clock.now().date())
    if standing is not Standing.OPEN:
        raise LinkClosed(invitation, standing)
