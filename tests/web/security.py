"""What every answer of the application must bear, and the way in."""

from werkzeug.test import TestResponse

from tests.cast import PASSWORD

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def door(email: str, password: str = PASSWORD) -> dict[str, str]:
    return {"email": email, "password": password}


def policy(response: TestResponse) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def check_headers(response: TestResponse) -> None:
    said = policy(response)
    assert said["default-src"] == "'none'"
    assert said["script-src"] == said["style-src"] == said["img-src"] == "'self'"
    assert said["form-action"] == said["connect-src"] == "'self'"
    assert said["base-uri"] == said["frame-ancestors"] == "'none'"
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "camera=()" in response.headers["Permissions-Policy"]
