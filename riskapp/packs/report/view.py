"""All that the report says, as a tree of texts and numbers for its template. Pure."""

from collections.abc import Iterator
from typing import Any

from riskapp.packs.documents import Document, Documents
from riskapp.packs.report.answers import files, questionnaires, questions, words
from riskapp.packs.report.findings import findings
from riskapp.packs.report.score import Score
from riskapp.packs.report.wording import OUTCOMES, counted, cut, day, moment, named, place, who

LONGEST_LARGE = 60
"""A vendor's name of more characters is set smaller on the cover."""


def view(documents: Documents) -> dict[str, Any]:
    score = Score.of(documents.receipt, words(documents))
    return {
        "cover": _cover(documents),
        "decision": _decision(documents),
        "score": score.view(),
        "domains": score.domains(),
        "subject": _subject(documents),
        "findings": findings(documents, score),
        "questionnaires": questionnaires(documents),
        "counts": _counts(documents),
        "files": files(documents),
        "trail": _trail(documents),
        "left_out": [_left_out(one) for one in documents.about["pack"]["left_out"]],
    }


def _cover(documents: Documents) -> dict[str, Any]:
    about, made = documents.about, documents.decision
    return {
        "organisation": about["assessment"]["organisation"],
        "vendor": about["vendor"]["name"],
        "engagement": about["engagement"]["title"],
        "cycle": about["assessment"]["cycle"],
        "outcome": OUTCOMES.get(made["outcome"], made["outcome"]),
        "tier": about["assessment"]["tier"],
        "shown": about["assessment"]["shown"],
        "head": cut(about["vendor"]["name"], 60),
        "for_whom": cut(about["pack"]["recipient"], 40),
        "long": len(about["vendor"]["name"]) > LONGEST_LARGE,
        "facts": _terms(documents),
        "receipt": made["receipt_sha256"],
        "receipt_short": made["receipt_sha256"][:16],
        "root": documents.checkpoint["root"],
        "size": f"{documents.checkpoint['size']:,}",
        "origin": documents.checkpoint["origin"],
    }


def _terms(documents: Documents) -> list[list[str]]:
    pack, made = documents.about["pack"], documents.decision
    return [
        ["Decided", f"{day(made['at'])}, by {who(made['by'])}"],
        ["Prepared for", pack["recipient"]],
        ["Purpose", pack["purpose"]],
        ["Made by", _maker(pack["exported_by"])],
        ["As of", moment(pack["as_of"])],
        ["May be used until", day(pack["until"]) or "No day was set"],
        ["Assessment", documents.about["assessment"]["id"]],
    ]


def about_lines(documents: Documents) -> list[list[str]]:
    """What a pack is about, as pairs of words: what an auditor copies first."""
    about, made = documents.about, documents.decision
    return [
        ["Organisation", about["assessment"]["organisation"]],
        ["Vendor", about["vendor"]["name"]],
        ["Engagement", about["engagement"]["title"]],
        ["Decision", OUTCOMES.get(made["outcome"], made["outcome"])],
        ["Reasons", made["reasons"]],
        ["Conditions", made["conditions"]],
        ["Tier", about["assessment"]["tier"]],
        ["Score", about["assessment"]["shown"]],
        *_since(documents),
        *_terms(documents),
        ["Receipt SHA-256", made["receipt_sha256"]],
        ["Log", documents.checkpoint["origin"]],
        ["Log, events", str(documents.checkpoint["size"])],
        ["Log, root", documents.checkpoint["root"]],
    ]


def _maker(maker: Document) -> str:
    return str(maker["name"] or {"person": who(None)}.get(maker["kind"], named(maker["kind"])))


def _decision(documents: Documents) -> dict[str, Any]:
    made, about = documents.decision, documents.about
    return {
        "outcome": OUTCOMES.get(made["outcome"], made["outcome"]),
        "reasons": made["reasons"] or "No reasons were written down.",
        "conditions": made["conditions"],
        "facts": [
            ["Decided", f"{moment(made['at'])}, by {who(made['by'])}"],
            ["Decided on", f"Receipt {made['receipt']}", made["receipt_sha256"]],
            *(
                [
                    f"Submission {one['number']}",
                    f"{moment(one['at'])}, by {who(one['by']['name'])} ({one['by']['role']})",
                ]
                for one in about["submissions"]
            ),
            *_since(documents),
        ],
    }


def _since(documents: Documents) -> list[list[str]]:
    """That the score moved after the decision: pages show the newest one, the report the other."""
    newest = documents.about["receipts"][-1]
    if newest["number"] == documents.decision["receipt"]:
        return []
    told = f"{newest['shown']}, {newest['tier']}, as of {day(newest['as_of'])}"
    return [["Scored since then", f"{told} (receipt {newest['number']}: {newest['cause']})"]]


def _subject(documents: Documents) -> dict[str, Any]:
    about = documents.about
    places = ", ".join(map(place, about["engagement"]["delivered_from"]))
    return {
        "facts": [
            ["Vendor", about["vendor"]["name"]],
            ["Country of its seat", place(about["vendor"]["country"])],
            ["Engagement", about["engagement"]["title"]],
            ["What is bought", about["engagement"]["description"] or "Not described."],
            ["Delivered from", places or "Not said."],
            ["Drawn up", moment(about["assessment"]["created_at"])],
            ["Due", day(about["assessment"]["due"])],
            ["Why these questions", about["assessment"]["choice_reason"] or "No reason was given."],
            *(
                [one["title"], f"{one['id']}, release {one['release']}", one["sha256"]]
                for one in about["questionnaires"]
            ),
        ],
        "intake": [
            {
                "question": one["text"] or one["question"],
                "answer": one["words"] or "Not known any more in words.",
            }
            for one in about["intake"]["answers"]
        ],
    }


def _counts(documents: Documents) -> str:
    every = list(questions(documents))
    asked = sum(1 for one in every if one["asked"])
    shut = sum(1 for one in every if one.get("redacted"))
    told = f"{counted(len(every), 'question', 'questions')}, of which {asked:,} were asked"
    left = f"; the answers to {shut:,} are left out of this pack" if shut else ""
    return f"{told}{left}."


def _trail(documents: Documents) -> dict[str, Any]:
    return {
        "kinds": list(_kinds(documents)),
        "total": f"{len(documents.events):,}",
        "facts": [
            ["Log", documents.checkpoint["origin"]],
            [
                "Checkpoint",
                f"{documents.checkpoint['size']:,} events; the root of their tree is",
                documents.checkpoint["root"],
            ],
        ],
    }


def _kinds(documents: Documents) -> Iterator[Document]:
    """How many events there are of each kind, with the days of the first and the last."""
    found: dict[str, list[str]] = {}
    for one in documents.events:
        found.setdefault(one["event"]["type"], []).append(one["event"]["at"])
    for kind, times in sorted(found.items()):
        yield {
            "kind": kind,
            "count": f"{len(times):,}",
            "first": day(min(times)),
            "last": day(max(times)),
        }


def _left_out(entry: Document) -> dict[str, str]:
    return {"what": str(entry["what"]), "why": str(entry.get("why") or entry.get("reason") or "")}
