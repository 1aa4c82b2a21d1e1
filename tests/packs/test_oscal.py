"""OSCAL documents: they pass NIST's schemas and say what the documents of the pack say."""

import json
from typing import Any

import pytest
from hypothesis import settings

from riskapp.packs.documents import Documents
from riskapp.packs.oscal.writing import assessment_results, poam
from tests.packs.oscal_cases import (
    POAM,
    RESULTS,
    answer,
    away,
    both,
    by_question,
    documents,
    entry,
    file,
    item,
    problems,
    proof,
    question,
    references,
    values,
)

Json = Any
examples = settings(deadline=None, max_examples=60)
WEAK = {"kind": "weak-domain", "domain": "governance", "at": "15"}
KNOCKOUT = {"level": "high", "below": "1/2"}


def story() -> Documents:
    """One question for each way in which one can stand, with proof in every condition."""
    hidden = {"asked": False, "not_asked_because": "It does not apply.", "answer": None}
    questions = (
        question("ISM-01", mappings={"iso27001": ["A.5.1", "cl. 4"], "gdpr": ["28(3)(a)"]}),
        question("ISM-02", answer=answer(words="Partly", value="partly"), knockout=KNOCKOUT),
        question("ISM-03", answer=away()),
        question("ISM-04", answer=None),
        question("ISM-05", answer=answer(standing="rejected")),
        question("ISM-06", answer=answer(compensating="3/4", words="No")),
        question("ISM-07", **hidden),
        question("ISM-08", **hidden),
        question("ISM-09", evidence_wanted="A report.", evidence=[file("ISM-09")]),
        question("ISM-10", evidence_wanted="A report."),
        question("ISM-11", evidence_wanted="A report.", evidence=[file("ISM-11")]),
        question("ISM-12", weight=None, gate=True),
        question("ISM-13", weight=None, **hidden),
        question("ISM-14", answer=answer(value=[], words="Nothing to list")),
        question("ISM-15", answer=away(na_refused=True)),
    )
    items = (
        item("ISM-02", credit="1/4", contribution="7/3", knockout=KNOCKOUT),
        item("ISM-03", "na-approved", credit="0"),
        item("ISM-04", "missing", credit="0", contribution="1"),
        item("ISM-05", "rejected", credit="0", contribution="1"),
        item("ISM-06", credit="3/4", contribution="1/4"),
        item("ISM-07", "hidden-by-control", credit="1"),
        item("ISM-08", "hidden-by-control", credit="1/2", contribution="1/2"),
        item("ISM-09", evidence=proof("reviewed", until="2027-01-31")),
        item("ISM-10", evidence=proof("none", None), contribution="1/2"),
        item("ISM-11", evidence=proof("provided", until="2026-01-31"), contribution="1/2"),
        item("ISM-14", "missing", credit="0", contribution="1"),
        item("ISM-15", "na-claimed", credit="0", contribution="1"),
    )
    entries = (
        entry("ISM-05", "reject", note="Too vague."),
        entry("ISM-06", "compensate", note="They use another lock."),
        entry("ISM-09", "reject", undone_at="2026-11-24T09:00:00+00:00"),
    )
    floors = ({"kind": "knockout", "item": "ISM-02", "at": "35"}, WEAK)
    return documents(
        *questions,
        items=items,
        entries=entries,
        floors=floors,
        outcome="approve-with-conditions",
        conditions="Renew the report.\nBy June.",
    )


def redacted() -> Documents:
    """The story with words, a file, notes and all names left out of the pack."""
    found = story()
    asked = found.answers["questionnaires"][0]["sections"][0]["questions"]
    for one in asked[1:9]:
        one["redacted"] = "A trade secret."
        if one["answer"]:
            said = dict.fromkeys(("value", "words", "na_reason", "comment"))
            one["answer"].update(said, redacted="A trade secret.")
    for one in asked[8:]:
        for shown in one["evidence"]:
            shown.update(name=None, file=None, redacted="A trade secret.")
    for one in found.review["entries"]:
        one.update(note=None, name=None, redacted="A trade secret.")
    found.about["people"] = {}
    found.about["submissions"][0].update(file=None, by={"name": None, "role": "Security lead"})
    found.decision["by"] = None
    return found


def all_away() -> Documents:
    names = [f"ISM-{number:02}" for number in range(1, 4)]
    return documents(
        *(question(one, answer=away()) for one in names),
        items=tuple(item(one, "na-approved", credit="0") for one in names),
    )


