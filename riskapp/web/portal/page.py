"""What all of the vendor's pages share."""

from datetime import date
from typing import Any

from flask import render_template, request

from riskapp.assessments.queries import releases
from riskapp.core.db import reading
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.languages import settle
from riskapp.web.ports import ports


def page(template: str, invitation: OpenedInvitation, **values: Any) -> str:  # noqa: ANN401 - whatever the template takes
    """A page that says who asks whom."""
    return render_template(
        template,
        asking=ports().settings.organisation,
        answering_for=invitation.vendor_name,
        invitation=invitation,
        **values,
    )


def settle_for(invitation: OpenedInvitation) -> None:
    """Settles the language of a page that shows nothing of the questionnaires."""
    library = ports().library
    settle(library, releases(reading(), library, invitation.assessment_id))


def today() -> date:
    return ports().clock.now().date()


def wants_json() -> bool:
    """Whether a script of ours asks, and not a browser that wants a page."""
    return request.headers.get("Accept", "").startswith("application/json")


def refusal_json(words: str, field: str = "") -> dict[str, Any]:
    """What both scripts take for "not saved"."""
    return {"status": words, "errors": [{"field": field, "message": words}]}
