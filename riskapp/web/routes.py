"""All of the web, joined to an app."""

from typing import Any

from flask import Flask, g, redirect, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission, Role
from riskapp.web import errors, security, words
from riskapp.web.account.views import blueprint as account
from riskapp.web.admin.retention import blueprint as retention
from riskapp.web.admin.views import blueprint as admin
from riskapp.web.auditor.views import blueprint as auditor
from riskapp.web.desk.views import blueprint as desk
from riskapp.web.guard import current_person, requires
from riskapp.web.languages import current
from riskapp.web.portal.views import blueprint as portal
from riskapp.web.ports import ports
from riskapp.web.questionnaires.views import blueprint as questionnaires
from riskapp.web.scoring.views import blueprint as scoring
from riskapp.web.trust import blueprint as trust
from riskapp.web.uploads import Request

HOME = {
    Role.ADMINISTRATOR: "admin.people",
    Role.AUDITOR: "auditor.granted",
    Role.OFFICER: "desk.assessments",
}
NAVIGATION = {
    Role.ADMINISTRATOR: (
        ("admin.people", "People"),
        ("questionnaires.releases", "Questionnaires"),
        ("scoring.overview", "Scoring"),
        ("retention.overview", "Retention"),
        ("desk.trail", "History"),
    ),
    Role.AUDITOR: (
        ("auditor.granted", "Granted"),
        ("auditor.requests", "Requests"),
        ("auditor.opened", "Opened"),
    ),
    Role.OFFICER: (
        ("desk.assessments", "Assessments"),
        ("desk.vendors", "Vendors"),
        ("desk.evidence", "Evidence"),
        ("desk.grants", "Grants"),
        ("questionnaires.releases", "Questionnaires"),
        ("scoring.overview", "Scoring"),
        ("desk.overrides", "Overrides"),
        ("desk.trail", "History"),
    ),
}


def register(app: Flask) -> None:
    app.request_class = Request
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.view_functions["static"] = requires(Permission.PUBLIC)(app.view_functions["static"])
    security.register(app)
    errors.register(app)
    words.register(app)
    app.context_processor(_everywhere)
    app.add_url_rule("/", "home", home)
    areas = (account, admin, auditor, desk, portal, questionnaires, retention, scoring)
    for blueprint in (*areas, trust):
        app.register_blueprint(blueprint)


@requires(Permission.PUBLIC)
def home() -> Response:
    """To where the signed-in person works; to the sign-in page otherwise."""
    person = current_person()
    return redirect(url_for("account.sign_in" if person is None else HOME[person.role]))


def _everywhere() -> dict[str, Any]:
    settings = ports().settings
    shared: dict[str, Any] = {
        "page_language": current(),
        "organisation": settings.organisation,
        "contact": settings.contact,
    }
    person = g.get("person")
    if person is not None:
        shared |= {
            "navigation": [
                (url_for(endpoint), label, request.endpoint == endpoint)
                for endpoint, label in NAVIGATION[person.role]
            ],
            "signed_in_name": person.name,
            "account_href": url_for("account.account"),
            "sign_out_href": url_for("account.sign_out"),
        }
    return shared
