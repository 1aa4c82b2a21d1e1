"""Whatever the layout: exactly the questions that were put into a sheet come out of it."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalogue.importers.sheets import filled, imported, new_book, saved, separated

HEADERS = {
    "id": ["ID", "Nr.", "Question ID", "Ref", "#", "Lfd. Nr."],
    "question": [
        "Question",
        "Frage",
        "Control question",
        "Requirement",
        "Anforderung",
        "QUESTIONS",
    ],
    "section": ["Section", "Domain", "Bereich", "Kategorie", "Chapter"],
    "why": ["Reason", "Begründung", "Objective", "Why we ask"],
    "weight": ["Weight", "Gewichtung", "Importance", "Priorität"],
    "answer": ["Answer", "Antwort", "Vendor Response", "Ihre Antwort"],
    "evidence": ["Evidence", "Nachweis"],
    "colour": ["Colour", "Farbe", "Comment", "Bemerkung"],
}
WORDS = ["keys", "logs", "backups", "access", "patches", "sites", "suppliers", "laptops"]
ABOVE = ["Acme Holding AG", "Vendor Security Questionnaire 2026", "Please return it", "Stand: 2026"]
BELOW = ["© 2026 Acme Holding AG", "End of questionnaire", "Note: confidential", "Version 3.1"]
ASKING = [
    "Do you check {} yearly ({})?",
    "Prüfen Sie {} jährlich ({})?",
    "Are {} kept apart ({})?",
]
STATING = [
    "All {} are reviewed every quarter ({}).",
    "Access to {} is limited to named people ({})",
]
TITLES = ["Part A", "People and places", "Technik", "Data"]


@dataclass
class Layout:
    """Rows of a sheet; `texts` are its questions, `alone` rows of one text that is none.

    `secret` are hidden rows. `by` parts the cells of a text file; without it, it is a workbook.
    """

    by: str | None
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    alone: list[int] = field(default_factory=list)
    secret: list[int] = field(default_factory=list)
    merged: bool = False

    def add_alone(self, text: str) -> None:
        self.rows.append([text])
        self.alone.append(len(self.rows))

    def written(self) -> bytes:
        if self.by is not None:
            return separated(*self.rows, by=self.by)
        workbook = new_book("Instructions", "Sheet", "Secret")
        filled(workbook["Instructions"], [["Read this first"], ["Answer each row of the sheet."]])
        filled(workbook["Secret"], [["ID", "Question"], ["X1", "Is this one secret?"]])
        workbook["Secret"].sheet_state = "hidden"
        sheet = workbook["Sheet"]
        filled(sheet, self.rows)
        for row in self.secret:
            sheet.row_dimensions[row].hidden = True
        for row in self.alone if self.merged and len(self.columns) > 1 else ():
            sheet.merge_cells(
                start_row=row, end_row=row, start_column=1, end_column=len(self.columns)
            )
        return saved(workbook)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    others = st.lists(st.sampled_from([*HEADERS]), unique=True, max_size=6)
    columns = draw(st.permutations(sorted({*draw(others), "question"})))
    layout = Layout(draw(st.sampled_from([None, None, ",", ";", "\t"])), list(columns))
    layout.merged = draw(st.booleans())
    header = [draw(st.sampled_from(HEADERS[name])) for name in columns]

    def some_alone(texts: list[str], most: int) -> None:
        for text in draw(st.lists(st.sampled_from(texts), unique=True, max_size=most)):
            layout.add_alone(text)
            layout.rows.extend([] for _ in range(draw(st.integers(0, 2))))

    some_alone(ABOVE, 4)
    layout.rows.append(header)
    for number in range(draw(st.integers(1, 9))):
        some_alone(TITLES, draw(st.sampled_from([0, 0, 0, 1])))
        if number and len(columns) > 1 and draw(st.integers(0, 6)) == 0:
            layout.rows.append(header)
        _question(draw, layout, number)
        layout.rows.extend([] for _ in range(draw(st.sampled_from([0, 0, 1]))))
    some_alone(BELOW, 4)
    return layout


def _question(draw: st.DrawFn, layout: Layout, number: int) -> None:
    templates = ASKING + (STATING if "id" in layout.columns else [])
    text = draw(st.sampled_from(templates)).format(draw(st.sampled_from(WORDS)), number)
    cells = {
        "id": f"Q-{number + 1}",
        "question": text,
        "section": draw(st.sampled_from(["", "One", "Two"])),
        "why": draw(st.sampled_from(["", "It matters to us that this is done."])),
        "weight": draw(st.sampled_from(["", "high", "low", "3"])),
        "evidence": draw(st.sampled_from(["", "A screenshot"])),
        "colour": draw(st.sampled_from(["", "blue"])),
    }
    layout.rows.append([cells.get(name) or None for name in layout.columns])
    if layout.by is None and number and draw(st.integers(0, 8)) == 0:
        layout.secret.append(len(layout.rows))
    else:
        layout.texts.append(text)


def _as_put(text: str) -> str:
    """A text without what makes a question of it."""
    return text.removesuffix(" — is this in place?").removesuffix(" — ist das umgesetzt?")


@settings(deadline=None, max_examples=100)
@given(layouts())
def test_the_questions_that_were_put_in_come_out_and_nothing_else(layout: Layout) -> None:
    result = imported(layout.written(), "list")
    assert sorted(map(_as_put, result.texts)) == sorted(text.rstrip(".") for text in layout.texts)
    noted = "\n".join(result.notes)
    for row in layout.alone:
        (text,) = layout.rows[row - 1]
        assert text in TITLES or text in noted
    for row in layout.secret:
        assert result.noted(f"sheet Sheet, row {row}", "hidden")
