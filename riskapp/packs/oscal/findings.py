"""What was seen and what follows from it: observations, findings and risks. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from riskapp.packs.documents import Document, Documents
from riskapp.packs.oscal.controls import maps_to, objective_id
from riskapp.packs.oscal.judging import Judged, judge, weak_domains
from riskapp.packs.oscal.people import People, by
from riskapp.packs.oscal.sources import Sources
from riskapp.packs.oscal.text import (
    NS,
    decimal,
    line,
    lines,
    moment,
    prop,
    props,
    string,
    token,
    uuid,
    without_empty,
)

LOOKED_AT = ("reviewed", "independent", "rejected")
"""Levels of a file that somebody opened and judged."""


@dataclass(frozen=True, slots=True)
class Findings:
    """An assessment as OSCAL's observations, findings and risks, for as many documents as need."""

    documents: Documents
    people: People
    sources: Sources
    judged: Sequence[Judged] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "judged", judge(self.documents))

    def key(self, kind: str, name: object) -> str:
        return uuid(self.documents.about["assessment"]["id"], kind, name)

    def open(self) -> list[Judged]:
        """The questions that are not satisfied."""
        return [one for one in self.judged if not one.satisfied]

    def observation(self, one: Judged) -> Document:
        """What was said to a question that was asked, and what was shown for it."""
        question, answer = one.question, one.answer
        said_at = answer["saved_at"] if answer else None
        return without_empty(
            uuid=self.key("observation", one.id),
            title=line(f"{one.id}: {question['text']}"),
            description=lines(*_said(one)),
            props=props(
                {
                    "question": one.id,
                    "domain": question["domain"],
                    "revision": answer and answer["revision"],
                    "standing": answer and answer["standing"],
                    "redacted": question["redacted"],
                }
            ),
            methods=_methods(question["evidence"]),
            types=["control-objective"],
            origins=by(self._who_answered()),
            subjects=[self._subject()],
            relevant_evidence=[self._evidence(file) for file in question["evidence"]],
            collected=moment(said_at) or moment(self.documents.decision["at"]),
            expires=_expires(one),
            remarks=self._thread(one),
        )

    def _who_answered(self) -> str:
        """Whoever submitted last, and vouched for all answers."""
        respondents = self.people.respondents
        return respondents[max(respondents)] if respondents else self.people.vendor

    def _subject(self) -> Document:
        engagement = self.documents.about["engagement"]["id"]
        return {"subject-uuid": uuid("engagement", engagement), "type": "component"}

    def _evidence(self, file: Document) -> Document:
        return {
            "href": self.sources.evidence(file),
            "description": lines(file["name"] or "A file without a name"),
            "props": props(
                {
                    "level": file["level"],
                    "sha256": file["sha256"],
                    "issued-on": file["issued_on"],
                    "valid-until": file["valid_until"],
                    "ended-at": file["ended_at"],
                }
            ),
        }

    def _thread(self, one: Judged) -> str | None:
        """The review of a question: who did what, why, and whether it was taken back."""
        found = [
            _entry(entry)
            for entry in self.documents.review["entries"]
            if entry["question"] == one.id
        ]
        return lines(*found) if found else None

    def finding(self, one: Judged) -> Document:
        """How a question that counts stands in the receipt that was decided on."""
        item = one.item or {}
        return without_empty(
            uuid=self.key("finding", one.id),
            title=line(f"{one.id}: {_outcome(one)}"),
            description=lines(*(each.words for each in one.shortfalls), _satisfied(one)),
            props=[
                *props(
                    {
                        "question": one.id,
                        "state": one.state,
                        "credit": item.get("credit"),
                        "contribution": item.get("contribution"),
                    }
                ),
                *(prop("proof", item["evidence"]["level"]) for _ in _asks_proof(item)),
                *(prop("shortfall", each.kind) for each in one.shortfalls),
                *maps_to(one),
            ],
            origins=by(self.people.assessor),
            target=_target(one),
            related_observations=self.related([one]),
            related_risks=[] if one.satisfied else [{"risk-uuid": self.key("risk", one.id)}],
        )

    def related(self, found: Iterable[Judged]) -> list[Document]:
        return [
            {"observation-uuid": self.key("observation", one.id)}
            for one in found
            if one.question["asked"]
        ]

    def risk(self, one: Judged) -> Document:
        """What a question that is not satisfied adds to the risk."""
        item = one.item or {}
        floor = one.floors[0] if one.floors else None
        points = decimal(item["contribution"])
        holds = f"It holds the score at {decimal(floor['at'])} at least." if floor else None
        return without_empty(
            uuid=self.key("risk", one.id),
            title=line(f"{one.id}: {one.shortfalls[0].words}"),
            description=lines(one.question["text"], *(each.words for each in one.shortfalls)),
            statement=lines(f"It adds {points} points to the residual risk.", holds),
            props=props({"question": one.id, "domain": one.question["domain"]}),
            status="deviation-approved" if one.compensated else "open",
            origins=by(self.people.assessor),
            characterizations=self._facets(
                {
                    "weight": item["weight"],
                    "credit": item["credit"],
                    "contribution": item["contribution"],
                    "floor": floor and floor["at"],
                    "floor-kind": floor and floor["kind"],
                }
            ),
            mitigating_factors=self._mitigating(one),
            related_observations=self.related([one]),
        )

    def _mitigating(self, one: Judged) -> list[Document]:
        if not one.compensated:
            return []
        notes = [
            entry["note"]
            for entry in self.documents.review["entries"]
            if (entry["question"], entry["action"]) == (one.id, "compensate")
            and not entry["undone_at"]
        ]
        words = lines("An officer credited another control.", *notes[-1:])
        return [{"uuid": self.key("compensating", one.id), "description": words}]

    def weak_risk(self, floor: Document) -> Document:
        """A domain that is too weak for the inherent risk."""
        domain = floor["domain"]
        return without_empty(
            uuid=self.key("risk", f"domain {domain}"),
            title=line(f"Weak domain: {domain}"),
            description=lines("Its controls are too weak for the inherent risk of what is bought."),
            statement=lines(f"It holds the score at {decimal(floor['at'])} at least."),
            props=props({"domain": domain}),
            status="open",
            origins=by(self.people.assessor),
            characterizations=self._facets({"floor": floor["at"], "floor-kind": floor["kind"]}),
            related_observations=self.related(self.in_domain(domain)),
        )

    def in_domain(self, domain: str) -> list[Judged]:
        return [one for one in self.open() if one.question["domain"] == domain]

    def overall(self) -> Document:
        """The score as a risk, with all that people read of it, and what was decided."""
        about, receipt = self.documents.about, self.documents.receipt
        result, decision = receipt["result"], self.documents.decision
        conditions = decision["conditions"]
        against = "What the law asks is not met, which stands against an approval."
        return without_empty(
            uuid=self.key("risk", ""),
            title=line(f"Risk of {about['engagement']['title']}: {result['tier']}"),
            description=lines(
                f"The inherent risk is {receipt['inherent']['tier']}"
                f" ({decimal(receipt['inherent']['score'])} of 100)."
            ),
            statement=lines(
                f"With the vendor's controls the score is {result['shown']} of 100, in the tier"
                f" {result['tier']}.",
                against if result["blocked"] else None,
            ),
            props=props({"decision": decision["outcome"], "scheme": receipt["scheme"]}),
            links=[{"href": self.sources.receipt(), "rel": "reference"}],
            status="remediating" if conditions else "open",
            origins=by(self.people.assessor),
            characterizations=self._facets(
                {
                    "inherent-score": receipt["inherent"]["score"],
                    "inherent-tier": receipt["inherent"]["tier"],
                    "residual": result["residual"],
                    "score": result["score"],
                    "tier": result["tier"],
                    "confidence": result["confidence"],
                }
            ),
            remediations=[self._conditions(conditions)] if conditions else None,
        )

    def _conditions(self, conditions: str) -> Document:
        return {
            "uuid": self.key("conditions", ""),
            "lifecycle": "planned",
            "title": "Conditions of the decision",
            "description": lines(conditions),
            "origins": by(self.people.decision_maker),
        }

    def _facets(self, values: dict[str, object]) -> list[Document]:
        return [
            {
                "origin": by(self.people.assessor)[0],
                "facets": [
                    {"name": token(name), "system": NS, "value": string(str(value))}
                    for name, value in values.items()
                    if value is not None
                ],
            }
        ]

    def risks(self) -> list[Document]:
        return [
            self.overall(),
            *(self.weak_risk(floor) for floor in weak_domains(self.documents)),
            *(self.risk(one) for one in self.open()),
        ]


