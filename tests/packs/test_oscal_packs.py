"""The OSCAL documents of packs that were really made."""

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from hypothesis import settings

from riskapp.packs.narrowing import PEOPLE, Narrowing, Redaction
from tests.cast import Cast
from tests.packs.oscal_cases import (
    POAM,
    RESULTS,
    by_question,
    problems,
    references,
    values,
)
from tests.packs.stories import (
    CERTIFIED,
    COMMENTED,
    NOT_APPLICABLE,
    Unpacked,
    exported,
    unpack,
)

Json = Any
examples = settings(deadline=None, max_examples=60)
WEAK = {"kind": "weak-domain", "domain": "governance", "at": "15"}
KNOCKOUT = {"level": "high", "below": "1/2"}


def stated(bag: Unpacked, name: str) -> Json:
    return json.loads((bag / name).read_bytes())


def lacks(scored: Json) -> bool:
    """Of the items of this pack: answered in part, or without the proof that was asked for."""
    unproven = scored["evidence"]["asked"] and scored["evidence"]["level"] == "none"
    return bool(scored["state"] != "na-approved" and (scored["credit"] != "1" or unproven))


def test_the_documents_of_a_pack_pass_their_schemas_and_say_what_the_pack_says(
    bag: Unpacked,
) -> None:
    results = stated(bag, "data/oscal/assessment-results.json")
    plan = stated(bag, "data/oscal/poam.json")
    assert problems(results) == problems(plan) == []
    answers, receipt = stated(bag, "data/answers.json"), stated(bag, "data/receipt.json")
    asked = {
        one["id"]
        for each in answers["questionnaires"]
        for section in each["sections"]
        for one in section["questions"]
        if one["asked"]
    }
    (one,) = results[RESULTS]["results"]
    assert by_question(one["observations"]).keys() == asked
    found = by_question(one["findings"])
    assert found.keys() == {each["id"] for each in receipt["items"]}
    lacking = {
        name for name, each in found.items() if each["target"]["status"]["state"] == "not-satisfied"
    }
    assert lacking == {each["id"] for each in receipt["items"] if lacks(each)}
    assert by_question(plan[POAM]["findings"]).keys() == lacking
    assert references(results) <= set(values(results, "uuid"))
    assert references(plan) <= set(values(plan, "uuid"))


def test_links_lead_to_files_of_the_pack_with_the_digests_that_stand_there(bag: Unpacked) -> None:
    results = stated(bag, "data/oscal/assessment-results.json")
    seen = 0
    for link in (one for each in values(results, "rlinks") for one in each):
        path = bag / "data/oscal" / unquote(link["href"])
        assert path.is_file()
        for digest in link.get("hashes", ()):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest["value"]
            seen += 1
    evidence = {name for name in bag.names() if name.startswith("data/evidence/")}
    assert len(evidence) > 1
    assert seen >= len(evidence)


def test_a_pack_of_a_history_without_names_files_and_most_answers_passes_them_too(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    narrowing = Narrowing(
        evidence=False,
        questions=(CERTIFIED, NOT_APPLICABLE, COMMENTED),
        redactions=(
            Redaction("answer", COMMENTED, "A trade secret."),
            Redaction("names", PEOPLE, "Nobody needs them."),
        ),
    )
    pack = exported(told, cast.oskar, assessment_id=None, narrowing=narrowing)
    bag = unpack(b"".join(pack.chunks), tmp_path / "bag")
    folder = bag.folder / "data/assessments" / told / "oscal"
    for path in (folder / "assessment-results.json", folder / "poam.json"):
        document = json.loads(path.read_bytes())
        assert problems(document) == []
        assert references(document) <= set(values(document, "uuid"))
        for link in (one for each in values(document, "rlinks") for one in each):
            assert (folder / unquote(link["href"])).is_file()
    text = (folder / "assessment-results.json").read_text()
    for word in ("Vera Vogt", "Oskar", "Olga", "HYPERLINK", "Too vague", "AUX.pdf"):
        assert (word in text) == (word == "AUX.pdf")
    assert "A trade secret." in text
    assert "We have no such statement." in text
