"""Bringing one's own questionnaire: a foreign file is uploaded, read in memory, kept as a draft."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.audit.service import Actor
from riskapp.catalogue.importers import foreign
from riskapp.catalogue.importers.common import Imported, Naming, Note, NotImportable
from riskapp.catalogue.importers.naming import Taken, completed, taken_by
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.core.ids import new_id
from riskapp.evidence.names import display_name
from riskapp.extensions import csrf
from riskapp.releases.errors import BroughtAlready
from riskapp.releases.queries import draft_file, drafts, listed
from riskapp.releases.service import Brought, ensure_room
from riskapp.releases.service import bring as keep
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.questionnaires import columns
from riskapp.web.questionnaires.blueprint import blueprint
from riskapp.web.questionnaires.common import actor
from riskapp.web.sinks import Held
from riskapp.web.upload_errors import NoFile, UploadRefused, UploadTooLarge
from riskapp.web.uploads import Request, receive_small
from riskapp.web.words import written_size

MOST_UPLOADED = 5 * 1024 * 1024
NAMING = ("id", "prefix", "title", "release")
ENDINGS = (".json", ".yaml", ".yml", ".xml", ".xlsx", ".csv")
_ID = re.compile("[0-9a-f]{32}")

Page = Response | str | tuple[str, int]


@blueprint.route("/import", methods=["GET"])
@requires(Permission.QUESTIONNAIRE_MANAGE)
def bring(person: SignedIn) -> str:  # noqa: ARG001 - whoever manages
    return _page([])


@blueprint.route("/import", methods=["POST"])
@csrf.exempt  # type: ignore[untyped-decorator]  # checked once the form may be read
@requires(Permission.QUESTIONNAIRE_MANAGE)
def receive(person: SignedIn) -> Page:
    """Nothing of the body is read before it is known whose it is, and that there is room for it."""
    try:
        draft_id = _kept(_brought(_held()), actor(person))
    except FieldRefused as refused:
        return _page([(refused.field, refused.message)]), 422
    except NotImportable as refused:
        return _page([("file", in_words(refused))]), 422
    except UploadRefused as refused:
        return _page([("file", _upload_words(refused))]), refused.code or 400
    return redirect(url_for("questionnaires.draft", draft_id=draft_id), 303)


def _page(errors: Sequence[tuple[str, str]]) -> str:
    if errors:
        cast(Request, request).forget_torn_body()  # else the page would read what is left of it
    return render_template(
        "questionnaires/draft_bring.html",
        errors=errors,
        typed=request.form,
        forms=list(foreign.FORMS.items()),
        limit=MOST_UPLOADED,
        endings=ENDINGS,
        once=new_id(),
    )


def _held() -> Held:
    """The uploaded file. Raises FieldRefused, UploadRefused, CSRFError."""
    ensure_room(reading())
    reading().rollback()  # no transaction stays open while a slow body is read
    held = receive_small(cast(Request, request), limit=MOST_UPLOADED)
    if current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()
    return held


def _brought(held: Held) -> Brought:
    """What is made of an upload. Raises FieldRefused, NotImportable."""
    form = request.form.get("from", "")
    if form not in foreign.FORMS:
        raise FieldRefused("from", "Choose the format of the file.")
    name = display_name(held.filename)
    naming = named(request.form, name, taken(but=_once()))
    return made(Source(form, name, held.data), naming)


def _kept(brought: Brought, by: Actor) -> str:
    """The id of the draft. One form makes one draft of a file, however often it is sent."""
    now = ports().clock.now()
    try:
        return keep(brought, draft_id=_once(), actor=by, now=now)
    except BroughtAlready as again:
        reading().rollback()
        if draft_file(reading(), again.draft_id) != brought.data:  # another file, chosen after it
            return keep(brought, actor=by, now=now)
        flash("The form was sent twice. The file was imported once.")
        return again.draft_id


def _once() -> str | None:
    """The form's own id."""
    once = request.form.get("once", "")
    return once if _ID.fullmatch(once) else None


def taken(but: str | None = None) -> Taken:
    """What releases and imports here are called; of imports all but one."""
    found = [one.release for one in listed(reading(), ports().library)]
    waiting = [one.naming for one in drafts(reading()) if one.id != but]
    reading().rollback()
    return taken_by(found, waiting)


def named(form: Mapping[str, str], file_name: str, others: Taken) -> Naming:
    """What the form calls it, and what it leaves open. Raises FieldRefused."""
    given = {name: form.get(name, "") for name in NAMING}
    return completed(given, file_name, others, ports().clock.now().year)


@dataclass(frozen=True, slots=True)
class Source:
    """A foreign file: the format that it is said to be of, its name, its bytes."""

    form: str
    name: str
    data: bytes


def made(source: Source, naming: Naming, corrections: Sequence[str] = ()) -> Brought:
    """What an importer makes of a file. Raises NotImportable.

    A spreadsheet in which no questions are found is kept all the same, without a text: which
    columns hold them can be said on its page.
    """
    if source.form != foreign.SHEET:
        imported = foreign.read(source.form, source.data, source.name, naming)
        return Brought(source.form, source.name, source.data, naming, {}, imported)
    seen = foreign.see(source.data, source.name, corrections)
    try:
        imported = foreign.read(source.form, source.data, source.name, naming, seen.columns)
        described = columns.described(seen, corrections, seen.rows())
    except NotImportable as refused:
        imported = Imported("", 0, [Note("the whole file", refused.problem)])
        described = columns.described(seen, corrections, ())
    return Brought(source.form, source.name, source.data, naming, described, imported)


def in_words(refused: NotImportable) -> str:
    problem = refused.problem[:1].upper() + refused.problem[1:]
    remedy = refused.remedy[:1].upper() + refused.remedy[1:]
    return f"{problem}. {remedy}."


def _upload_words(refused: UploadRefused) -> str:
    if isinstance(refused, UploadTooLarge):
        size = written_size(refused.limit)
        return f"The file is too large: at most {size} are taken. Import it part by part."
    if isinstance(refused, NoFile):
        return "Choose the file that holds the questionnaire."
    return refused.description or "The file was not received. Send it again."