def _entry(entry: Document) -> str:
    words = entry["note"] or (entry["redacted"] and f"(words left out: {entry['redacted']})")
    return "".join(
        (
            f"{entry['at']} {entry['name'] or 'A reviewer'}: {entry['action']}",
            f". {words}" if words else "",
            " (taken back)" if entry["undone_at"] else "",
        )
    )


def _said(one: Judged) -> list[str | None]:
    if why := one.question["redacted"]:
        return ["The answer was left out of this pack.", f"Reason: {why}"]
    answer = one.answer
    if answer is None:
        return ["No answer was given."]
    reason, comment = answer["na_reason"], answer["comment"]
    return [
        f"Answer: {answer['words'] or 'none'}",
        reason and f"Because: {reason}",
        comment and f"Comment: {comment}",
    ]


def _methods(files: Iterable[Document]) -> list[str]:
    """A questionnaire is an interview; EXAMINE is added where a file was looked at."""
    looked = any(file["level"] in LOOKED_AT for file in files)
    return ["INTERVIEW", "EXAMINE"] if looked else ["INTERVIEW"]


def _expires(one: Judged) -> str | None:
    """The last day of the proof that counts."""
    return moment(one.item["evidence"]["valid_until"]) if one.item else None


def _asks_proof(item: Document) -> list[bool]:
    return [True] if item.get("evidence", {}).get("asked") else []


