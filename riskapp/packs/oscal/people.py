"""Who took part in an assessment, and what a pack's OSCAL documents say of themselves. Pure."""

from typing import Any

from riskapp.packs.documents import Document, Documents
from riskapp.packs.oscal.text import (
    NS,
    line,
    lines,
    moment,
    prop,
    props,
    string,
    uuid,
    without_empty,
)

OSCAL_VERSION = "1.2.1"
ASSESSOR, PROVIDER, RESPONDENT = "assessor", "provider", "respondent"
REVIEWER, DECISION_MAKER = "reviewer", "decision-maker"
_ROLES = {
    ASSESSOR: "The organisation that assesses",
    PROVIDER: "The vendor that is assessed",
    RESPONDENT: "Who answered and submitted for the vendor",
    REVIEWER: "Who reviewed answers and evidence",
    DECISION_MAKER: "Who decided on the assessment",
}


class People:
    """The parties of an assessment by the parts that they have in it."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        about = documents.about
        self.assessment_id = str(about["assessment"]["id"])
        self.assessor = uuid(self.assessment_id, "party", ASSESSOR)
        self.vendor = uuid("vendor", about["vendor"]["id"])
        self._names: dict[str, str | None] = {}
        self.respondents = self._respondents()
        self.reviewers = {
            entry["by"]: self._person(entry["by"], entry["name"])
            for entry in documents.review["entries"]
            if entry["by"] is not None
        }
        self.decision_maker = self._decision_maker()

    def _respondents(self) -> dict[int, str]:
        """The party behind each submission. The same words are the same person, who has no id."""
        found: dict[int, str] = {}
        known: dict[tuple[Any, Any], str] = {}
        for one in self._documents.about["submissions"]:
            who = (one["by"]["name"], one["by"]["role"])
            if who not in known:
                known[who] = uuid(self.assessment_id, RESPONDENT, one["number"])
            found[one["number"]] = known[who]
        return found

    def _person(self, person_id: str, name: str | None) -> str:
        party = uuid("person", person_id)
        self._names[party] = name or self._documents.about["people"].get(person_id)
        return party

    def _decision_maker(self) -> str:
        for event in self._documents.events:
            if event["event"]["type"] == "decision:make" and "actor" in event["opened"]:
                actor = event["opened"]["actor"]["value"]
                return self._person(actor, self._documents.decision["by"])
        party = uuid(self.assessment_id, DECISION_MAKER)
        self._names[party] = self._documents.decision["by"]
        return party

    def parties(self) -> list[Document]:
        about = self._documents.about
        country = about["vendor"]["country"]
        organisations = [
            _party(self.assessor, "organization", about["assessment"]["organisation"]),
            without_empty(
                **_party(self.vendor, "organization", about["vendor"]["name"]),
                addresses=[{"country": string(country)}] if country else None,
            ),
        ]
        staff = [
            without_empty(
                **_party(party, "person", name),
                member_of_organizations=[self.assessor],
            )
            for party, name in self._names.items()
        ]
        return [*organisations, *self._respondent_parties(), *staff]

    def _respondent_parties(self) -> list[Document]:
        found: dict[str, Document] = {}
        for one in self._documents.about["submissions"]:
            party, by = self.respondents[one["number"]], one["by"]
            title = by["role"] and {"name": "job-title", "value": string(by["role"])}
            found[party] = without_empty(
                **_party(party, "person", by["name"]),
                props=[title] if title else None,
                member_of_organizations=[self.vendor],
            )
        return list(found.values())

    def responsible(self) -> list[Document]:
        who = {
            ASSESSOR: [self.assessor],
            PROVIDER: [self.vendor],
            RESPONDENT: list(dict.fromkeys(self.respondents.values())),
            REVIEWER: list(self.reviewers.values()),
            DECISION_MAKER: [self.decision_maker],
        }
        return [responsible(role, *parties) for role, parties in who.items() if parties]


def responsible(role: str, *parties: str) -> Document:
    return {"role-id": role, "party-uuids": list(parties)}


def by(*parties: str) -> list[Document]:
    """The origin of a statement: who made it."""
    return [{"actors": [{"type": "party", "actor-uuid": one} for one in parties]}]


def _party(party: str, kind: str, name: str | None) -> Document:
    """A party without a name: it was erased, or left out of the pack."""
    found = {"uuid": party, "type": kind}
    return {**found, "name": string(name)} if name else {**found, "remarks": "Not named here."}


def metadata(documents: Documents, people: People, title: str) -> Document:
    """Whose document it is; last modified when the assessment was decided, whenever it is made."""
    about, checkpoint = documents.about, documents.checkpoint
    pack = about["pack"]
    words = f"{title}: {about['vendor']['name']}, {about['engagement']['title']}"
    stated = props(
        {
            "assessment": about["assessment"]["id"],
            "cycle": about["assessment"]["cycle"],
            "recipient": pack["recipient"],
            "purpose": pack["purpose"],
            "use-until": pack["until"],
            "log-origin": checkpoint["origin"],
            "log-size": checkpoint["size"],
            "log-root": checkpoint["root"],
        }
    )
    return {
        "title": line(words),
        "last-modified": moment(documents.decision["at"]),
        "version": f"{about['assessment']['cycle']}.{documents.decision['receipt']}",
        "oscal-version": OSCAL_VERSION,
        "props": stated,
        "roles": [{"id": role, "title": line(words)} for role, words in _ROLES.items()],
        "parties": people.parties(),
        "responsible-parties": people.responsible(),
        "remarks": lines(
            "Made from the documents that lie beside it in the evidence pack, from nothing else."
            f" Properties, facets and parts that OSCAL does not know are in the namespace {NS}",
        ),
    }


def component(documents: Documents, people: People) -> Document:
    """The service that is bought, the subject of all observations."""
    about = documents.about
    bought = about["engagement"]
    places = bought["delivered_from"] or ()
    return without_empty(
        uuid=uuid("engagement", bought["id"]),
        type="service",
        title=line(bought["title"]),
        description=lines(bought["description"] or bought["title"]),
        props=[
            *(prop("service", one) for one in bought["services"]),
            *(prop("delivered-from", one) for one in places),
        ],
        status={"state": "other", "remarks": "Whether it is in use is not part of what was asked."},
        responsible_roles=[responsible(PROVIDER, people.vendor)],
    )
