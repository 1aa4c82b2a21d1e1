"""The report's answers and its list of evidence, from a pack's documents. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from riskapp.packs.documents import Document, Documents
from riskapp.packs.report.wording import LEVELS, REVIEWED, cut, day, listed, who

LONGEST_BEFORE = 300
"""An earlier answer is quoted so far; the whole of it is in the pack's own files."""

LONGEST_UNPARTED, MOST_UNPARTED = 1500, 15
"""What is longer, in characters or lines, may go on on the next page."""


def questions(documents: Documents) -> Iterator[Document]:
    """Every question of the pack, in order."""
    for asked in documents.answers["questionnaires"]:
        for section in asked["sections"]:
            yield from section["questions"]


def words(documents: Documents) -> dict[str, str]:
    """The answers that the pack tells, in words, by question."""
    return {
        one["id"]: one["answer"]["words"]
        for one in questions(documents)
        if one["answer"] and one["answer"].get("value") is not None and not closed(one)
    }


def closed(question: Document) -> str | None:
    """Why an answer is left out of the pack; None for one that is not."""
    answer = question["answer"] or {}
    return question.get("redacted") or answer.get("redacted") or None


def questionnaires(documents: Documents) -> list[Document]:
    titles = {one["id"]: one for one in documents.about["questionnaires"]}
    thread: dict[str, list[Document]] = {}
    for entry in documents.review["entries"]:
        thread.setdefault(entry["question"], []).append(entry)
    numbers = {(one["evidence"], one["version"]): one["number"] for one in files(documents)}
    people = documents.about.get("people") or {}
    return [
        {
            "title": titles[asked["id"]]["title"],
            "release": f"{asked['id']}, release {asked['release']}",
            "sha256": titles[asked["id"]]["sha256"],
            "sections": [
                {
                    "title": section["title"],
                    "questions": [
                        _question(one, thread.get(one["id"], ()), numbers, people)
                        for one in section["questions"]
                    ],
                }
                for section in asked["sections"]
            ],
        }
        for asked in documents.answers["questionnaires"]
    ]


def _question(
    question: Document,
    thread: Sequence[Document],
    numbers: Mapping[tuple[str, int], int],
    people: Mapping[str, str],
) -> Document:
    answer, why = question["answer"], closed(question)
    lines: list[Document] = []
    if why is not None:
        lines.append(_line("Left out of this pack", why))
    elif answer is not None:
        lines += _said(answer)
    served = [
        f"E{numbers[one['evidence'], one['version']]} ({LEVELS.get(one['level'], one['level'])})"
        for one in question["evidence"]
        if not one["ended_at"]
    ]
    if served:
        lines.append(_line("Evidence", listed(served)))
    elif question["evidence_wanted"] and question["asked"] and why is None:
        lines.append(_line("Evidence", "None, though it was asked for."))
    lines += _standing(answer, people)
    lines += [_line("Review", reviewed(one)) for one in thread]
    if why is None:
        lines += _changes(question)
    told = _words(question) if why is None else None
    length = sum(map(len, told or ())) + sum(len(one["text"]) for one in lines)
    return {
        "id": question["id"],
        "text": question["text"],
        "asked": question["asked"],
        "closed": why is not None,
        "words": told,
        "lines": lines,
        "long": length > LONGEST_UNPARTED or len(lines) > MOST_UNPARTED,
    }


def _words(question: Document) -> list[str] | None:
    """The answer, one item for each row of a table; None where nothing was answered."""
    answer = question["answer"]
    if not question["asked"] and answer is None:
        return [f"Not asked. {question['not_asked_because'] or ''}".strip()]
    if answer is None:
        return None
    if question["answer_type"] == "table" and isinstance(answer["value"], list) and answer["value"]:
        return str(answer["words"]).split("\n")
    return [str(answer["words"])]


def _said(answer: Document) -> Iterator[Document]:
    if answer["na_reason"]:
        yield _line("Why it does not apply", answer["na_reason"])
    if answer["comment"]:
        yield _line("Remark", answer["comment"])


def _standing(answer: Document | None, people: Mapping[str, str]) -> Iterator[Document]:
    """Where its review stands at the end; how it came to that is in the thread."""
    if answer is None:
        return
    found = []
    if answer["standing"] != "open":
        found.append(str(answer["standing"]))
    if answer["na_approved_by"]:
        by = listed([who(people.get(one)) for one in answer["na_approved_by"]])
        found.append(f"not applicable, approved by {by}")
    if answer["na_refused"]:
        found.append("“does not apply” was refused")
    if answer["confirmed"]:
        found.append("confirmed by an officer")
    if answer["compensating"] is not None:
        found.append(f"a compensating control is credited with {answer['compensating']}")
    text = "; ".join(found) or "not looked at one by one"
    yield _line("Standing", f"{text[:1].upper()}{text[1:]}.")


def reviewed(entry: Document) -> str:
    """One action of a reviewer as a sentence."""
    done = REVIEWED.get(entry["action"], entry["action"])
    told = f"{day(entry['at'])}, {who(entry['name'])}: {done}"
    if entry["undone_at"]:
        told += f" (taken back on {day(entry['undone_at'])})"
    if entry.get("redacted"):
        return f"{told}. Note left out: {entry['redacted']}"
    return f"{told}. “{entry['note']}”" if entry["note"] else f"{told}."


def _changes(question: Document) -> Iterator[Document]:
    """What was answered before, where another answer took its place."""
    for one in question["revisions"][:-1]:
        said = one["words"] if one["value"] is not None or one["na_reason"] else "taken back"
        told = f"“{cut(str(said), LONGEST_BEFORE)}”, saved on {day(one['saved_at'])}"
        yield _line(f"Revision {one['revision']}", told)


def _line(label: str, text: str) -> Document:
    return {"label": label, "text": text}


def files(documents: Documents) -> list[Document]:
    """Each file once, numbered in the order of the questions, with all that it serves."""
    found: dict[tuple[str, int], Document] = {}
    for question in questions(documents):
        for use in question["evidence"]:
            file = found.setdefault(
                (use["evidence"], use["version"]), _file(use, number=len(found) + 1)
            )
            level = LEVELS.get(use["level"], use["level"])
            gone = f", until {day(use['ended_at'])}" if use["ended_at"] else ""
            file["uses"].append(f"{question['id']}: {level}{gone}")
    for file in found.values():
        file["uses"] = "; ".join(file["uses"])
    return list(found.values())


def _file(use: Document, number: int) -> Document:
    notes = []
    if use.get("redacted"):
        notes.append(f"Left out of this pack: {use['redacted']}")
    elif use["erased_at"]:
        notes.append(f"Erased on {day(use['erased_at'])}: {use['erased_because']}")
    elif use["file"] is None:
        notes.append("Not in this pack; the list of what was left out says why.")
    if use["scan"] in ("infected", "quarantined"):
        notes.append(f"Virus scanner: {use['scan']}.")
    return {
        "number": number,
        "evidence": use["evidence"],
        "version": use["version"],
        "name": use["name"] or "(name left out)",
        "size": f"{use['size']:,}",
        "sha256": use["sha256"],
        "uploaded": day(use["uploaded_at"]),
        "issued": day(use["issued_on"]),
        "until": day(use["valid_until"]) or "not limited",
        "uses": [],
        "place": use["file"] or "",
        "notes": notes,
    }