def _outcome(one: Judged) -> str:
    if not one.satisfied:
        return "not satisfied"
    return "not applicable" if one.state == "na-approved" else "satisfied"


def _satisfied(one: Judged) -> str | None:
    if not one.satisfied:
        return None
    if one.state == "na-approved":
        return "It does not apply, and an officer agreed."
    if one.state == "hidden-by-control":
        return "It was not asked: it stands as the control that it rests on."
    if one.item and one.item["evidence"]["asked"] and one.item["evidence"]["level"] == "provided":
        return "The answer meets it in full; nobody has looked at its proof yet."
    return "The answer meets it in full."


def _target(one: Judged) -> Document:
    kinds = {each.kind for each in one.shortfalls}
    if one.satisfied:
        reason = "pass" if one.state == "answered" else "other"
    else:
        reason = "fail" if kinds & {"failed", "unanswered", "rejected", "knockout"} else "other"
    return without_empty(
        type="objective-id",
        target_id=objective_id(one),
        status={
            "state": "satisfied" if one.satisfied else "not-satisfied",
            "reason": reason,
        },
        implementation_status=_implementation(one, kinds),
    )


def _implementation(one: Judged, kinds: set[str]) -> Document | None:
    if one.state == "na-approved" and one.satisfied:
        return {"state": "not-applicable"}
    if "compensated" in kinds:
        return {"state": "alternative"}
    if "partial" in kinds:
        return {"state": "partial"}
    return {"state": "implemented"} if one.satisfied and one.state == "answered" else None
