"""What becomes of a row's texts, weight and ids: questions, reasons, evidence, mappings."""

import pytest

from tests.catalogue.importers.sheets import imported, one, separated, xlsx

IS_IT = "Is it so?"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Access is reviewed.", "Access is reviewed — is this in place?"),
        ("Is it so? (At least yearly.)", "Is it so (At least yearly)?"),
        ("Is access reviewed? *", "Is access reviewed?"),
        ("Is it so? If not, say why.", "Is it so? If not, say why. Please answer:"),
    ],
)
def test_texts_that_are_no_questions_are_put_as_questions(text: str, question: str) -> None:
    assert one(text, Options="Yes/No").texts == [question]


def test_german_statements_become_german_questions() -> None:
    rows = [
        ["1", "Die Rechte der Nutzer werden jährlich geprüft."],
        ["2", "Der Zugriff ist auf die nötigen Personen begrenzt"],
    ]
    result = imported(separated(["Nr.", "Anforderung"], *rows), "a.csv")
    assert result.release.language == "de"
    assert result.texts[0] == "Die Rechte der Nutzer werden jährlich geprüft — ist das umgesetzt?"
    assert result.questions[0].why == "Die Quelle nennt keinen Grund für diese Frage."


@pytest.mark.parametrize(
    ("words", "weights"),
    [
        (["high", "medium", "low"], [5, 3, 1]),
        (["Critical Importance", "Standard Importance", "Minor Importance"], [5, 3, 1]),
        (["hoch", "mittel", "gering"], [5, 3, 1]),
        (["MUST", "should", "may"], [5, 3, 1]),
        (["5", "3", "1"], [5, 3, 1]),
        (["40", "25", "10"], [5, 3, 1]),
        (["10", "10", "10"], [3, 3, 3]),
        (["100%", "", "20%"], [5, 3, 1]),
        (["2,5", "0", "0.5"], [5, None, 1]),
    ],
)
def test_weights_become_five_three_and_one(words: list[str], weights: list[int | None]) -> None:
    rows = [[str(at), f"Is {at} so?", word] for at, word in enumerate(words)]
    result = imported(separated(["ID", "Question", "Weight"], *rows), "a.csv")
    assert [question.weight for question in result.questions] == weights
    assert result.noted("the whole file", "5, 3 and 1")


def test_a_weight_that_is_not_known_is_noted() -> None:
    rows = [["1", IS_IT, "high"], ["2", "Is it?", "purple"]]
    result = imported(separated(["ID", "Question", "Weight"], *rows), "a.csv")
    assert [question.weight for question in result.questions] == [5, 3]
    assert result.noted("line 3", "purple", "3 is taken")


def test_frameworks_are_recognised_by_their_headers() -> None:
    cells = {
        "ISO_27001": "A.5.1, A.5.2; A.8.24",
        "DSGVO": "Art. 32(1)\nArt. 28",
        "NIST_CSF_2.0": "GV.SC-06",
        "ISO_27001:2013": "A.9.1.1",
        "CIS_Controls": "3.1",
    }
    assert one(**cells).only.mappings == {
        "iso27001": ("A.5.1", "A.5.2", "A.8.24"),
        "gdpr": ("32(1)", "28"),
        "csf": ("GV.SC-06",),
        "other": ("a 1", "ISO 27001:2013 A.9.1.1", "CIS Controls 3.1"),
    }


def test_ids_that_a_framework_does_not_have_are_kept_as_they_stand_and_noted() -> None:
    result = one(ISO_27001="A.8.24; A.14.2.1", DORA="Art. 28")
    assert result.only.mappings == {
        "iso27001": ("A.8.24",),
        "dora": ("28",),
        "other": ("a 1", "ISO 27001 A.14.2.1"),
    }
    assert result.noted("line 2", "ISO 27001", "A.14.2.1")


def test_few_german_questions_below_a_german_header_are_german() -> None:
    result = imported(separated(["Nr.", "Frage"], ["1", "Gibt es Backups?"]), "a.csv")
    assert result.release.language == "de"


def test_reason_guidance_and_evidence_are_taken_over() -> None:
    question = one(
        Reason="It matters to us.", Guidance="Yearly is enough.", Evidence="A report"
    ).only
    assert question.why == "It matters to us."
    assert question.counts == "Yearly is enough."
    assert question.evidence == "A report"


def test_guidance_alone_stands_in_for_the_reason() -> None:
    question = one(Guidance="Yearly is enough.").only
    assert question.why == "Yearly is enough."
    assert question.counts is None


def test_a_text_that_is_too_long_is_cut_at_a_sentence_and_noted() -> None:
    result = one(Guidance="This is a sentence of some length. " * 100)
    assert len(result.only.why) <= 2000
    assert result.only.why.endswith("length.")
    assert result.noted("line 2", "2000")


def test_a_formula_that_kept_nothing_is_noted_and_what_it_gives_left_out() -> None:
    result = imported(
        xlsx(["ID", "Question", "Guidance"], ["1", IS_IT, "=A1"], ["2", "=B2", "So."])
    )
    assert result.texts == [IS_IT]
    assert result.noted("sheet Questions, row 2", "column C", "formula")
    assert result.noted("sheet Questions, row 3", "column B", "formula", "not imported")
