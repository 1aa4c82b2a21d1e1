"""What rows turn out to be: questions, headings, headers once more, notes; and the preview."""

from collections.abc import Sequence
from typing import Any

import pytest

from riskapp.catalogue.importers.common import Naming, NotImportable
from riskapp.catalogue.importers.sheets.importer import Preview, guess, look, preview, read
from tests.catalogue.importers.sheets import (
    NAMING,
    Result,
    filled,
    imported,
    new_book,
    saved,
    separated,
    xlsx,
)

HEAD = ["ID", "Question", "Answer"]


def of(*rows: Sequence[Any], merged: Sequence[str] = ()) -> Result:
    workbook = new_book("Q")
    filled(workbook["Q"], rows)
    for cells in merged:
        workbook["Q"].merge_cells(cells)
    return imported(saved(workbook))


@pytest.mark.parametrize("merged", [(), ("A2:C2", "A5:C5")])
@pytest.mark.parametrize("column", [0, 1])
def test_rows_of_their_own_between_questions_are_sections(
    column: int, merged: Sequence[str]
) -> None:
    def title(text: str) -> list[str | None]:
        return [None] * (0 if merged else column) + [text]

    one, two, three = ["1", "Is it so?"], ["2", "Is it?"], ["3", "Are they?"]
    result = of(HEAD, title("Keys"), one, two, title("Logs"), three, merged=merged)
    assert result.sections == {"Keys": ["Is it so?", "Is it?"], "Logs": ["Are they?"]}
    assert [domain.title for domain in result.release.domains.values()] == ["Keys", "Logs"]


def test_headings_below_headings_are_sections_within_sections() -> None:
    rows = [["", "Part A"], ["", "Keys"], ["1", "Is it so?"], ["", "Logs"], ["2", "Is it?"]]
    more = [["", "Part B"], ["", "Doors"], ["3", "Are they?"], ["", "Guards"], ["4", "Were they?"]]
    result = of(HEAD, *rows, *more)
    assert list(result.sections) == ["Keys", "Logs", "Doors", "Guards"]
    assert [domain.title for domain in result.release.domains.values()] == ["Part A", "Part B"]


def test_headings_with_ids_are_followed_and_noted() -> None:
    rows = [["5", "Organisation"], ["5.1", "Policies"], ["5.1.1", "Policies are approved."]]
    more = [
        ["5.2", "Roles"],
        ["5.2.1", "Roles are given."],
        ["6", "People"],
        ["6.1", "All are vetted."],
    ]
    result = of(HEAD, *rows, *more)
    assert list(result.sections) == ["Policies", "Roles", "People"]
    assert [domain.title for domain in result.release.domains.values()] == [
        "Organisation",
        "People",
    ]
    assert result.noted("sheet Q, row 3", "Policies", "heading of what follows")


def test_a_question_whose_number_begins_others_is_a_question() -> None:
    result = of(
        HEAD, ["1", "Is there a policy?"], ["1.1", "Is it approved?"], ["10", "Is it known?"]
    )
    assert len(result.texts) == 3


def test_a_section_that_stands_in_its_column_alone_holds_for_the_rows_below() -> None:
    head = ["Section", "Question", "Answer options"]
    one, two = [None, "Is it so?", "Yes/No"], [None, "Is it?", "Yes/No"]
    assert list(of(head, ["Keys"], one, ["Logs"], two).sections) == ["Keys", "Logs"]


def test_a_section_named_in_the_first_of_its_rows_holds_for_the_others() -> None:
    rows = [["Keys", "Is it so?"], ["", "Is it?"], ["Logs", "Are they?"], ["Keys", "Were they?"]]
    result = of(["Section", "Question"], *rows)
    assert result.sections == {
        "Keys": ["Is it so?", "Is it?", "Were they?"],
        "Logs": ["Are they?"],
    }
    assert result.noted("sheet Q, row 5", "Keys", "put together")


