"""What is no OSCAL catalog, or would do harm, is refused with a remedy."""

import pytest

from tests.catalogue.importers.files import imported, refusal
from tests.catalogue.importers.oscal_writing import (
    as_json,
    as_xml,
    as_yaml,
    catalog,
    control,
    group,
    part,
)

STATEMENT = part("statement", "Access is granted on request.")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"profile": {}}', "a profile: resolve it"),
        (b'{"system-security-plan": {}}', "a system security plan"),
        (b'{"$schema": "http://json-schema.org/draft-07/schema#"}', "a JSON schema"),
        (b"<profile/>", "a profile: resolve it"),
        (b'{"catalog": []}', "no OSCAL catalog"),
        (b'{"catalog": {}}', "holds no question"),
        (b"catalog: {}", "holds no question"),
        (b"<catalog/>", "holds no question"),
        (b"[1, 2]", "no OSCAL catalog"),
        (b"just words", "no OSCAL catalog"),
        (b'{"catalog": {"groups": [', "no JSON"),
        (b"<catalog><group>", "no XML"),
        (b"catalog: [", "no YAML"),
        (b'{"catalog": {}, "catalog": {}}', "twice in the same place"),
        (b"[" * 100_000, "nested too deeply"),
        (b"<a>" * 200 + b"</a>" * 200, "nested too deeply"),
        (b"\xff\xfe\xfa", "no UTF-16 text"),
        (b"caf\xe9", "no UTF-8 text: line 1"),
        (b"   ", "is empty"),
        (b"\x00\x00", "is no text"),
    ],
)
def test_what_is_no_catalog_is_refused(content: bytes, problem: str) -> None:
    assert problem in refusal("oscal", content).problem


@pytest.mark.parametrize(
    "hostile",
    [
        '<!DOCTYPE catalog [<!ENTITY a "b">]><catalog>&a;</catalog>',
        '<!DOCTYPE catalog SYSTEM "file:///etc/passwd"><catalog/>',
        "<!DOCTYPE catalog><catalog/>",
    ],
)
def test_documents_with_a_doctype_or_entities_are_refused(hostile: str) -> None:
    assert "DOCTYPE" in refusal("oscal", hostile).problem


def test_a_yaml_file_that_multiplies_itself_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 10)]
    assert "values that are read at most" in refusal("oscal", "\n".join(lines)).problem


def test_a_yaml_file_with_a_tag_for_an_object_is_refused() -> None:
    assert "has the tag" in refusal("oscal", "catalog: !!python/object:os.system x").problem


def test_texts_in_other_encodings_with_their_marks_are_read() -> None:
    content = as_json(catalog(group("a", "Zürich", control("x", "X", STATEMENT)))).decode()
    for encoding in ("utf-8-sig", "utf-16"):
        read = imported("oscal", content.encode(encoding))
        assert read.release.sections[0].title == "Zürich"


def test_xml_in_an_encoding_that_it_names_but_does_not_have_is_read_as_it_is() -> None:
    content = as_xml(catalog(group("a", "Zürich", control("x", "X", STATEMENT))))
    named = content.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"')
    assert imported("oscal", named).release.sections[0].title == "Zürich"


def test_more_than_five_thousand_controls_are_refused() -> None:
    many = [control(f"x-{at}", f"Control {at}") for at in range(5_001)]
    assert (
        "more than 5000 questions"
        in refusal("oscal", as_json(catalog(group("a", "A", *many)))).problem
    )


def test_a_file_of_more_than_twenty_megabytes_is_refused() -> None:
    assert "at most 20 MB" in refusal("oscal", b" " * (20 * 2**20 + 1)).remedy


def test_yaml_is_told_about_as_it_is_read() -> None:
    told: list[tuple[int, int]] = []
    many = [control(f"x-{at}", f"Control {at}", STATEMENT) for at in range(300)]
    content = as_yaml(catalog(group("a", "A", *many)))
    imported("oscal", content, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (100, 100)
    assert len(told) > 3
