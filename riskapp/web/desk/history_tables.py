"""Histories as CSV, for spreadsheets: streamed, so that memory does not grow with their length."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

from flask import Response, copy_current_request_context

from riskapp.audit.history import Entry, Wanted, entries
from riskapp.core.db import reading
from riskapp.packs.shipped.verify import harmless
from riskapp.web.desk.telling import Told, tell
from riskapp.web.sending import disposition
from riskapp.web.streams import begun

Row = Sequence[object]

AT_ONCE = 1000
"""So many events are read together."""

COLUMNS = (
    "number",
    "event",
    "time_utc",
    "type",
    "actor_kind",
    "actor_id",
    "actor",
    "vendor_id",
    "vendor",
    "assessment_id",
    "assessment",
    "question",
    "object",
    "in_words",
    "words",
    "leaf_sha256",
)


def history_csv(name: str, wanted: Wanted, *, vendors: bool) -> Response:
    """All events that are wanted, newest first, however many: those there are when it begins."""

    def rows_of(found: Sequence[Entry]) -> list[Row]:
        return [_row(told) for told in tell(reading(), found, vendors=vendors)]

    return table(name, COLUMNS, rows_behind(wanted, rows_of))


def rows_behind(
    wanted: Wanted, rows_of: Callable[[Sequence[Entry]], Sequence[Row]]
) -> Iterator[Row]:
    """The rows of all events that are wanted, made page by page while they are sent.

    Each page is read in a request's context of its own: none, and no transaction, stays open while
    somebody takes their time to receive it.
    """

    @copy_current_request_context
    def page(before: int | None) -> tuple[Sequence[Row], int | None]:
        found = entries(reading(), wanted, before=before, limit=AT_ONCE)
        return rows_of(found), found[-1].id if len(found) == AT_ONCE else None

    return _paged(page)


def _paged(page: Callable[[int | None], tuple[Sequence[Row], int | None]]) -> Iterator[Row]:
    before = None
    while True:
        rows, before = page(before)
        yield from rows
        if before is None:
            return


def table(name: str, columns: Sequence[str], rows: Iterable[Row]) -> Response:
    """A download of rows as they come, which spreadsheets take for text and never for formulas."""
    response = Response(begun(_lines(columns, rows), table=name), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")  # else spreadsheets take UTF-8 for something else
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        if buffer.tell() > 1 << 15:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _row(told: Told) -> Row:
    entry = told.entry
    if told.hidden:
        place: Row = ("", "", "", "", "", "")
    else:
        place = (
            entry.vendor_id,
            told.vendor,
            entry.assessment_id,
            told.assessment,
            told.question,
            entry.object_id,
        )
    return (
        entry.number,
        entry.id,
        entry.at.isoformat(),
        "" if told.hidden else entry.type,
        entry.actor_kind,
        entry.actor_id,
        told.who,
        *place,
        told.sentence,
        told.words,
        entry.leaf,
    )