CASES = {
    "story": story,
    "redacted": redacted,
    "one question": lambda: documents(question("ISM-01")),
    "nothing scored": lambda: documents(question("ISM-01", weight=None, answer=None)),
    "no evidence": lambda: documents(
        question("ISM-01", evidence_wanted="A report."),
        items=(item("ISM-01", evidence=proof("none", None), contribution="9"),),
    ),
    "all away": all_away,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_documents_pass_their_schemas(case: Any) -> None:
    results, plan = both(case())
    assert problems(results) == []
    assert problems(plan) == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_reference_leads_to_something_and_every_uuid_stands_once(case: Any) -> None:
    for document in both(case()):
        stated = list(values(document, "uuid"))
        assert len(set(stated)) == len(stated)
        assert references(document) <= set(stated)
        assert references(document)
        (body,) = document.values()
        roles = {one["id"] for one in body["metadata"]["roles"]}
        assert set(values(document, "role-id")) <= roles


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_objectives_of_findings_are_defined_in_the_document(case: Any) -> None:
    results, _ = both(case())
    body = results[RESULTS]
    defined = {one["id"] for each in values(body["local-definitions"], "parts") for one in each}
    assert set(values(body["results"], "target-id")) <= defined
    assert set(values(body["results"], "objective-id")) <= defined


def result(found: Documents) -> Json:
    (one,) = both(found)[0][RESULTS]["results"]
    return one


def test_each_question_asked_is_observed_and_each_that_counts_is_found() -> None:
    found = story()
    asked = found.answers["questionnaires"][0]["sections"][0]["questions"]
    one = result(found)
    assert by_question(one["observations"]).keys() == {
        each["id"] for each in asked if each["asked"]
    }
    assert by_question(one["findings"]).keys() == {each["id"] for each in found.receipt["items"]}


STATUSES = {
    "ISM-01": ("satisfied", "pass", "implemented"),
    "ISM-02": ("not-satisfied", "fail", "partial"),
    "ISM-03": ("satisfied", "other", "not-applicable"),
    "ISM-04": ("not-satisfied", "fail", None),
    "ISM-05": ("not-satisfied", "fail", None),
    "ISM-06": ("not-satisfied", "other", "alternative"),
    "ISM-07": ("satisfied", "other", None),
    "ISM-08": ("not-satisfied", "other", None),
    "ISM-09": ("satisfied", "pass", "implemented"),
    "ISM-10": ("not-satisfied", "other", None),
    "ISM-11": ("not-satisfied", "other", None),
    "ISM-14": ("not-satisfied", "other", None),
    "ISM-15": ("not-satisfied", "other", None),
}


def test_findings_say_how_each_question_stands() -> None:
    found = by_question(result(story())["findings"])
    told = {
        name: (
            one["target"]["status"]["state"],
            one["target"]["status"]["reason"],
            one["target"].get("implementation-status", {}).get("state"),
        )
        for name, one in found.items()
    }
    assert told == STATUSES


SHORTFALLS = {
    "ISM-02": ["partial", "knockout"],
    "ISM-04": ["unanswered"],
    "ISM-05": ["rejected"],
    "ISM-06": ["compensated"],
    "ISM-08": ["control"],
    "ISM-10": ["proof-missing"],
    "ISM-11": ["proof-expired"],
    "ISM-14": ["unconfirmed"],
    "ISM-15": ["na-refused"],
}


def test_the_plan_holds_what_lowers_the_score_the_weak_domain_and_the_conditions() -> None:
    plan = both(story())[1][POAM]
    told: dict[str, list[str]] = {}
    for one in plan["poam-items"]:
        name = one["title"].partition(":")[0]
        told[name] = [each["value"] for each in one["props"] if each["name"] == "shortfall"]
    rest: dict[str, list[str]] = {
        "Conditions of the decision": [],
        "Strengthen the domain governance": [],
    }
    assert told == {**rest, **SHORTFALLS}
    assert by_question(plan["findings"]).keys() == SHORTFALLS.keys()
    assert plan["poam-items"][0]["description"] == "Renew the report.\n\nBy June."


def test_where_nothing_is_to_be_done_the_plan_says_so() -> None:
    plan = both(all_away())[1][POAM]
    (only,) = plan["poam-items"]
    assert only["title"] == "Nothing is to be done"
    assert "findings" not in plan


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        (proof("provided"), None),
        (proof("reviewed", "2024-11-27"), None),
        (proof("reviewed", "2024-11-26"), "proof-old"),
        (proof("independent", "2020-01-01", "2026-11-26"), None),
        (proof("independent", "2026-01-01", "2026-11-25"), "proof-expired"),
        (proof("rejected"), "proof-rejected"),
        (proof("erased"), "proof-erased"),
        (proof("reviewed", None), "proof-missing"),
    ],
)
def test_proof_counts_on_the_day_of_the_receipt(evidence: Json, kind: str | None) -> None:
    found = documents(
        question("ISM-01", evidence_wanted="A report."), items=(item("ISM-01", evidence=evidence),)
    )
    (one,) = result(found)["findings"]
    told = [each["value"] for each in one["props"] if each["name"] == "shortfall"]
    assert told == ([] if kind is None else [kind])
    assert one["target"]["status"]["state"] == ("not-satisfied" if kind else "satisfied")


