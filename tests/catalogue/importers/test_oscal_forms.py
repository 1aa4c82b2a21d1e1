"""One catalog in JSON, YAML and XML becomes the same questionnaire, byte for byte."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.importers.reading import import_file
from tests.catalogue.importers.files import NAMING, imported, shared
from tests.catalogue.importers.oscal_writing import (
    FORMS,
    Inline,
    Values,
    catalog,
    control,
    group,
    part,
    prop,
)

RICH = catalog(
    {
        **group(
            "s1",
            "Organization & people",
            control(
                "s1.1",
                ["Roles ", ("em", "and"), " duties < all"],
                part(
                    "statement",
                    (
                        "p",
                        "Everybody has a role [of one kind]: see ",
                        ("link", "the guide", "https://example.org/a_b"),
                        ".",
                    ),
                    (
                        "ul",
                        ["one ", ("strong", "bold"), " thing;"],
                        "snake_case and 2*3*4,",
                        ["every ", ("insert", "p_1")],
                    ),
                    ("p", "- no list, but a dash"),
                    ("p", ("code", "a_b*c"), " is code; ", ("q", "quoted"), " is not."),
                    props=[prop("label", "x")],
                ),
                part(
                    "guidance",
                    ("h", "Why"),
                    ("p", "It   matters\n  much."),
                    ("ol", "first", "second"),
                    title="Guidance",
                ),
                part(
                    "guidance",
                    parts=[part("item", "a part of a part", props=[prop("label", "(a)")])],
                ),
                props=[prop("label", "1.1"), prop("priority", "P1"), prop("sort-id", "01")],
                params=[
                    {"id": "p_1", "label": "a *long* time"},
                    {"id": "p_2", "values": ["one & all"]},
                ],
                links=[{"href": "#s1.2", "rel": "related"}],
                controls=[
                    control(
                        "s1.1.1", "More", part("statement", ("p", ("insert", "p_2"), " is good."))
                    )
                ],
            ),
            parts=[part("overview", "What it is about.")],
        ),
        "groups": [
            group("s1a", "Inner", control("s1a.1", "Inner one", part("statement", "It is so.")))
        ],
    },
    group(
        "s2",
        "Second",
        control("s2.1", "Gone", props=[prop("status", "withdrawn")]),
        control("s2.2", "Stays"),
    ),
    metadata={
        "title": ["A catalog ", ("em", "for tests")],
        "parties": [{"uuid": "u", "type": "organization", "name": "Acme & Sons"}],
        "remarks": [
            ("p", "Licensed under CC BY 4.0; see ", ("link", "there", "https://example.org"), ".")
        ],
    },
)


def results(found: Values) -> list[tuple[str, list[str]]]:
    """What each form of a catalog becomes."""
    read = [imported("oscal", write(found), f"theirs.{form}") for form, write in FORMS.items()]
    return [(one.imported.text, one.notes) for one in read]


def test_the_three_forms_of_a_rich_catalog_become_the_same() -> None:
    first, *others = results(RICH)
    assert others == [first, first]


def test_what_the_rich_catalog_becomes_is_right() -> None:
    read = imported("oscal", FORMS["xml"](RICH))
    question = read.questions[0]
    assert question.text == (
        "Roles and duties < all: Everybody has a role [of one kind]: see the guide "
        "(https://example.org/a_b). one bold thing; snake_case and 2*3*4; every [a *long* time]. "
        '- no list, but a dash a_b*c is code; "quoted" is not — is this in place?'
    ).replace("a *long* time", "a *long* time")
    assert question.why == "Guidance: Why: It matters much. first; second"
    assert question.counts == "(a) a part of a part."
    assert read.questions[1].text == "More: one & all is good — is this in place?"
    assert read.release.title == "A catalog for tests"


def test_the_published_catalog_of_mvsp_becomes_the_same_in_json_and_yaml() -> None:
    texts = []
    for form in ("json", "yaml"):
        name = f"mvsp_v3.0-20231109-catalog.{form}"
        found = import_file("oscal", shared(f"mvsp/{name}"), name, NAMING)
        texts.append((found.text, [str(note) for note in found.notes], found.questions))
    assert texts[0] == texts[1]
    assert texts[0][2] == 25


def test_the_published_catalog_of_mvsp_keeps_its_reasons_and_ids() -> None:
    name = "mvsp_v3.0-20231109-catalog.json"
    read = imported("oscal", shared(f"mvsp/{name}"), name)
    assert [one.mappings["mvsp"] for one in read.questions][:2] == [("1.1",), ("1.2",)]
    assert all(not one.why.startswith("The source gives") for one in read.questions)
    assert read.release.restricted is None
    assert "CC0" in read.release.licence
    assert len(read.release.domains) == 4


def test_schemas_are_no_catalogs() -> None:
    from tests.catalogue.importers.files import refusal  # noqa: PLC0415

    content = shared("oscal/oscal_poam_schema.json")
    assert "JSON schema" in refusal("oscal", content).problem


SIGNS = "abc DEF éß漢 0 1 . , ; : ! ? ' \" - + # * _ ` ~ ^ [ ] ( ) { } < > & \\ / | ="
PLAIN = (
    st.text(
        alphabet=st.sampled_from(SIGNS),
        min_size=1,
        max_size=25,
    )
    .map(lambda text: " ".join(text.replace("{{", "{ {").split()))
    .filter(bool)
)
WORD = st.text(alphabet="abcdefgxyz", min_size=1, max_size=8)


@st.composite
def inline(draw: st.DrawFn) -> list[Inline]:
    found: list[Inline] = []
    for _ in range(draw(st.integers(1, 4))):
        mark = draw(st.sampled_from(("", "", "em", "strong", "code", "insert", "link")))
        text = draw(WORD)
        if mark == "link":
            found += [("link", text, draw(st.sampled_from(("https://example.org/a_b", "#x"))))]
        elif mark == "insert":
            found += [("insert", draw(st.sampled_from(("p1", "p2", "p3"))))]
        elif mark:
            found += [(mark, text)]
        else:
            found += [draw(PLAIN)]
        found += [" "]
    return found[:-1]


@st.composite
def blocks(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("p", "ul", "ol")))
        if kind == "p":
            found.append(("p", *draw(inline())))
        else:
            items = [draw(inline()) for _ in range(draw(st.integers(1, 3)))]
            found.append((kind, *items))
    return found


@st.composite
def catalogs(draw: st.DrawFn) -> Values:
    controls = [
        control(
            f"c-{at}",
            draw(inline()),
            *(
                part(name, *draw(blocks()))
                for name in draw(
                    st.lists(st.sampled_from(("statement", "guidance", "objective")), max_size=3)
                )
            ),
            params=[{"id": "p1", "label": draw(inline())}, {"id": "p2", "values": [draw(WORD)]}],
        )
        for at in range(draw(st.integers(1, 3)))
    ]
    return catalog(group("g", draw(WORD), *controls))


@settings(max_examples=40, deadline=None)
@given(found=catalogs())
def test_the_three_forms_of_any_catalog_become_the_same(found: Values) -> None:
    first, *others = results(found)
    assert others == [first, first]
