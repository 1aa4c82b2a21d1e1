"""What an auditor looks for first: whatever did not go smoothly. Pure."""

from collections.abc import Iterator

from riskapp.packs.documents import Document, Documents
from riskapp.packs.report.answers import closed, files, questions, reviewed
from riskapp.packs.report.score import Score

_KINDS = {
    "Law not met": "Requirements of the law that are not met",
    "Failed knock-out": "Failed knock-outs",
    "Weak domain": "Weak domains",
}
_ACTIONS = {
    "reject": "Rejected answers",
    "ask-back": "Asked back",
    "approve-na": "Not applicable, approved",
    "refuse-na": "Not applicable, refused",
    "compensate": "Compensating controls",
    "evidence-rejected": "Rejected evidence",
}
"""Actions of reviewers that are findings, in the order in which the report tells them."""


def findings(documents: Documents, score: Score) -> list[Document]:
    """Groups of findings, `{title, lines}`; a line is `{what, text}`. Empty groups are not told."""
    held = [score.floor(one) for one in score.result.floors]
    groups: dict[str, list[Document]] = {
        title: [_line(one["what"], _held(one)) for one in held if one["kind"] == kind]
        for kind, title in _KINDS.items()
    }
    entries = documents.review["entries"]
    for action, title in _ACTIONS.items():
        groups[title] = [
            _line(one["question"], reviewed(one))
            for one in entries
            if one["action"] == action and not one["undone_at"]
        ]
    groups["Taken back by reviewers"] = [
        _line(one["question"], reviewed(one))
        for one in entries
        if one["undone_at"] or one["action"] == "undo"
    ]
    groups["Not answered"] = list(_unanswered(documents))
    groups["Files that this pack does not hold"] = [
        _line(f"E{one['number']}", " ".join(one["notes"]))
        for one in files(documents)
        if one["notes"]
    ]
    return [{"title": title, "lines": lines} for title, lines in groups.items() if lines]


def _held(floor: Document) -> str:
    return f"{floor['why']}. It sets the score to at least {floor['at']}."


def _unanswered(documents: Documents) -> Iterator[Document]:
    for one in questions(documents):
        answer = one["answer"]
        told = answer and (answer["value"] is not None or answer["na_reason"])
        if one["asked"] and not told and closed(one) is None:
            yield _line(one["id"], one["text"])


def _line(what: str, text: str) -> Document:
    return {"what": what, "text": text}
