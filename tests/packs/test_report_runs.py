"""People's text on its way into the report."""

import importlib
import json
import unicodedata
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from riskapp.packs.report import STANDARDS, report
from riskapp.packs.report.runs import COVERED, shown, titled
from tests.packs import report_cases as cases

typst: Any = importlib.import_module("typst")  # whose types know no files in memory

FONTS = '("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono")'
SET = f"""
#set document(title: "Glyphs")
#set text(lang: "en", font: {FONTS})
#for one in json("told.json") [#one #strong(one) #emph(one) ]
"""


def typeset(texts: list[str]) -> bytes:
    """Fails where a glyph is missing: the standards do not allow it."""
    pdf: bytes = typst.compile(
        {"main.typ": SET.encode(), "told.json": json.dumps(texts).encode()},
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=list(STANDARDS),
        timestamp=0,
    )
    return pdf


def read_back(value: Any) -> str:
    """What runs say, written anew."""
    if isinstance(value, str):
        return value
    told = ""
    for run in value:
        match run:
            case str():
                told += run
            case {"pieces": pieces}:
                told += "".join(pieces)
            case {"code": code}:
                told += chr(int(code.removeprefix("U+"), 16))
            case {"break": True}:
                told += "\n"
    return told


any_text = st.text(st.characters(), max_size=200)


@given(any_text)
def test_nothing_of_a_text_is_lost(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    assert read_back(shown(text)) == unicodedata.normalize("NFC", lines)


@given(any_text)
def test_what_nobody_sees_is_never_plain(text: str) -> None:
    told = shown(text)
    for run in [told] if isinstance(told, str) else told:
        for plain in [run] if isinstance(run, str) else run.get("pieces", ()):
            assert not any(unicodedata.category(one) in {"Cc", "Cf", "Co", "Cs"} for one in plain)


@given(st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=200))
def test_no_run_is_too_long_for_a_column(text: str) -> None:
    told = shown(text)
    for run in [told] if isinstance(told, str) else told:
        if isinstance(run, dict) and "pieces" in run:
            assert all(len(piece) <= 12 for piece in run["pieces"])
        elif isinstance(run, str):
            assert all(len(word) <= 20 for word in run.split())


def test_the_fonts_have_all_that_is_taken_for_covered() -> None:
    texts = []
    for pair in COVERED.read_text().split():
        first, _, last = pair.partition("-")
        texts += [chr(one) for one in range(int(first, 16), int(last or first, 16) + 1)]
    assert len(texts) > 7000
    lines = [" ".join(texts[at : at + 100]) for at in range(0, len(texts), 100)]
    assert typeset(lines).startswith(b"%PDF")


def test_marks_on_letters_are_set() -> None:
    texts = [f"{base}{chr(mark)}" for base in "aqøẓδжЯ" for mark in range(0x300, 0x316)]
    texts += [f"{base}{chr(mark)}" for base in "aqøδжЯ" for mark in range(0x316, 0x32D)]
    joined = "".join(texts)
    assert "code" not in str(shown(joined))
    assert typeset(texts).startswith(b"%PDF")


@settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.lists(any_text, min_size=20, max_size=40))
def test_whatever_is_typed_makes_a_report(texts: list[str]) -> None:
    assert report(cases.saying(" ".join(texts))).startswith(b"%PDF")


def test_titles_lose_what_cannot_be_seen() -> None:
    assert titled("A\x00\u202e  B\n") == "A B"
    assert titled("\x00") == "Unnamed"
    assert titled("日本 & <b>") == "日本 & <b>"
