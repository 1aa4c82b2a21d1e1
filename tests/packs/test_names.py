import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.packs.names import MOST_BYTES, one_line, path_problem, safe_name, slug, unique

HARD = st.text(
    st.one_of(st.sampled_from('./\\:%*?<>|" \u202e\u200b\x00\ncCoOnN1é表\u0301'), st.characters())
)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "_.._.._etc_passwd"),
        ("C:\\Temp\\a.pdf", "C__Temp_a.pdf"),
        ("AUX.pdf", "_AUX.pdf"),
        ("com1", "_com1"),
        ("nul .txt", "_nul .txt"),
        (".htaccess", "_.htaccess"),
        ("name. . ", "name"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("50 %.pdf", "50 _.pdf"),
        ("日本語.pdf", "日本語.pdf"),
        ("", "unnamed"),
        ("...", "unnamed"),
    ],
)
def test_a_name_becomes_one_that_unpacks_anywhere(name: str, safe: str) -> None:
    found = safe_name(name)
    assert found == safe
    assert path_problem(f"folder/{found}") is None


@given(HARD)
def test_a_safe_name_is_one_plain_component_and_stays_as_it_is(name: str) -> None:
    found = safe_name(name)
    assert found == safe_name(found)
    assert 0 < len(found.encode()) <= MOST_BYTES
    assert not set(found) & set('<>:"/\\|?*%')
    assert found not in {".", ".."}
    assert found[-1] not in ". "
    assert all(unicodedata.category(one) not in {"Cc", "Cf", "Cs"} for one in found)


@given(st.lists(HARD, min_size=2, max_size=6))
def test_names_in_one_folder_differ_even_where_case_does_not_count(names: list[str]) -> None:
    taken: set[str] = set()
    for name in [*names, *names]:
        path = unique("folder", name, taken)
        assert path_problem(path) is None
        assert path.casefold() not in taken
        taken.add(unicodedata.normalize("NFC", path).casefold())


@pytest.mark.parametrize("path", ["a/../b", "/a", "a//b", "a\\b", "a/con.txt", "a/b\u202e", "a/"])
def test_a_path_that_is_not_safe_to_unpack_is_refused(path: str) -> None:
    assert path_problem(path) is not None


def test_a_vendor_without_plain_letters_still_gets_a_file_name() -> None:
    assert slug("Über Söhne & Co.") == "uber-sohne-co"
    assert slug("日本") == "vendor"


def test_a_line_holds_neither_line_ends_nor_invisible_marks() -> None:
    assert one_line(" Audit\nHouse:\u202e\x00 Ltd\u2028") == "Audit House: Ltd"
