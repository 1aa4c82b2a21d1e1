"""A pack's two OSCAL documents: assessment results, and the plan of action and milestones. Pure.

They restate what the pack says in its own documents, for tools that read OSCAL and nothing else.
"""

from collections.abc import Iterator

from riskapp.core.canonical import digest
from riskapp.packs.documents import Document, Documents
from riskapp.packs.oscal.controls import objectives, reviewed_controls
from riskapp.packs.oscal.findings import Findings
from riskapp.packs.oscal.judging import Judged, weak_domains
from riskapp.packs.oscal.people import (
    ASSESSOR,
    DECISION_MAKER,
    RESPONDENT,
    People,
    by,
    component,
    metadata,
    responsible,
)
from riskapp.packs.oscal.sources import Sources
from riskapp.packs.oscal.text import NS, line, lines, moment, prop, props, uuid, without_empty

FOLDER = "data/oscal"


def assessment_results(documents: Documents, *, folder: str = FOLDER) -> Document:
    """OSCAL 1.2.1 assessment results. `folder` of the bag is where it will lie: links start there.

    The same documents give the same dict, whose lists have an order; write it as any other document
    of the pack. Above that folder lie `assessment.json` and `receipt.json`.
    """
    found = _findings(documents, folder)
    plan = found.sources.plan()
    result = _result(found)
    parts = without_empty(
        metadata=metadata(documents, found.people, "Assessment results"),
        import_ap={
            "href": plan,
            "remarks": "It stands for an assessment plan, and is no OSCAL document.",
        },
        local_definitions=without_empty(objectives_and_methods=objectives(found.judged)) or None,
        results=[result],
        back_matter={"resources": found.sources.resources()},
    )
    return {"assessment-results": {"uuid": _of_content(parts), **parts}}


def poam(documents: Documents, *, folder: str = FOLDER) -> Document:
    """OSCAL 1.2.1 plan of action and milestones: what lowers the score, and the conditions.

    OSCAL allows no empty plan: where nothing is to be done, its one item says so.
    """
    found = _findings(documents, folder)
    left = found.open()
    results = {"href": found.sources.results(), "rel": "reference"}
    items = [*_items(found)] or [_nothing(found)]
    parts = without_empty(
        metadata={
            **metadata(documents, found.people, "Plan of action and milestones"),
            "links": [results],
        },
        system_id={
            "identifier-type": "http://ietf.org/rfc/rfc4122",
            "id": uuid("engagement", documents.about["engagement"]["id"]),
        },
        local_definitions={"components": [component(documents, found.people)]},
        observations=[found.observation(one) for one in left if one.question["asked"]],
        risks=found.risks(),
        findings=[found.finding(one) for one in left],
        poam_items=items,
        back_matter={"resources": found.sources.resources()},
    )
    return {"plan-of-action-and-milestones": {"uuid": _of_content(parts), **parts}}


def _findings(documents: Documents, folder: str) -> Findings:
    return Findings(documents, People(documents), Sources(documents, folder))


def _of_content(parts: Document) -> str:
    """A document's own UUID: another one wherever anything in it is."""
    return uuid("document", digest(parts))


def _result(found: Findings) -> Document:
    about, documents = found.documents.about, found.documents
    row = about["assessment"]
    asked = [found.sources.questionnaire(one) for one in about["questionnaires"]]
    return without_empty(
        uuid=found.key("result", documents.decision["receipt"]),
        title=line(f"Assessment of {about['vendor']['name']}, cycle {row['cycle']}"),
        description=lines(
            f"{about['vendor']['name']} answered questions about {about['engagement']['title']}"
            f" and gave evidence; {row['organisation']} reviewed both and decided."
        ),
        start=moment(row["created_at"]),
        end=moment(documents.decision["at"]),
        props=props(
            {
                "outcome": documents.decision["outcome"],
                "tier": documents.receipt["result"]["tier"],
                "score": documents.receipt["result"]["shown"],
                "confidence": documents.receipt["result"]["confidence"],
                "answers-left-out": about["pack"]["questions"]["left_out"],
            }
        ),
        links=[{"href": one, "rel": "reference"} for one in asked],
        local_definitions={"components": [component(documents, found.people)]},
        reviewed_controls=reviewed_controls(found.judged),
        attestations=[*_attestations(found)],
        assessment_log=_log(found),
        observations=[found.observation(one) for one in found.judged if one.question["asked"]],
        risks=found.risks(),
        findings=[found.finding(one) for one in found.judged if one.item],
        remarks=lines(
            "What was left out of the pack:",
            *(f"{one['what']}. {one['why']}" for one in about["pack"]["left_out"]),
        ),
    )


