"""Packs whose content was falsified and whose manifests were then written anew."""

import hashlib
import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from riskapp.packs.shipped import verify
from riskapp.packs.shipped.verify import problems
from riskapp.scoring.receipts import recompute
from tests.packs.conftest import Delivered
from tests.packs.stories import CERTIFIED, COMMENTED, Unpacked


def load(bag: Unpacked, name: str) -> Any:
    return json.loads((bag / name).read_bytes())


def dump(bag: Unpacked, name: str, document: Any) -> None:
    (bag / name).write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True))


def questions(answers: Any) -> dict[str, Any]:
    return {
        question["id"]: question
        for questionnaire in answers["questionnaires"]
        for section in questionnaire["sections"]
        for question in section["questions"]
    }


def write_answers(bag: Unpacked, answers: Any) -> None:
    dump(bag, "data/answers.json", answers)
    (bag / "data/answers.csv").write_bytes(verify.answers_csv(answers))


def better_result(bag: Unpacked) -> str:
    receipt = load(bag, "data/receipt.json")
    receipt["result"]["tier"], receipt["result"]["shown"] = "low", "1.0"
    (bag / "data/receipt.json").write_bytes(verify.canonical(receipt))
    return "data/receipt.json: result.shown"


def better_contribution(bag: Unpacked) -> str:
    receipt = load(bag, "data/receipts/1.json")
    receipt["items"][0]["contribution"] = "1/7"
    (bag / "data/receipts/1.json").write_bytes(verify.canonical(receipt))
    return "data/receipts/1.json: the contribution of "


def better_constants(bag: Unpacked) -> str:
    receipt = load(bag, "data/receipt.json")
    receipt["constants"]["kappa"] = "1"
    (bag / "data/receipt.json").write_bytes(recompute(json.dumps(receipt)).document_bytes)
    return "data/receipt.json: does not have the constants"


def other_scheme(bag: Unpacked) -> str:
    """One that is not published, under a name that is kept for those that are."""
    receipt = load(bag, "data/receipt.json")
    receipt["scheme"] = "std-2"
    (bag / "data/receipt.json").write_bytes(verify.canonical(receipt))
    return "data/receipt.json: names a scheme that is neither std-1 nor"


def own_scheme_without_its_result(bag: Unpacked) -> str:
    """Lower floors under a name of one's own, and the old result beside them."""
    receipt = load(bag, "data/receipt.json")
    receipt["scheme"] = "harbour-1"
    receipt["constants"]["kappa"] = "1/2"
    (bag / "data/receipt.json").write_bytes(verify.canonical(receipt))
    return "data/receipt.json: result.base comes out as"


def better_receipt_throughout(bag: Unpacked) -> str:
    """A score that comes out right, of other items, in every place where it stands."""
    receipt = load(bag, "data/receipt.json")
    for item in receipt["items"]:
        item["credit"], item["state"] = "1", "answered"
        item["evidence"].update(level="independent", issued_on="2026-11-01")
    text = recompute(json.dumps(receipt)).document_bytes
    decision = load(bag, "data/decision.json")
    for name in ("data/receipt.json", f"data/receipts/{decision['receipt']}.json"):
        (bag / name).write_bytes(text)
    decision["receipt_sha256"] = hashlib.sha256(text).hexdigest()
    dump(bag, "data/decision.json", decision)
    return f"data/receipts/{decision['receipt']}.json: is not what audit/events.jsonl says"


def better_receipt_with_its_event(bag: Unpacked) -> str:
    """The same, and the record of events says so too."""
    better_receipt_throughout(bag)
    decision = load(bag, "data/decision.json")
    result = load(bag, "data/receipt.json")["result"]

    def change(event: dict[str, Any]) -> None:
        if event["type"] == "receipt:add" and event["object"].endswith(f"/{decision['receipt']}"):
            event.update(
                sha256=decision["receipt_sha256"], tier=result["tier"], shown=result["shown"]
            )

    change_events(bag, change)
    return "data/receipt.json: ISM-01 counts evidence"


def change_events(bag: Unpacked, change: Callable[[dict[str, Any]], None]) -> None:
    entries = [json.loads(line) for line in (bag / "audit/events.jsonl").read_bytes().splitlines()]
    for entry in entries:
        change(entry["event"])
    lines = [verify.canonical(entry) + b"\n" for entry in entries]
    (bag / "audit/events.jsonl").write_bytes(b"".join(lines))


