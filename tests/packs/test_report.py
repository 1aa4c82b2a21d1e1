"""The report as somebody who was handed it reads it."""

import copy
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # it has no types
import pytest

from riskapp.packs.report import ReportFailed, report
from tests.packs import report_cases as cases
from tests.packs.conftest import Delivered
from tests.packs.oscal_cases import answer, question
from tests.packs.stories import Unpacked


@pytest.fixture(scope="module")
def pages() -> list[str]:
    return cases.pages(cases.story_pdf())


@pytest.fixture(scope="module")
def text(pages: list[str]) -> str:
    return cases.dense("".join(pages))


def test_the_cover_says_whose_it_is_what_was_decided_and_for_whom(pages: list[str]) -> None:
    cover = pages[0]
    for told in (
        "Harbour Bank",
        "Nordlicht GmbH",
        "Customer portal",
        "Approved",
        "High",
        "44.4",
        "26 November 2026, by Olga",
        "Audit House Ltd",
        "Annual audit",
        "No day was set",
        "2" * 64,
        "bank.example/log",
    ):
        assert told in cover


def test_every_question_stands_there_with_what_was_answered(text: str) -> None:
    for asked in cases.story().answers["questionnaires"][0]["sections"][0]["questions"]:
        assert cases.dense(asked["id"] + asked["text"]) in text
    for told in (
        "Remark: The remark.",
        "Does not apply",
        "Why it does not apply: We have no such thing.",
        "Not applicable, approved by Oskar.",
        "Not answered.",
        "Not asked. It is hidden.",
        "Evidence: None, though it was asked for.",
        "Evidence: E1 (as provided)",
        "Revision 1: “Never”, saved on 23 November 2026",
        "• Name: Morava Cloud s.r.o. • Name: the other one",
        "A compensating control is credited with 3/4.",
        "24 November 2026, Oskar: rejected. “Too vague.”",
    ):
        assert cases.dense(told) in text, told


def test_that_the_score_moved_since_the_decision_is_said(text: str) -> None:
    assert "Scoredsincethen" not in text
    assert cases.dense("Country of its seat Germany") in text
    moved = copy.deepcopy(cases.story())
    first = moved.about["receipts"][0]
    later = {"number": 2, "as_of": "2026-12-01", "cause": "Time passed", "shown": "28.0"}
    moved.about["receipts"].append({**first, **later})
    told = "Scored since then 28.0, medium, as of 1 December 2026 (receipt 2: Time passed)"
    assert cases.dense(told) in cases.dense("".join(cases.pages(report(moved))))


def test_findings_are_grouped_and_name_their_question(pages: list[str]) -> None:
    text = "".join(pages)
    findings = cases.dense(text[text.rindex("3 Findings") : text.rindex("4 Answers")])
    for title, line in {
        "Requirements of the law that are not met": "ISM-04",
        "Failed knock-outs": "ISM-02 “Partly” is worth 25 %",
        "Weak domains": "Exit 33 % effective",
        "Rejected answers": "ISM-05 24 November 2026, Oskar: rejected. “Too vague.”",
        "Asked back": "ISM-01 24 November 2026, Oskar: asked back.",
        "Compensating controls": "ISM-06",
        "Taken back by reviewers": "ISM-02",
        "Not answered": "ISM-04",
    }.items():
        begin = findings.index(cases.dense(title))
        assert cases.dense(line) in findings[begin : begin + 400], title


def test_the_tier_is_told_from_the_receipt(text: str) -> None:
    """By hand: governance and exit weigh alike; 58.2 is the inherent risk, 60 the legal floor.

    Governance: (1 + 1/4·1 + 0 + 0 + 3/4 + 1/2) over six that count; exit: 1/3.
    """
    governance, leaving = (1 + 1 / 4 + 3 / 4 + 1 / 2) / 6, 1 / 3
    effective = (governance + leaving) / 2
    assert cases.dense("The tier is critical, with a score of 60.0 out of 100.") in text
    assert cases.dense(f"found {int(effective * 100)} % effective") in text
    residual = 58.2 * (1 - 0.9 * effective)
    assert f"aresidualriskof{int(residual * 10) / 10}" in text
    assert cases.dense("ISM-04 holds it there, whatever else is good; without that") in text
    assert cases.dense("A requirement of the law is not met.") in text


