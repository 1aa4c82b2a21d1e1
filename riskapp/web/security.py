"""What every request and response has to bear: Origin checks and headers."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from riskapp.web.ports import ports

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def register(app: Flask) -> None:
    # Before the check of CSRF tokens, which reads the whole body.
    app.before_request_funcs.setdefault(None, []).insert(0, refuse_foreign_origin)
    app.after_request(add_headers)


def refuse_foreign_origin() -> None:
    """Refuses a change that another site's page asks for, beside the CSRF token.

    Before any body is read. Browsers send Sec-Fetch-Site or Origin with every form; a client that
    sends neither is no browser, and carries no cookies by itself.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin is None:
        return
    ours = urlsplit(ports().settings.base_url)
    if _place(origin) not in {request.host, ours.netloc}:
        abort(403)


def _place(origin: str) -> str | None:
    """Host and port of an origin; None where it is none (`null`, or made up)."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def add_headers(response: Response) -> Response:
    """Adds to every response what it does not say itself."""
    headers = response.headers
    said = {name.lower() for name, _ in headers}
    for name, value in HEADERS.items():
        if name.lower() not in said:
            headers.add(name, value)
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if ports().settings.secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
