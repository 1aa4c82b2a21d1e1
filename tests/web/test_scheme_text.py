"""The scheme's text: shown to everybody as docs/scoring.md has it, and true in every number."""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from riskapp.scoring import constants
from riskapp.scoring.adequacy import shipped
from riskapp.scoring.constants import STD_1, KnockoutLevel, Level
from riskapp.scoring.receipts import read_receipt, receipt_document
from riskapp.scoring.rules import evaluate
from riskapp.scoring.schemes import STANDARD
from riskapp.scoring.transfers import standing
from riskapp.scoring.wishes import SchemeRefused
from riskapp.vendors.rules import INHERENT_BOUNDS, Bounds, Tier
from riskapp.web.scoring.text import SOURCE, rendered
from tests.cast import Cast
from tests.conftest import Client
from tests.scoring import documents, own_schemes
from tests.scoring.building import CATALOGUE
from tests.web.test_account import text_of

SCHEME = "/scoring/scheme"
TEXT = SOURCE.read_text(encoding="utf-8")
ANCHORS = [
    *("inherent", "answers", "gates", "evidence", "domains", "floors", "tier", "confidence"),
    *("transfers", "vendor", "lift", "time", "schemes", "receipt", "spreadsheet", "properties"),
    "sources",
]


def chapter(anchor: str) -> str:
    return TEXT.partition(f'<a id="{anchor}">')[2].partition("\n## ")[0]


def rows(anchor: str, first_column: str) -> list[list[str]]:
    """The table of a chapter whose first column is headed so, without its head."""
    lines = chapter(anchor).splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith(f"| {first_column} |"))
    found = []
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def starts(bounds: Bounds) -> dict[str, Fraction]:
    return {str(tier): bounds.lower(tier) for tier in Tier}


def test_everybody_can_read_the_text_without_signing_in(client: Client) -> None:
    page = client.get(SCHEME)
    assert page.status_code == 200
    words = text_of(page)
    assert "The scoring scheme std-1" in words
    assert "=ROUNDDOWN(ROUND(E7,9),1)" in words
    assert "Sign out" not in words


def test_who_is_signed_in_keeps_their_navigation(client: Client, cast: Cast) -> None:
    for member in (cast.oskar, cast.audrey, cast.ada):
        page = client.as_(member).get(SCHEME).get_data(as_text=True)
        assert 'aria-label="Main"' in page
        assert "Sign out" in page


def test_every_chapter_has_its_anchor_and_every_link_leads_to_one(client: Client) -> None:
    page = client.get(SCHEME).get_data(as_text=True)
    ids = re.findall(r'<h2 id="([^"]+)">', page)
    assert [one for one in ids if one in ANCHORS] == ANCHORS
    links = set(re.findall(r'href="#([^"]+)"', page)) - {"main"}
    assert links == set(ids)


def test_tables_scroll_in_regions_that_have_names_of_their_own(client: Client) -> None:
    page = client.get(SCHEME).get_data(as_text=True)
    names = re.findall(
        r'<div class="region" role="region" aria-label="([^"]+)" tabindex="0">', page
    )
    assert len(names) == len(set(names)) == page.count("<table") == page.count('class="data"')
    assert page.count("<th ") == page.count('<th scope="col"')


def test_no_html_is_taken_from_the_text_but_the_anchors_of_headings() -> None:
    for text in ("<b>bold</b>", "<script>x()</script>", 'A <a id="b"></a> c', "## <i>One</i>"):
        with pytest.raises(ValueError, match="HTML in the text"):
            rendered(f"# Title\n\n{text}\n")
    shown = rendered('# Title\n\n## One & all <a id="one"></a>\n\n1 < 2\n')
    assert (shown.title, shown.contents) == ("Title", (("one", "One & all"),))
    assert shown.body == '<h2 id="one">One &amp; all</h2>\n<p>1 &lt; 2</p>\n'


def test_the_tiers_of_the_text_are_those_of_the_scheme() -> None:
    assert {name: Fraction(at) for name, at in rows("tier", "tier")} == starts(STD_1.bounds)
    inherent = {name: Fraction(at) for name, at in rows("inherent", "inherent tier")}
    assert inherent == starts(INHERENT_BOUNDS) == starts(STD_1.inherent_bounds)


def test_the_weights_and_floors_of_the_text_are_those_of_the_intake() -> None:
    weighed = [one for one in CATALOGUE.intake.questions.values() if one.factor is not None]
    stated = {name: (weight, floors) for name, _, weight, floors in rows("inherent", "factor")}
    assert list(stated) == [one.id for one in weighed]
    for one in weighed:
        weight, floors = stated[one.id]
        assert one.factor is not None
        assert Fraction(weight) == one.factor.weight
        found = sorted(int(number) for number in re.findall(r": (\d+)", floors))
        assert found == sorted(floor.floor for floor in one.factor.floors)