def test_evidence_is_listed_with_its_digest(pages: list[str]) -> None:
    listed = "".join(pages).split("5 Evidence")[-1]
    for told in ("a.pdf", f"{'01':0>64}", "1 October 2026", "not limited", "ISM-01: as provided"):
        assert told in listed


def test_the_trail_and_what_was_left_out_end_it(text: str) -> None:
    assert cases.dense("Of this assessment the pack holds 3 events") in text
    assert cases.dense("decision:make 1 26 November 2026") in text
    assert cases.dense("E-mail addresses They prove nothing.") in text


def test_pages_are_numbered_and_headed_but_for_the_cover(pages: list[str]) -> None:
    for number, page in enumerate(pages[1:], 2):
        assert f"{number} of {len(pages)}" in page
        assert page.startswith("Nordlicht GmbH")
        assert "Confidential. For Audit House Ltd" in page
    assert f"1 of {len(pages)}" not in pages[0]


def test_headings_make_an_outline() -> None:
    document = pypdfium2.PdfDocument(cases.story_pdf())
    found = [(one.level, one.get_title()) for one in document.get_toc()]
    document.close()
    top = [title for level, title in found if level == 0]
    assert [title.split(maxsplit=1)[-1] for title in top] == [
        "Summary",
        "Domains",
        "Findings",
        "Answers",
        "Evidence",
        "Audit trail",
        "What was left out",
    ]
    assert (2, "4.1.1 All") in found


def test_it_is_tagged_archival_and_in_a_language() -> None:
    pdf = cases.story_pdf()
    for named in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"/OutputIntents", b"/TH"):
        assert named in pdf
    told = _metadata(pdf)
    assert told.findtext(f".//{{{PDF_A}}}part") == "2"
    assert told.findtext(f".//{{{PDF_A}}}conformance") == "A"
    assert told.findtext(f".//{{{PDF_UA}}}part") == "1"
    assert told.findtext(f".//{{{XMP}}}CreateDate") == "2026-11-26T09:00:00+00:00"
    assert _title(pdf) == "Assessment of Nordlicht GmbH"
    for active in (b"/JavaScript", b"/URI", b"/Launch", b"/EmbeddedFile"):
        assert active not in pdf


DC, XMP = "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/xap/1.0/"
PDF_A, PDF_UA = "http://www.aiim.org/pdfa/ns/id/", "http://www.aiim.org/pdfua/ns/id/"


def _metadata(pdf: bytes) -> ET.Element:
    """What it says of itself; a parser's complaint fails the test."""
    found = re.search(rb"<rdf:RDF.*?</rdf:RDF>", pdf, re.DOTALL)
    assert found
    return ET.fromstring(found.group())  # noqa: S314 - made by us a moment ago


def _title(pdf: bytes) -> str | None:
    return _metadata(pdf).findtext(f".//{{{DC}}}title/*/*")


def test_the_same_documents_give_the_same_bytes_and_others_do_not() -> None:
    assert report(cases.story()) == cases.story_pdf()
    later = cases.story()
    later.decision["at"] = "2026-11-26T09:00:01+00:00"
    assert report(later) != cases.story_pdf()


def test_what_is_left_out_of_the_pack_is_not_in_it() -> None:
    whole = cases.dense("".join(cases.pages(cases.story_pdf())))
    text = cases.dense("".join(cases.pages(report(cases.left_out()))))
    for secret in (
        "The remark.",
        "Partly",
        "We have no such thing.",
        "Never",
        "Morava",
        "Too vague.",
        "They use another lock.",
        "a.pdf",
        "Olga",
        "Vera",
    ):
        assert cases.dense(secret) in whole, secret
        assert cases.dense(secret) not in text, secret
    assert text.count(cases.dense("Left out of this pack: A trade secret.")) >= 9
    assert cases.dense("the answers to 9 are left out of this pack") in text
    assert cases.dense("by a person whose name is left out") in text


