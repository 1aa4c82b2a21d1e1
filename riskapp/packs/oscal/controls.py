"""What was assessed: each question as an objective, and the ids of frameworks that they name. Pure.

No published catalogue holds our questions. So each question is a control and an objective of its
own, with its words beside it, and the ids that it is mapped to are listed apart, by framework.
"""

from collections.abc import Iterable, Sequence

from riskapp.catalogue.mapping_ids import FRAMEWORKS
from riskapp.packs.documents import Document
from riskapp.packs.oscal.judging import RULE, Judged
from riskapp.packs.oscal.text import line, lines, prop, props, token, without_empty


def objective_id(judged: Judged) -> str:
    return token(f"{judged.id}_obj")


def objectives(found: Iterable[Judged]) -> list[Document]:
    """Every question in words, as OSCAL's local objectives."""
    return [
        {
            "control-id": token(one.id),
            "description": lines(one.question["text"], one.question["why"]),
            "props": _about(one),
            "parts": [_objective(one)],
        }
        for one in found
    ]


def _objective(one: Judged) -> Document:
    wanted = one.question["evidence_wanted"]
    return {
        "id": objective_id(one),
        "name": "assessment-objective",
        "title": line(one.id),
        "prose": lines(
            one.question["text"],
            one.question["counts"],
            wanted and f"Evidence asked for: {wanted}",
        ),
    }


def _about(one: Judged) -> list[Document]:
    question = one.question
    knockout = question["knockout"] or {}
    stated = {
        "questionnaire": f"{one.questionnaire['id']} {one.questionnaire['release']}",
        "domain": question["domain"],
        "weight": question["weight"],
        "knockout": knockout.get("level"),
    }
    return [*props(stated), *maps_to(one)]


def maps_to(one: Judged) -> list[Document]:
    """The ids of frameworks as the question states them; the framework is the class."""
    return [
        prop("maps-to", written, framework)
        for framework, ids in sorted(one.question["mappings"].items())
        for written in ids
    ]


def control_id(framework: str, written: str) -> str:
    """An id of a framework as a token: A.5.1 as it is, 28(3)(a) of the GDPR as gdpr-28.3.a."""
    return token(written, otherwise=f"{framework}-")


def reviewed_controls(found: Sequence[Judged]) -> Document:
    asked = [one for one in found if one.question["asked"]] or list(found)
    ids = {one.id: None for one in asked}
    return {
        "description": lines(
            "The questions of the questionnaires that were sent, and the ids of frameworks that"
            " they are mapped to. A mapping says what a question is about, not that the control of"
            " that id was assessed as a whole."
        ),
        "control-selections": [
            _selection("The questions that were asked, each a control of its own", map(token, ids)),
            *_frameworks(asked),
        ],
        "control-objective-selections": [
            {
                "description": "The same questions as objectives",
                "include-objectives": [{"objective-id": objective_id(one)} for one in asked],
            }
        ],
        "remarks": lines(RULE),
    }


def _frameworks(asked: Iterable[Judged]) -> list[Document]:
    ids: dict[str, set[str]] = {}
    for one in asked:
        for framework, written in one.question["mappings"].items():
            ids.setdefault(framework, set()).update(control_id(framework, each) for each in written)
    return [
        {
            **_selection(_title(framework), sorted(ids[framework])),
            "props": [prop("framework", framework)],
        }
        for framework in sorted(ids)
        if ids[framework]
    ]


def _title(framework: str) -> str:
    known = FRAMEWORKS.get(framework)
    return f"Ids of {known.name if known else framework} that questions are mapped to"


def _selection(description: str, ids: Iterable[str]) -> Document:
    return without_empty(
        description=lines(description),
        include_controls=[{"control-id": one} for one in ids],
    )
