"""The audit trail in words: of a vendor, an assessment, a file, a person, and all of it.

What is asked for stands in the address, so that it can be kept and given on; each page has the same
as a table.
"""

from collections.abc import Callable, Collection, Container, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from flask import Response, render_template, request, url_for
from sqlalchemy.orm import Session

from riskapp.accounts.permissions import Permission, may
from riskapp.accounts.queries import SignedIn, people
from riskapp.accounts.queries import person as person_by_id
from riskapp.assessments.queries import AssessmentRow
from riskapp.audit.history import Wanted, entries
from riskapp.audit.queries import PAGE
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.custody.queries import hold_ids
from riskapp.evidence.listing import of_file
from riskapp.packs.names import slug
from riskapp.reviews.as_of import end_of
from riskapp.vendors.queries import vendor
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import Errors, existing, known_assessment, now
from riskapp.web.desk.history_tables import history_csv
from riskapp.web.desk.telling import tell
from riskapp.web.desk.words import KINDS, types_of
from riskapp.web.guard import requires
from riskapp.web.paging import last, number

MOST_PEOPLE = 200
LONGEST_ID = 80
LATER_VERSIONS = 64
"""A draft that was destroyed had a version too, of which only the trail knows."""

ACTORS = {
    "respondent": "Vendors, by a link",
    "clock": "riskapp by itself",
    "operator": "The operator",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose history it is."""

    title: str
    wanted: Wanted
    address: dict[str, str]
    """What stands in the page's address beside what is asked for."""
    crumbs: Sequence[tuple[str, str]] = ()
    of: str = ""
    """After which its table is named."""
    assessment: AssessmentRow | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, as it is written there; `errors` by field."""

    kind: str = ""
    who: str = ""
    since: str = ""
    until: str = ""
    question: str = ""

    def errors(self) -> Errors:
        found: Errors = {}
        for name, written in (("since", self.since), ("until", self.until)):
            if written and _day(written) is None:
                found[name] = "Enter a day as a date, like 2027-03-31."
        since, until = _day(self.since), _day(self.until)
        if since is not None and until is not None and since > until:
            found["until"] = "The last day comes before the first one."
        return found

    def parameters(self) -> dict[str, str]:
        names = ("kind", "who", "since", "until", "question")
        return {name: said for name in names if (said := getattr(self, name))}


def _day(written: str) -> date | None:
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    return found if found < date.max else None


def read_asked(kinds: Container[str] = KINDS) -> Asked:
    """Raises NotFound for a kind that there is not, and for what no id is as long as."""
    said = {name: request.args.get(name, "").strip() for name in Asked.__dataclass_fields__}
    asked = Asked(**said)
    if asked.kind and asked.kind not in kinds:
        raise NotFound
    if any(len(one) > LONGEST_ID or "\0" in one for one in said.values()):
        raise NotFound
    return replace(asked, question=asked.question.upper())


def narrowed(wanted: Wanted, asked: Asked, types: Collection[str] | None) -> Wanted:
    """Of what is wanted, what the address asks for; `types` are those of the kind that it names."""
    since, until = _day(asked.since), _day(asked.until)
    return replace(
        wanted,
        types=wanted.types if types is None else types,
        actor=asked.who or wanted.actor,
        since=None if since is None else datetime.combine(since, time(), UTC),
        until=None if until is None else end_of(until),
        question=asked.question or None,
    )


def _wanted(scope: Scope, asked: Asked) -> Wanted:
    return narrowed(scope.wanted, asked, types_of(asked.kind) if asked.kind else None)


def _all_of_it(person: SignedIn) -> Scope:
    wanted = Wanted(of_no_vendor=not _reads_vendors(person))
    return Scope("History", wanted, {}, of="all")


def _of_vendor(_person: SignedIn, vendor_id: str) -> Scope:
    row = existing(vendor(reading(), vendor_id))
    crumbs = [
        (url_for("desk.vendors"), "Vendors"),
        (url_for("desk.vendor", vendor_id=vendor_id), row.name),
    ]
    address = {"vendor_id": vendor_id}
    wanted, of = Wanted(vendor_id=vendor_id), _called(vendor_id, row.name)
    return Scope(f"History of {row.name}", wanted, address, crumbs, of)


def _of_assessment(_person: SignedIn, assessment_id: str) -> Scope:
    row = known_assessment(assessment_id)
    title = f"History: {row.engagement_title}, {row.vendor_name}"
    wanted, address = Wanted(assessment_id=assessment_id), {"assessment_id": assessment_id}
    of = _called(assessment_id, row.vendor_name, row.engagement_title)
    return Scope(title, wanted, address, of=of, assessment=row)


def _of_file(_person: SignedIn, vendor_id: str, evidence_id: str) -> Scope:
    """All versions, with the holds on it and its erasures."""
    session = reading()
    row = existing(vendor(session, vendor_id))
    versions = of_file(session, vendor_id, evidence_id)
    if not versions:
        raise NotFound
    highest = max(one.version for one in versions) + LATER_VERSIONS
    objects = [f"{evidence_id}/{version}" for version in range(1, highest + 1)]
    objects += hold_ids(session, vendor_id, evidence_id)
    objects += [one.erasure_id for one in versions if one.erasure_id]
    newest = versions[0]
    readable = newest.submitted and newest.erased_at is None
    crumbs = [
        (url_for("desk.vendors"), "Vendors"),
        (url_for("desk.vendor", vendor_id=vendor_id), row.name),
        (url_for("desk.vendor_evidence", vendor_id=vendor_id), "Files"),
        (
            url_for("desk.file_history", vendor_id=vendor_id, evidence_id=evidence_id),
            newest.name if readable else "A file",
        ),
    ]
    return Scope(
        f"What happened to {newest.name if readable else 'a file'}",
        Wanted(objects=objects),
        {"vendor_id": vendor_id, "evidence_id": evidence_id},
        crumbs,
        _called(evidence_id, row.name, newest.name if readable else "file"),
    )


def _of_person(_person: SignedIn, person_id: str) -> Scope:
    row = existing(person_by_id(reading(), person_id))
    address = {"person_id": person_id}
    title = row.name if row.erased else f"What {row.name} did"
    return Scope(title, Wanted(person_id=person_id), address, of=_called(person_id, row.name))


def _called(object_id: str, *names: str) -> str:
    """So that several tables in one folder are told apart, also those of the same name."""
    return "-".join([*map(slug, names), object_id[:8]])


def _reads_vendors(person: SignedIn) -> bool:
    return may(person.role, Permission.VENDOR_READ)


def _page(person: SignedIn, scope: Scope, endpoint: str) -> str | tuple[str, int]:
    session, asked = reading(), read_asked()
    errors = asked.errors()
    told, end = [], None
    before = number(request.args.get("before"))
    if not errors:
        found = entries(session, _wanted(scope, asked), before=before)
        told = tell(session, found, vendors=_reads_vendors(person))
        end = last(found, PAGE)
    parameters = asked.parameters()

    def here(endpoint: str, **more: object) -> str:
        return url_for(endpoint, **scope.address, **{**parameters, **more})  # type: ignore[arg-type]  # parts of an address

    page = render_template(
        "desk/history.html",
        scope=scope,
        told=told,
        asked=asked,
        errors=errors,
        kinds=list(KINDS.items()),
        actors=_actors(session, scope),
        has_questions=scope.assessment is not None or scope.wanted.vendor_id is not None,
        reads_vendors=_reads_vendors(person),
        today=now().date(),
        whole_href=url_for(endpoint, **scope.address),  # type: ignore[arg-type]  # as above
        table_href=None if errors else here(f"{endpoint}_table"),
        newest_href=here(endpoint) if before else None,
        next_href=end and here(endpoint, before=end.id),
    )
    return (page, 422) if errors else page


def _actors(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """Who can be asked for; none where it is one person's history."""
    if scope.wanted.person_id is not None:
        return []
    known = people(session, limit=MOST_PEOPLE)
    return [*ACTORS.items(), *((one.id, one.name) for one in known)]


def _table(person: SignedIn, scope: Scope) -> Response:
    """Raises NotFound where what is asked for makes no sense: a table must not leave it aside."""
    asked = read_asked()
    if asked.errors():
        raise NotFound
    name = f"history-{scope.of}-{now():%Y-%m-%d}.csv"
    wanted = _wanted(scope, asked)
    return history_csv(name, wanted, vendors=_reads_vendors(person))


def _add(path: str, endpoint: str, permission: Permission, scope: Callable[..., Scope]) -> None:
    """A page, and the same as a table."""

    def page(person: SignedIn, **address: str) -> str | tuple[str, int]:
        return _page(person, scope(person, **address), f"desk.{endpoint}")

    def table(person: SignedIn, **address: str) -> Response:
        return _table(person, scope(person, **address))

    guard = requires(permission)
    blueprint.add_url_rule(path, endpoint, guard(page), methods=["GET"])
    blueprint.add_url_rule(f"{path}.csv", f"{endpoint}_table", guard(table), methods=["GET"])


_add("/history", "trail", Permission.TRAIL_READ, _all_of_it)
_add("/people/<person_id>/history", "person_history", Permission.TRAIL_READ, _of_person)
_add("/vendors/<vendor_id>/history", "vendor_history", Permission.VENDOR_READ, _of_vendor)
_add("/assessments/<assessment_id>/history", "history", Permission.ASSESSMENT_READ, _of_assessment)
_add(
    "/vendors/<vendor_id>/evidence/<evidence_id>/history",
    "file_trail",
    Permission.ASSESSMENT_READ,
    _of_file,
)