def test_a_risk_carries_its_floor_and_what_makes_up_for_it() -> None:
    risks = by_question([one for one in result(story())["risks"] if "props" in one])
    facets = {one["name"]: one["value"] for one in next(values(risks["ISM-02"], "facets"))}
    assert (facets["floor"], facets["floor-kind"], facets["contribution"]) == (
        "35",
        "knockout",
        "7/3",
    )
    assert risks["ISM-02"]["statement"] == (
        "It adds 2.33 points to the residual risk.\n\nIt holds the score at 35.00 at least."
    )
    assert risks["ISM-06"]["status"] == "deviation-approved"
    (factor,) = risks["ISM-06"]["mitigating-factors"]
    assert factor["description"].endswith("They use another lock.")


def test_the_decision_is_attested_by_whoever_made_it() -> None:
    results, _ = both(story())
    parties = {one["uuid"]: one for one in results[RESULTS]["metadata"]["parties"]}
    (one,) = (
        each
        for each in results[RESULTS]["results"][0]["attestations"]
        if each["parts"][0]["name"] == "decision"
    )
    who = one["responsible-parties"][0]
    assert who["role-id"] == "decision-maker"
    assert [parties[each]["name"] for each in who["party-uuids"]] == ["Olga"]
    assert "Renew the report." in one["parts"][0]["prose"]


def test_ids_of_frameworks_are_listed_as_tokens_and_kept_as_they_were_written() -> None:
    one = result(story())
    ids = set(values(one["reviewed-controls"], "control-id"))
    assert {"A.5.1", "cl.4", "gdpr-28.3.a", "ISM-01"} <= ids
    (finding,) = (each for each in one["findings"] if each["title"].startswith("ISM-01"))
    told = {
        (each["class"], each["value"]) for each in finding["props"] if each["name"] == "maps-to"
    }
    assert told == {("iso27001", "A.5.1"), ("iso27001", "cl. 4"), ("gdpr", "28(3)(a)")}


def test_what_was_left_out_of_the_pack_is_not_here_and_its_reason_is() -> None:
    results, plan = both(redacted())
    for document in (results, plan):
        text = json.dumps(document)
        for word in ("Vera", "Olga", "Oskar", "report.pdf", "Too vague", "another lock"):
            assert word not in text
        assert "A trade secret." in text
    one = by_question(results[RESULTS]["results"][0]["observations"])["ISM-02"]
    assert one["description"] == (
        "The answer was left out of this pack.\n\nReason: A trade secret."
    )
    assert not [href for href in values(results, "href") if "evidence" in href]


def test_the_same_documents_give_the_same_bytes_and_others_another_uuid() -> None:
    assert json.dumps(both(story())) == json.dumps(both(story()))
    changed = story()
    changed.decision["conditions"] = "Renew the report."
    for one, other in zip(both(story()), both(changed), strict=True):
        (body,), (changed_body,) = one.values(), other.values()
        assert body["uuid"] != changed_body["uuid"]


def test_a_document_below_another_folder_links_to_the_files_of_the_bag() -> None:
    found = documents(question("ISM-01", evidence=[file("ISM-01", "表 50 #1.pdf")]))
    folder = "data/assessments/1/oscal"
    for document in (assessment_results(found, folder=folder), poam(found, folder=folder)):
        assert problems(json.loads(json.dumps(document))) == []
    links = set(values(assessment_results(found, folder=folder), "href"))
    name = "%E8%A1%A8%2050%20%231.pdf"
    assert f"../../../evidence/ISM-01/{'1':0>32}/{name}" in links
    assert {"../assessment.json", "../receipt.json"} <= links


def test_days_that_oscal_cannot_say_are_not_said_as_times() -> None:
    for until in ("9999-12-31", "1800-01-01"):
        found = documents(
            question("ISM-01", evidence=[file("ISM-01", valid_until=until)]),
            items=(item("ISM-01", evidence=proof("reviewed", until=until)),),
        )
        results, _ = both(found)
        assert problems(results) == []
        assert not list(values(results, "expires"))
        assert until in values(results, "value")