def other_answer(bag: Unpacked) -> str:
    answers = load(bag, "data/answers.json")
    question = questions(answers)[CERTIFIED]
    for one in (question["answer"], question["revisions"][-1]):
        one["comment"] = "It covers half of the sites."
    write_answers(bag, answers)
    return f"data/answers.json: {CERTIFIED} revision 2: is not what audit/events.jsonl says"


def older_revision_gone(bag: Unpacked) -> str:
    answers = load(bag, "data/answers.json")
    del questions(answers)[CERTIFIED]["revisions"][0]
    write_answers(bag, answers)
    return f"data/answers.json: {CERTIFIED} revision 1: is missing"


def newest_revision_hidden(bag: Unpacked) -> str:
    answers = load(bag, "data/answers.json")
    question = questions(answers)[CERTIFIED]
    question["answer"].update(question["revisions"][0])
    write_answers(bag, answers)
    return f"data/answers.json: the answer to {CERTIFIED} is not its newest revision"


def other_table(bag: Unpacked) -> str:
    path = bag / "data/answers.csv"
    path.write_bytes(path.read_bytes().replace(b"Yes", b"No!", 1))
    return "data/answers.csv: does not say what"


def other_evidence(bag: Unpacked) -> str:
    """Another file, with its new digest in the answers."""
    answers = load(bag, "data/answers.json")
    file = questions(answers)[CERTIFIED]["evidence"][-1]
    (bag / file["file"]).write_bytes(b"%PDF forged")
    file.update(size=11, sha256=hashlib.sha256(b"%PDF forged").hexdigest())
    write_answers(bag, answers)
    return f"evidence {file['evidence']}/{file['version']}: is not what audit/events.jsonl says"


def evidence_gone(bag: Unpacked) -> str:
    answers = load(bag, "data/answers.json")
    file = questions(answers)[COMMENTED]["evidence"].pop()
    (bag / file["file"]).unlink()
    write_answers(bag, answers)
    return f"evidence {file['evidence']}/1: is missing, though it is in audit/events.jsonl"


def evidence_not_said_to_be_left_out(bag: Unpacked) -> str:
    answers = load(bag, "data/answers.json")
    file = questions(answers)[COMMENTED]["evidence"][0]
    (bag / file["file"]).unlink()
    file["file"] = None
    write_answers(bag, answers)
    return f"evidence {file['evidence']}/1 is not here, and not among what was left out"


def better_evidence(bag: Unpacked) -> str:
    answers = load(bag, "data/answers.json")
    file = questions(answers)[COMMENTED]["evidence"][0]
    file["level"] = "independent"
    write_answers(bag, answers)
    return f"evidence {file['evidence']}/1 has another standing"


def smuggled_evidence(bag: Unpacked) -> str:
    (bag / "data/evidence/ISM-05").mkdir()
    (bag / "data/evidence/ISM-05/forged.pdf").write_bytes(b"%PDF forged")
    return "data/evidence/ISM-05/forged.pdf: is a file that nothing in the pack tells of"


def other_acknowledgement(bag: Unpacked) -> str:
    found = load(bag, "data/acknowledgements/1.json")
    found["submitted_by"]["name"] = "Somebody Else"
    (bag / "data/acknowledgements/1.json").write_bytes(verify.canonical(found))
    return "data/acknowledgements/1.json: is not what audit/events.jsonl says"


def acknowledgement_gone(bag: Unpacked) -> str:
    (bag / "data/acknowledgements/2.json").unlink()
    return "data/acknowledgements/2.json: is missing, though it is in audit/events.jsonl"


def other_decision(bag: Unpacked) -> str:
    decision = load(bag, "data/decision.json")
    decision["outcome"] = "reject"
    dump(bag, "data/decision.json", decision)
    return "data/decision.json: outcome, receipt and time"


def earlier_receipt(bag: Unpacked) -> str:
    shutil.copyfile(bag / "data/receipts/1.json", bag / "data/receipt.json")
    return "data/receipt.json: is not receipt "


def review_entry_gone(bag: Unpacked) -> str:
    review = load(bag, "data/review.json")
    gone = review["entries"].pop(0)
    dump(bag, "data/review.json", review)
    return f"data/review.json: entry {gone['id']}: is missing"


def undoing_hidden(bag: Unpacked) -> str:
    review = load(bag, "data/review.json")
    review["entries"][0]["undone_at"] = None
    dump(bag, "data/review.json", review)
    return f"data/review.json: entry {review['entries'][0]['id']}: undone_at is not what audit/"


