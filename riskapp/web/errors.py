"""Pages for what goes wrong, in words; whatever is refused is half-saved nowhere."""

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from riskapp.audit.errors import KeyUnknown
from riskapp.core.crypto.file_keyring import KeyringUnreadable
from riskapp.core.crypto.signing import SigningKeyUnreadable
from riskapp.core.db import DatabaseUnavailable
from riskapp.core.errors import NotFound
from riskapp.core.sentences import Sentence
from riskapp.core.storage.port import StoreUnavailable
from riskapp.evidence.errors import Damaged, Erased, InQuarantine
from riskapp.evidence.scans import Scan
from riskapp.logs import log
from riskapp.web.languages import ENGLISH, current
from riskapp.web.words import say, written_date

NAMES = (
    Sentence("Bad Request"),
    Sentence("Forbidden"),
    Sentence("Length Required"),
    Sentence("Method Not Allowed"),
)
"""What Werkzeug calls the errors that a vendor may meet."""


def register(app: Flask) -> None:
    app.register_error_handler(NotFound, not_found)
    app.register_error_handler(404, not_found)
    app.register_error_handler(CSRFError, form_expired)
    app.register_error_handler(413, too_large)
    app.register_error_handler(429, too_many)
    app.register_error_handler(DatabaseUnavailable, unavailable)
    app.register_error_handler(OperationalError, unavailable)
    app.register_error_handler(NoConnectionFree, unavailable)
    app.register_error_handler(DataError, unstorable)
    app.register_error_handler(StoreUnavailable, unavailable)
    app.register_error_handler(KeyringUnreadable, unavailable)
    app.register_error_handler(KeyUnknown, unavailable)
    app.register_error_handler(SigningKeyUnreadable, unavailable)
    app.register_error_handler(Damaged, damaged)
    app.register_error_handler(InQuarantine, in_quarantine)
    app.register_error_handler(Erased, erased)
    app.register_error_handler(HTTPException, other)
    app.register_error_handler(500, broken)


def page(status: int, heading: str, *paragraphs: str) -> tuple[str, int]:
    """An error page: what happened, and what to do."""
    return render_template("errors/error.html", heading=heading, paragraphs=paragraphs), status


def not_found(_error: Exception) -> tuple[str, int]:
    return page(
        404,
        say("There is nothing here"),
        say("The address is wrong, or the page is not for you."),
        say("If you followed a link that you were sent, ask whoever sent it for a new one."),
    )


def form_expired(_error: CSRFError) -> tuple[str, int]:
    return page(
        400,
        say("This form is too old"),
        say(
            "Nothing was saved. Go back, reload the page, and send the form again. "
            "Cookies must be allowed for this site."
        ),
    )


def too_large(error: RequestEntityTooLarge) -> tuple[str, int]:
    words = _described(error) or say("What was sent is larger than is taken here.")
    return page(413, say("That is too large"), words, say("Nothing was saved."))


def too_many(_error: HTTPException) -> tuple[str, int]:
    words = say("Wait a minute, then try again. Nothing was changed.")
    return page(429, say("Too many tries"), words)


def unavailable(error: Exception) -> tuple[str, int]:
    driver = getattr(error.__cause__ or error, "orig", None)
    log.error(
        "unavailable",
        part=type(error).__name__,
        # The driver's code, never its message: that may repeat what was to be stored.
        code=getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None),
        route=str(request.url_rule),
    )
    return page(
        503,
        say("riskapp cannot be reached for the moment"),
        say(
            "A part that it needs does not answer. Nothing was half-saved. Try again in a minute; "
            "what you typed is still there when you go back."
        ),
    )


def unstorable(_error: DataError) -> tuple[str, int]:
    return page(
        400,
        say("That cannot be stored"),
        say(
            "What was sent holds a character that no keyboard makes, such as a zero byte. Nothing "
            "was saved. Go back, remove it, and send the form again."
        ),
    )


def damaged(error: Damaged) -> tuple[str, int]:
    log.error("evidence damaged", evidence=error.object_id, kind=error.found.kind)
    return page(
        500,
        "This file is damaged",
        f"“{error.name}” does not open. {error.found}",
        "Nothing of it is shown. What was found stands in the history.",
    )


def in_quarantine(error: InQuarantine) -> tuple[str, int]:
    if error.scan is Scan.INFECTED:
        return page(
            409,
            "This file is not opened",
            "The virus scanner found something in it. Ask the vendor for a clean one.",
        )
    return page(
        409,
        "This file is still in quarantine",
        "The virus scanner has not passed it yet, so nobody can open it. It is tried again every "
        "few minutes; if it stays so, tell whoever runs riskapp.",
    )


def erased(error: Erased) -> tuple[str, int]:
    return page(
        410,
        "This file was erased",
        f"Its content and its key were destroyed on {written_date(error.at)}. That it was there, "
        "and why it was erased, stands in the history.",
    )


def other(error: HTTPException) -> tuple[str, int]:
    return page(error.code or 500, say(error.name), _described(error), say("Nothing was saved."))


def _described(error: HTTPException) -> str:
    """Our own description in the page's language, Werkzeug's where that is English."""
    words = error.description or ""
    return say(words) if isinstance(words, Sentence) or current() == ENGLISH else ""


def broken(_error: Exception) -> tuple[str, int]:
    """Noted already, by the app's `log_exception`."""
    return page(
        500,
        say("Something broke on our side"),
        say("Nothing was half-saved. The fault has been noted."),
    )
