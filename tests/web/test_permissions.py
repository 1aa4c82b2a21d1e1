from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask, g
from werkzeug.routing import Rule

from riskapp.accounts.permissions import MAY, UNSIGNED, Permission, Role, may
from riskapp.web.guard import requires
from tests.cast import Cast, Member
from tests.conftest import Client

SOMETHING = "0" * 32
LAST = "account.sign_out"
"""Ends the session that the other routes are asked with, hence it is asked last."""


@dataclass(frozen=True)
class Route:
    """One rule with one of its methods, and an address that fits it."""

    endpoint: str
    method: str
    path: str
    permission: Permission

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.permission})"


def stated(app: Flask, endpoint: str) -> Permission | None:
    found = getattr(app.view_functions[endpoint], "permission", None)
    return found if isinstance(found, Permission) else None


def without_permission(app: Flask) -> list[str]:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    return sorted(endpoint for endpoint in endpoints if stated(app, endpoint) is None)


def path_of(app: Flask, rule: Rule) -> str:
    values = {
        name: 1 if "Integer" in type(converter).__name__ else SOMETHING
        for name, converter in rule._converters.items()
    }
    with app.test_request_context():
        built = rule.build(values)
    assert built is not None, rule
    return built[1]


def routes(app: Flask) -> Iterator[Route]:
    found = []
    for rule in app.url_map.iter_rules():
        permission = stated(app, rule.endpoint)
        assert permission is not None, rule
        path = path_of(app, rule)
        found += [
            Route(rule.endpoint, method, path, permission)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        ]
    yield from sorted(found, key=lambda route: (route.endpoint == LAST, str(route)))


def signed_in_routes(app: Flask) -> list[Route]:
    return [route for route in routes(app) if route.permission not in UNSIGNED]


def one_of_each_role(cast: Cast) -> dict[Role, Member]:
    return {
        Role.ADMINISTRATOR: cast.ada,
        Role.AUDITOR: cast.audrey,
        Role.OFFICER: cast.oskar,
    }


def test_every_route_states_a_permission(app: Flask) -> None:
    assert without_permission(app) == []


def test_a_route_that_states_none_is_found() -> None:
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/open", "open", lambda: "")
    bare.add_url_rule("/said", "said", requires(Permission.PUBLIC)(lambda: ""))
    assert without_permission(bare) == ["open"]


def test_every_area_is_in_the_map(app: Flask) -> None:
    asked = {route.permission for route in routes(app)}
    assert asked == set(Permission), "no permission without a route, none unknown"


def test_each_permission_of_a_signed_in_person_is_some_roles() -> None:
    given = set().union(*MAY.values())
    assert given == set(Permission) - UNSIGNED
    assert set(MAY) == set(Role)


@pytest.mark.parametrize(
    ("role", "cannot"),
    [
        (Role.ADMINISTRATOR, {Permission.ASSESSMENT_READ, Permission.GRANTED_READ}),
        (Role.AUDITOR, {Permission.ASSESSMENT_READ, Permission.VENDOR_READ}),
        (Role.OFFICER, {Permission.PEOPLE_MANAGE, Permission.GRANTED_READ}),
    ],
)
def test_roles_are_kept_apart(role: Role, cannot: set[Permission]) -> None:
    assert not any(may(role, permission) for permission in cannot)


def test_nobody_signed_in_is_led_to_the_sign_in_page(app: Flask, client: Client) -> None:
    wrong = []
    for route in signed_in_routes(app):
        response = client.open(route.path, method=route.method)
        to = response.headers.get("Location", "")
        if response.status_code != 302 or not to.startswith("/sign-in"):
            wrong.append(f"{route}: {response.status_code} {to}")
    assert wrong == []


def test_an_unknown_session_opens_nothing(app: Flask, client: Client) -> None:
    client.set_cookie("riskapp_session", "0" * 43)
    opened = [
        str(route)
        for route in signed_in_routes(app)
        if client.open(route.path, method=route.method).status_code != 302
    ]
    assert opened == []


def test_a_role_that_may_not_is_told_that_there_is_nothing(
    app: Flask, client: Client, cast: Cast
) -> None:
    wrong, asked = [], 0
    for role, member in one_of_each_role(cast).items():
        client.as_(member)
        for route in signed_in_routes(app):
            if may(role, route.permission):
                continue
            asked += 1
            with client:
                response = client.open(route.path, method=route.method)
                if response.status_code != 404 or "person" in g:
                    wrong.append(f"{role} {route}: {response.status_code}")
    assert asked > 0
    assert wrong == []


def test_a_role_that_may_comes_past_the_guard_and_breaks_nothing(
    app: Flask, client: Client, cast: Cast
) -> None:
    wrong = []
    for role, member in one_of_each_role(cast).items():
        client.as_(member)
        for route in signed_in_routes(app):
            if not may(role, route.permission):
                continue
            with client:
                response = client.open(route.path, method=route.method)
                if "person" not in g or response.status_code >= 500:
                    wrong.append(f"{role} {route}: {response.status_code}")
    assert wrong == []


def test_a_respondents_page_opens_in_no_browser_in_which_start_was_not_pressed(
    app: Flask, client: Client, cast: Cast
) -> None:
    asked = [
        route
        for route in routes(app)
        if route.permission in {Permission.RESPONDENT, Permission.SUBMITTED}
    ]
    assert asked
    for member in (None, cast.oskar):
        if member is not None:
            client.as_(member)
        opened = [
            str(route)
            for route in asked
            if not 400 <= client.open(route.path, method=route.method).status_code < 500
        ]
        assert opened == []
