"""Events as a history page or a table tells them: names put to ids, words quoted, links made."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from riskapp.audit.history import Entry
from riskapp.audit.models import ACTOR
from riskapp.reviews.called import Asked, Called, File, called
from riskapp.web.desk.words import KINDS, Said, kind_of, predicate

Body = dict[str, Any]

QUOTED = {
    "note": "",
    "reason": "",
    "reasons": "Reasons",
    "conditions": "Conditions",
    "condition": "Condition",
    "wish": "",
    "asked_by": "On the wish of",
}
"""People's words in an event, and what stands before them where their place does not say it."""

IN_THE_SENTENCE = frozenset({ACTOR, "email", "name", "person"})
BY_ITSELF = frozenset({"invitation:mail", "vendor-key:make"})
"""What riskapp does in the course of a person's act, though no person is named for it."""


@dataclass(frozen=True, slots=True)
class Quote:
    label: str
    text: str | None
    """None: the event commits to these words, and they were erased."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event, in words. What a reader may not see is not in it."""

    entry: Entry
    who: str
    what: str
    quotes: Sequence[Quote]
    vendor: str
    assessment: str
    question: str
    places: Sequence[tuple[str, str]]
    """Where it happened: words and address."""
    who_href: str | None
    """What else they did, where it is a person that is known."""
    hidden: bool
    """Whether it concerns a vendor, and the reader may not read of vendors."""

    @property
    def sentence(self) -> str:
        return f"{self.who} {self.what}"

    @property
    def words(self) -> str:
        """All that was quoted, on one line each."""
        lines = []
        for quote in self.quotes:
            text = "(erased)" if quote.text is None else quote.text
            lines.append(f"{quote.label}: {text}" if quote.label else text)
        return "\n".join(lines)

    @property
    def openings(self) -> list[tuple[str, str | None, str | None, str]]:
        """Field, salt, value and commitment; salt and value are None where they were erased."""
        committed: dict[str, str] = json.loads(self.entry.body).get("private", {})
        return [
            (name, *self.entry.opened.get(name, (None, None)), commitment)
            for name, commitment in sorted(committed.items())
        ]


def tell(session: Session, entries: Sequence[Entry], *, vendors: bool) -> list[Told]:
    """Events in words; `vendors` says whether the reader may read what concerns vendors.

    As many statements for a thousand events as for one.
    """
    bodies = [json.loads(entry.body) for entry in entries]
    names = called(session, _asked(entries, bodies))
    return [
        _told(entry, body, names, hidden=entry.vendor_id is not None and not vendors)
        for entry, body in zip(entries, bodies, strict=True)
    ]


def _asked(entries: Sequence[Entry], bodies: Sequence[Body]) -> Asked:
    by_kind = _ids_of_actors(entries)
    people = {entry.value("person") for entry in entries}
    return Asked(
        people=by_kind.get("person", set())
        | {one for one in people if one}
        | _objects(entries, "person:"),
        links=by_kind.get("respondent", set()) | _objects(entries, "invitation:"),
        vendors={entry.vendor_id for entry in entries if entry.vendor_id},
        engagements=_objects(entries, "engagement:")
        | {str(body["engagement"]) for body in bodies if body.get("engagement")},
        assessments={entry.assessment_id for entry in entries if entry.assessment_id},
        files={file for entry in entries if (file := file_of(entry)) is not None},
        grants=_objects(entries, "grant:"),
    )


