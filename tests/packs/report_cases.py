"""Documents for reports and sheets: OSCAL's small cases with a receipt that can be computed."""

import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # it has no types

from riskapp.packs.documents import Documents
from riskapp.packs.report import report
from tests.packs.oscal_cases import answer, away, documents, entry, file, item, proof, question

Json = Any
LEGAL = {"level": "legal", "below": "1/2"}
CRITICAL = {"level": "critical", "below": "1/2"}
COLUMNS = [
    {"id": "name", "text": "Name"},
    {"id": "country", "text": "Country where the data is handled"},
    {"id": "service", "text": "What they do"},
]
SUB_PROCESSORS = [
    {"name": "Morava Cloud s.r.o.", "country": "CZ", "service": "Hosts it"},
    {"name": "=cmd|' /C calc'!A0", "country": "XX", "service": "-2+3"},
]
CONSTANTS = {
    "bounds": {"medium": "15", "high": "35", "critical": "60"},
    "inherent_bounds": {"medium": "25", "high": "50", "critical": "75"},
    "kappa": "9/10",
    "evidence": {"none": "1/2", "provided": "3/4", "reviewed": "9/10", "independent": "1"},
    "knockout": {"high": "35", "critical": "60", "legal": "60"},
    "weak": {"medium": "2/5", "high": "1/2", "critical": "3/5"},
}


def told(*questions: Json, items: Sequence[Json] = (), entries: tuple[Json, ...] = ()) -> Documents:
    """A decided assessment of these questions, with an inherent risk of 58.2."""
    found = documents(*questions, items=tuple(items), entries=entries)
    receipt = {
        **found.receipt,
        "constants": CONSTANTS,
        "inherent": {"score": "291/5", "tier": "high", "factors": {}},
        "questionnaires": [{"id": "small", "release": "2026.1", "sha256": "1" * 64}],
        "domains": [
            {"id": name, "weight": 2}
            for name in sorted({one["domain"] for one in found.receipt["items"]})
        ],
        "result": None,
    }
    about = copy.deepcopy(found.about)
    about["assessment"].update(
        tier="high", shown="44.4", blocked=False, due="2026-12-20", choice_reason="As always."
    )
    about["intake"] = {
        "answers": [{"question": "INT-01", "text": "What do we buy?", "words": "A portal"}]
    }
    return replace(found, receipt=receipt, about=about)


def story() -> Documents:
    """A question for each way in which one can stand."""
    return told(
        question(
            "ISM-01", answer=answer(comment="The remark."), evidence=[file("ISM-01", "a.pdf")]
        ),
        question(
            "ISM-02", answer=answer(words="Partly", value="partly"), evidence_wanted="A list."
        ),
        question("ISM-03", answer=away("We have no such thing.", na_approved_by=["b" * 32])),
        question("ISM-04", answer=None),
        question("ISM-05", answer=answer(words="No", value="no", standing="rejected")),
        question("ISM-06", answer=answer(words="No", value="no", compensating="3/4")),
        question("ISM-07", asked=False, not_asked_because="It is hidden.", answer=None),
        question(
            "ISM-08", domain="exit", revisions=[answer(words="Never", value="never"), answer()]
        ),
        question(
            "GDP-14",
            weight=None,
            answer_type="table",
            offered=COLUMNS,
            answer=answer(
                value=SUB_PROCESSORS, words="Name: Morava Cloud s.r.o.\nName: the other one"
            ),
        ),
        items=[
            item("ISM-01", evidence=proof("independent")),
            item("ISM-02", credit="1/4", knockout=CRITICAL),
            item("ISM-03", "na-approved", credit="0"),
            item("ISM-04", "missing", credit="0", knockout=LEGAL),
            item("ISM-05", "rejected", credit="0"),
            item("ISM-06", credit="3/4"),
            item("ISM-07", "hidden-by-control", credit="1/2"),
            item("ISM-08", credit="1/3", domain="exit"),
        ],
        entries=(
            entry("ISM-05", "reject", note="Too vague."),
            entry("ISM-06", "compensate", note="They use another lock."),
            entry("ISM-01", "ask-back", note="Please send the new one."),
            entry("ISM-02", "reject", note="Overhasty.", undone_at="2026-11-25T09:00:00+00:00"),
        ),
    )


@cache
def story_pdf() -> bytes:
    return report(story())


def saying(text: str) -> Documents:
    """`text` wherever people can put one."""
    found = told(
        question(
            "ISM-01",
            text=text,
            answer=answer(words=text, comment=text),
            revisions=[answer(words=text), answer()],
            evidence=[file("ISM-01", text)],
        ),
        question("ISM-02", answer=away(text)),
        question("ISM-03", answer_type="table", answer=answer(value=[{}], words=text)),
        entries=(entry("ISM-01", "reject", note=text, name=text),),
    )
    found.about["vendor"]["name"] = found.about["engagement"]["title"] = text
    found.about["engagement"]["description"] = found.about["assessment"]["organisation"] = text
    found.about["assessment"]["choice_reason"] = text
    found.about["submissions"][0]["by"] = {"name": text, "role": text}
    found.about["pack"].update(recipient=text, purpose=text)
    found.about["pack"]["exported_by"]["name"] = text
    found.about["pack"]["left_out"] = [{"what": text, "why": text}]
    found.about["questionnaires"][0]["title"] = text
    found.answers["questionnaires"][0]["sections"][0]["title"] = text
    found.decision.update(reasons=text, conditions=text, by=text)
    found.events[0]["event"]["type"] = text
    found.checkpoint["origin"] = text
    return found


def left_out() -> Documents:
    """The story with answers, a file, notes and names left out, as packs leave them out."""
    found = copy.deepcopy(story())
    for one in found.answers["questionnaires"][0]["sections"][0]["questions"]:
        one["redacted"] = "A trade secret."
        for said in filter(None, (one["answer"], *one["revisions"])):
            said.update(dict.fromkeys(("value", "words", "na_reason", "comment")))
            said["redacted"] = "A trade secret."
        for shown in one["evidence"]:
            shown.update(name=None, file=None, redacted="A trade secret.")
    for one in found.review["entries"]:
        one.update(note=None, name=None, redacted="A trade secret.")
    found.about["people"] = {}
    found.about["submissions"][0]["by"]["name"] = None
    found.decision["by"] = None
    return found


def of_pack(read: Any) -> Documents:
    """The documents of a delivered pack; `read` gives the bytes of one of its files."""
    names = {"about": "assessment", "answers": "answers", "review": "review"}
    names |= {"decision": "decision", "receipt": "receipt"}
    parts = {part: json.loads(read(f"data/{name}.json")) for part, name in names.items()}
    lines = [json.loads(line) for line in read("audit/events.jsonl").splitlines()]
    return Documents(**parts, events=lines, checkpoint=parts["about"]["pack"]["checkpoint"])


def pages(pdf: bytes) -> list[str]:
    """The text of each page, as a reader copies it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for page in document:
            text = page.get_textpage()
            found.append(text.get_text_range().replace("\r\n", "\n"))
            text.close()
            page.close()
        return found
    finally:
        document.close()


def dense(text: str) -> str:
    """Without any space: where lines end is the typesetter's affair."""
    return "".join(text.split())
