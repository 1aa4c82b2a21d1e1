"""The page of an import that is not published yet, and what leads to it."""

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.catalogue.errors import Fault
from riskapp.catalogue.importers import foreign
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import NotFound, Refusal
from riskapp.releases.errors import DraftChanged
from riskapp.releases.queries import DraftRow
from riskapp.releases.queries import draft as read_draft
from riskapp.web.errors import page as error_page
from riskapp.web.ports import ports
from riskapp.web.questionnaires import columns
from riskapp.web.questionnaires.blueprint import blueprint

NOTES = 500
"""So many notes stand on one page; an import of thousands of questions may have as many."""

_MOST_DIGITS = 4
_GONE = (
    "This import is not here any more: it was published or discarded, perhaps by a colleague. "
    "Nothing was changed."
)
_CHANGED = "A colleague has corrected this import meanwhile. Nothing was changed: look at it again."


class Gone(Refusal):
    """A draft that is asked for is not there (any more)."""


@blueprint.errorhandler(Gone)
def gone(_error: Gone) -> Response | tuple[str, int]:
    """A form that comes too late leads to what there is; an address that is wrong leads nowhere."""
    if request.method == "POST":
        flash(_GONE, "error")
        return redirect(url_for("questionnaires.releases"), 303)
    words = "It was published or discarded, or the address is wrong."
    return error_page(404, "There is no such import", words)


@blueprint.errorhandler(DraftChanged)
def changed(_error: DraftChanged) -> Response:
    flash(_CHANGED, "error")
    return to_draft((request.view_args or {})["draft_id"])


def to_draft(draft_id: str) -> Response:
    return redirect(url_for("questionnaires.draft", draft_id=draft_id), 303)


def known(draft_id: str) -> DraftRow:
    """Raises Gone."""
    row = read_draft(reading(), draft_id)
    if row is None:
        raise Gone
    return row


def release_of(row: DraftRow) -> Release | None:
    """What was made of the file; None where no question was found in it yet."""
    return ports().library.draft(row.source, row.file_name) if row.source else None


def draft_page(
    row: DraftRow, errors: Sequence[tuple[str, str]] = (), faults: Sequence[Fault] = ()
) -> str:
    """The page, with what is wrong with the form that was sent, or why it is not published."""
    from riskapp.catalogue.importers.sheets.importer import FIELDS, USES  # noqa: PLC0415 - takes long

    release = release_of(row)
    at = _notes_page(len(row.notes))
    return render_template(
        "questionnaires/draft.html",
        row=row,
        release=release,
        form=foreign.FORMS.get(row.form, row.form),
        sections=[(one.title, len(one.questions)) for one in release.sections] if release else (),
        notes=row.notes[(at - 1) * NOTES : at * NOTES],
        at=at,
        pages=-(-len(row.notes) // NOTES) or 1,
        first=(at - 1) * NOTES + 1,
        naming=request.form if errors else _naming(row, release),
        columns=columns.typed(row.columns, request.form) if errors else row.columns,
        fields=FIELDS,
        uses=[(use, words[:1].upper() + words[1:]) for use, words in USES.items()],
        errors=errors,
        faults=faults,
    )


def _naming(row: DraftRow, release: Release | None) -> Mapping[str, str]:
    return {**row.naming, "title": row.naming.get("title") or (release.title if release else "")}


def _notes_page(count: int) -> int:
    """Which page of the notes the address names. Raises NotFound for one that there is not."""
    written = request.args.get("notes", "1")
    if not (written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS):
        raise NotFound
    at = int(written)
    if at < 1 or (at > 1 and (at - 1) * NOTES >= count):
        raise NotFound
    return at
