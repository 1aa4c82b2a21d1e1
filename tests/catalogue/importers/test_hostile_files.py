"""Whatever a file holds, it is refused with a remedy, or what it becomes passes the check."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.catalogue.importers.reading import import_file
from tests.catalogue.importers.ciso_writing import (
    choice,
    depends,
    library,
    node,
    one_of,
    some_of,
    values,
)
from tests.catalogue.importers.files import (
    NAMING,
    block,
    imported_or_refused,
    item,
    radios,
    refusal,
    ticks,
    vsaq_file,
    warning,
)
from tests.catalogue.importers.oscal_writing import FORMS, catalog, control, group, part, prop
from tests.catalogue.importers.yaml_writing import yaml_of

VSAQ = vsaq_file(
    item("info", "", "<b>Why</b>"),
    radios("g", "Which one?", "yes: Yes", "no: No &amp; never"),
    ticks("t", "Which?", "a: Alpha", "b: Beta", cond="g_yes"),
    block("In", item("yesno", "y", "Do you?", yes="Yes", no="No"), cond="t_a && !g_no"),
    item("line", "x", "What?", cond="y/yes || t_b"),
    warning("g_no && t_a"),
    item("tip", "tip", "Well.", cond="y/no"),
    version="1",
).encode()
LIBRARY = values(
    node(
        "1",
        one_of("Parent?", choice("a", add_score=0), choice("b", add_score=2)),
        some_of("Ticks?", choice("c", select_implementation_groups=["D"]), choice("d")),
        name="One",
    ),
    node("2", one_of("Child?", choice("Yes"), choice("No"), depends_on=depends("1", 1))),
    node("3", name="Bare", implementation_groups=["D"], weight=3),
)
CISO = yaml_of(LIBRARY).encode()
CATALOG = catalog(
    group(
        "a",
        "Access",
        control(
            "a-1",
            "Policy",
            part("statement", ("p", "Every ", ("insert", "p1"), "."), ("ul", "one", "two")),
            part("guidance", "It <matters>."),
            props=[prop("label", "A-1")],
            params=[{"id": "p1", "select": {"choice": ["x", "y"]}}],
            controls=[control("a-1.1", "More", part("statement", "More."))],
        ),
    )
)
GOOD = [("vsaq", VSAQ), ("ciso", CISO), *(("oscal", write(CATALOG)) for write in FORMS.values())]
VALUES: list[tuple[str, object]] = [
    ("vsaq", json.loads(VSAQ)),
    ("ciso", LIBRARY),
    ("oscal", json.loads(FORMS["json"](CATALOG))),
]
PIECES = [
    b"",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"\n",
    b"\x00",
    b"\xff",
    b"null",
    b"<",
    b"&",
    b"9" * 30,
    b"true",
    b"- ",
    b"  ",
    b"*a",
    b"&a",
    b"!!x",
    b"\\u0000",
    b"\\ud800",
    b"<![CDATA[",
    b"{{ x }}",
    b"\xe2\x80\xae",
    b"a" * 3000,
    b"(((",
    b"!",
    b"||",
]


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), form=st.sampled_from(["vsaq", "oscal", "ciso"]))
def test_random_bytes_are_refused_or_imported(data: bytes, form: str) -> None:
    imported_or_refused(form, data)


@settings(max_examples=80, deadline=None)
@given(
    good=st.sampled_from(GOOD),
    places=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 12), st.sampled_from(PIECES)),
        min_size=1,
        max_size=4,
    ),
)
def test_good_files_that_were_damaged_are_refused_or_imported(
    good: tuple[str, bytes], places: list[tuple[float, int, bytes]]
) -> None:
    form, data = good
    for where, length, piece in places:
        at = int(where * len(data))
        data = data[:at] + piece + data[at + length :]
    imported_or_refused(form, data)


SCALARS = st.sampled_from(
    ["x", "", "yes", "-1", "1", "null", "a_b", "g_yes", "{{ p1 }}", "<b>", "\ud7ff\ue000"]
)
ANY = st.recursive(
    SCALARS | st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3),
    max_leaves=6,
)


def replaced(value: object, by: object, luck: random.Random) -> object:
    """The same values, but for one somewhere in them."""
    if isinstance(value, dict) and value and luck.random() < 0.9:
        key = luck.choice(list(value))
        return {**value, key: replaced(value[key], by, luck)}
    if isinstance(value, list) and value and luck.random() < 0.9:
        at = luck.randrange(len(value))
        return [*value[:at], replaced(value[at], by, luck), *value[at + 1 :]]
    return by


@settings(max_examples=150, deadline=None)
@given(good=st.sampled_from(VALUES), by=ANY, luck=st.randoms(use_true_random=False))
def test_values_of_another_kind_are_refused_or_imported(
    good: tuple[str, object], by: object, luck: random.Random
) -> None:
    form, values = good
    changed = replaced(values, by, luck)
    imported_or_refused(form, json.dumps(changed).encode())


@pytest.mark.parametrize(("form", "data"), GOOD)
def test_a_file_that_is_cut_off_anywhere_is_refused_or_imported(form: str, data: bytes) -> None:
    for cut in range(0, len(data), max(1, len(data) // 25)):
        imported_or_refused(form, data[:cut])


@pytest.mark.soak
@pytest.mark.parametrize("form", ["vsaq", "oscal", "ciso"])
def test_a_file_of_a_hundred_megabytes_is_refused_before_it_is_read(form: str) -> None:
    refused = refusal(form, b'{"a": "' + b"x" * (100 * 2**20) + b'"}')
    assert refused.problem == "The file has 100 MB"


@pytest.mark.parametrize(
    ("form", "start", "end"),
    [
        ("vsaq", '{"questionnaire": [{"type": "block", "text": "', '", "items": []}]}'),
        ("oscal", '{"catalog": {"groups": [{"title": "', '", "controls": [{"title": "x"}]}]}}'),
        (
            "ciso",
            'objects:\n  framework:\n    requirement_nodes:\n    - {assessable: true, name: "',
            '"}\n',
        ),
    ],
)
def test_a_text_of_megabytes_is_cut_or_refused(form: str, start: str, end: str) -> None:
    read = imported_or_refused(form, f"{start}{'word ' * 200_000}{end}".encode())
    assert read is None or len(read.imported.text) < 10_000


def test_an_unknown_form_is_refused() -> None:
    assert "“word” is no form of file" in refusal("word", b"{}").problem
    assert "VSAQ" in refusal("ciso", b"{}", extensions=[b"{}"]).problem


def many_items(count: int) -> str:
    items = []
    for at in range(count):
        cond = {"cond": f"q{at - at % 10}_yes"} if at % 10 else {}
        labels = ("yes: Yes, we do it <b>always</b>", "no: We do not")
        items.append(radios(f"q{at}", f"Do you have control number {at}?", *labels, **cond))
        items.append(warning(f"q{at}_no"))
    blocks = [block(f"Block {at}", *items[at : at + 100]) for at in range(0, len(items), 100)]
    return json.dumps({"questionnaire": [block("All", *blocks)]})


def many_nodes(count: int) -> str:
    nodes = []
    for at in range(count):
        on = {"depends_on": depends(f"N{at - 1}", 1)} if at % 5 else {}
        choices = (
            choice("All", add_score=10),
            choice("Some", add_score=5),
            choice("None", add_score=0),
        )
        nodes.append(
            node(f"N{at}", one_of(f"Is it so, number {at}?", *choices, **on), name=f"Node {at}")
        )
    return library(*nodes)


def many_controls(count: int) -> bytes:
    said = part("statement", "It is done, and done again, as often as it is needed.")
    groups = [
        group(
            f"g{at}",
            f"Group {at}",
            *(control(f"c-{at}-{n}", f"Control {at} {n}", said) for n in range(100)),
        )
        for at in range(count // 100)
    ]
    return FORMS["yaml"](catalog(*groups))


@pytest.mark.soak
@pytest.mark.parametrize(
    ("form", "data"),
    [("vsaq", many_items(2_000)), ("ciso", many_nodes(2_000)), ("oscal", many_controls(2_000))],
)
def test_two_thousand_questions_are_imported_and_told_about(form: str, data: str | bytes) -> None:
    told: list[tuple[int, int]] = []
    content = data.encode() if isinstance(data, str) else data
    found = import_file(form, content, "many", NAMING, lambda *step: told.append(step))
    assert found.questions == 2_000
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert len(told) > 10
