"""The link itself: opening it shows who asks what and changes nothing; Start begins."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.assessments.errors import WrongState
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.core.sentences import Sentence
from riskapp.extensions import limiter
from riskapp.invites.queries import OpenedInvitation, Standing, by_token
from riskapp.invites.service import SESSION_LASTS
from riskapp.invites.service import start as start_session
from riskapp.web.guard import RESPONDENT_COOKIE, LinkClosed, requires
from riskapp.web.portal.acknowledgements import acknowledgement_file_of, acknowledgement_page
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.page import page, today
from riskapp.web.portal.work import load
from riskapp.web.ports import ports
from riskapp.web.words import say

MINUTES_EACH = 2
"""A guess for one question: read it, ask a colleague now and then, look a document up."""
HOUR = 60


def link_limit() -> str:
    """How often one address may open links."""
    return ports().settings.link_limit


def opened(token: str) -> tuple[OpenedInvitation, Standing]:
    """The link's invitation. Raises NotFound, and LinkClosed where it opens nothing more."""
    invitation = by_token(reading(), token)
    if invitation is None:
        raise NotFound
    standing = invitation.standing(today())
    if standing not in {Standing.OPEN, Standing.SUBMITTED}:
        raise LinkClosed(invitation, standing)
    return invitation, standing


@blueprint.route("/i/<token>", methods=["GET"])
@limiter.limit(link_limit)
@requires(Permission.LINK)
def link(token: str) -> str:
    invitation, standing = opened(token)
    if standing is Standing.SUBMITTED:
        return acknowledgement_page(
            invitation,
            lambda number: url_for("portal.link_file", token=token, number=number),
            url_for("portal.link_result", token=token),
        )
    work = load(reading(), ports().library, invitation)
    return page(
        "portal/welcome.html",
        invitation,
        work=work,
        how_many=how_many(len(work.open_items), work.hidden),
        how_long=about_how_long(len(work.open_items), work.hidden),
        privacy_notice=ports().settings.privacy_notice,
    )


@blueprint.route("/i/<token>", methods=["POST"])
@limiter.limit(link_limit)
@requires(Permission.LINK)
def start(token: str) -> Response:
    invitation, standing = opened(token)
    if standing is Standing.SUBMITTED:
        return redirect(url_for("portal.link", token=token))
    try:
        session = start_session(invitation.id, now=ports().clock.now())
    except WrongState:  # a colleague sent it in at this moment
        return redirect(url_for("portal.link", token=token))
    tasks = url_for("portal.tasks", invitation_id=invitation.id)
    response = redirect(tasks)
    response.set_cookie(
        RESPONDENT_COOKIE,
        session,
        max_age=SESSION_LASTS,
        path=tasks.rstrip("/"),
        secure=ports().settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.route("/i/<token>/acknowledgement-<int:number>.json", methods=["GET"])
@limiter.limit(link_limit)
@requires(Permission.LINK)
def link_file(token: str, number: int) -> Response:
    """The file for a browser in which Start was never pressed."""
    invitation, _ = opened(token)
    return acknowledgement_file_of(invitation, number)


def how_many(least: int, hidden: int) -> str:
    """Words for the number of questions, when `hidden` ones may come with the answers."""
    if hidden:
        pattern = Sentence("{least} to {most}, depending on what you answer")
        return say(pattern.of(least=least, most=least + hidden))
    return str(least)


def about_how_long(least: int, hidden: int) -> str:
    """Words for the time that so many questions take."""
    short, long = _time(least), _time(least + hidden)
    if short == long:
        return say("About {time}", time=short)
    return say("About {short} to {long}", short=short, long=long)


def _time(questions: int) -> Sentence:
    minutes = questions * MINUTES_EACH
    if minutes <= HOUR - 5:
        return Sentence("{minutes} minutes", minutes=max(5, -(-minutes // 5) * 5))
    if minutes <= HOUR:
        return Sentence("1 hour")
    halves = -(-minutes // (HOUR // 2))
    return Sentence("{hours} hours", hours=f"{halves // 2}½" if halves % 2 else str(halves // 2))
