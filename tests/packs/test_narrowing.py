"""What is kept out of a pack: nowhere in it, said in it, and the rest still proved."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.packs.narrowing import (
    PEOPLE,
    WHOLE,
    Narrowing,
    Redaction,
    closed,
    from_json,
)
from riskapp.packs.shipped.verify import NO_FILES, NOT_CHOSEN, problems
from riskapp.packs.verify import examine_file
from riskapp.web.ports import ports
from tests.cast import Cast
from tests.packs.conftest import Delivered
from tests.packs.stories import (
    CERTIFIED,
    COMMENTED,
    NOT_APPLICABLE,
    Unpacked,
    exported,
    prepared,
    unpack,
)
from tests.trails import whole_trail

SECRET = "It names a customer."
SAID = (
    "We have no such statement.",
    "HYPERLINK",
    "Too vague.",
    "It is clear after all.",
    "Agreed.",
)
"""By vendor and reviewers on NOT_APPLICABLE and COMMENTED"""
NAMED = ("Vera Vogt", "Olga")


@dataclass(frozen=True)
class Taken:
    """A narrowed pack: its files, and the text of all that can be read in them."""

    bag: Unpacked
    path: Path
    data: bytes

    @property
    def words(self) -> str:
        found = [self.data.decode(errors="replace")]
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            for name in archive.namelist():
                if name.endswith(".xlsx"):
                    with zipfile.ZipFile(io.BytesIO(archive.read(name))) as sheet:
                        found += [sheet.read(one).decode() for one in sheet.namelist()]
                if name.endswith("report.pdf"):
                    found.append(printed(archive.read(name)))
        return "\n".join(found)

    def names(self, who: str) -> bool:
        """Whether somebody is named. Four letters in a row are also in some hash, by chance."""
        return re.search(rf"(?<![\w+/]){who}(?![\w+/])", self.words) is not None

    def question(self, name: str) -> dict[str, object]:
        for questionnaire in self.bag.json("data/answers.json")["questionnaires"]:
            for section in questionnaire["sections"]:
                for one in section["questions"]:
                    if one["id"] == name:
                        return dict(one)
        raise KeyError(name)

    @property
    def left_out(self) -> list[dict[str, object]]:
        return list(self.bag.json("data/assessment.json")["pack"]["left_out"])


def printed(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def taken(told: str, cast: Cast, into: Path, narrowing: Narrowing) -> Taken:
    data = b"".join(exported(told, cast.oskar, narrowing=narrowing).chunks)
    path = into / "narrowed.zip"
    path.write_bytes(data)
    return Taken(unpack(data, into / "narrowed"), path, data)


def test_what_is_searched_for_is_found_in_a_whole_pack(
    delivered: Delivered, bag: Unpacked, zipped: Path
) -> None:
    """So that the searches below mean something."""
    whole = Taken(bag, zipped, delivered.data)
    words = whole.words
    for one in (*SAID, "list.pdf", "another list"):
        assert one in words
    for one in NAMED:
        assert whole.names(one)


def test_a_redacted_answer_is_nowhere_and_the_rest_still_verifies(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    kept_out = Redaction("answer", NOT_APPLICABLE, SECRET), Redaction("answer", COMMENTED, SECRET)
    found = taken(told, cast, tmp_path, Narrowing(redactions=kept_out))
    words = found.words
    for gone in SAID:
        assert gone not in words
    one = found.question(NOT_APPLICABLE)
    assert one["redacted"] == SECRET
    assert isinstance(answer := one["answer"], dict)
    assert {answer[key] for key in ("value", "words", "na_reason", "comment")} == {None}
    named = [entry for entry in found.left_out if entry.get("questions")]
    assert [(entry["questions"], entry["why"]) for entry in named] == [
        ([name], SECRET) for name in (NOT_APPLICABLE, COMMENTED)
    ]
    findings = examine_file(found.path, ports().signer.fingerprint)
    assert (findings.problems, findings.code) == ([], 0)
    assert findings.notes == [
        "NOTE: 2 of 62 questions were left out; data/assessment.json says which and why."
    ]


def test_a_reason_is_one_line_that_hides_and_turns_nothing(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    typed = "It names\r\n\ta customer.\0\x1b[31m\u202e"
    found = taken(
        told, cast, tmp_path, Narrowing(redactions=(Redaction("answer", COMMENTED, typed),))
    )
    assert found.question(COMMENTED)["redacted"] == "It names a customer. [31m"
    unseen = Narrowing(redactions=(Redaction("answer", COMMENTED, "\u200b\u202e"),))
    with pytest.raises(FieldRefused, match="Say why"):
        prepared(told, cast.oskar, narrowing=unseen)


def test_the_events_of_a_redacted_answer_stay_and_are_not_opened(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    before = whole_trail(reading(), told)
    narrowing = Narrowing(redactions=(Redaction("answer", COMMENTED, SECRET),))
    found = taken(told, cast, tmp_path, narrowing)
    trail = (found.bag / "audit/events.jsonl").read_bytes()
    lines = [json.loads(one) for one in trail.splitlines()]
    saved = [one for one in lines if one["event"]["type"] == "answer:save"]
    opened = {one["event"]["question"]: set(one["opened"]) for one in saved}
    assert opened.pop(COMMENTED) == {"actor"}
    assert set(map(frozenset, opened.values())) == {frozenset({"actor", "answer"})}
    assert len(lines) == len(before)


def test_a_redacted_file_is_nowhere_under_its_name_or_content(
    told: str, cast: Cast, tmp_path: Path, bag: Unpacked, delivered: Delivered
) -> None:
    file = next(
        one
        for one in Taken(bag, tmp_path, delivered.data).question(COMMENTED)["evidence"]  # type: ignore[attr-defined]
        if one["name"] == "list.pdf"
    )
    name = f"{file['evidence']}/{file['version']}"
    found = taken(told, cast, tmp_path, Narrowing(redactions=(Redaction("file", name, SECRET),)))
    for gone in ("list.pdf", "another list"):
        assert gone not in found.words
    (entry,) = [one for one in found.left_out if one.get("evidence")]
    assert (entry["evidence"], entry["why"], entry["what"]) == (name, SECRET, "A file")
    assert entry["sha256"] == file["sha256"]
    assert problems(found.bag.folder) == []


def test_names_of_people_are_nowhere_but_of_who_made_it(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    redaction = Redaction("names", PEOPLE, "Not needed for the audit.")
    found = taken(told, cast, tmp_path, Narrowing(redactions=(redaction,)))
    for gone in NAMED:
        assert not found.names(gone)
    maker = found.bag.json("data/assessment.json")["pack"]["exported_by"]
    assert maker["name"] == "Oskar"
    assert maker["id"] is None, "it stands at all that Oskar did"
    assert problems(found.bag.folder) == []


def test_without_the_files_their_names_and_digests_are_there(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    found = taken(told, cast, tmp_path, Narrowing(evidence=False))
    assert not [name for name in found.bag.names() if name.startswith("data/evidence/")]
    entries = [one for one in found.left_out if one.get("evidence")]
    assert {one["why"] for one in entries} == {NO_FILES}
    assert "The file “AUX.pdf”" in {one["what"] for one in entries}
    assert (found.bag / "data/acknowledgements/1.json").is_file()
    assert problems(found.bag.folder) == []


def test_only_selected_questions_come_with_the_count_of_the_others(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    found = taken(told, cast, tmp_path, Narrowing(questions=(CERTIFIED, "GDP-02")))
    about = found.bag.json("data/assessment.json")["pack"]
    assert about["questions"] == {"all": 62, "left_out": 60}
    assert "The answers to 60 of 62 questions" in {one["what"] for one in found.left_out}
    assert found.question(CERTIFIED)["redacted"] is None
    files = {name for name in found.bag.names() if name.startswith("data/evidence/")}
    assert {name.split("/")[2] for name in files} == {CERTIFIED}
    assert not (found.bag / "data/acknowledgements").exists()
    assert problems(found.bag.folder) == []


def silently(bag: Unpacked) -> Iterator[str]:
    """Ways to leave out a question and not to say so; each gives what must be found."""
    before = {name: (bag / name).read_bytes() for name in bag.names()}

    def again() -> None:
        for name, data in before.items():
            (bag / name).write_bytes(data)

    answers = bag.json("data/answers.json")
    section = answers["questionnaires"][0]["sections"][0]
    gone = section["questions"].pop(0)["id"]
    (bag / "data/answers.json").write_text(json.dumps(answers))
    yield f"{gone} was asked, and is neither here nor left out"
    about = bag.json("data/assessment.json")
    about["questionnaires"][0]["asked"].remove(gone)
    (bag / "data/assessment.json").write_text(json.dumps(about))
    yield "other questions were asked than audit/events.jsonl says"
    again()
    answers = bag.json("data/answers.json")
    one = answers["questionnaires"][0]["sections"][0]["questions"][1]
    one["redacted"] = "Because."
    for said in (one["answer"], *one["revisions"]):
        said.update(dict.fromkeys(("value", "words", "na_reason", "comment")), redacted="Because.")
    (bag / "data/answers.json").write_text(json.dumps(answers))
    yield f"{one['id']} is not left out as data/assessment.json says"


def test_nothing_is_left_out_in_silence_even_by_who_has_the_key(
    bag: Unpacked, delivered: Delivered
) -> None:
    for expected in silently(bag):
        bag.list_anew(delivered.key)
        assert any(expected in one for one in problems(bag.folder)), problems(bag.folder)


def test_what_is_not_there_cannot_be_left_out_and_every_reason_is_said(
    told: str, cast: Cast
) -> None:
    before = whole_trail(reading(), told)[-1].id
    wrong = {
        "questions": [Narrowing(questions=()), Narrowing(questions=("XYZ-01",))],
        "redactions": [
            Narrowing(redactions=(Redaction("answer", "XYZ-01", SECRET),)),
            Narrowing(redactions=(Redaction("file", "0/1", SECRET),)),
            Narrowing(redactions=(Redaction("names", "Oskar", SECRET),)),
            Narrowing(redactions=(Redaction("answer", COMMENTED, " "),)),
            Narrowing(redactions=(Redaction("answer", COMMENTED, "x" * 501),)),
            Narrowing(redactions=(Redaction("answer", COMMENTED, SECRET),) * 2),
        ],
    }
    for field, narrowings in wrong.items():
        for narrowing in narrowings:
            with pytest.raises(FieldRefused) as refused:
                prepared(told, cast.oskar, narrowing=narrowing)
            assert refused.value.field == field
    assert whole_trail(reading(), told)[-1].id == before


NAMES = [f"Q-{number:02}" for number in range(8)]
FILES = [(name, f"{name.lower()}/1") for name in NAMES[:5]] + [("Q-00", "q-04/1")]


@st.composite
def narrowings(draw: st.DrawFn) -> Narrowing:
    reasons = st.text(min_size=1, max_size=20)
    chosen = draw(st.none() | st.sets(st.sampled_from(NAMES), min_size=1))
    found = [
        *(Redaction("answer", one, draw(reasons)) for one in draw(st.sets(st.sampled_from(NAMES)))),
        *(
            Redaction("file", one, draw(reasons))
            for one in draw(st.sets(st.sampled_from([file for _, file in FILES])))
        ),
    ]
    return Narrowing(
        draw(st.booleans()), None if chosen is None else tuple(sorted(chosen)), tuple(found)
    )


@given(narrowings())
def test_a_narrowing_survives_the_database_and_means_the_same(narrowing: Narrowing) -> None:
    again = from_json(json.loads(json.dumps(narrowing.as_json())))
    assert closed(again, NAMES, FILES) == closed(narrowing, NAMES, FILES)
    assert again.whole == narrowing.whole == (narrowing == WHOLE)


@given(narrowings())
def test_what_is_open_was_chosen_and_nothing_else_is_closed(narrowing: Narrowing) -> None:
    found = closed(narrowing, NAMES, FILES)
    redacted = {(one.what, one.id) for one in narrowing.redactions}
    chosen = NAMES if narrowing.questions is None else narrowing.questions
    for name in NAMES:
        assert (name in found.answers) == (name not in chosen or ("answer", name) in redacted)
        assert (found.answers.get(name) == NOT_CHOSEN) >= (name not in chosen)
    for file in {file for _, file in FILES}:
        serves = any(question in chosen for question, one in FILES if one == file)
        expected = not narrowing.evidence or not serves or ("file", file) in redacted
        assert (file in found.files) == expected
