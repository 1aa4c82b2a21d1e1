"""What auditors opened, as the trail tells it: for themselves, and for who granted it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from riskapp.audit.history import Entry, Wanted, entries
from riskapp.audit.queries import PAGE
from riskapp.core.db import reading
from riskapp.reviews.called import Asked, Called, called
from riskapp.web.words import written_date

OF_VENDORS = {
    "acknowledgement:read": "Took acknowledgement {tail}",
    "assessment:read": "Read the assessment",
    "evidence:download": "Downloaded {file}",
    "evidence:view": "Looked at {file}",
    "pack:export": "Had an evidence pack made",
    "pack:read": "Opened the page of an evidence pack",
    "pack:take": "Took an evidence pack",
    "receipt:read": "Took receipt {tail}",
    "vendor:read": "Read what the register says of the vendor",
}
OF_ALL = {
    "population:read": "Looked at the list of all vendors as of {day}",
    "population:take": "Took the list of all vendors as of {day}",
}
TYPES = {**OF_VENDORS, **OF_ALL}


@dataclass(frozen=True, slots=True)
class Opening:
    """One thing that was opened, in words."""

    at: datetime
    what: str
    vendor: str
    engagement: str


@dataclass(frozen=True, slots=True)
class Openings:
    """A page of them, newest first; `before` is where the next one begins, if there is one."""

    rows: Sequence[Opening]
    before: int | None


def openings(
    wanted: Wanted, before: int | None, *, named: Callable[[Entry], bool] = lambda _: True
) -> Openings:
    """What was opened, of what is wanted; `named` says whether a file is called by its name.

    An auditor to whom it is shut by now is not told it.
    """
    found = entries(reading(), wanted, before=before)
    names = called(
        reading(),
        Asked(
            vendors={one.vendor_id for one in found if one.vendor_id},
            assessments={one.assessment_id for one in found if one.assessment_id},
            files={file for one in found if (file := _file(one)) and named(one)},
        ),
    )
    end = found[-1].id if len(found) == PAGE else None
    return Openings([_told(one, names, named=named(one)) for one in found], end)


def _file(one: Entry) -> tuple[str, int] | None:
    if not one.type.startswith("evidence:"):
        return None
    evidence_id, _, version = one.object_id.partition("/")
    return evidence_id, int(version)


def _told(one: Entry, names: Called, *, named: bool) -> Opening:
    cycle = names.assessments.get(one.assessment_id or "")
    file = _file(one)
    said = {
        "tail": one.object_id.rpartition("/")[2],
        "file": (names.files.get(file) if file and named else "") or "a file",
        "day": _day(one) if one.type in OF_ALL else "",
    }
    return Opening(
        one.at,
        TYPES[one.type].format_map(said),
        names.vendors.get(one.vendor_id or "", ""),
        "" if cycle is None else f"{cycle.engagement_title}, cycle {cycle.number}",
    )


def _day(one: Entry) -> str:
    """Looking is an event on the day's list, taking one on the bytes, which names the day."""
    written = json.loads(one.body).get("day") or one.object_id.rpartition("/")[2]
    return written_date(date.fromisoformat(written))