def _attestations(found: Findings) -> Iterator[Document]:
    """The vendor's submissions, and the decision."""
    for one in found.documents.about["submissions"]:
        yield {
            "responsible-parties": [
                responsible(RESPONDENT, found.people.respondents[one["number"]])
            ],
            "parts": [
                {
                    "uuid": found.key("attestation", one["number"]),
                    "name": "submission",
                    "ns": NS,
                    "title": line(f"Submission {one['number']}"),
                    "props": [prop("at", one["at"]), prop("sha256", one["sha256"])],
                    "prose": lines("Answers and evidence were submitted, and acknowledged."),
                    "links": [{"href": found.sources.acknowledgement(one), "rel": "reference"}],
                }
            ],
        }
    made = found.documents.decision
    conditions = made["conditions"]
    yield {
        "responsible-parties": [
            responsible(DECISION_MAKER, found.people.decision_maker),
            responsible(ASSESSOR, found.people.assessor),
        ],
        "parts": [
            {
                "uuid": found.key("attestation", "decision"),
                "name": "decision",
                "ns": NS,
                "title": line(f"Decision: {made['outcome']}"),
                "props": props({"outcome": made["outcome"], "at": made["at"]}),
                "prose": lines(made["reasons"], conditions and f"Conditions: {conditions}"),
                "links": [{"href": found.sources.receipt(), "rel": "reference"}],
            }
        ],
    }


def _log(found: Findings) -> Document | None:
    """The states that the assessment went through, of the trail."""
    entries = [
        {
            "uuid": found.key("state", one["number"]),
            "title": line(str(one["event"]["to"])),
            "start": moment(one["event"]["at"]),
            "props": [prop("event", one["number"])],
        }
        for one in found.documents.events
        if one["event"]["type"] == f"assessment:{one['event'].get('to')}"
    ]
    return {"entries": entries} if entries else None


def _items(found: Findings) -> Iterator[Document]:
    decision = found.documents.decision
    if decision["conditions"]:
        yield {
            "uuid": found.key("item", "conditions"),
            "title": "Conditions of the decision",
            "description": lines(decision["conditions"]),
            "props": [prop("kind", "conditions"), prop("status", "open")],
            "origins": by(found.people.decision_maker),
            "related-risks": [{"risk-uuid": found.key("risk", "")}],
        }
    for floor in weak_domains(found.documents):
        yield _weak(found, floor)
    for one in found.open():
        yield _item(found, one)


def _weak(found: Findings, floor: Document) -> Document:
    domain = floor["domain"]
    lacking = found.in_domain(domain)
    return without_empty(
        uuid=found.key("item", f"domain {domain}"),
        title=line(f"Strengthen the domain {domain}"),
        description=lines("Its controls are too weak for the inherent risk of what is bought."),
        props=[prop("kind", "weak-domain"), prop("status", "open")],
        origins=by(found.people.assessor),
        related_findings=[{"finding-uuid": found.key("finding", one.id)} for one in lacking],
        related_observations=found.related(lacking),
        related_risks=[{"risk-uuid": found.key("risk", f"domain {domain}")}],
    )


def _item(found: Findings, one: Judged) -> Document:
    return without_empty(
        uuid=found.key("item", one.id),
        title=line(f"{one.id}: {one.shortfalls[0].words}"),
        description=lines(one.question["text"], *(each.words for each in one.shortfalls)),
        props=[
            prop("kind", "question"),
            prop("status", "compensated" if one.compensated else "open"),
            *(prop("shortfall", each.kind) for each in one.shortfalls),
        ],
        origins=by(found.people.assessor),
        related_findings=[{"finding-uuid": found.key("finding", one.id)}],
        related_observations=found.related([one]),
        related_risks=[{"risk-uuid": found.key("risk", one.id)}],
    )


def _nothing(found: Findings) -> Document:
    return {
        "uuid": found.key("item", "none"),
        "title": "Nothing is to be done",
        "description": "Nothing lowers the score, and the decision has no conditions.",
        "props": [prop("kind", "none"), prop("status", "closed")],
        "origins": by(found.people.assessor),
    }
