"""The list of all vendors, engagements and assessments as of a day: to look at, and to take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, request, url_for

from riskapp.audit.errors import KeyUnknown, LogBent
from riskapp.audit.notes import NoteInvalid
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.packs.errors import CheckpointOfOther, StillChanging
from riskapp.packs.population import checked, take_population
from riskapp.reviews.as_of import PopulationRow, population_as_of, population_size
from riskapp.web import errors
from riskapp.web.packing import refusal
from riskapp.web.ports import ports
from riskapp.web.sending import disposition

VENDORS = 50
"""So many vendors stand on a page, each with all that belongs to it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list. `error`: why the day that was asked for is none; today's list then."""

    day: date
    error: str
    sizes: tuple[int, int, int]
    rows: Sequence[PopulationRow]
    further: str | None
    first: bool


def asked_day() -> date:
    """The day in the address, else today. Raises FieldRefused."""
    today = ports().clock.now().date()
    written = request.args.get("day", "").strip()
    if not written:
        return today
    try:
        return checked(date.fromisoformat(written), today)
    except ValueError:
        raise FieldRefused("day", "Enter the day as a date, like 2026-03-31.") from None


def listed(day: date, error: str = "") -> Listed:
    """The vendors of one page. Raises NotFound for a place that is none."""
    after = _place(request.args.get("after"))
    rows = population_as_of(reading(), day, after=after, limit=VENDORS)
    full = len({row.vendor_id for row in rows}) == VENDORS
    place = "~".join(rows[-1].place) if full else None
    return Listed(
        day=day,
        error=error,
        sizes=population_size(reading(), day),
        rows=rows,
        further=place and url_for(".population", day=day.isoformat(), after=place),
        first=after is None,
    )


def _place(written: str | None) -> tuple[str, str] | None:
    if not written:
        return None
    name_key, between, vendor_id = written.rpartition("~")
    if not between or not vendor_id:
        raise NotFound
    return name_key, vendor_id


def taken(actor: Actor, *, grant_id: str | None = None) -> Response | tuple[str, int]:
    """The signed list as a ZIP, as an event."""
    parts = ports()
    try:
        made = take_population(
            asked_day(),
            signer=parts.signer,
            log=parts.log,
            organisation=parts.settings.organisation,
            actor=actor,
            now=parts.clock.now(),
            grant_id=grant_id,
        )
    except FieldRefused as error:
        return errors.page(422, "There is no list of that day", error.message)
    except (CheckpointOfOther, StillChanging) as error:
        return refusal(error)
    except (KeyUnknown, LogBent, NoteInvalid):
        return errors.page(
            503,
            "The list cannot be signed now",
            "The record of events does not fit what was signed before, or the signing key is "
            "another one. Nothing was handed out. Tell whoever runs riskapp.",
        )
    reading().rollback()
    response = Response(made.chunks, content_type="application/zip")
    response.content_length = made.size
    response.headers["Content-Disposition"] = disposition(made.filename)
    return response