@pytest.mark.parametrize(
    "text",
    [
        "© 2026 Somebody",
        "Copyright Somebody 2026. All rights reserved.",
        "End of questionnaire",
        "Note: answers are confidential.",
        "Hinweis: Bitte vollständig ausfüllen.",
        "Seite 1 von 3",
        "We thank you for your time and look forward to working with you.",
        "© 2026 Somebody. Do you have questions?",
    ],
)
@pytest.mark.parametrize("wide", [False, True])
def test_what_stands_below_the_questions_is_noted_and_no_question(text: str, wide: bool) -> None:
    rows = [
        HEAD,
        ["1", "Is it so?"],
        ["2", "Access is reviewed."],
        [],
        ["" if not wide else text, text],
    ]
    result = of(*rows, merged=("A5:C5",) if wide else ())
    assert result.texts == ["Is it so?", "Access is reviewed — is this in place?"]
    assert result.noted("sheet Q, row 5", "not imported", text[:40])


def test_headers_that_stand_again_are_no_question() -> None:
    result = of(HEAD, ["1", "Is it so?"], HEAD, ["2", "Is it?"], HEAD)
    assert result.texts == ["Is it so?", "Is it?"]


def test_a_question_without_its_id_is_imported_and_noted() -> None:
    result = of(HEAD, ["1", "Is it so?"], [None, "Is it?"], ["3", "Are they?"])
    assert result.texts == ["Is it so?", "Is it?", "Are they?"]
    assert result.noted("sheet Q, row 3", "no id")


def test_an_id_without_a_question_is_noted() -> None:
    result = of(HEAD, ["1", "Is it so?"], ["2", None, "Yes"], ["3", "—"], ["4", "Are they?"])
    assert result.texts == ["Is it so?", "Are they?"]
    assert result.noted("sheet Q, row 3", "has no question")
    assert result.noted("sheet Q, row 4", "no words")


def test_a_row_merged_with_a_hidden_question_is_noted() -> None:
    workbook = new_book("Q")
    filled(workbook["Q"], [HEAD, ["1", "Is it so?", "a"], ["2", None, "b"], ["3", "Is it?", "c"]])
    workbook["Q"].merge_cells("B2:B3")
    workbook["Q"].row_dimensions[2].hidden = True
    result = imported(saved(workbook))
    assert result.texts == ["Is it?"]
    assert result.noted("sheet Q, row 2", "hidden")
    assert result.noted("sheet Q, row 3", "goes on with a row that is no question")


def test_a_row_that_shares_a_question_but_has_an_id_of_its_own_is_noted() -> None:
    workbook = new_book("Q")
    filled(workbook["Q"], [HEAD, ["1", "Is it so?"], ["2"], ["3", "Is it?"]])
    workbook["Q"].merge_cells("B2:B3")
    result = imported(saved(workbook))
    assert result.texts == ["Is it so?", "Is it?"]
    assert result.noted("sheet Q, row 2", "row 3", "an id, 2")


def test_an_empty_text_is_never_a_question() -> None:
    with pytest.raises(NotImportable):
        of(HEAD, ["1", None], ["2", " "])


def test_questions_are_numbered_and_keep_the_id_that_they_had() -> None:
    naming = Naming(id="our-list", prefix="OUR", release="2027.3", title="Our list of 2027")
    result = imported(xlsx(HEAD, ["A&A-01.1", "Is it so?"]), "a.xlsx", naming=naming)
    assert (result.release.key, result.release.title) == ("our-list@2027.3", "Our list of 2027")
    assert result.only.id == "OUR-01"
    assert result.ids() == ("Our list of 2027 A&A-01.1",)
    assert result.noted("the whole file", "ids of the file")


