import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riskapp.evidence.names import display_name, extension


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("日本語.pdf", "日本語.pdf"),
        ("Prüfbericht 2026.pdf", "Prüfbericht 2026.pdf"),
        ("u\u0308ber.pdf", "über.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Vera\\soc2.pdf", "soc2.pdf"),
        ("a/b\\c/d.pdf", "d.pdf"),
        ("fdp\u202egnp.exe", "fdpgnp.exe"),
        ("\u2066a\u2069\u200f.pdf", "a.pdf"),
        ("a\u200b\u200c\u200d\ufeff\u2060b.pdf", "ab.pdf"),
        ("a\x00\r\nSet-Cookie: b\x7f\x85.pdf", "aSet-Cookie: b.pdf"),
        ("a\u2028b\u2029.pdf", "ab.pdf"),
        ("a\ud800.pdf", "a.pdf"),
        ("a\u3164.pdf", "a.pdf"),
        ("report.pdf" + " " * 100 + ".exe", "report.pdf .exe"),
        ("  a  b\u00a0\u3000c.pdf  ", "a b c.pdf"),
        (".gitignore", ".gitignore"),
    ],
)
def test_a_name_is_shown_without_what_hides_reorders_or_points(raw: str, shown: str) -> None:
    assert display_name(raw) == shown


@pytest.mark.parametrize("raw", [None, "", " ", ".", "..", "a/", "\\", "\u202e", "...", ". ."])
def test_what_is_left_empty_is_unnamed(raw: str | None) -> None:
    assert display_name(raw) == "unnamed"


@pytest.mark.parametrize("letter", ["a", "é", "語", "😀"])
def test_long_names_lose_their_middle_and_keep_their_extension(letter: str) -> None:
    shown = display_name(letter * 400 + ".pdf")
    assert shown.endswith(letter + ".pdf")
    assert 255 - len(letter.encode()) < len(shown.encode()) <= 255


def test_what_is_too_long_for_an_extension_is_cut_like_a_name() -> None:
    assert display_name("a." + "b" * 400) == "a." + "b" * 253


@given(st.text() | st.text(alphabet="a./\\ \u202e\u0308é語\ud800", max_size=400))
@example("e\u200d\u0301" * 100)
@example("a " * 200 + ".pdf")
def test_every_name_is_safe_to_show_and_cleaning_twice_changes_nothing(raw: str) -> None:
    shown = display_name(raw)
    assert 0 < len(shown.encode()) <= 255
    assert not set(shown) & set("/\\\0\r\n")
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in shown)
    assert unicodedata.is_normalized("NFC", shown)
    assert shown.strip() == shown
    assert shown not in {".", ".."}
    assert display_name(shown) == shown


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.PDF", "pdf"),
        ("a.pdf.exe", "exe"),
        ("a", ""),
        (".pdf", ""),
        ("a.", ""),
        ("a b.c d", "c d"),
    ],
)
def test_the_extension_is_what_follows_the_last_dot(name: str, found: str) -> None:
    assert extension(name) == found