MARKUP = (
    "#panic() #let x = 1 $x^2$ @ref <label> \\ `raw` *bold* _emph_ = Heading // gone /* gone */ "
    "-- --- ... ~ 'single' \"double\" [x](y) https://example.com/?a=b&c=d ]]> & <b> {{ x }} #image"
)


def test_markup_comes_out_as_it_was_typed() -> None:
    pdf = report(cases.saying(MARKUP))
    text = cases.dense("".join(cases.pages(pdf)))
    assert text.count(cases.dense(MARKUP)) >= 15
    assert b"/URI" not in pdf
    assert _title(pdf) == f"Assessment of {MARKUP}"


NAMES = (
    "Müller & Söhne Straße",
    "Zażółć gęślą jaźń",
    "Ελληνική Ασφάλεια",
    "Безопасность Київ",
    "Tiếng Việt",
    "Íslensk Þjóð",
)


def test_names_of_europe_are_shown_and_what_has_no_glyph_is_shown_as_its_code() -> None:
    strange = ["日本語", "😀", "\u202e", "\u200b", "\x07", "x\u0301\u0301", "\U0010ffff", "\ue000"]
    document = cases.told(
        *(
            question(f"ISM-{at:02}", answer=answer(words=name))
            for at, name in enumerate((*NAMES, *strange), 1)
        )
    )
    text = cases.dense("".join(cases.pages(report(document))))
    for name in NAMES:
        assert cases.dense(name) in text
    for code in [
        "U+65E5",
        "U+672C",
        "U+8A9E",
        "U+1F600",
        "U+202E",
        "U+200B",
        "U+0007",
        "U+0301",
        "U+10FFFF",
        "U+E000",
    ]:
        assert code in text, code
    assert "\u202e" not in text


@pytest.mark.parametrize(
    "long", ["word " * 20_000, "x" * 100_000, "Zeile\n" * 3000], ids=["words", "run", "lines"]
)
def test_a_long_answer_is_there_to_its_end(long: str) -> None:
    document = cases.told(question("ISM-01", answer=answer(words=f"{long} ENDE")))
    found = cases.pages(report(document))
    inner = (page.split("\n", 1)[1].rsplit("\nReceipt SHA-256", 1)[0] for page in found[1:])
    text = cases.dense("".join(inner))
    assert cases.dense(long)[:90_000] in text
    assert "ENDE" in text


def test_long_words_stay_on_the_page() -> None:
    document = cases.saying("https://example.com/" + "a" * 150)
    pdf = pypdfium2.PdfDocument(report(document))
    width = pdf[0].get_width()
    for page in pdf:
        for thing in page.get_objects(filter=[1]):  # text
            assert thing.get_bounds()[2] <= width - 40
    pdf.close()


def test_nothing_but_a_question_that_nobody_answered_makes_a_report() -> None:
    document = cases.told(question("ISM-01", answer=None, weight=None))
    document.review["entries"] = []
    text = cases.dense("".join(cases.pages(report(replace(document, events=[])))))
    for told in ("No file was given.", "No domain has a question that counts.", "0 events"):
        assert cases.dense(told) in text


def test_a_report_that_cannot_be_set_is_refused_with_the_cause(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    broken = tmp_path / "report.typ"
    broken.write_text("#panic()")
    monkeypatch.setattr("riskapp.packs.report.TEMPLATE", broken)
    with pytest.raises(ReportFailed) as caught:
        report(cases.story())
    assert "panicked" in str(caught.value.__cause__)


def test_the_report_of_a_pack_is_made_of_its_own_documents(
    bag: Unpacked, delivered: Delivered
) -> None:
    documents = cases.of_pack(lambda name: (bag / name).read_bytes())
    assert (bag / "data/report.pdf").read_bytes() == report(documents)
    text = cases.dense("".join(cases.pages(report(documents))))
    assert delivered.assessment_id in text
    for asked in documents.answers["questionnaires"]:
        for section in asked["sections"]:
            for one in section["questions"]:
                assert cases.dense(one["text"]) in text
                for file in one["evidence"]:
                    assert file["sha256"] in text
