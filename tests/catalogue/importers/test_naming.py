"""What an imported questionnaire is called: proposed unlike all others, refused by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.catalogue.importers.naming import Taken, checked, completed, taken_by
from riskapp.core.errors import FieldRefused
from tests.catalogue import writing

HERE = taken_by([writing.parsed(writing.question("CLO-01"), id="cloud")])


def names(
    file_name: str, said: dict[str, str] | None = None, taken: Taken = HERE
) -> tuple[str, str, str, str | None]:
    naming = completed(said or {}, file_name, taken, 2026)
    return naming.id, naming.prefix, naming.release, naming.title


@pytest.mark.parametrize(
    ("file_name", "said", "made"),
    [
        ("Vendor Basics.xlsx", {}, ("vendor-basics", "VEN", "2026.1", None)),
        ("a-b-c.json", {}, ("a-b-c", "ABC", "2026.1", None)),
        ("Prüfliste für Dienste.csv", {}, ("pruefliste-fuer-dienste", "PFD", "2026.1", None)),
        ("x.json", {"title": " The  list "}, ("the-list", "THE", "2026.1", "The list")),
        ("日本語.json", {}, ("imported", "IMP", "2026.1", None)),
        ("cloud.json", {}, ("cloud-2", "CLU", "2026.1", None)),
        ("x.json", {"id": "cloud"}, ("cloud", "CLU", "2026.2", None)),
        ("x.json", {"id": "cloud", "prefix": "CLO"}, ("cloud", "CLO", "2026.2", None)),
        ("x.json", {"release": "2025.3", "id": ""}, ("x", "AAA", "2025.3", None)),
    ],
)
def test_what_is_left_open_is_proposed(
    file_name: str, said: dict[str, str], made: tuple[str, str, str, str | None]
) -> None:
    assert names(file_name, said) == made


def test_an_import_that_waits_keeps_its_names() -> None:
    waiting = [{"id": "basics", "prefix": "BAS", "release": "2026.4"}]
    taken = taken_by([], waiting)
    assert names("basics.json", taken=taken)[:2] == ("basics-2", "BAI")
    assert names("x.json", {"id": "basics"}, taken)[2] == "2026.5"


def test_numbers_of_another_year_do_not_count() -> None:
    taken = taken_by([], [{"id": "basics", "prefix": "BAS", "release": "2025.9"}])
    assert names("x.json", {"id": "basics"}, taken)[2] == "2026.1"


@given(file_name=st.text(max_size=80), title=st.text(max_size=80))
def test_whatever_a_file_is_called_its_names_can_be_used(file_name: str, title: str) -> None:
    taken = HERE
    for _ in range(3):
        naming = completed({"title": title}, file_name, taken, 2026)
        assert checked(naming, taken) == naming
        assert naming.id not in taken.numbers
        assert naming.prefix not in taken.prefixes
        taken = Taken(
            {**taken.numbers, naming.id: {(2026, 1)}}, {**taken.prefixes, naming.prefix: naming.id}
        )


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"id": "Cloud"}, "id"),
        ({"id": "a--b"}, "id"),
        ({"id": "x" * 61}, "id"),
        ({"id": "cloud/../x"}, "id"),
        ({"prefix": "CL"}, "prefix"),
        ({"prefix": "CLÖ"}, "prefix"),
        ({"prefix": "CLO"}, "prefix"),
        ({"release": "26.1"}, "release"),
        ({"release": "2026.1", "id": "cloud"}, "release"),
        ({"release": "2026.0001", "id": "cloud"}, "release"),
        ({"title": "x" * 201}, "title"),
    ],
)
def test_what_cannot_be_written_or_is_taken_is_refused_by_field(
    said: dict[str, str], field: str
) -> None:
    with pytest.raises(FieldRefused) as caught:
        names("theirs.json", said)
    assert caught.value.field == field
