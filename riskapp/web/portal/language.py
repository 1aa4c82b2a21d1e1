"""Choosing the language: by a link on every page, by a button where something may be typed."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Redirection

from riskapp.web.languages import CHOICE, COOKIE, chosen_now, offered
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.ports import ports
from riskapp.web.security import SAFE

KEPT = 365 * 24 * 60 * 60


@blueprint.before_request
def without_choice() -> Redirection | None:
    """Takes the choice out of the address of a page, so that going back does not repeat it."""
    if not request.query_string or CHOICE not in request.args or request.method not in SAFE:
        return None
    others = [pair for pair in request.args.items(multi=True) if pair[0] != CHOICE]
    return redirect(f"{request.path}?{urlencode(others)}" if others else request.path)


@blueprint.after_request
def remember(response: Response) -> Response:
    """Keeps what this request chose; nothing else in riskapp looks at it."""
    chosen = chosen_now()
    if chosen is not None:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=KEPT,
            secure=ports().settings.secure,
            httponly=True,
            samesite="Lax",
        )
    return response


@blueprint.context_processor
def choice() -> dict[str, Mapping[str, str]]:
    return {"languages": offered()}
