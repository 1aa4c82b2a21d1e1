"""What anybody may know of the keys that this installation signs by, and its newest checkpoint.

Nothing is signed or counted for a reader: all of it is stored, and small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template, url_for

from riskapp.accounts.permissions import Permission
from riskapp.audit.endorsements import NAMESPACE, PRINCIPAL
from riskapp.audit.keys import ListedKey, our_keys
from riskapp.audit.log import Signed, newest
from riskapp.audit.notes import NoteInvalid, verifier_key
from riskapp.core.crypto.signing import Key
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.web.guard import requires
from riskapp.web.ports import ports

blueprint = Blueprint("trust", __name__, url_prefix="/trust")

CHECKPOINT, SIGNERS, VKEY = "checkpoint", "allowed_signers", "log.vkey"
ENDORSED, ACCEPTED = ".sig", ".accepted.sig"
MAX_AGE = 60
"""Seconds for which others may keep a file."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A key on the page; `until` is None for the present one. `files` are (name, address)."""

    key: ListedKey
    until: datetime | None
    before: ListedKey | None
    document: str
    files: Sequence[tuple[str, str]]


@blueprint.route("", methods=["GET"])
@requires(Permission.PUBLIC)
def page() -> str:
    key = ports().signer.held()
    keys = our_keys(reading(), key.raw_public_key)
    signed = _newest(key)
    shown = _shown(keys, _origin(signed))
    return render_template(
        "trust/page.html",
        key=key,
        present=shown[0] if shown else None,
        former=shown[1:],
        signers=_signers(key.public_key),
        vkey=None if signed is None else _vkey(signed, key),
        checkpoint=signed,
        principal=PRINCIPAL,
        namespace=NAMESPACE,
    )


def _newest(key: Key) -> Signed | None:
    """The newest checkpoint; None where there is none that one of our keys signed."""
    try:
        return newest(reading(), key.raw_public_key)
    except NoteInvalid:
        return None


def _vkey(signed: Signed, key: Key) -> str:
    return verifier_key(signed.tree.origin, key.raw_public_key)


def _signers(public_key: str) -> str:
    return f"{PRINCIPAL} {public_key}\n"


def _origin(signed: Signed | None) -> str | None:
    """The log's name, which stands in the lines of its keys; None before the first checkpoint."""
    return None if signed is None else signed.tree.origin


def _shown(keys: Sequence[ListedKey], origin: str | None) -> list[Shown]:
    """The newest first."""
    found: list[Shown] = []
    for at, key in enumerate(keys):
        until = keys[at + 1].since if at + 1 < len(keys) else None
        linked = () if until is not None else (SIGNERS, VKEY)
        names = [name for name in _files_of(key, origin) if name not in linked]
        files = [(name, url_for("trust.of_key", number=key.number, name=name)) for name in names]
        before = keys[at - 1] if at else None
        found.append(Shown(key, until, before, _document(key), files))
    return found[::-1]


def _document(key: ListedKey) -> str:
    return f"key-{key.number}.json"


def _files_of(key: ListedKey, origin: str | None) -> dict[str, str]:
    """What can be taken of a key, by name: its lines for other tools, and how it came in.

    Former keys have the one for logs too: by it checkpoints that were kept from then are checked.
    """
    found = {SIGNERS: _signers(key.public_key)}
    if origin is not None:
        found[VKEY] = verifier_key(origin, key.raw) + "\n"
    if key.statement is not None:
        document = _document(key)
        found[document] = key.statement.decode()
        if key.endorsement is not None:
            found[document + ENDORSED] = key.endorsement
        if key.acceptance is not None:
            found[document + ACCEPTED] = key.acceptance
    return found


@blueprint.route("/checkpoint", methods=["GET"])
@requires(Permission.PUBLIC)
def checkpoint() -> Response:
    """The newest checkpoint as it is, for whoever keeps one elsewhere from time to time."""
    found = _newest(ports().signer.held())
    if found is None:
        raise NotFound
    return _file(found.note)


@blueprint.route("/allowed_signers", methods=["GET"])
@requires(Permission.PUBLIC)
def signers() -> Response:
    return _file(_signers(ports().signer.public_key), SIGNERS)


@blueprint.route("/log.vkey", methods=["GET"])
@requires(Permission.PUBLIC)
def vkey() -> Response:
    key = ports().signer.held()
    found = _newest(key)
    if found is None:
        raise NotFound
    return _file(_vkey(found, key) + "\n", VKEY)


@blueprint.route("/keys/<int:number>/<name>", methods=["GET"])
@requires(Permission.PUBLIC)
def of_key(number: int, name: str) -> Response:
    """A file of one of our keys, present or former."""
    held = ports().signer.held()
    origin = _origin(_newest(held))
    for key in our_keys(reading(), held.raw_public_key):
        files = _files_of(key, origin)
        if key.number == number and name in files:
            return _file(files[name], name)
    raise NotFound


def _file(content: str, name: str | None = None) -> Response:
    """Text that shared caches may keep for a minute; with a name it is saved, not shown."""
    response = Response(content, mimetype="text/plain")
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    if name is not None:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