def _ids_of_actors(entries: Iterable[Entry]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in entries:
        if entry.actor_id is not None:
            found.setdefault(entry.actor_kind, set()).add(entry.actor_id)
    return found


def _objects(entries: Iterable[Entry], beginning: str) -> set[str]:
    return {entry.object_id for entry in entries if entry.type.startswith(beginning)}


def file_of(entry: Entry) -> File | None:
    """The version of a file that an event is about, if it is about one."""
    evidence_id, slash, version = entry.object_id.rpartition("/")
    if entry.type.startswith("evidence:") and slash and version.isdigit():
        return evidence_id, int(version)
    return None


def _told(entry: Entry, body: Body, names: Called, *, hidden: bool) -> Told:
    who = _who(entry, names)
    if hidden:
        kind = KINDS[kind_of(entry.type) or "register"].lower()
        what = f"did something that concerns a vendor ({kind})"
        return Told(entry, who, what, (), "", "", "", (), _who_href(entry, names), hidden=True)
    cycle = names.assessments.get(entry.assessment_id or "")
    return Told(
        entry,
        who,
        predicate(entry.type, said(entry, body, names)),
        quotes(entry, body),
        names.vendors.get(entry.vendor_id or "", ""),
        f"{cycle.engagement_title}, cycle {cycle.number}" if cycle else "",
        str(body.get("question") or ""),
        _places(entry, body, names),
        _who_href(entry, names),
        hidden=False,
    )


def _who(entry: Entry, names: Called) -> str:
    if entry.actor_kind == "clock" or entry.type in BY_ITSELF:
        return "riskapp"
    if entry.actor_kind == "operator":
        return "The operator"
    if entry.actor_id is None:
        return "Somebody who was erased"
    if entry.actor_kind == "person":
        return names.people.get(entry.actor_id) or "Somebody who is gone"
    address = names.links.get(entry.actor_id)
    return f"The respondent at {address}" if address else "The respondent of an erased link"


def _who_href(entry: Entry, names: Called) -> str | None:
    if entry.actor_kind == "person" and entry.actor_id in names.people:
        return url_for("desk.person_history", person_id=entry.actor_id)
    return None


def said(entry: Entry, body: Body, names: Called) -> Said:
    """What a sentence about an event can name."""
    known = {
        "file": _file_words(entry, names),
        "link": entry.value("email") or names.links.get(entry.object_id),
        "name": entry.value("name") or body.get("name"),
        "person": names.people.get(entry.value("person") or entry.object_id)
        or names.grants.get(entry.object_id),
        "engagement": names.engagements.get(str(body.get("engagement") or entry.object_id)),
    }
    return {**body, **{name: words for name, words in known.items() if words}}


def _file_words(entry: Entry, names: Called) -> str | None:
    file = file_of(entry)
    if file is None:
        return None
    name = names.files.get(file)
    words = f"“{name}”" if name else "a file"
    return words if file[1] == 1 else f"version {file[1]} of {words}"


def quotes(entry: Entry, body: Body) -> list[Quote]:
    """People's words, as far as they are there; events of before commitments say them openly."""
    committed = set(body.get("private") or ()) - IN_THE_SENTENCE
    if entry.type == "answer:save":
        committed.discard("answer")  # a digest of it
    order = [*QUOTED, *sorted(committed - set(QUOTED))]
    found = []
    for name in order:
        label = QUOTED.get(name, name.replace("_", " ").capitalize())
        if name in committed:
            found.append(Quote(label, entry.value(name)))
        elif name in QUOTED and isinstance(body.get(name), str) and body[name]:
            found.append(Quote(label, body[name]))
    return found


def _places(entry: Entry, body: Body, names: Called) -> list[tuple[str, str]]:
    found = []
    if entry.vendor_id is not None and entry.vendor_id in names.vendors:
        href = url_for("desk.vendor", vendor_id=entry.vendor_id)
        found.append((names.vendors[entry.vendor_id], href))
    if entry.assessment_id is not None and entry.assessment_id in names.assessments:
        cycle = names.assessments[entry.assessment_id]
        href = url_for("desk.assessment", assessment_id=entry.assessment_id)
        found.append((f"{cycle.engagement_title}, cycle {cycle.number}", href))
    found += _object_places(entry, body, names)
    return found


def _object_places(entry: Entry, body: Body, names: Called) -> list[tuple[str, str]]:
    """The thing itself, where it has a page."""
    file = file_of(entry)
    engagement = str(body.get("engagement") or entry.object_id)
    found = []
    if entry.assessment_id in names.assessments and body.get("question"):
        question = str(body["question"])
        href = url_for("desk.question", assessment_id=entry.assessment_id, question_id=question)
        found.append((question, href))
    if file in names.files and entry.vendor_id is not None:
        href = url_for(
            "desk.file_history", vendor_id=entry.vendor_id, evidence_id=file[0] if file else ""
        )
        found.append(("The file", href))
    if engagement in names.engagements and entry.assessment_id is None:
        href = url_for("desk.engagement", engagement_id=engagement)
        found.append((names.engagements[engagement], href))
    if entry.type == "erasure:add":
        found.append(("The certificate", url_for("desk.erasure", erasure_id=entry.object_id)))
    if entry.type.startswith("person:") and entry.object_id in names.people:
        href = url_for("desk.person_history", person_id=entry.object_id)
        found.append((names.people[entry.object_id], href))
    return found
