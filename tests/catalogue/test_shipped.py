"""The questionnaires that riskapp comes with are complete in both languages, and written out."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from riskapp.catalogue.folder import FOLDER
from riskapp.catalogue.load import Catalogue, load_folder
from riskapp.catalogue.model import Question, Release
from riskapp.catalogue.translation import LANGUAGES, translated

NAMES = (
    "access-control",
    "exit-continuity",
    "gdpr-processor",
    "intake",
    "iso-27001",
    "mvsp",
    "operations",
)
TRANSLATED = sorted(set(LANGUAGES) - {"en"})

SAME_IN_BOTH = {"Backup", "Helpdesk", "Name", "Support"}
"""Words that German took over."""

SPELT_WITH_TWO_VOWELS = (
    "aes",
    "aktuell",
    "confluence",
    "individuell",
    "manuell",
    "virtuell",
    "zuerst",
)

SPELT_WITH_ESZETT = re.compile(
    r"\b(außer|bloß|dreißig|fließ|fuß|gemäß|groß|größ|heiß|maßnahm|mäßig|schließ|spaß|stoß|stöß"
    r"|straß|süß|verstoß|weiß)"
)


@cache
def catalogue() -> Catalogue:
    return load_folder(FOLDER)


def release(name: str, language: str) -> Release:
    found = catalogue().latest(name)
    words = catalogue().translations.get((found.sha256, language))
    return found if words is None else translated(found, words)


def texts(found: Release) -> Iterator[tuple[str, str]]:
    """Every text that people read, with where it stands."""
    for key in ("title", "summary", "licence"):
        yield key, getattr(found, key)
    for name, domain in found.domains.items():
        yield f"domains.{name}", domain.title
    for section in found.sections:
        yield section.id, section.title
        if section.intro:
            yield f"{section.id}.intro", section.intro
        for question in section.questions:
            for key, text in texts_of(question):
                yield f"{question.id}.{key}", text


def texts_of(question: Question) -> Iterator[tuple[str, str]]:
    for key in ("text", "why", "counts", "evidence"):
        if getattr(question, key):
            yield key, getattr(question, key)
    answer = question.answer.model_dump()
    for key in ("unit", "empty_means"):
        if answer.get(key):
            yield key, answer[key]
    for level, text in enumerate(answer.get("levels", ())):
        yield f"levels[{level}]", text
    for option in answer.get("options", ()):
        yield option["id"], option["text"]
    for column in answer.get("columns", ()):
        yield column["id"], column["title"]
        for option in column["options"]:
            yield f"{column['id']}.{option['id']}", option["text"]


EVERY = [(name, language) for name in NAMES for language in LANGUAGES]


def test_all_seven_are_there_in_every_language() -> None:
    assert tuple(catalogue().newest) == NAMES
    for name in NAMES:
        for language in TRANSLATED:
            assert (catalogue().latest(name).sha256, language) in catalogue().translations


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_question_says_what_it_asks_why_and_what_counts(name: str, language: str) -> None:
    found = release(name, language)

    assert found.language == language
    for question in found.questions.values():
        assert question.text.endswith("?"), question.id
        assert question.why, question.id
        assert question.counts, question.id


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_in_english(name: str, language: str) -> None:
    english, other = dict(texts(release(name, "en"))), dict(texts(release(name, language)))

    assert list(english) == list(other)
    same = {place: text for place, text in english.items() if other[place] == text}
    assert {place for place, text in same.items() if text not in SAME_IN_BOTH} == set()


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@pytest.mark.parametrize("name", NAMES)
def test_german_is_written_with_umlauts(name: str) -> None:
    """“ue” stands in few German words, but after a, e or q: “neue”, “Quelle”, “Steuer”."""
    found = [
        f"{place}: {word}"
        for place, text in texts(release(name, "de"))
        for word in words(text)
        if re.search(r"ae|oe|(?<![aeäöq])ue", word) and not word.startswith(SPELT_WITH_TWO_VOWELS)
    ]

    assert found == []


@pytest.mark.parametrize("name", NAMES)
def test_german_is_written_with_eszett(name: str) -> None:
    eszett = SPELT_WITH_ESZETT.pattern.replace("ß", "ss")
    found = [
        f"{place}: {word}"
        for place, text in texts(release(name, "de"))
        for word in words(text)
        if re.search(eszett, word)
    ]

    assert found == []


def test_the_looks_at_german_see_what_they_are_for() -> None:
    assert re.search(r"ae|oe|(?<![aeäöq])ue", "pruefung")
    assert re.search(SPELT_WITH_ESZETT.pattern.replace("ß", "ss"), "massnahmen")
    german = " ".join(text for name in NAMES for _, text in texts(release(name, "de")))
    assert len(SPELT_WITH_ESZETT.findall(german.lower())) > 20, "and it is written so"
    assert len(re.findall(r"[äöü]", german)) > 1000


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_nothing_shouts_and_quotation_marks_are_those_of_the_language(
    name: str, language: str
) -> None:
    marks = {"en": ("“", "”"), "de": ("„", "“")}[language]
    for place, text in texts(release(name, language)):
        assert "!" not in text, place
        assert '"' not in text, place
        assert not set("“”„«»") & set(text) - set(marks), place
        assert text.count(marks[0]) == text.count(marks[1]), place


@pytest.mark.parametrize("name", NAMES)
def test_german_says_sie(name: str) -> None:
    familiar = {"du", "dein", "deine", "deinen", "deiner", "dir", "dich", "euch", "eure", "euer"}
    for place, text in texts(release(name, "de")):
        assert not familiar & set(words(text)), place


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_no_text_is_torn_or_holds_what_was_meant_for_the_file(name: str, language: str) -> None:
    for place, text in texts(release(name, language)):
        assert text == " ".join(text.split()), place
        assert not re.search(r"[<>{}\[\]`|]|TODO|FIXME|XXX|https?:", text), place