def other_intake(bag: Unpacked) -> str:
    about = load(bag, "data/assessment.json")
    next(one for one in about["intake"]["answers"] if one["question"] == "INT-02")["value"] = "none"
    dump(bag, "data/assessment.json", about)
    return "data/receipt.json: INT-02 is not what the intake"


def other_questionnaire(bag: Unpacked) -> str:
    path = bag / "data/questionnaires/iso-27001-2026.1.yaml"
    path.write_bytes(path.read_bytes() + b"# more\n")
    return "data/questionnaires/iso-27001-2026.1.yaml: has another SHA-256 than data/assessment"


def other_recipient(bag: Unpacked) -> str:
    path = bag / "bag-info.txt"
    path.write_text(path.read_text().replace("Audit House", "Other House"))
    return "bag-info.txt: Pack-Recipient must be"


def other_organisation(bag: Unpacked) -> str:
    path = bag / "bag-info.txt"
    organisation = bag.json("data/assessment.json")["assessment"]["organisation"]
    path.write_text(path.read_text().replace(f": {organisation}", ": Other House"))
    return f"bag-info.txt: Source-Organization must be “{organisation}”"


def other_description(bag: Unpacked) -> str:
    path = bag / "bag-info.txt"
    path.write_text(path.read_text().replace(": Evidence pack: ", ": Evidence pack: all of "))
    return "bag-info.txt: External-Description must be “Evidence pack: "


def other_recipient_before_the_true_one(bag: Unpacked) -> str:
    path = bag / "bag-info.txt"
    path.write_text("Pack-Recipient: Other House\n" + path.read_text())
    return "bag-info.txt: says something twice"


def event_gone(bag: Unpacked) -> str:
    path = bag / "audit/events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"decision:make"' not in line))
    return "data/decision.json: outcome, receipt and time are not what audit/events.jsonl says"


def events_swapped(bag: Unpacked) -> str:
    path = bag / "audit/events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    return "audit/events.jsonl: event "


def event_written_otherwise(bag: Unpacked) -> str:
    path = bag / "audit/events.jsonl"
    path.write_bytes(path.read_bytes().replace(b'{"event"', b'{ "event"', 1))
    return "audit/events.jsonl: line 1 is not a canonical event"


def trail_cut(bag: Unpacked) -> str:
    path = bag / "audit/events.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    return "audit/proofs/"


def other_declaration(bag: Unpacked) -> str:
    (bag / "bagit.txt").write_text("BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n")
    return "bagit.txt: is not the declaration"


def key_written_twice(bag: Unpacked) -> str:
    path = bag / "data/decision.json"
    path.write_text(path.read_text().replace("{", '{"outcome": "reject",', 1))
    return "data/decision.json: a key stands twice"


@pytest.mark.parametrize(
    "falsify",
    [
        acknowledgement_gone,
        better_constants,
        better_contribution,
        better_evidence,
        better_receipt_throughout,
        better_receipt_with_its_event,
        better_result,
        earlier_receipt,
        event_gone,
        event_written_otherwise,
        events_swapped,
        evidence_gone,
        evidence_not_said_to_be_left_out,
        key_written_twice,
        newest_revision_hidden,
        older_revision_gone,
        other_acknowledgement,
        other_answer,
        other_decision,
        other_declaration,
        other_evidence,
        other_intake,
        other_description,
        other_organisation,
        other_questionnaire,
        other_recipient,
        other_recipient_before_the_true_one,
        other_scheme,
        other_table,
        own_scheme_without_its_result,
        review_entry_gone,
        smuggled_evidence,
        trail_cut,
        undoing_hidden,
    ],
)
def test_what_was_falsified_is_found_although_all_manifests_were_written_anew(
    bag: Unpacked, delivered: Delivered, falsify: Callable[[Unpacked], str]
) -> None:
    """By whoever has the key, and so could sign it."""
    expected = falsify(bag)
    bag.list_anew(delivered.key)
    found = problems(bag.folder)
    assert any(expected in problem for problem in found), found
    assert not any("SHA-256 than manifest" in problem or ".sig" in problem for problem in found)


@pytest.mark.parametrize("name", ["assessment", "answers", "review", "decision", "receipt"])
@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"a": 1.5}', "[" * 9999, "\ud800"])
def test_a_document_that_is_nothing_like_one_is_a_named_problem_and_no_crash(
    bag: Unpacked, delivered: Delivered, name: str, text: str
) -> None:
    (bag / f"data/{name}.json").write_bytes(text.encode(errors="surrogatepass"))
    bag.list_anew(delivered.key)
    assert any(f"data/{name}.json" in problem for problem in problems(bag.folder))