@pytest.mark.parametrize(
    ("line", "licence", "restricted"),
    [
        ("Licence: CC BY 4.0, Some Body", "Licence: CC BY 4.0, Some Body", None),
        (
            "© 2026 Some Body. All rights reserved.",
            "© 2026 Some Body. All rights reserved.",
            "All rights",
        ),
        ("Fill in all rows.", "Unknown: ask whoever gave you the file.", "unknown"),
        ("Part of the HECVAT", "Unknown: ask whoever gave you the file.", "EDUCAUSE"),
        ("TLP:AMBER", "Unknown: ask whoever gave you the file.", "TLP:AMBER"),
    ],
)
def test_what_a_file_says_of_its_licence_is_kept(
    line: str, licence: str, restricted: str | None
) -> None:
    release = of([line], [], HEAD, ["1", "Is it so?"]).release
    assert release.licence == licence
    assert (release.restricted is None) == (restricted is None)
    assert (restricted or "") in (release.restricted or "")


def test_a_long_line_about_the_licence_is_kept_whole() -> None:
    line = "© Copyright 2026 Some Body. " + "You may download and store this list. " * 5
    result = of(HEAD, ["1", "Is it so?"], [line])
    assert result.release.licence == line.strip()
    assert result.noted("sheet Q, row 3", "©", "…")


def test_an_instruction_that_names_the_owner_restricts_the_file_and_a_hidden_list_does_not() -> (
    None
):
    workbook = new_book("Q", "Start", "Lists")
    filled(workbook["Q"], [HEAD, ["1", "Is it so?"]])
    filled(workbook["Lists"], [["ISO 27001"], ["SOC 2"]])
    workbook["Lists"].sheet_state = "hidden"
    assert "unknown" in (imported(saved(workbook)).release.restricted or "")
    filled(workbook["Start"], [["This is the HECVAT of our university."]])
    assert "EDUCAUSE" in (imported(saved(workbook)).release.restricted or "")


def test_a_question_about_licences_says_nothing_of_the_files_own() -> None:
    release = of(
        HEAD, ["1", "Is copyright respected, are all rights reserved, is it HECVAT?"]
    ).release
    assert release.licence == "Unknown: ask whoever gave you the file."


# Preview ----------------------------------------------------------------------------------------


def shown(data: bytes, *corrections: str) -> list[Preview]:
    workbook = look(data, "a.xlsx")
    return preview(workbook, guess(workbook, corrections))


def test_the_preview_shows_what_each_row_becomes() -> None:
    head = ["ID", "Question", "Answer type", "No is compliant"]
    rows = [
        ["1", "Is data kept?", "Yes/No", "x"],
        ["2", "Describe it.", "Text", ""],
        ["", "© 2026 Acme"],
    ]
    found = shown(xlsx(["Title"], head, ["", "Keys"], *rows))
    assert [one.becomes for one in found] == [
        "header",
        "section",
        "question",
        "question",
        "left out",
    ]
    assert [one.where for one in found] == [f"sheet Questions, row {row}" for row in range(2, 7)]
    first = found[2]
    assert (first.text, first.section, first.answer) == ("Is data kept?", "Keys", "yes_no")
    assert first.cells[:2] == [("A", "1"), ("B", "Is data kept?")]
    assert found[4].doubts == ["is a note, no question"]


def test_the_preview_follows_corrections_and_stops_after_twenty_rows() -> None:
    rows = [[f"Is it {at}?", f"Are they {at}?"] for at in range(50)]
    data = xlsx(["Question", "Colour"], *rows)
    assert len(shown(data)) == 20
    assert shown(data, "question=B")[1].text == "Are they 0?"


def test_the_preview_refuses_what_cannot_be_imported() -> None:
    with pytest.raises(NotImportable, match="question"):
        shown(xlsx(["Question"], ["Is it?"]), "question=")


# Size -------------------------------------------------------------------------------------------


def test_two_thousand_questions_are_imported_with_progress() -> None:
    rows = [[f"Q-{at}", f"Is number {at} so?", "Yes/No"] for at in range(2000)]
    seen: list[tuple[int, int]] = []
    data = separated(["ID", "Question", "Answer type"], *rows)
    made = read(data, "a.csv", NAMING, progress=lambda done, total: seen.append((done, total)))
    assert made.questions == 2000
    assert seen[-1] == (2000, 2000)
    assert len(seen) >= 10
    assert seen == sorted(seen)