def test_evidence_and_freshness_of_the_text_are_those_of_the_scheme() -> None:
    levels = {Level(name): Fraction(worth) for name, worth, _ in rows("evidence", "level")}
    assert levels == STD_1.evidence
    assert f"1 for {constants.FRESH_DAYS} days" in chapter("evidence")
    assert f"after {2 * constants.FRESH_DAYS} days 0" in chapter("evidence")
    assert f"κ = {STD_1.kappa}" in chapter("domains")


def test_the_floors_of_the_text_are_those_of_the_scheme() -> None:
    stated = [re.findall(r"\d+", at)[:1] for _, at in rows("floors", "what failed")]
    order = (KnockoutLevel.HIGH, KnockoutLevel.CRITICAL, KnockoutLevel.LEGAL)
    assert stated == [*([str(STD_1.knockout[level])] for level in order), []]
    weak = {Tier(tier): least for tier, least in rows("floors", "inherent tier")}
    assert weak.pop(Tier.LOW) == "none"
    assert {tier: Fraction(least) for tier, least in weak.items()} == STD_1.weak


def test_the_bounds_of_confidence_in_the_text_are_those_of_the_scheme() -> None:
    stated = {
        name: re.findall(r"\d\.\d+", words) for name, words in rows("confidence", "confidence")
    }
    bounds = {
        "low": [constants.NA_SHARE_MOST, constants.CONFIDENCE_MEDIUM],
        "medium": [constants.CONFIDENCE_HIGH],
        "high": [],
    }
    assert list(stated) == list(bounds)  # the first that fits counts
    assert {name: [Fraction(one) for one in found] for name, found in stated.items()} == bounds


def test_the_worths_of_transfers_in_the_text_are_those_that_are_given() -> None:
    rows_of_the_text = [
        ("", "scc", True),
        ("DE", "none", False),
        ("CH", "none", False),
        ("US", "dpf", False),
        ("IN", "adequacy", True),
        ("IN", "scc", True),
        ("IN", "bcr", False),
        ("IN", "code", False),
        ("IN", "art49", True),
        ("IN", "none", True),
    ]
    day = date(2026, 11, 23)
    found = [
        standing(country, safeguard, shipped(), day, assessed=assessed)
        for country, safeguard, assessed in rows_of_the_text
    ]
    stated = rows("transfers", "the row")
    assert [Fraction(worth) for _, worth, _ in stated] == [one.credit for one in found]
    assert [then == "legal block" for *_, then in stated] == [one.legal_block for one in found]


def test_the_months_until_the_next_assessment_are_those_of_the_scheme() -> None:
    stated = {Tier(tier): int(months) for tier, months in rows("schemes", "tier")}
    assert stated == STANDARD.cadence


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ("bounds of the tiers", "bound_critical"),
        ("floors of knock-outs and of legal questions", "floor_high"),
        ("least E_d, by inherent tier", "weak_medium"),
        ("weight of a domain", "weight_d1"),
        ("months until the next assessment", "cadence_low"),
    ],
)
def test_the_numbers_of_an_own_scheme_go_as_far_as_the_text_says(what: str, field: str) -> None:
    between = {name: re.findall(r"\d+", words) for name, words, _ in rows("schemes", "what")}
    assert len(between) == 5
    least, most = (int(number) for number in between[what])

    def is_too_far(value: int) -> bool:
        try:
            own_schemes.scheme(**{field: value})
        except SchemeRefused as refusal:
            said = refusal.faults.get(field.replace("_", "-"), "")
            return re.search(r"lie within|number from|months, from", said) is not None
        return False

    tried = (least - 1, least, most, most + 1)
    assert [is_too_far(value) for value in tried] == [True, False, False, True]


def paths(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{at}.{key}" if at else key)
    else:
        yield at


def test_the_text_names_every_field_of_a_receipt() -> None:
    document = documents.worked()
    sheet, _ = read_receipt(document)
    written = receipt_document(sheet, evaluate(sheet))
    item = next(one for one in written.pop("items") if one["knockout"])
    result = written.pop("result")
    named = set(re.findall(r"`([a-z_.]+)`", chapter("receipt")))

    def unnamed(value: Any) -> set[str]:
        """Fields whose path, or the path of what holds them, or their own name is not there."""
        return {
            path
            for path in paths(value)
            if not any(
                path in named or path.rpartition(".")[0] in named or path.startswith(f"{one}.")
                for one in named
            )
        }

    assert unnamed(written) == set()
    assert unnamed(item) == set()
    assert unnamed(result) == set()
    assert unnamed({"unheard_of": 1}) == {"unheard_of"}
